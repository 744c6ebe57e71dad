"""All sentences about a pump. The pump sends codes and integers, the words are here, a file for each idea:

    quantities.py   times, percentages, values of a field in its unit
    states.py       names of codes, what a state offers, self test, overridden soft limits
    alarms.py       what each alarm means and what to do
    events.py       what a record of the journal says
    rules.py        the safety rules R1 to R17: their names, and what each says when it refuses
    refusals.py     every other refusal; `explain(error)` for all of them

Pure; used by cli/ and report/, and by anybody who wants to show an exception.
"""

from .alarms import ALARMS, alarm
from .events import event, event_name
from .quantities import MASS, Measure, count, elapsed, head, kind_of, lasts, measure, percent, show, stopped
from .refusals import did_you_mean, explain
from .rules import RULES, rule
from .states import IN_TITRATION, ends, locked, name_of, overridden, self_test, soft

NOT_A_DEVICE = "Tapir is a bench and research model, not a medical device."

__all__ = [
    "ALARMS",
    "IN_TITRATION",
    "MASS",
    "Measure",
    "NOT_A_DEVICE",
    "RULES",
    "alarm",
    "count",
    "did_you_mean",
    "elapsed",
    "ends",
    "event",
    "event_name",
    "explain",
    "head",
    "kind_of",
    "lasts",
    "measure",
    "locked",
    "name_of",
    "overridden",
    "percent",
    "rule",
    "self_test",
    "show",
    "soft",
    "stopped",
]

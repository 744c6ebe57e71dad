"""How long the reservoir lasts: the ms until it is low, with all that is programmed now: D, its rows, a running bolus, a bridge.

Future boluses, and steps that a taper or a titration will take, are not foreseen: they begin a new outlook. To a ms and the nL
(GIP 1.5 asks for 3 min). Where low begins is limits.low_nl. Called by telemetry, for STATUS.
"""

from pump.core.therapy import Therapy
from wire import limits

_DAY_MS = 86400000


def low_in_ms(therapy: Therapy) -> int:
    """0 if it is low already, or if nothing is programmed."""
    line, reservoir = therapy.line, therapy.reservoir
    left_nl = reservoir.left_nl(therapy.odometer())
    if therapy.d() == 0 or left_nl <= _low_nl(therapy, line.weakest()):
        return 0
    left_nl -= _bolus_nl(therapy)
    if not line.coming:
        return _ms(therapy, left_nl - _low_nl(therapy, line.conc), line.conc, therapy.now)
    bridge_nl = therapy.bridge_steps() * reservoir.den // reservoir.num
    spare_nl = left_nl - _low_nl(therapy, line.weakest())
    if spare_nl <= bridge_nl:
        return _ms(therapy, spare_nl, line.conc, therapy.now)
    bridge_ms = _ms(therapy, bridge_nl, line.conc, therapy.now)
    return bridge_ms + _ms(therapy, left_nl - bridge_nl - _low_nl(therapy, line.coming), line.coming, therapy.now + bridge_ms)


def _low_nl(therapy: Therapy, conc: int) -> int:
    worst_nl = -(-therapy.worst_day_ng() * 1000000 // conc)
    return limits.low_nl(therapy.reservoir.full_nl, worst_nl, therapy.row[limits.LOW_DAYS])


def _bolus_nl(therapy: Therapy) -> int:
    """What the running bolus still has to give."""
    plan = therapy.plan
    if not plan.bolus_num:
        return 0
    left_ms = plan.bolus_start + plan.bolus_ms - therapy.now
    return max(0, therapy.history.boluses[-1][3] * left_ms * 1000000 // (plan.bolus_ms * therapy.line.conc))


def _ms(therapy: Therapy, nl: int, conc: int, t: int) -> int:
    """How long `nl` of conc ng/mL last from t on."""
    need = max(0, nl) * conc * _DAY_MS // 1000000  # in ng/day x ms, as flows are
    flows = therapy.profile.ahead(t, t + _DAY_MS, therapy.d())
    ends = [flow[0] for flow in flows[1:]] + [t + _DAY_MS]
    cycle = sum([flows[i][1] * (ends[i] - flows[i][0]) for i in range(len(flows))])
    ms = need // cycle * _DAY_MS
    need %= cycle
    i = 0
    while need > flows[i][1] * (ends[i] - flows[i][0]):  # less than a cycle is left: some row has it
        need -= flows[i][1] * (ends[i] - flows[i][0])
        ms += ends[i] - flows[i][0]
        i += 1
    return int(ms + need // max(1, flows[i][1]))

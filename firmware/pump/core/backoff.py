"""After an occlusion: how far the plunger is pulled back, so that little is left to flow when the line opens (GIP 1.10).

What is trapped is released into the patient when the occlusion gives way. At most min(0.5 mL, 1 h of basal) may be: the plunger goes back
until the force says so, at most by half a mL and by what went in since the pressure began to rise, and what it moves is counted.

In the books a step that was pulled back stays delivered, for every limit (R5, R6) and for the reservoir: the patient is never given it
again on top. `most` stays as it is and `known` is lower by it, so the deficit is at most what was pulled back; the motor pushes it out
again with the next steps, which count as steps do. Each portion is durable before it moves: a power cut leaves `known` too low, never
too high, and the back-off goes on with the portions that are left.
Steps are microsteps, forces mN. Called by pump/app/backoff.py.
"""

from pump.core import geometry
from pump.core.plan import steps_to_ng
from wire import alarms, events, limits

_MARGIN = 4  # a quarter more than went in: the thread's play moves nothing
_PLAY_STEPS = 64
_PORTIONS = 16  # a power cut in the back-off costs at most so large a part of it
_DEFICIT_PERCENT = 5

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump.core.therapy import Therapy


def _steps(therapy: "Therapy", nl: int) -> int:
    return nl * therapy.per_nl[0] // therapy.per_nl[1]


def release_steps(therapy: "Therapy") -> int:
    """The most that may be left to flow: the smaller of 0.5 mL and an hour of basal."""
    hour = therapy.d() * therapy.ratio[0] * limits.RELEASE_MS // (therapy.ratio[1] * limits.DAY_MS)
    return int(min(_steps(therapy, limits.RELEASE_MAX_NL), hour))


def begin(therapy: "Therapy", rise_steps: int) -> None:
    """An occlusion stopped delivery; rise_steps went in since the pressure began to rise."""
    therapy.back_left = min(_steps(therapy, limits.RELEASE_MAX_NL), rise_steps + rise_steps // _MARGIN + _PLAY_STEPS)


def portion(therapy: "Therapy") -> int:
    """Steps to be made durable and then pulled back, 0 if there are none left or the governor has no more."""
    governor = therapy.governor
    steps = min(therapy.back_left, max(_PLAY_STEPS, therapy.back_left // _PORTIONS), governor.forth)
    if steps <= 0 or not governor.release_back(steps):
        return 0
    therapy.back_left -= steps
    therapy.gap_steps += steps
    return int(steps)


def left_steps(back: int, first_mn: int, now_mn: int) -> int:
    """What is still trapped, after `back` steps took the force from first_mn to now_mn: the rest of the same straight line."""
    if now_mn <= 0:
        return 0
    return back * now_mn // (first_mn - now_mn) if first_mn > now_mn else 1 << 30


def end(therapy: "Therapy", back: int, unused: int, left_kpa: int) -> None:
    """Over: `back` steps were pulled back, `unused` of the last portion were not."""
    therapy.back_left = 0
    therapy.gap_steps -= unused
    therapy.tell(events.BACKED_OFF, back, left_kpa)
    if steps_to_ng(therapy.ratio, back) * 100 > _DEFICIT_PERCENT * therapy.d():
        therapy.alarm(alarms.DEFICIT)


def mn(therapy: "Therapy", kpa: int) -> int:
    """The force of a pressure on the plunger of the syringe mounted: 1 kPa on 1 um^2 is 10^-6 mN."""
    bore = therapy.syringe[1]
    return kpa * bore * bore * geometry.PI_NUM // (4 * geometry.PI_DEN * 1000000)


def kpa(therapy: "Therapy", force_mn: int) -> int:
    """The pressure of a force, rounded to nearest."""
    one = mn(therapy, 1000)
    return (force_mn * 1000 + one // 2) // one

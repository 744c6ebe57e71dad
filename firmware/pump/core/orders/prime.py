"""PRIME and CALIBRATE: with the line disconnected, and nothing prescribed that could be hurt by it (R10, R17)."""

from pump.core import geometry
from pump.core.orders.checks import need, need_no_stop, need_syringe
from pump.core.reject import Reject, limit, within
from pump.core.therapy import Therapy
from wire import events, limits
from wire import schema as s


def check_prime(therapy: Therapy, values: dict, role: int) -> dict:
    """R10: capped in volume, and only if somebody says that the line is disconnected."""
    need(therapy, "prime")
    need_no_stop(therapy)
    need_syringe(therapy)
    if not values["disconnected"]:
        raise limit(10, "disconnected", 0, 1, 1)
    volume = values["volume_nl"]
    within(10, "volume_nl", volume, 1, limits.PRIME_MAX_NL)
    left = therapy.reservoir.left_nl(therapy.odometer())
    if volume > left:
        raise Reject(s.NOT_NOW, 13, "reservoir_nl", left, text="reservoir")
    return {"duration_ms": _duration_ms(therapy, volume), "steps": _steps(therapy, volume)}


def do_prime(therapy: Therapy, values: dict, role: int) -> int:
    """As fast as the board may; the governor has a budget for it, and for nothing more."""
    volume = values["volume_nl"]
    ms = _duration_ms(therapy, volume)
    therapy.fire("prime")
    therapy.governor.budget = _steps(therapy, volume) + 1
    therapy.plan.start_bolus(volume, ms, therapy.now)
    therapy.tell(events.PRIME_STARTED, volume, ms)
    return ms


def check_calibrate(therapy: Therapy, values: dict, role: int) -> dict:
    """R17. The volume weighed must be near the volume the pump meant to deliver."""
    if therapy.state not in (s.READY, s.ENDED):
        raise Reject(s.NOT_NOW, 17, "state", therapy.state, text="calibrate")
    expected, share = values["expected_nl"], limits.CALIBRATE_PERCENT
    low, high = -(-expected * (100 - share) // 100), expected * (100 + share) // 100
    within(17, "found_nl", values["found_nl"], low, high)
    num, den = _calibration(therapy, values)
    if den * 100 < num * (100 - share) or den * 100 > num * (100 + share):  # small corrections, but many of them
        raise limit(17, "found_nl", values["found_nl"], low, high)
    return {}


def do_calibrate(therapy: Therapy, values: dict, role: int) -> int:
    """Steps per nL from here on; what is in the syringe stays the same volume."""
    left = therapy.reservoir.left_nl(therapy.odometer())
    therapy.calibration = _calibration(therapy, values)
    therapy.remeasure()
    therapy.reservoir.num, therapy.reservoir.den = therapy.per_nl
    therapy.reservoir.refill(left, therapy.odometer())
    therapy.tell(events.CALIBRATED, therapy.calibration[0], therapy.calibration[1])
    return 0


def _calibration(therapy: Therapy, values: dict) -> tuple[int, int]:
    """Less found than meant: more steps are needed for a nL, in that proportion."""
    num, den = therapy.calibration
    return geometry.reduced(num * values["expected_nl"], den * values["found_nl"])


def _steps(therapy: Therapy, volume_nl: int) -> int:
    return -(-volume_nl * therapy.per_nl[0] // therapy.per_nl[1])


def _duration_ms(therapy: Therapy, volume_nl: int) -> int:
    return max(1000, -(-_steps(therapy, volume_nl) * 1000 // therapy.most_per_s))

"""ALIGN: somebody says where in its cycle of 24 h the flow profile is, after the power was off, or because the day has moved."""

from pump.core import prescription, states
from pump.core.orders.checks import check_cap
from pump.core.orders.profile import early, zero_of
from pump.core.profile import Profile
from pump.core.reject import Reject
from pump.core.therapy import Therapy
from wire import alarms, events
from wire import schema as s


def check_align(therapy: Therapy, values: dict, role: int) -> dict:
    """R6, like a new schedule: what flows at another time of the day may meet what has flowed already. R5: no dose before its time."""
    profile = therapy.profile
    if therapy.state not in states.DELIVERING + states.STOPPED or len(profile.rows) == 1:
        raise Reject(s.NOT_NOW, None, "state", therapy.state, text="align")
    moved = Profile()
    moved.set(profile.rows, zero_of(therapy, values))
    if therapy.rx[prescription.MODE] == s.PERIODIC:
        refusal = early(therapy, moved)
        if refusal:
            raise refusal
    d = therapy.d() if therapy.state in states.DELIVERING else 0
    total = check_cap(therapy, therapy.rx[prescription.MAX_24H], d, None, "phase_ms", values["phase_ms"], moved)
    return {
        "old_ng_per_day": therapy.d(),
        "new_ng_per_day": therapy.d(),
        "total_24h_ng": total,
        "mode": therapy.rx[prescription.MODE],
    }


def do_align(therapy: Therapy, values: dict, role: int) -> int:
    """The cycle goes on from there."""
    before = therapy.profile.phase(therapy.now)
    therapy.profile.align(zero_of(therapy, values))
    therapy.alarm(alarms.PHASE, False)
    if therapy.state in states.DELIVERING:
        therapy.fire("row")
    therapy.tell(events.ALIGNED, therapy.profile.phase(therapy.now), before)
    return 0

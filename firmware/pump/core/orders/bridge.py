"""R9, the part of PRESCRIBE that is about the concentration: a change needs the dead volume, and one change at a time."""

from pump.core.reject import Reject, limit, within
from pump.core.therapy import Therapy
from wire import events, limits
from wire import schema as s


def check_bridge(therapy: Therapy, values: dict, running: bool) -> dict:
    """What changes at the tip, and when, as fields of the reading; none if the concentration stays."""
    line, conc, dead = therapy.line, values["conc_ng_per_ml"], values.get("dead_nl")
    least, most = therapy.row[limits.DEAD_MIN_NL], therapy.row[limits.DEAD_MAX_NL]
    behind = line.behind()
    if behind in (0, conc):
        if dead is not None:
            raise Reject(s.BAD_FIELD, 9, "dead_nl", dead, text="the concentration does not change")
        return {}
    left = therapy.bridge_steps()
    if left:
        raise limit(9, "conc_ng_per_ml", conc, behind, behind, _wait(therapy))
    if dead is None:
        raise Reject(s.BAD_FIELD, 9, "dead_nl", text="another concentration needs the dead volume")
    if dead == 0:
        if running or not line.primed:
            raise limit(9, "dead_nl", 0, least, most)
        return {"old_conc_ng_per_ml": behind, "bridge_ms": 0}
    within(9, "dead_nl", dead, least, most)
    if therapy.plan.bolus_num:
        left_ms = therapy.plan.bolus_start + therapy.plan.bolus_ms - therapy.now
        raise Reject(s.NOT_NOW, 9, "bolus_left_ms", left_ms, in_ms=left_ms, text="bolus_runs")
    day_nl = max(1, values["basal_ng_per_day"] * 1000000 // behind)
    return {"old_conc_ng_per_ml": behind, "bridge_ms": dead * limits.DAY_MS // day_nl}


def do_bridge(therapy: Therapy, values: dict) -> None:
    """The syringe holds the concentration of `values` from here on."""
    line, conc, dead = therapy.line, values["conc_ng_per_ml"], values.get("dead_nl")
    if line.behind() == conc:
        return
    if not dead:
        line.fill(conc)
        return
    line.begin(conc, -(-dead * therapy.per_nl[0] // therapy.per_nl[1]), therapy.plan.emitted, therapy.gap_steps)
    therapy.tell(events.BRIDGE_STARTED, conc, dead)


def check_no_bridge(therapy: Therapy, field: str, value: int) -> None:
    """R9: no bolus until the dead volume has passed: nobody could say how much of which drug it is."""
    if therapy.line.coming:
        raise limit(9, field, value, None, 0, _wait(therapy))


def _wait(therapy: Therapy) -> int | None:
    us = therapy.plan.due_us(therapy.bridge_steps())
    if us is None or us > s.YEARS_MS * 1000:
        return None
    return max(0, therapy.plan.t - -us // 1000 - therapy.now)

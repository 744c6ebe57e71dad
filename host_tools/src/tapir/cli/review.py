"""`tapir review`: the prescription as the pump keeps it."""

from datetime import datetime

import typer

from .. import schedule, words
from ..errors import UsageError
from ..messages import Course, Review, Row
from ..wire import names, schema, units
from .common import JsonOption, PortOption, RoleOption, job


def review(ctx: typer.Context, port: PortOption = None, as_role: RoleOption = None, as_json: JsonOption = False) -> None:
    """The prescription as the pump keeps it."""
    with job(ctx, port, as_role, as_json) as run:
        pump = run.connect("REVIEW")
        rx = pump.review()
        profile = pump.rows() if rx.mode in (schema.FLEX, schema.PERIODIC) else []
        course = pump.course() if profile else None
        run.emit({**rx.as_dict(), "rows": [row.as_dict() for row in profile]})
        if not rx.conc_ng_per_ml:
            if run.json:
                return
            raise UsageError("Nothing is prescribed.", "tapir prescribe FILE.toml")
        m = run.measure
        rows = [
            ("Drug", f"{rx.drug}, {units.format_ng_per_ml(rx.conc_ng_per_ml)}"),
            ("Basal", _basal(m, rx)),
            ("Most in any 24 h", m.dose(rx.max_24h_ng)),
            ("Patient bolus", _bolus(m, rx.pb_dose_ng, rx.pb_duration_ms, rx.pb_lockout_ms, rx.pb_max)),
            ("Origin", words.name_of(names.ORIGINS, rx.origin)),
            ("Test dose", _screen(m, rx.screen_ng, rx.screen_long, rx.screen_given)),
            ("Recorded", f"#{rx.event}" + (f", {rx.reason}" if rx.reason else "")),
        ]
        if rx.mode:
            rows.insert(2, ("Mode", words.name_of(names.MODES, rx.mode)))
        if course is not None:
            rows[3:3] = _profile(rx, profile, course)
        for name, text in rows:
            run.say(f"{name:<18}{text}")


def _profile(rx: Review, profile: list[Row], course: Course) -> list[tuple[str, str]]:
    """The rows by the clock as prescribed, and as they flow where the D programmed is another one by now."""
    start = schedule.start_of(course.phase_ms, datetime.now())
    prescribed = tuple((row.offset_ms, row.ng_per_day) for row in profile)
    found = [("Schedule", schedule.rates(prescribed, rx.mode, start))]
    flowing = tuple((row.offset_ms, row.set_ng_per_day) for row in profile)
    if flowing != prescribed:
        found.append(("  scaled to", schedule.rates(flowing, schema.FLEX, start)))
    if course.unsure:
        found.append(("  uncertain", "the power was off since: tapir align says where in the day it is"))
    return found


def _basal(m: words.Measure, rx: Review) -> str:
    flow = "" if m.by_volume else f" = {units.format_flow(rx.basal_ng_per_day, rx.conc_ng_per_ml)}"
    return m.rate(rx.basal_ng_per_day) + flow


def _bolus(m: words.Measure, dose_ng: int, duration_ms: int, lockout_ms: int, most: int) -> str:
    if not dose_ng:
        return "none"
    return f"{m.dose(dose_ng)} over {units.format_ms(duration_ms)}, lockout {units.format_ms(lockout_ms)}, at most {most} a day"


def _screen(m: words.Measure, dose_ng: int, long: int, given: int) -> str:
    if not dose_ng:
        return "not stated"
    return f"{m.dose(dose_ng)}, lasted {'over' if long else 'up to'} 8 h, {'given' if given else 'not given'} by this pump"

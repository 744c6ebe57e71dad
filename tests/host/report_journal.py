"""A small journal made by hand for the report's tests, with its chain, and what `tapir log --json` would say about it."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from tapir.messages import Event
from tapir.wire import chain, schema
from tapir.wire import events as e

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
READ_AT = datetime(2026, 11, 20, 12, 0)
NOW_MS = 5 * DAY_MS
STEPS_PER_MCG = 100  # of the made-up syringe
RATIO = (1, 10)  # steps per ng

# at_ms, event, a, b, steps known, uncertain, note. 100 mcg/day; a bolus of 5; a cut of 6 h; suspended for 12 h; one taper step.
ROWS = (
    (0, e.PROVISIONED, 0, 0, 0, 0, ""),
    (0, e.PRESCRIBED, 100_000, 0, 0, 0, ""),
    (DAY_MS, e.BOLUS_STARTED, 5_000, 300_000, 10_000, 0, "seen <b>cramps</b>"),
    (DAY_MS + 300_000, e.BOLUS_ENDED, 5_000, 300_000, 10_535, 0, ""),
    (DAY_MS + HOUR_MS, e.BOLUS_DENIED, 5_000, 5, 10_917, 0, ""),
    (DAY_MS + HOUR_MS, e.REFUSED, 12, 2, 10_917, 0, "PRESCRIBE"),
    (2 * DAY_MS, e.POWER_ON, 7, 6 * HOUR_MS, 20_493, 7, ""),
    (3 * DAY_MS, e.SUSPENDED, schema.OPERATOR, 0, 30_493, 7, "catheter out"),
    (3 * DAY_MS, e.ALARM, 5, 3, 30_493, 7, ""),
    (3 * DAY_MS + 12 * HOUR_MS, e.RESUMED, 100_000, 12 * HOUR_MS, 30_493, 7, ""),
    (4 * DAY_MS, e.TAPER_STARTED, 0, 0, 35_493, 7, ""),
    (4 * DAY_MS, e.TAPER_STEP, 80_000, 100_000, 35_493, 7, ""),
)


def journal(rows: tuple[tuple, ...] = ROWS, first: int = 1) -> list[Event]:
    """The records, chained."""
    before, made = chain.GENESIS, []
    for seq, (at, event, a, b, known, gap, note) in enumerate(rows, first):
        before = chain.link(before, seq, at, event, a, b, known, known + gap, note)
        made.append(Event(seq, at, event, a, b, known, known + gap, note, before))
    return made


def saved(events: list[Event], **changes: object) -> dict:
    """The object of `tapir log --json`."""
    status = {
        "state": schema.TAPERING,
        "now_ms": NOW_MS,
        "basal_ng_per_day": 80_000,
        "set_ng_per_day": 80_000,
        "conc_ng_per_ml": 500_000,
        "therapy_ms": NOW_MS,
        "known_ng": 434_930,
        "most_ng": 435_000,
        "bolus_ng": 0,
        "bolus_left_ms": 0,
        "bolus_count": 0,
        "bolus_max": 3,
        "bolus_in_ms": 0,
        "reservoir_nl": 2_130_000,
        "low_in_ms": DAY_MS,
        "raise_in_ms": 0,
        "raise_to_ng_per_day": 92_000,
        "stopped_ms": 0,
        "alarm": 0,
        "events": events[-1].seq if events else 0,
        "head": events[-1].chain[:8] if events else "00000000",
    }
    books = {name: 0 for name in ("plan_steps", "plan_num", "taper_to_ng_per_day", "taper_next_ng_per_day", "taper_in_ms", "resets")}
    books |= {"known_steps": 43_493, "most_steps": 43_500, "plan_den": 1, "ratio_num": RATIO[0], "ratio_den": RATIO[1], "cuts": 1}
    review = {
        "drug": "baclofen",
        "conc_ng_per_ml": 500_000,
        "basal_ng_per_day": 80_000,
        "max_24h_ng": 115_000,
        "origin": schema.ORIGIN_CHILD,
        "screen_ng": 50_000,
        "screen_long": 0,
        "pb_dose_ng": 5_000,
        "pb_duration_ms": 300_000,
        "pb_lockout_ms": 6 * HOUR_MS,
        "pb_max": 3,
        "screen_given": 0,
        "event": 2,
    }
    hello = {
        "version": 1,
        "firmware": "0.1.0",
        "serial": "SIM-0007",
        "board": "sim",
        "schema": "12345678",
        "state": schema.TAPERING,
        "library": "baclofen-itb",
        "library_hash": "abcdef01",
        "syringe": "bd-3ml",
    }
    pump = {"read_at": READ_AT.isoformat(), "hello": hello, "status": status, "books": books, "review": review} | changes
    last = READ_AT - timedelta(days=1)
    return {
        "events": [event.as_dict() | {"event_name": "X", "date": last.strftime("%Y-%m-%d %H:%M")} for event in events],
        "verify": None,
        "pump": pump,
    }


def write(path: Path, tree: dict) -> Path:
    """Saved as a file."""
    path.write_text(json.dumps(tree))
    return path

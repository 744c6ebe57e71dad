"""The therapy's states as a literal table: {(state, event): (guard, next state, actions)}. There is no `stop`.

Guards and actions name methods of Therapy. An event without a row is refused as not possible now. The diagram in the docs
and the test that every edge is exercised are made from this table.
"""

from wire.schema import (
    ENDED,
    HELD,
    INFUSING,
    LOCKED,
    PRIMING,
    READY,
    SUSPENDED,
    TAPER_PAUSED,
    TAPERING,
    TITRATING,
    TITRATION_PAUSED,
    UNPROVISIONED,
)

TABLE = {
    (UNPROVISIONED, "lock"): ("", LOCKED, ()),
    (UNPROVISIONED, "provision"): ("", READY, ("take_settings",)),
    (READY, "provision"): ("", READY, ("take_settings",)),
    (ENDED, "provision"): ("", READY, ("take_settings",)),
    (READY, "start"): ("", INFUSING, ("begin", "flow")),
    (ENDED, "start"): ("", INFUSING, ("begin", "flow")),
    (READY, "prime"): ("", PRIMING, ("begin_prime",)),
    (ENDED, "prime"): ("", PRIMING, ("begin_prime",)),
    (PRIMING, "primed"): ("", READY, ("end_prime",)),
    (PRIMING, "suspend"): ("", READY, ("end_prime",)),
    (PRIMING, "hold"): ("", READY, ("end_prime",)),
    (INFUSING, "change"): ("", INFUSING, ("program", "flow")),
    (TAPERING, "change"): ("", INFUSING, ("drop_taper", "program", "flow")),
    (TAPER_PAUSED, "change"): ("", INFUSING, ("drop_taper", "program", "flow")),
    (INFUSING, "taper"): ("", TAPERING, ("begin_taper",)),
    (TAPERING, "taper"): ("", TAPERING, ("begin_taper",)),
    (TAPER_PAUSED, "taper"): ("", TAPERING, ("begin_taper",)),
    (TAPERING, "taper_step"): ("", TAPERING, ("step_down", "flow")),
    (TAPERING, "taper_reached"): ("", INFUSING, ("step_down", "flow", "drop_taper")),
    (TAPERING, "taper_end"): ("at_floor", ENDED, ("drop_taper", "finish", "halt")),
    (TAPERING, "pause"): ("", TAPER_PAUSED, ("pause_taper",)),
    (TAPER_PAUSED, "continue"): ("", TAPERING, ("start_taper_clock",)),
    (INFUSING, "titrate"): ("", TITRATING, ("begin_titration",)),
    (TITRATING, "titrate"): ("", TITRATING, ("begin_titration",)),
    (TITRATION_PAUSED, "titrate"): ("", TITRATING, ("begin_titration",)),
    (TITRATING, "raise_step"): ("", TITRATING, ("step_up", "flow")),
    (TITRATING, "raise_reached"): ("", INFUSING, ("step_up", "flow", "drop_taper")),
    (TITRATING, "pause"): ("", TITRATION_PAUSED, ("pause_taper",)),
    (TITRATION_PAUSED, "continue"): ("", TITRATING, ("start_taper_clock",)),
    (TITRATING, "change"): ("", INFUSING, ("drop_taper", "program", "flow")),
    (TITRATION_PAUSED, "change"): ("", INFUSING, ("drop_taper", "program", "flow")),
    (TITRATING, "taper"): ("", TAPERING, ("begin_taper",)),
    (TITRATION_PAUSED, "taper"): ("", TAPERING, ("begin_taper",)),
    (INFUSING, "suspend"): ("", SUSPENDED, ("end_bolus", "halt")),
    (TAPERING, "suspend"): ("", SUSPENDED, ("end_bolus", "stop_taper_clock", "halt")),
    (TAPER_PAUSED, "suspend"): ("", SUSPENDED, ("end_bolus", "halt")),
    (TITRATING, "suspend"): ("", SUSPENDED, ("end_bolus", "stop_taper_clock", "halt")),
    (TITRATION_PAUSED, "suspend"): ("", SUSPENDED, ("end_bolus", "halt")),
    (HELD, "suspend"): ("", SUSPENDED, ()),
    (SUSPENDED, "resume"): ("in_time", INFUSING, ("drop_taper", "program", "flow")),
    (SUSPENDED, "resume_taper"): ("in_time", TAPERING, ("program", "flow", "start_taper_clock")),
    (SUSPENDED, "resume_paused"): ("in_time", TAPER_PAUSED, ("program", "flow")),
    (SUSPENDED, "resume_titration"): ("in_time", TITRATING, ("program", "flow", "start_taper_clock")),
    (SUSPENDED, "resume_titration_paused"): ("in_time", TITRATION_PAUSED, ("program", "flow")),
    (SUSPENDED, "restart"): ("too_late", INFUSING, ("drop_taper", "begin_again", "flow")),
    (SUSPENDED, "close"): ("too_late", ENDED, ("drop_taper", "finish")),
    (HELD, "resume"): ("in_time", INFUSING, ("drop_taper", "program", "flow")),
    (HELD, "resume_taper"): ("in_time", TAPERING, ("program", "flow", "start_taper_clock")),
    (HELD, "resume_paused"): ("in_time", TAPER_PAUSED, ("program", "flow")),
    (HELD, "resume_titration"): ("in_time", TITRATING, ("program", "flow", "start_taper_clock")),
    (HELD, "resume_titration_paused"): ("in_time", TITRATION_PAUSED, ("program", "flow")),
    (HELD, "restart"): ("too_late", INFUSING, ("drop_taper", "begin_again", "flow")),
    (HELD, "close"): ("too_late", ENDED, ("drop_taper", "finish")),
    (INFUSING, "hold"): ("", HELD, ("end_bolus", "halt")),
    (TAPERING, "hold"): ("", HELD, ("end_bolus", "stop_taper_clock", "halt")),
    (TAPER_PAUSED, "hold"): ("", HELD, ("end_bolus", "halt")),
    (TITRATING, "hold"): ("", HELD, ("end_bolus", "stop_taper_clock", "halt")),
    (TITRATION_PAUSED, "hold"): ("", HELD, ("end_bolus", "halt")),
}

DELIVERING = (INFUSING, TAPERING, TAPER_PAUSED, TITRATING, TITRATION_PAUSED)
IN_TAPER = (TAPERING, TAPER_PAUSED)
IN_TITRATION = (TITRATING, TITRATION_PAUSED)
MOVING = DELIVERING + (PRIMING,)
STOPPED = (SUSPENDED, HELD)

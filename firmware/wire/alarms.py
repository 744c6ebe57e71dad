"""The alarm table: one for pump, host and docs. Stopping harms as well, so each alarm has its own delivery action.

Priorities and sound patterns follow IEC 60601-1-8. A latching alarm stays until it is acknowledged after its cause is gone.
Part of the schema's hash. The words for people are in the host.
"""

LOW, MEDIUM, HIGH = 1, 2, 3
CARRY_ON, STOP = 0, 1
PRIORITIES = ((LOW, "LOW"), (MEDIUM, "MEDIUM"), (HIGH, "HIGH"))

TYPE_CHECKING = False  # mypy takes the name for true; MicroPython has no typing module
if TYPE_CHECKING:
    from typing import Any

    Row = tuple[Any, ...]  # the positions are named below

(
    GOVERNOR,
    STORE,
    MOTOR,
    EMPTY,
    SUSPENDED,
    POWER_LOST,
    OVERDUE,
    LOW_RESERVOIR,
    DEFICIT,
    CLOCK_UNCERTAIN,
    STUCK_BUTTON,
    LOG,
    SELF_TEST,
    MEMORY,
    REFILL_NEAR,
    TAPER_WAITS,
    RESIDUAL,
    LOG_FULL,
    PLAN_BLOCKED,
    PHASE,
    OCCLUSION,
    END_STOP,
    SEAT,
    STALL,
    DRIVER,
    OVER_DELIVERY,
    UNDER_DELIVERY,
    SENSOR,
    SUPPLY_LOW,
    SUPPLY_OUT,
    TEMPERATURE,
    OFTEN,
    CHANGE_LATE,
) = range(1, 34)

# code, name, priority, latching, sound pattern, delivery action
ALARMS: "tuple[Row, ...]" = (
    (GOVERNOR, "GOVERNOR", HIGH, 1, HIGH, STOP),  # more steps asked for than the prescription can need
    (STORE, "STORE", HIGH, 1, HIGH, STOP),  # the journal cannot be written or read: motion could not be accounted for
    (MOTOR, "MOTOR", HIGH, 1, HIGH, STOP),  # steps that left differ from steps granted
    (EMPTY, "EMPTY", HIGH, 0, HIGH, STOP),
    (SUSPENDED, "SUSPENDED", HIGH, 0, HIGH, CARRY_ON),  # nothing flows already; somebody must know
    (POWER_LOST, "POWER_LOST", HIGH, 0, HIGH, CARRY_ON),  # held after a power cut until a person resumes
    (OVERDUE, "OVERDUE", HIGH, 0, HIGH, CARRY_ON),  # stopped longer than the limit: withdrawal is likely
    (LOW_RESERVOIR, "LOW_RESERVOIR", MEDIUM, 0, MEDIUM, CARRY_ON),
    (DEFICIT, "DEFICIT", MEDIUM, 1, MEDIUM, CARRY_ON),  # power cuts, or a back-off, may have cost more than 5 % of a day
    (CLOCK_UNCERTAIN, "CLOCK_UNCERTAIN", LOW, 1, LOW, CARRY_ON),  # nobody knows how long the power was off
    (STUCK_BUTTON, "STUCK_BUTTON", LOW, 0, LOW, CARRY_ON),  # held for 60 s
    (LOG, "LOG", MEDIUM, 1, MEDIUM, CARRY_ON),  # R14: intents have slots of their own, and what happened is kept for the log
    (SELF_TEST, "SELF_TEST", HIGH, 1, HIGH, STOP),  # failed at power-on; it stands until a power-on at which it passes
    (MEMORY, "MEMORY", HIGH, 1, HIGH, STOP),  # a periodic test of RAM, code or processor failed; likewise
    (REFILL_NEAR, "REFILL_NEAR", LOW, 0, LOW, CARRY_ON),  # in the worst case, all allotted boluses used, it is low in a day
    (TAPER_WAITS, "TAPER_WAITS", LOW, 1, LOW, CARRY_ON),  # a taper or a titration was paused long ago; comes again until it goes on
    (RESIDUAL, "RESIDUAL", MEDIUM, 0, MEDIUM, CARRY_ON),  # R13: what was found at a refill is not what the books say
    (LOG_FULL, "LOG_FULL", LOW, 0, LOW, CARRY_ON),  # nine tenths of what the log keeps has been read by nobody
    (PLAN_BLOCKED, "PLAN_BLOCKED", LOW, 0, LOW, CARRY_ON),  # a titration step was refused; it is tried again
    (PHASE, "PHASE", LOW, 0, LOW, CARRY_ON),  # the power was off: the day's schedule may be late, until somebody says where it is
    # R15, independent evidence of motion (pump/app/evidence.py)
    (OCCLUSION, "OCCLUSION", HIGH, 1, HIGH, STOP),  # at once, and the pressure is taken back
    (END_STOP, "END_STOP", HIGH, 1, HIGH, STOP),  # the plunger is at an end where the books do not have it
    (SEAT, "SEAT", HIGH, 1, HIGH, STOP),  # no syringe in the seat
    (STALL, "STALL", HIGH, 1, HIGH, STOP),  # the screw does not turn as the steps say
    (DRIVER, "DRIVER", HIGH, 1, HIGH, STOP),  # the motor driver reports a fault
    (OVER_DELIVERY, "OVER_DELIVERY", HIGH, 1, HIGH, STOP),  # the screw turned further than it was told
    (UNDER_DELIVERY, "UNDER_DELIVERY", MEDIUM, 1, MEDIUM, CARRY_ON),  # less than 90 % of it: less is better than nothing
    (SENSOR, "SENSOR", MEDIUM, 0, MEDIUM, CARRY_ON),  # evidence is missing; the steps are still counted
    (SUPPLY_LOW, "SUPPLY_LOW", MEDIUM, 0, MEDIUM, CARRY_ON),  # the motor's supply is outside its range
    (SUPPLY_OUT, "SUPPLY_OUT", HIGH, 1, HIGH, STOP),  # too low to turn the motor
    (TEMPERATURE, "TEMPERATURE", MEDIUM, 0, MEDIUM, CARRY_ON),
    (OFTEN, "OFTEN", HIGH, 0, HIGH, CARRY_ON),  # stopped by alarms three times in 10 min: held already, a clinician resumes
    (CHANGE_LATE, "CHANGE_LATE", MEDIUM, 0, MEDIUM, CARRY_ON),  # R13: a change of syringe that takes too long; nothing flows meanwhile
)
CODE, NAME, PRIORITY, LATCHING, SOUND, ACTION = range(6)


def row(code: int) -> "Row":
    """The table's row of an alarm."""
    return ALARMS[code - 1]

"""What each alarm means and what to do about it. Names, priorities and what stops are in wire/alarms.py."""

from ..wire import alarms

# code: (what has happened, what to do). Names, priorities and what stops are in wire/alarms.py.
ALARMS = {
    alarms.GOVERNOR: ("more steps were asked for than the prescription can need", "delivery has stopped; find out why before tapir resume"),
    alarms.STORE: ("the journal cannot be written or read", "delivery has stopped, since it could not be accounted for"),
    alarms.MOTOR: ("the steps that left differ from the steps granted", "delivery has stopped; check motor and driver"),
    alarms.EMPTY: ("the syringe is empty", "delivery has stopped: tapir refill, then tapir resume"),
    alarms.SUSPENDED: ("the therapy is suspended and the withdrawal clock runs", "tapir resume"),
    alarms.POWER_LOST: ("held after a power cut until a person decides", "tapir resume"),
    alarms.OVERDUE: (
        "stopped for longer than the limit: withdrawal is likely",
        "tapir resume --as clinician --reason TEXT, or tapir close",
    ),
    alarms.LOW_RESERVOIR: ("the reservoir is low", "tapir refill"),
    alarms.DEFICIT: (
        "power cuts, or the way back after an occlusion, may have cost more than 5 % of the last 24 h",
        "watch for withdrawal, acknowledge; it ends a day later",
    ),
    alarms.CLOCK_UNCERTAIN: ("nobody knows how long the power was off", "acknowledge"),
    alarms.STUCK_BUTTON: ("a button has been held for 60 s", "free it"),
    alarms.LOG: ("the log of events cannot be written", "basal goes on and what happens is kept; the pump tries again every hour"),
    alarms.SELF_TEST: ("the self test failed at power-on", "nothing may move; tapir info says which test. Switch it off and on again"),
    alarms.MEMORY: ("a test of processor, RAM or code failed", "nothing may move any more: switch the pump off and on, or replace it"),
    alarms.REFILL_NEAR: ("the refill date is near, if every allotted bolus is used", "plan the refill"),
    alarms.TAPER_WAITS: (
        "the taper or titration has been waiting for long",
        "tapir taper --continue (titrate --continue), or acknowledge to be reminded again",
    ),
    alarms.RESIDUAL: (
        "what was found in the syringe is not what the books say: too much or too little was given",
        "find out which, then tapir refill --as clinician --reason TEXT",
    ),
    alarms.CHANGE_LATE: (
        "a change of syringe takes long, and nothing flows meanwhile",
        'tapir refill --residual "VOLUME" --volume "VOLUME" books what is in the seat now',
    ),
    alarms.LOG_FULL: ("the log is nearly full of events that nobody has read", "tapir log reads them"),
    alarms.PLAN_BLOCKED: (
        "a titration step is not allowed now; basal goes on at the rate before",
        "tapir log says why; the pump tries again every 15 min (tapir titrate --hold lets it wait)",
    ),
    alarms.PHASE: (
        "the power was off, so the schedule may be late against the day",
        "tapir align says where in the day it is; the schedule goes on until then",
    ),
    alarms.OCCLUSION: (
        "the pressure rose: nothing leaves the line",
        "free the line (the pressure was taken back), tapir alarms --ack OCCLUSION, tapir resume",
    ),
    alarms.END_STOP: (
        "an end stop says that the plunger is where the books do not have it",
        "delivery has stopped; look at syringe and carriage, tapir refill if it is empty",
    ),
    alarms.SEAT: ("no syringe is in the seat", "delivery has stopped; put it in, acknowledge, tapir resume"),
    alarms.STALL: ("the screw does not turn as it was told", "delivery has stopped; check motor, screw and encoder"),
    alarms.DRIVER: ("the motor driver reports a fault", "delivery has stopped; check its temperature, wiring and supply"),
    alarms.OVER_DELIVERY: ("the screw turned further than it was told", "delivery has stopped; clamp the line and find out why"),
    alarms.UNDER_DELIVERY: ("the screw turned less than 90 % of what it was told", "watch for withdrawal; check motor, screw and supply"),
    alarms.SENSOR: ("a sensor does not answer", "delivery goes on without its evidence; check force sensor, encoder and driver"),
    alarms.SUPPLY_LOW: ("the motor's supply is outside its range", "charge or replace it"),
    alarms.SUPPLY_OUT: ("the motor's supply is too low to turn it", "delivery has stopped; replace it, acknowledge, tapir resume"),
    alarms.TEMPERATURE: ("the pump is too cold or too hot", "bring it to 5 to 50 degrees C"),
    alarms.OFTEN: ("alarms stopped it three times within 10 min", "find out why, then tapir resume --as clinician"),
}


def alarm(code: int) -> str:
    """LOW_RESERVOIR, and so on."""
    return next((str(row[alarms.NAME]) for row in alarms.ALARMS if row[alarms.CODE] == code), f"alarm {code}")

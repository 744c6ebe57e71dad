"""Faults by name: one row each, (name, low, high, meaning). `set_fault` acts on a bench; `fault NAME VALUE` in control.py.

Set is set until it is set back, also through resets and power cuts, except mute, hang, creep and the like, which use themselves up.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .bench import Bench

FAULTS = (
    ("occlusion", 0, 1, "nothing leaves the tubing; pressure rises until the motor stalls"),
    ("leak", 0, 1000, "permille of what leaves the tubing that does not reach the patient"),
    ("stall", 0, 1, "pulses move nothing"),
    ("slip", 0, 1000, "permille of the pulses that do not turn the screw"),
    ("creep", 0, 100000, "the screw turns by so many steps that nobody asked for, once"),
    ("seat", 0, 1, "no syringe in the seat"),
    ("end_empty", 0, 1, "the end stop at the empty end says that the plunger is there"),
    ("end_back", 0, 1, "the end stop at the back says that the carriage is there"),
    ("force", 0, 100000, "mN that the force sensor reads too much"),
    ("force_stale", 0, 1, "the force sensor has no reading"),
    ("encoder", 0, 2, "1: its count stands still; 2: it does not answer"),
    ("supply", 0, 60000, "motor supply in mV; 12000 as it should be"),
    ("temperature", 0, 1500, "of the board, in tenths of a degree; 250 as it should be"),
    ("driver", 0, 8, "the motor driver's faults: 1 too hot, 2 short or open load, 4 it was reset; 8: it does not answer"),
    ("rtc", 0, 1, "the board clock's oscillator stopped: it cannot be trusted any more"),
    ("mute", 0, 1000000, "the pump's next n lines are lost on the way to the host"),
    ("noise", 0, 1000000, "a bit of every n-th byte is flipped, both ways; 0 never"),
    ("mount", 0, 1, "the store cannot be mounted at the next boots"),
    ("post", 0, 12, "the self test of this number fails, at power-on or, of the first three, within a day"),
    ("post_hang", 0, 12, "the self test of this number hangs, and the watchdog bites"),
    ("jam", 0, 1, "the step engine takes no more steps: they fall due and are not granted"),
    ("hang", 0, 3600000, "the interpreter hangs for so many ms; from 2000 on the watchdog bites"),
)
_PLANT = {"occlusion": "occluded", "leak": "leak_permille", "stall": "stalled", "slip": "slip_permille"}


def check(name: str, value: int) -> None:
    """ValueError that says what would be accepted."""
    for row in FAULTS:
        if row[0] == name:
            if not row[1] <= value <= row[2]:
                raise ValueError("fault " + name + " takes " + str(row[1]) + ".." + str(row[2]) + ", not " + str(value))
            return
    raise ValueError("no fault " + name + "; there are " + " ".join([row[0] for row in FAULTS]))


def set_fault(b: "Bench", name: str, value: int) -> None:
    """Any fault but hang, which belongs to the loop."""
    check(name, value)
    if name in _PLANT:
        b.stepper.sync()
        b.plant.fault(_PLANT[name], value, b.clock.us)
    elif name == "creep":
        b.stepper.sync()
        b.plant.creep(value, b.clock.us)
    elif name in b.senses.values:
        if name == "encoder":
            b.encoder.hold(value == 1)
        b.senses.set(name, value)
        b.stirred = True
    elif name == "rtc":
        b.rtc.trusted = 1 - value
    elif name == "mute":
        b.link.mute = value
    elif name == "noise":
        b.link.noise = value
    elif name == "mount":
        b.mount_fails = value
    elif name == "post":
        b.post.broken = value
    elif name == "post_hang":
        b.post.hanging = value
    elif name == "jam":
        b.stepper.jammed = value
    b.trace.add("fault", name, value)

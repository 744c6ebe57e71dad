"""Faults by name: one row each, (name, low, high, meaning). `set_fault` acts on a bench; `fault NAME VALUE` in control.py.


Set is set until it is set back, also through resets and power cuts, except mute, hang and the like, which use themselves up.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .bench import Bench

FAULTS = (
    ("occlusion", 0, 1, "nothing leaves the tubing; pressure rises until the motor stalls"),
    ("leak", 0, 1000, "permille of what leaves the tubing that does not reach the patient"),
    ("stall", 0, 1, "pulses move nothing"),
    ("rtc", 0, 1, "the board clock's oscillator stopped: it cannot be trusted any more"),
    ("mute", 0, 1000000, "the pump's next n lines are lost on the way to the host"),
    ("noise", 0, 1000000, "a bit of every n-th byte is flipped, both ways; 0 never"),
    ("mount", 0, 1, "the store cannot be mounted at the next boots"),
    ("post", 0, 12, "the self test of this number fails, at power-on or, of the first three, within a day"),
    ("jam", 0, 1, "the step engine takes no more steps: they fall due and are not granted"),
    ("hang", 0, 3600000, "the interpreter hangs for so many ms; from 2000 on the watchdog bites"),
)
_PLANT = {"occlusion": "occluded", "leak": "leak_permille", "stall": "stalled"}


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
    elif name == "jam":
        b.stepper.jammed = value
    b.trace.add("fault", name, value)

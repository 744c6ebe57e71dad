"""The bench: one simulated pump from boot to power-off, all its ports together. This object is the app's `hw`.

Whoever owns the loop makes one per boot (run.py in a process of its own, rig.py in a test), hands over the state the
last one left (`power_down()`: plain data, JSON-able) and moves `clock.us`. Syringe and seed come with `config`.
"""

from wire import limits

from .clock import Clock
from .entropy import Entropy
from .flaws import FlawedPlant
from .link import MemoryLink
from .panel import Buzzer, Switches
from .plant import Plant
from .post import Post
from .power import POWER_ON, Rtc, Watchdog
from .sensors import Driver, Encoder, Ends, Force, Senses, Supply
from .stepper import Stepper
from .trace import Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

RTC_AT_0 = 820540800  # 2026-01-01, in seconds since 2000-01-01
LIVES_KEPT = 8


class Config:
    """What a pump is, for all its lives."""

    def __init__(
        self,
        seed: int = 1,
        serial: str = "SIM-0001",
        syringe: str = "bd-3ml",
        ticks_at_boot: int = 0,
        rtc_at_0: int = RTC_AT_0,
        flaws: int = 0,
    ) -> None:
        self.seed = seed
        self.serial = serial
        self.syringe = syringe
        self.ticks_at_boot = ticks_at_boot
        self.rtc_at_0 = rtc_at_0  # seconds since 2000-01-01 when virtual time began
        self.flaws = flaws  # seed of a plant with the small faults of real parts (flaws.py); 0: none


class Bench:
    """`link` and `files` are handed in; `state` is None for a pump fresh from the factory."""

    def __init__(self, board: "Any", config: Config, state: "Json | None" = None, cause: int = POWER_ON, sink: "Any" = None) -> None:
        self.board = board
        self.config = config
        self.serial = config.serial
        past = state or {"us": 0, "boot": 0, "lives": [], "syringe": config.syringe, "scratch": [0, 0, 0, 0]}
        self.boot = past["boot"] + 1
        self.clock = Clock(past["us"], config.ticks_at_boot)
        self.trace = Trace(self.clock, sink)
        self.syringe = past["syringe"]
        bore_um, capacity_nl = syringe(self.syringe)
        steps_per_turn = board.FULL_STEPS * board.MICROSTEPS
        if config.flaws:
            self.plant: Plant = FlawedPlant(config.flaws, bore_um, capacity_nl, board.LEAD_NM, steps_per_turn)
        else:
            self.plant = Plant(bore_um, capacity_nl, board.LEAD_NM, steps_per_turn)
        self.stepper = Stepper(self.clock, self.plant, self.trace, board.MIN_PERIOD_US)
        self.switches = Switches(self.clock, self.trace)
        self.senses = Senses(past.get("senses"))
        self.force = Force(self.clock, self.plant, self.stepper, self.senses)
        self.ends = Ends(self.plant, self.senses)
        self.encoder = Encoder(self.plant, self.stepper, self.senses, board.ENCODER_COUNTS, board.FULL_STEPS * board.MICROSTEPS)
        self.supply = Supply(self.senses)
        self.driver = Driver(self.senses)
        self.stirred = False  # something was done by hand that wakes the pump as a button does
        self.buzzer = Buzzer(self.trace)
        self.watchdog = Watchdog(cause, past["scratch"])
        self.rtc = Rtc(self.clock, config.rtc_at_0)
        self.entropy = Entropy(config.seed, self.boot)
        self.link = MemoryLink(self.trace)
        self.files: "Any" = None
        self.wait: Any = None  # set by the owner of the loop, where the app is not stepped by hand
        self.mount_fails = 0
        self.alive = True  # set by the app: False while a task of it is missing
        self.post = Post(self)
        if state:
            self.plant.load(state["plant"])
            self.rtc.trusted = state["rtc_trusted"]
            self.rtc.ahead = state.get("rtc_ahead", 0)
            self.mount_fails = state["mount_fails"]
            self.post.broken = state.get("post", 0)
            self.post.hanging = state.get("post_hang", 0)
            self.stepper.jammed = state.get("jam", 0)
            self.link.noise = state["noise"]
            self.trace.on = state["trace"]
            self.encoder.zero()
        # pulses when this power-life began: a cut ends a life, a reset does not
        self._lives: list[int] = past["lives"]
        if cause == POWER_ON or not self._lives:
            self._lives = (self._lives + [self.plant.steps])[-LIVES_KEPT - 1 :]

    def truth(self) -> "Json":
        """What really happened until now. `steps` for ever, `life_steps` since power-on, `lives` the lives before, newest last."""
        self.stepper.sync_back()
        untold, last_us = self.stepper.peek()
        truth: Json = dict(self.plant.truth(untold, last_us, self.clock.us))
        lives = self._lives
        truth["us"] = self.clock.us
        truth["boot"] = self.boot
        truth["queued_steps"] = self.stepper.left()
        truth["life_steps"] = truth["steps"] - lives[-1]
        truth["lives"] = [lives[i + 1] - lives[i] for i in range(len(lives) - 1)]
        truth["buzzer"] = self.buzzer.pattern
        truth["syringe"] = self.syringe
        truth["enabled"] = int(self.plant.enabled)
        return truth

    def refill(self, volume_nl: int) -> None:
        self.stepper.sync()
        self.plant.refill(volume_nl, self.clock.us)
        self.trace.add("refill", volume_nl)

    def mount(self, name: str) -> None:
        """Another syringe, full."""
        bore_um, capacity_nl = syringe(name)
        self.stepper.sync()
        self.plant.mount(bore_um, capacity_nl, self.clock.us)
        self.syringe = name
        self.trace.add("mount", name)

    def power_down(self, off_ms: int = 0) -> "Json":
        """Pulses stop here. What the next boot starts from, `off_ms` later."""
        self.stepper.halt()
        self.plant.enabled = False
        return self.state(off_ms)

    def state(self, off_ms: int = 0) -> "Json":
        """Plain data, from which a bench can go on."""
        self.stepper.sync()
        return {
            "us": self.clock.us + off_ms * 1000,
            "boot": self.boot,
            "lives": self._lives,
            "syringe": self.syringe,
            "scratch": self.watchdog.scratch_words,
            "plant": self.plant.save(),
            "rtc_trusted": self.rtc.trusted,
            "rtc_ahead": self.rtc.ahead,
            "mount_fails": self.mount_fails,
            "post": self.post.broken,
            "post_hang": self.post.hanging,
            "jam": self.stepper.jammed,
            "senses": self.senses.values,
            "noise": self.link.noise,
            "trace": self.trace.on,
        }


def syringe(name: str) -> tuple[int, int]:
    """(bore in um, usable volume in nL) of a syringe of wire/limits.py."""
    row = limits.syringe(name)
    if row is None:
        raise ValueError("no syringe " + name + "; there are " + " ".join([r[0] for r in limits.SYRINGES]))
    return row[1], row[2]

"""What a board can feel: force on the plunger, end stops and seat, the encoder on the screw, motor supply, the motor driver's word.

Each is a port of pump/app/ports.py, worked out from the plant when somebody asks, and each can be wrong by a fault (faults.py): `Senses`
holds those by name. Integers: mN, mV, tenths of a degree, counts.
"""

from .clock import Clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plant import Plant
    from .stepper import Stepper

END_EMPTY, END_BACK, UNSEATED = 1, 2, 4
NO_ANSWER = 8  # of the driver fault
NOMINAL = {
    "seat": 0,
    "end_empty": 0,
    "end_back": 0,
    "force": 0,
    "force_stale": 0,
    "encoder": 0,
    "supply": 12000,
    "temperature": 250,
    "driver": 0,
}


class Senses:
    """Faults of the sensors, by name; kept through boots."""

    def __init__(self, values: "dict[str, int] | None") -> None:
        self.values = dict(NOMINAL)
        self.values.update(values or {})
        self._derive()

    def set(self, name: str, value: int) -> None:
        """A fault of a sensor."""
        self.values[name] = value
        self._derive()

    def _derive(self) -> None:
        values = self.values
        self.idle_mn = None if values["force_stale"] else values["force"]  # read where nothing is trapped
        self.ends = values["end_empty"] * END_EMPTY | values["end_back"] * END_BACK | values["seat"] * UNSEATED


class Force:
    """The force port: what is trapped in an occluded line pushes back. No friction."""

    def __init__(self, clock: Clock, plant: "Plant", stepper: "Stepper", senses: Senses) -> None:
        self._clock = clock
        self._plant = plant
        self._stepper = stepper
        self._senses = senses

    def read(self) -> "int | None":
        """mN, None if there is no reading."""
        plant = self._plant
        idle_mn = self._senses.idle_mn
        if not plant.occluded and not plant.trapped_q or idle_mn is None:
            return idle_mn
        self._stepper.sync()
        return plant.force_mn(self._clock.us) + idle_mn


class Ends:
    """The ends port."""

    def __init__(self, plant: "Plant", senses: Senses) -> None:
        self._plant = plant
        self._senses = senses

    def state(self) -> int:
        """Mask: 1 END_EMPTY, 2 END_BACK, 4 UNSEATED."""
        return self._senses.ends if self._plant.reservoir_q > 0 else self._senses.ends | END_EMPTY


class Encoder:
    """The encoder port: `counts` a turn of the screw, 0 at boot."""

    def __init__(self, plant: "Plant", stepper: "Stepper", senses: Senses, counts: int, steps_per_turn: int) -> None:
        self._plant = plant
        self._stepper = stepper
        self._values = senses.values
        self._counts = counts
        self._per_turn_q = steps_per_turn << 16
        self._zero = 0
        self._held: int | None = None

    def zero(self) -> None:
        """Boot: counting begins here."""
        self._zero = self._place()
        self.hold(self._values["encoder"] == 1)

    def hold(self, on: bool) -> None:
        """The count stands still from now on, or follows again."""
        self._held = self._place() - self._zero if on else None

    def count(self) -> "int | None":
        """Counts since boot, forward positive; None if there is no answer."""
        if self._values["encoder"] == 2:
            return None
        return self._place() - self._zero if self._held is None else self._held

    def _place(self) -> int:
        self._stepper.sync()
        return self._plant.turned_q * self._counts // self._per_turn_q


class Supply:
    """The supply port."""

    def __init__(self, senses: Senses) -> None:
        self._values = senses.values

    def read(self) -> "tuple[int | None, int | None]":
        """(mV of the motor supply, tenths of a degree)."""
        return self._values["supply"], self._values["temperature"]


class Driver:
    """The driver port."""

    def __init__(self, senses: Senses) -> None:
        self._values = senses.values

    def faults(self) -> "int | None":
        """Mask: 1 too hot, 2 short or open load, 4 it was reset; None if it does not answer."""
        mask = self._values["driver"]
        return None if mask & NO_ANSWER else mask

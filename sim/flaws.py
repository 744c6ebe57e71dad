"""A syringe pump as it stands on a bench: the plant with the small faults of its parts, drawn from a seed. Off unless `flaws` is set.

    bore       the syringe is not quite what its label says: +-3 permille in diameter, so +-6 in volume
    screw      the carriage runs ahead and behind once a turn: 2 to 6 um, from some angle on
    slack      the carriage travels up to 60 um before it touches the plunger: why the flow begins late
    stiction   the plunger sticks and lets go in pieces of up to some microsteps

The sizes are ours: parts as they are sold, not a certain one. Nothing else changes: what the pulses move is worked out by the plant,
and this turns it into what the plunger moves. Volumes in q, as in plant.py; integers, so that both interpreters agree. While the
line is occluded the plant alone decides. Made by bench.py from Config.flaws, the seed; 0 is the plant without flaws.
"""

import hashlib

from .plant import Plant

BORE_PERMYRIAD = 30
SCREW_UM = (2, 6)
SLACK_UM = 60
STICK_STEPS = (2, 16)
_TURN = 65536
_KEPT = ("turn_q", "slack_q", "stuck_q", "hold_q")


class Dice:
    """A small generator of its own: the same numbers on every interpreter."""

    def __init__(self, seed: int) -> None:
        digest = hashlib.sha256(("tapir-flaws " + str(seed)).encode()).digest()  # so that neighbours are strangers
        self.state = int.from_bytes(digest[:4], "big") & 0x7FFFFFFF

    def roll(self, most: int) -> int:
        """0..most, which is below 2^26."""
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 5) % (most + 1)


def wave(angle: int) -> int:
    """65536 x the sine of `angle` in 1/65536 of a turn, within 2 permille (Bhaskara's formula)."""
    angle %= _TURN
    half = _TURN // 2
    x = angle % half
    p = x * (half - x)
    value = _TURN * 16 * p // (5 * half * half - 4 * p)
    return value if angle < half else -value


class FlawedPlant(Plant):
    def __init__(self, seed: int, bore_um: int, capacity_nl: int, lead_nm: int, steps_per_turn: int) -> None:
        self._dice = dice = Dice(seed)
        self._turn = steps_per_turn
        self._bore = 10000 - BORE_PERMYRIAD + dice.roll(2 * BORE_PERMYRIAD)
        self._angle = dice.roll(_TURN - 1)
        low, high = SCREW_UM
        per_um = (steps_per_turn << 16) * 1000 // lead_nm
        self._amplitude_q = (low * 1000 + dice.roll((high - low) * 1000)) * per_um // 1000
        low, high = STICK_STEPS
        self._stick_q = low + dice.roll(high - low) << 16
        self._slack_q = SLACK_UM * per_um
        self.turn_q = 0  # of the screw, since it was made
        self.slack_q = dice.roll(self._slack_q)  # until the plunger is touched
        self.stuck_q = 0  # the carriage went so far, and the plunger did not
        self.hold_q = self._next_hold()
        Plant.__init__(self, bore_um, capacity_nl, lead_nm, steps_per_turn)

    def push(self, steps: int, at_us: int) -> None:
        before = self.reservoir_q
        Plant.push(self, steps, at_us)
        moved = before - self.reservoir_q
        if self.occluded or not moved:
            return
        self.stuck_q += moved + self._ahead(self.turn_q + moved) - self._ahead(self.turn_q)
        self.turn_q += moved
        taken = min(self.slack_q, max(self.stuck_q, 0))
        self.slack_q -= taken
        self.stuck_q -= taken
        out = 0
        while self.stuck_q >= self.hold_q:
            out += self.hold_q
            self.stuck_q -= self.hold_q
            self.hold_q = self._next_hold()
        out = min(out, before)
        self.reservoir_q = before - out
        self.stored_q += out - moved

    def _ahead(self, turn_q: int) -> int:
        """How far the screw's error has the carriage ahead at this place."""
        return self._amplitude_q * wave(self._angle + turn_q // self._turn) >> 16

    def _next_hold(self) -> int:
        """The plunger holds until the carriage has gone half to all of the largest piece."""
        return (self._stick_q >> 1) + self._dice.roll(self._stick_q >> 1)

    def mount(self, bore_um: int, capacity_nl: int, at_us: int) -> None:
        Plant.mount(self, bore_um, capacity_nl, at_us)
        self.slack_q = self._dice.roll(self._slack_q)
        self.stuck_q = 0

    def _geometry(self, bore_um: int, capacity_nl: int) -> None:
        Plant._geometry(self, bore_um * self._bore // 10000, capacity_nl)

    def save(self) -> dict[str, int]:
        state = Plant.save(self)
        for name in _KEPT:
            state[name] = getattr(self, name)
        state["dice"] = self._dice.state
        return state

    def load(self, state: dict[str, int]) -> None:
        Plant.load(self, state)
        for name in _KEPT:
            setattr(self, name, state[name])
        self._dice.state = state["dice"]

"""The safety rules as an automaton small enough to visit every state of: three levels of D, one size of bolus, a tick of 12 hours.

The numbers keep the pump's proportions: a day is 2 ticks; R2 looks back 2 and R3 4, a rung is held for 4, a stop may last 4, the bolus
takes 1 tick and locks out for 1 more. Amounts are halves of a mcg, so that D mcg/day gives D of them in a tick.

A state has two halves. `pump` is what the device knows and decides by (a `Design`'s methods); `truth` is kept by an observer who sees
what really flows and when, and knows nothing of the pump's bookkeeping. `check` judges each move by the truth alone. Power cuts make the
two differ: time without power passes for the truth and not for the pump.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

LEVELS = (40, 50, 60)  # that are asked for
FLOOR, MOST, START = 40, 60, 50
TOO_MUCH = 70  # an order above the range
AS_BEFORE = 0  # resume at the D that was stopped
DAY, LOOK_DOWN, RUNG, STOP_MAX = 2, 4, 4, 4
BOLUS, BOLUS_MAX, TOO_BIG, BOLUSES = 12, 20, 30, 2  # mcg, and how many end in a day
LOCKOUT = 1
PART = 2  # of a mcg
CAP = 70 * PART  # of a day
RAISE, KEEP = 130, 80  # per cent
READY, INFUSING, TAPERING, PAUSED, STOPPED, ENDED = "READY", "INFUSING", "TAPERING", "PAUSED", "STOPPED", "ENDED"
NO_LOW, NO_HIGH = (99,) * DAY, (0,) * LOOK_DOWN
FLOWS = (INFUSING, TAPERING, PAUSED)

Move = tuple[str, int]


@dataclass(frozen=True)
class Pump:
    """What the device keeps, across power cuts unless a design forgets it."""

    mode: str = READY
    d: int = 0
    given: tuple[int, ...] = (0,) * (DAY - 1)  # ticks that are over, oldest first
    lows: tuple[int, ...] = NO_LOW  # smallest and largest D programmed since each tick of R2's and R3's windows, the running one last
    highs: tuple[int, ...] = NO_HIGH
    ends: tuple[int, ...] = (0,) * (DAY - 1)  # boluses that ended, by tick
    runs: int = 0  # a bolus, until the tick is over
    locked: int = 0  # ticks, from the next on
    age: int = 0  # of the therapy, until R2's first day is over
    held: int = 0  # ticks on this rung
    rung: str = ""  # the taper to go on with after a stop
    stopped: int = 0
    first: int = 0  # D at the start of the taper
    known: int = 0  # the id of the last bolus is remembered: its order may come again


@dataclass(frozen=True)
class Truth:
    """What the observer saw."""

    given: tuple[int, ...] = (0,) * (DAY - 1)
    lows: tuple[int, ...] = NO_LOW
    highs: tuple[int, ...] = NO_HIGH
    since: int = LOCKOUT  # whole ticks since the last bolus was over
    ends: tuple[int, ...] = (0,) * (DAY - 1)
    now: int = 0  # bolus in this tick
    age: int = 0
    floor: int = 0  # ticks that the floor has flowed without a change
    stopped: int = 0
    d: int = 0
    times: int = 0  # that the last order for a bolus was carried out


@dataclass(frozen=True)
class State:
    pump: Pump = Pump()
    truth: Truth = Truth()
    alarm: bool = False  # a HIGH one stands


class Design:
    """The rules. A seeded bug is a subclass that has one of them wrong."""

    # --- R1, R8, R16: ranges ---------------------------------------------------------------------------------------------
    def basal(self, pump: Pump, asked: int) -> int | None:
        """What is programmed when `asked` is ordered; None refuses."""
        return asked if FLOOR <= asked <= (MOST if pump.mode in FLOWS else START) else None

    def bolus(self, asked: int) -> int | None:
        return asked if asked <= BOLUS_MAX else None

    # --- R2, R3 ------------------------------------------------------------------------------------------------------------
    def may_rise(self, pump: Pump, d: int) -> bool:
        return pump.age >= DAY and d * 100 <= RAISE * pump.lows[0]

    def may_fall(self, pump: Pump, d: int) -> bool:
        return d * 100 >= KEEP * pump.highs[0]

    # --- R4 ----------------------------------------------------------------------------------------------------------------
    def floor(self, pump: Pump) -> int:
        return FLOOR

    def off(self, pump: Pump) -> Pump:
        """What a tick without power does to a taper's clock."""
        return pump

    # --- R5 ----------------------------------------------------------------------------------------------------------------
    def lock(self, pump: Pump) -> Pump:
        """A bolus begins: from its planned end on."""
        return replace(pump, runs=1, locked=LOCKOUT + 1)

    def may_bolus(self, state: State) -> bool:
        pump = state.pump
        return not state.alarm and not pump.runs and not pump.locked and sum(pump.ends) + 1 <= BOLUSES

    # --- R6 ----------------------------------------------------------------------------------------------------------------
    def fits(self, pump: Pump, d: int, dose: int) -> bool:
        """Every window of a day that holds this tick, with D going on."""
        return all(sum(pump.given[DAY - 1 - k :]) + dose * PART + d * (DAY - k) <= CAP for k in range(DAY))

    # --- R7 ----------------------------------------------------------------------------------------------------------------
    def may_resume(self, pump: Pump, d: int) -> bool:
        return pump.stopped <= STOP_MAX and d <= pump.d and self.may_fall(pump, d)

    # --- R17 ---------------------------------------------------------------------------------------------------------------
    def may_provision(self, pump: Pump) -> bool:
        return pump.mode in (READY, ENDED)

    # --- memory --------------------------------------------------------------------------------------------------------------
    def wake(self, pump: Pump) -> Pump:
        """After a boot: all is remembered, and a bolus that ran locks out from now."""
        return replace(pump, locked=LOCKOUT + 1) if pump.runs else pump

    def again(self, pump: Pump) -> bool:
        """Whether an order that comes a second time is carried out a second time."""
        return False


class Wrong(AssertionError):
    """A rule is broken, as the truth has it."""


def check(ok: bool, rule: str, state: State, move: Move) -> None:
    if not ok:
        raise Wrong(f"{rule} at {move}: {state}")


def moves(state: State) -> Iterator[Move]:
    """What people, the world and time can do. What the design refuses leaves the state as it is."""
    for level in (*LEVELS, TOO_MUCH):
        yield "prescribe", level
    yield "bolus", BOLUS
    yield "bolus", TOO_BIG
    yield "retry", BOLUS
    for name in ("taper", "pause", "suspend", "close", "provision", "alarm"):
        yield name, 0
    for level in (AS_BEFORE, *LEVELS):
        yield "resume", level
    yield "reset", 0
    yield "cut", 0
    yield "tick", 0


def step(design: Design, state: State, move: Move) -> State | None:
    """The state after a move, None if the pump refuses it. Raises Wrong if a rule is broken."""
    name, value = move
    return _MOVES[name](design, state, move, value)


# --- D ---------------------------------------------------------------------------------------------------------------------


def _program(state: State, d: int, **pump: object) -> State:
    """D is d from here on, for pump and truth."""
    known, true = state.pump, state.truth
    known = replace(known, d=d, lows=_low(known.lows, d), highs=_high(known.highs, d), **pump)  # type: ignore[arg-type]
    floor = true.floor if true.d == d else 0
    return replace(state, pump=known, truth=replace(true, d=d, floor=floor, lows=_low(true.lows, d), highs=_high(true.highs, d)))


def _low(lows: tuple[int, ...], d: int) -> tuple[int, ...]:
    return tuple([min(low, d) for low in lows])


def _high(highs: tuple[int, ...], d: int) -> tuple[int, ...]:
    return tuple([max(high, d) for high in highs])


def _judge(state: State, move: Move, d: int) -> None:
    """R1, R2, R3 of a D about to be programmed in a therapy that runs."""
    truth = state.truth
    check(FLOOR <= d <= MOST, "R1", state, move)
    if d > truth.d:
        check(truth.age >= DAY and d * 100 <= RAISE * truth.lows[0], "R2", state, move)
    check(d * 100 >= KEEP * truth.highs[0], "R3", state, move)


def _prescribe(design: Design, state: State, move: Move, asked: int) -> State | None:
    pump = state.pump
    d = design.basal(pump, asked)
    if d is None or pump.mode == STOPPED:
        return None
    if pump.mode in FLOWS:
        if d > pump.d and not design.may_rise(pump, d) or d < pump.d and not design.may_fall(pump, d):
            return None
        if not design.fits(pump, d, BOLUS * pump.runs):
            return None
        _judge(state, move, d)
    else:
        if not design.fits(pump, d, 0):
            return None
        check(FLOOR <= d <= START, "R8", state, move)
        pump = replace(pump, lows=NO_LOW, highs=NO_HIGH, age=0)
        state = replace(state, pump=pump, truth=replace(state.truth, lows=NO_LOW, highs=NO_HIGH, age=0, floor=0, d=0))
    check(d == asked, "what was asked for is what is done", state, move)
    return _program(state, d, mode=INFUSING, held=0, rung="", first=0)


# --- boluses -----------------------------------------------------------------------------------------------------------------


def _bolus(design: Design, state: State, move: Move, asked: int) -> State | None:
    pump = state.pump
    dose = design.bolus(asked)
    if pump.mode != INFUSING or dose is None or not design.may_bolus(state) or not design.fits(pump, pump.d, dose):
        return None
    check(dose == asked, "what was asked for is what is done", state, move)
    check(dose <= BOLUS_MAX, "R16", state, move)
    return _give(design, replace(state, truth=replace(state.truth, times=0)), move, dose)


def _give(design: Design, state: State, move: Move, dose: int) -> State:
    truth = state.truth
    check(truth.now == 0 and truth.since >= LOCKOUT and sum(truth.ends) + 1 <= BOLUSES, "R5", state, move)
    check(not state.alarm, "no bolus while a HIGH alarm stands", state, move)
    return replace(state, pump=replace(design.lock(state.pump), known=1), truth=replace(truth, now=dose, times=truth.times + 1))


def _retry(design: Design, state: State, move: Move, dose: int) -> State | None:
    """The reply was lost: the host sends the same order with the same id."""
    if not state.pump.known or not design.again(state.pump):
        return None
    check(state.truth.times == 0, "an order is carried out once", state, move)
    return _give(design, state, move, dose)


# --- taper, stop, end ----------------------------------------------------------------------------------------------------------


def _taper(design: Design, state: State, move: Move, _: int) -> State | None:
    pump = state.pump
    if pump.mode not in (INFUSING, PAUSED):
        return None
    if pump.mode == PAUSED:
        return _rung(design, replace(state, pump=replace(pump, mode=TAPERING)), move)
    held = RUNG if pump.d > design.floor(pump) else 0
    return _rung(design, replace(state, pump=replace(pump, mode=TAPERING, held=held, first=pump.d)), move)


def _pause(design: Design, state: State, move: Move, _: int) -> State | None:
    return replace(state, pump=replace(state.pump, mode=PAUSED)) if state.pump.mode == TAPERING else None


def _suspend(design: Design, state: State, move: Move, _: int) -> State | None:
    pump = state.pump
    if pump.mode not in FLOWS:
        return None
    rung = pump.mode if pump.mode != INFUSING else ""
    return replace(state, pump=replace(pump, mode=STOPPED, rung=rung, stopped=0), truth=replace(state.truth, stopped=0))


def _resume(design: Design, state: State, move: Move, d: int) -> State | None:
    pump, truth = state.pump, state.truth
    if pump.mode != STOPPED:
        return None
    d = d or pump.d
    if pump.stopped > STOP_MAX:  # a new start
        if d > START or d > pump.d or not design.fits(pump, d, BOLUS * pump.runs):
            return None
        check(truth.stopped > STOP_MAX and d <= min(START, truth.d), "R7", state, move)
        empty = replace(
            state, pump=replace(pump, lows=NO_LOW, highs=NO_HIGH, age=0), truth=replace(truth, lows=NO_LOW, highs=NO_HIGH, age=0, d=0)
        )
        return _program(empty, d, mode=INFUSING, held=0, rung="", first=0, stopped=0)
    if not design.may_resume(pump, d) or not design.fits(pump, d, BOLUS * pump.runs):
        return None
    check(d <= truth.d, "R7", state, move)
    _judge(state, move, d)
    mode = pump.rung if pump.rung and d == pump.d else INFUSING
    state = _program(state, d, mode=mode, stopped=0, rung="", held=pump.held if mode != INFUSING else 0)
    return _rung(design, state, move) if mode == TAPERING else state


def _close(design: Design, state: State, move: Move, _: int) -> State | None:
    pump = state.pump
    if pump.mode != STOPPED or pump.stopped <= STOP_MAX:
        return None
    check(state.truth.stopped > STOP_MAX, "R4", state, move)
    return _end(state)


def _end(state: State) -> State:
    pump = replace(state.pump, mode=ENDED, d=0, lows=NO_LOW, highs=NO_HIGH, age=0, held=0, rung="", stopped=0, first=0)
    return replace(state, pump=pump, truth=replace(state.truth, d=0, lows=NO_LOW, highs=NO_HIGH, age=0, floor=0, stopped=0))


def _provision(design: Design, state: State, move: Move, _: int) -> State | None:
    """Service forgets a therapy: allowed only where there is none."""
    if not design.may_provision(state.pump):
        return None
    check(state.truth.d == 0, "R17", state, move)
    return replace(_end(state), pump=replace(_end(state).pump, mode=READY))


# --- the world -------------------------------------------------------------------------------------------------------------------


def _alarm(design: Design, state: State, move: Move, _: int) -> State:
    return replace(state, alarm=not state.alarm)


def _reset(design: Design, state: State, move: Move, _: int) -> State:
    """Watchdog: no time is lost."""
    return replace(state, pump=design.wake(state.pump))


def _cut(design: Design, state: State, move: Move, _: int) -> State:
    """A tick without power, longer than a clock may bridge: the pump is held, and its own time stood still."""
    pump, truth = state.pump, state.truth
    mode, rung = pump.mode, pump.rung
    if mode in FLOWS:
        mode, rung = STOPPED, pump.mode if pump.mode != INFUSING else ""
        pump, truth = replace(pump, stopped=0), replace(truth, stopped=0)
    pump = design.off(replace(design.wake(pump), mode=mode, rung=rung))
    if mode == STOPPED:
        pump = replace(pump, stopped=min(pump.stopped + 1, STOP_MAX + 1))
    return replace(state, pump=pump, truth=_pass(truth, 0, mode))


def _tick(design: Design, state: State, move: Move, _: int) -> State:
    """12 hours flow, then what is due by itself happens."""
    pump, truth = state.pump, state.truth
    flow = pump.d if pump.mode in FLOWS else 0
    given = flow + BOLUS * PART * pump.runs
    true = _pass(truth, flow + truth.now * PART, pump.mode)
    check(sum(truth.given) + flow + truth.now * PART <= CAP, "R6", state, move)
    known = replace(
        pump,
        given=(*pump.given[1:], given),
        lows=(*pump.lows[1:], pump.d) if pump.d else NO_LOW,
        highs=(*pump.highs[1:], pump.d) if pump.d else NO_HIGH,
        ends=(*pump.ends[1:], pump.runs),
        runs=0,
        locked=max(0, pump.locked - 1),
        age=min(DAY, pump.age + 1) if pump.d else 0,
        held=min(RUNG, pump.held + 1) if pump.mode == TAPERING else pump.held,
        stopped=min(STOP_MAX + 1, pump.stopped + 1) if pump.mode == STOPPED else 0,
    )
    state = replace(state, pump=known, truth=true)
    return _rung(design, state, move) if known.mode == TAPERING else state


def _pass(truth: Truth, given: int, mode: str) -> Truth:
    """A tick is over. Only what flows counts for a rung and for a therapy's age; the look-back windows are the pump's time."""
    flows = mode in FLOWS
    return replace(
        truth,
        given=(*truth.given[1:], given),
        lows=(*truth.lows[1:], truth.d) if truth.d else NO_LOW,
        highs=(*truth.highs[1:], truth.d) if truth.d else NO_HIGH,
        ends=(*truth.ends[1:], 1 if truth.now else 0),
        since=0 if truth.now else min(LOCKOUT, truth.since + 1),
        now=0,
        age=min(DAY, truth.age + 1) if truth.d else 0,
        floor=min(RUNG, truth.floor + 1) if flows and truth.d == FLOOR else truth.floor,
        stopped=min(STOP_MAX + 1, truth.stopped + 1) if mode == STOPPED else 0,
    )


def _rung(design: Design, state: State, move: Move) -> State:
    """R4: a step down, or the end, each after its full time; the first step of a taper at once."""
    pump = state.pump
    if pump.held < RUNG:
        return state
    if pump.d > design.floor(pump):
        d = max(FLOOR, -(-pump.d * KEEP // 100))
        if not design.may_fall(pump, d):
            return state
        _judge(state, move, d)
        return _program(state, d, held=0)
    check(state.truth.d <= FLOOR and state.truth.floor >= RUNG, "R4", state, move)
    return _end(state)


_MOVES = {
    "prescribe": _prescribe,
    "bolus": _bolus,
    "retry": _retry,
    "taper": _taper,
    "pause": _pause,
    "suspend": _suspend,
    "resume": _resume,
    "close": _close,
    "provision": _provision,
    "alarm": _alarm,
    "reset": _reset,
    "cut": _cut,
    "tick": _tick,
}

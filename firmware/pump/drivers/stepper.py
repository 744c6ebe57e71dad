"""The stepper port for plain STEP/DIR/EN drivers (A4988, DRV8825, TMC2209): see pump/app/ports.py, and sim/stepper.py for its twin.

Two state machines of PIO0, both at 1 MHz from the same crystal as ticks_us: 0 makes the pulses (pio_step.py), 1 counts them on the
pad (pio_count.py). What waits is in the FIFO of the first, 4 grants: no DMA, no interrupt, no Python between two pulses, so nothing
that stalls the interpreter moves an edge, and an interpreter that never comes back lets exactly the granted steps leave.

`emitted` is what the pad did, `left` what the pulse maker has not done: two sources, so their sum tells a broken STEP line.
Nothing here blocks: a word is written only where there is room for it. Times in us; MAX_* of pio_step.py bound a grant.

A train that begins faster than the board's RAMP allows begins slower: the same steps, late by some ms. What follows without a pause
makes up for it, at most an eighth faster than granted and never faster than the board's shortest period; a pause forgives the rest.

A back-off (`reverse`) is fed from `poll` as places get free; nothing is granted meanwhile, and DIR is forward again when it is over.
"""

from array import array

from pump.drivers import pio_count, pio_step, ramp
from pump.drivers.pio_asm import ISR, NULL, X, mov_not, pull_noblock, push_noblock

PLACES = 4
MAX_SPAN_US = 2000000  # of a grant: no longer than the watchdog would let a hung interpreter live

PIO0 = 0x50200000
FSTAT = PIO0 + 0x04
SM0_ADDR = PIO0 + 0xD4  # program counter of state machine 0
_TX_FULL_0 = 1 << 16
_COUNT_32 = 0xFFFFFFFF
_SEEN_US = 4  # from an edge to the counter having it
_PART_US = 250000  # of a back-off, at most, in one place: what a hung interpreter can not take back
_CATCH_UP = 8  # a late train is fed faster by its period's 8th at most
_OFFSET_PIO0 = 1  # where MicroPython writes the program's address into its list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Module = Any
else:
    Module = object


class Stepper:
    """`rp2`, `machine` and `time` are MicroPython's modules. Call safe.outputs_off first; then this leaves the driver off and idle."""

    def __init__(self, rp2: Module, machine: Module, time: Module, board: Module) -> None:
        if machine.freq() % pio_step.HZ:
            raise ValueError("clock")  # else the divider is a fraction, and periods jitter by one cycle of the system clock
        self._mem32 = machine.mem32
        self._ticks_us = time.ticks_us
        self._ticks_add = time.ticks_add
        self._ticks_diff = time.ticks_diff
        self._sleep_us = time.sleep_us
        self._board = board
        self._floor_us = board.MIN_PERIOD_US
        self._settle_us = board.STEP_PULSE_US + _SEEN_US
        self._longest_hold_us = max(board.MIN_PERIOD_US, board.DIR_SETUP_US, board.ENABLE_SETUP_US)
        pin = machine.Pin
        self._enable = pin(board.PIN_ENABLE, pin.OUT, value=1 - board.ENABLE_ON)
        self._on = False
        self._dir = pin(board.PIN_DIR, pin.OUT, value=board.DIR_FORWARD)
        step = pin(board.PIN_STEP)
        program = pio_step.program(board.STEP_PULSE_US, board.MIN_PERIOD_US)
        self._maker = rp2.StateMachine(0, program, freq=pio_step.HZ, sideset_base=step)
        self._start = program[_OFFSET_PIO0]
        self._counter = rp2.StateMachine(1, pio_count.program(), freq=pio_count.HZ, in_base=step)
        self._words = array("I", (0, 0))
        self._queue: list[int] = []  # steps of the grants that are not over, the running one first
        self._granted = 0
        self._seen = 0  # on the pad, both ways
        self._back = 0  # of them, in back-offs that are over
        self._from: int | None = None  # _seen when the back-off that runs began; None: forward
        self._more: list = []  # its segments that have no place yet
        self._ramp = board.RAMP
        self._climbed = 0  # steps up the ramp since the motor stood still
        self._late_us = 0  # behind what was granted, because of the ramp
        now = self._ticks_us()
        self._end_us = now  # of the last granted slot; means something only while the queue is not empty
        self._ready_us = now  # no pulse before: the driver is setting up
        self._places = min(PLACES, self._depth() // pio_step.WORDS)
        self._counter.exec(mov_not(X, NULL))
        self._counter.active(1)
        self._maker.active(1)

    # --- the port -----------------------------------------------------------------------------------------------------
    def grant(self, delay_us: int, steps: int, period_us: int) -> None:
        """Queue `steps` pulses; the first leaves `delay_us` after now or after the last queued slot, then `period_us` apart."""
        asked = self._ticks_us()
        queue = self._settle()
        free = self._places - len(queue)
        if self._from is not None:
            raise ValueError("reversing")
        if not free:
            raise ValueError("no room")
        if period_us < self._floor_us:
            raise ValueError("period")
        if not (1 <= steps <= pio_step.MAX_STEPS and 0 <= delay_us <= pio_step.MAX_WAIT_US):
            raise ValueError("grant")
        if period_us > pio_step.MAX_PERIOD_US or steps * period_us > MAX_SPAN_US:
            raise ValueError("grant")
        rows = self._ramp
        if not rows:
            self._put(delay_us, ((steps, period_us),), asked)
            return
        if not queue or delay_us > rows[0][1]:
            self._climbed = 0
        if not queue:
            self._late_us = 0
        parts = [(steps, period_us)]
        if steps > 1:  # the period of one step is how long its slot lasts, not how fast it is
            parts = ramp.start(steps, period_us, rows, self._climbed, max(1, free - 1))
        self._climbed = ramp.climbed(steps, period_us, rows, self._climbed)
        us = sum([count * slow for count, slow in parts])
        if us > MAX_SPAN_US:
            parts, us = [(steps, period_us)], steps * period_us
        self._late_us += us - steps * period_us
        if len(parts) == 1 and parts[0][1] == period_us and self._late_us:
            less = min(delay_us, self._late_us)
            faster = min((self._late_us - less) // steps, period_us // _CATCH_UP, period_us - self._floor_us)
            self._late_us -= less + faster * steps
            delay_us -= less
            parts = [(steps, period_us - faster)]
        self._put(delay_us, parts, asked)

    def reverse(self, steps: int, period_us: int) -> None:
        """Move back by so many steps, by the ramp. Only when nothing is queued; `busy_us` says how long it takes, `halt` ends it."""
        if self._settle() or self._from is not None:
            raise ValueError("moving")
        if period_us < self._floor_us:
            raise ValueError("period")
        if steps < 1 or period_us > pio_step.MAX_PERIOD_US:
            raise ValueError("grant")
        self._from = self._count()
        self._turn(1 - self._board.DIR_FORWARD)
        for count, slow in ramp.segments(steps, period_us, self._ramp):
            most = min(max(1, _PART_US // slow), pio_step.MAX_STEPS)
            while count:
                part = min(count, most)
                self._more.append((part, slow))
                count -= part
        self.poll()

    def reversed(self) -> int:
        """Pulses that left backwards since boot."""
        self._settle()
        return self._back if self._from is None else self._back + self._count() - self._from

    def poll(self) -> None:
        """Feed a back-off. hw.wait calls it."""
        if self._from is None:
            return
        queue = self._settle()
        while self._more and len(queue) < self._places:
            self._put(0, (self._more.pop(0),), self._ticks_us())

    def room(self) -> int:
        """Free places, 0..4; none during a back-off."""
        queue = self._settle()
        return self._places - len(queue) if self._from is None else 0

    def emitted(self) -> int:
        """Forward pulses seen on the STEP pad since boot."""
        self._settle()
        return (self._count() if self._from is None else self._from) - self._back

    def left(self) -> int:
        """Forward pulses granted that have not left yet; 0 when the pulse maker is idle, whatever was seen on the pad."""
        queue = self._settle()
        return self._left(queue) if self._from is None else 0

    def busy_us(self) -> int:
        """Time until the last granted slot ends, or the back-off; 0 when idle."""
        self.poll()
        if not self._settle():
            return 0
        us = max(1, self._ticks_diff(self._end_us, self._ticks_us()))
        for steps, period_us in self._more:
            us += steps * period_us
        return us

    def halt(self) -> int:
        """Stop at once, a pulse that has begun keeps its width; the number of granted (forward) pulses that will not leave."""
        maker = self._maker
        self._more = []
        maker.active(0)
        self._sleep_us(self._settle_us)
        queue = self._settle()
        maker.restart()  # jumps to the start, which makes STEP low
        self._drain()
        lost = self._left(queue)
        self._granted -= lost
        self._queue = []
        self._hold(self._floor_us)
        maker.active(1)
        if self._from is None:
            return lost
        self._sleep_us(self._board.DIR_HOLD_US)
        self._forward()
        return 0

    def enable(self, on: bool) -> None:
        """Driver on or off; after on, the next pulse waits until the driver is ready. Pulses leave all the same while it is off."""
        if on and not self._on:
            self._hold(self._board.ENABLE_SETUP_US)
        self._on = on
        self._enable.value(self._board.ENABLE_ON if on else 1 - self._board.ENABLE_ON)

    # --- beyond the port ----------------------------------------------------------------------------------------------
    def close(self) -> None:
        """Stop, driver off, state machines off. For a way out that does not end in safe.outputs_off."""
        self.halt()
        self.enable(False)
        self._maker.active(0)
        self._counter.active(0)

    # --- inside -------------------------------------------------------------------------------------------------------
    def _put(self, delay_us: int, parts: object, asked: int) -> None:
        """Words for all the parts, which have places; the first pulse `delay_us` after `asked` or after the last queued slot."""
        queue = self._queue
        wait_us = delay_us
        if not queue:
            hold_us = self._ticks_diff(self._ready_us, asked)
            if wait_us < hold_us <= self._longest_hold_us:
                wait_us = hold_us
            first_us = wait_us
            wait_us -= self._ticks_diff(self._ticks_us(), asked) + pio_step.FETCH_US
            if wait_us < 0:
                first_us -= wait_us
                wait_us = 0
        words = self._words
        behind = len(queue)
        us = 0
        for steps, period_us in parts:  # type: ignore[attr-defined]
            words[0] = steps - 1 | wait_us << pio_step.STEPS_BITS
            words[1] = period_us - self._floor_us
            self._maker.put(words)
            queue.append(steps)
            self._granted += steps
            us += steps * period_us
            wait_us = 0
        if behind:
            now = self._ticks_us()
            # if the last slot ended while we were at it, the new one began just now
            first_us = self._ticks_diff(self._end_us, asked)
            if first_us < self._ticks_diff(now, asked):
                first_us = self._ticks_diff(now, asked)
            first_us += delay_us
        self._end_us = self._ticks_add(asked, first_us + us)

    def _settle(self) -> list[int]:
        """Take the grants that are over off the queue. The hardware says how many are not. After a back-off, turn forward again."""
        queue = self._queue
        if queue:
            # The level first: we alone write words, so if the program moves on in between, it had done no less then, and the answer
            # lies between what was and what is (or is one grant too many for one cycle). At 0 it waits for an A; elsewhere it has a
            # grant in hand.
            busy = self._maker.tx_fifo() // pio_step.WORDS
            if self._mem32[SM0_ADDR] != self._start:
                busy += 1
            while len(queue) > busy:
                queue.pop(0)
            if not queue and self._from is not None and not self._more:
                self._forward()
        return queue

    def _count(self) -> int:
        """Pulses seen on the STEP pad since boot, both ways."""
        counter = self._counter
        counter.exec(mov_not(ISR, X))
        counter.exec(push_noblock())
        while counter.rx_fifo():
            self._seen += (counter.get() - self._seen) & _COUNT_32
        return self._seen

    def _forward(self) -> None:
        """The back-off is over, or halted: its pulses count apart."""
        self._back += self._count() - self._from
        self._from = None
        self._granted = self._seen
        self._turn(self._board.DIR_FORWARD)

    def _turn(self, level: int) -> None:
        """DIR. Nothing moves, and since the last pulse the driver had its hold time: a slot, or what `halt` waits."""
        self._dir.value(level)
        self._hold(max(self._board.DIR_SETUP_US, self._floor_us))
        self._climbed = self._late_us = 0

    def _left(self, queue: list[int]) -> int:
        """Of these grants. What was seen on the pad counts for the running one only, and no more than it can be."""
        if not queue:
            return 0
        waiting = sum(queue) - queue[0]
        return min(max(self._granted - self._count(), waiting), waiting + queue[0])

    def _hold(self, us: int) -> None:
        """No pulse for so long; a longer hold stays."""
        now = self._ticks_us()
        held = self._ticks_diff(self._ready_us, now)
        if not us < held <= self._longest_hold_us:
            self._ready_us = self._ticks_add(now, us)

    def _depth(self) -> int:
        """Words the FIFO takes, measured: 8 on an RP2040. The state machine must be stopped."""
        depth = 0
        while depth < 8 and not self._mem32[FSTAT] & _TX_FULL_0:
            self._maker.put(0)
            depth += 1
        self._drain()
        return depth

    def _drain(self) -> None:
        """Empty the FIFO. The state machine must be stopped."""
        for _ in range(8):
            self._maker.exec(pull_noblock())

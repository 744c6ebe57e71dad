"""An RP2040 without a CPU, one cycle at a time: rp2040py's PIO block behind the parts of rp2, machine and time that the drivers use.

Built for the tests, not a copy: StateMachine writes the registers in the order of MicroPython's ports/rp2/rp2_pio.c, with pio_asm
nowhere near. Two things are added that silicon does and rp2040py does not: a joined FIFO holds 8 words, and a pin that is driven is
also seen at its input. The system clock is 1 MHz, so a cycle is 1 us and time is exact; `clock_hz` only says otherwise to drivers.
"""

from array import array
from types import SimpleNamespace
from typing import Any

from rp2040py.gpio_pin import GPIOPinState
from rp2040py.rp2040 import RP2040
from rp2040py.utils.fifo import FIFO

PIO0 = 0x50200000
CTRL, FSTAT, FLEVEL, TXF0, RXF0, INSTR_MEM0, SM0 = 0x00, 0x04, 0x0C, 0x10, 0x20, 0x48, 0xC8
CLKDIV, EXECCTRL, SHIFTCTRL, ADDR, INSTR, PINCTRL = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x14
FUNCTION_SIO, FUNCTION_PIO0 = 5, 6
TICKS = 1 << 30


class Pico:
    """`edges`: (us, level) of the watched pin. `delays` yields how long Python takes for each look at the clock or a register; none by default."""

    def __init__(
        self, watch: int, clock_hz: int = 1_000_000, delays: Any = None, boot_us: int = 0, joins: bool = True, pio: int = 0
    ) -> None:
        """`pio`: the block that runs; a state machine of the other one is refused."""
        self.mcu = RP2040()
        self.block = self.mcu.pio[pio]
        self.number = pio
        self.us = boot_us
        self.edges: list[tuple[int, int]] = []
        self.used = 0  # words of instruction memory
        self.joins = joins  # FIFOs can be joined
        self._delays = delays
        self._watched = self.mcu.gpio[watch]
        self._watched.add_listener(self._edge)
        machine = self
        self.rp2 = SimpleNamespace(StateMachine=lambda number, program, **pins: StateMachine(machine, number, program, **pins))
        self.machine = SimpleNamespace(mem32=Memory(self), freq=lambda: clock_hz, Pin=pin_class(self))
        self.time = SimpleNamespace(ticks_us=self._ticks_us, ticks_add=ticks_add, ticks_diff=ticks_diff, sleep_us=self.run)

    def run(self, us: int) -> None:
        """Let time pass."""
        advance = self.block.advance
        for _ in range(us):
            self.us += 1
            advance(1)

    def read(self, offset: int) -> int:
        """A register of the block."""
        return self.mcu.read_uint32(PIO0 + (self.number << 20) + offset)

    def write(self, offset: int, value: int) -> None:
        self.block.stopped = False  # else rp2040py runs ahead by 1000 cycles when the first state machine starts
        self.mcu.write_uint32(PIO0 + (self.number << 20) + offset, value)

    @property
    def rises(self) -> list[int]:
        """When pulses began."""
        return [us for us, level in self.edges if level]

    @property
    def falls(self) -> list[int]:
        return [us for us, level in self.edges if not level]

    def level(self, pin: int) -> int:
        """What stands at a pin that is driven; -1 if it is not."""
        return {GPIOPinState.HIGH: 1, GPIOPinState.LOW: 0}.get(self.mcu.gpio[pin].value, -1)

    def take_time(self) -> None:
        """What a bytecode or two cost."""
        if self._delays is not None:
            self.run(next(self._delays))

    def _ticks_us(self) -> int:
        self.take_time()
        return self.us % TICKS

    def _edge(self, now: GPIOPinState, before: GPIOPinState) -> None:
        level = int(now == GPIOPinState.HIGH)
        if level or before == GPIOPinState.HIGH:
            self.edges.append((self.us, level))
        self._watched.set_input_value(bool(level))


class Memory:
    """machine.mem32."""

    def __init__(self, pico: Pico) -> None:
        self._pico = pico

    def __getitem__(self, address: int) -> int:
        self._pico.take_time()
        return self._pico.mcu.read_uint32(address)

    def __setitem__(self, address: int, value: int) -> None:
        self._pico.block.stopped = False
        self._pico.mcu.write_uint32(address, value)


class StateMachine:
    """rp2.StateMachine, by registers, as MicroPython's C code does it."""

    def __init__(self, pico: Pico, number: int, program: list, freq: int, sideset_base: Any = None, in_base: Any = None) -> None:
        assert number // 4 == pico.number
        self._pico = pico
        self._number = number = number % 4
        self._regs = SM0 + number * 0x18
        place = 1 + pico.number  # where the address goes that the block gave the program
        words, start, execctrl, shiftctrl = program[0], program[place], program[4], program[5]
        assert isinstance(words, array) and words.typecode == "H"
        if start < 0:
            start = program[place] = pico.used
            pico.used += len(words)
            assert pico.used <= 32
            for i, word in enumerate(words):
                pico.write(INSTR_MEM0 + 4 * (start + i), word + start if word >> 13 == 0 else word)  # jmp is relocated
        self._start = start
        divider = pico.machine.freq() * 256 // freq
        if not 256 <= divider <= 65536 * 256:
            raise ValueError("freq out of range")
        self.active(0)
        # the emulated system clock is 1 MHz, whatever the driver was told
        pico.write(self._regs + CLKDIV, 1 << 16)
        self.clkdiv = divider << 8
        pico.write(self._regs + EXECCTRL, execctrl + (start << 12) + (start << 7))
        self._shift(shiftctrl)
        pinctrl = 5 << 26
        if in_base is not None:
            pinctrl |= in_base.number << 15
        if sideset_base is not None:
            pin, start_level = sideset_base.number, program[8]
            pinctrl |= 1 << 29 | pin << 10
            # as pio_sm_set_pins_with_mask: `set pins` and `set pindirs` on that pin alone
            pico.write(self._regs + PINCTRL, 1 << 26 | pin << 5)
            self.exec(0xE000 | start_level & 1)
            self.exec(0xE080 | start_level >> 1)
            pico.mcu.gpio[pin].pad_value |= 1 << 6
            pico.mcu.gpio[pin].ctrl = FUNCTION_PIO0 + pico.number
            pico.mcu.gpio[pin].check_for_updates()
        pico.write(self._regs + PINCTRL, pinctrl)
        self.restart()

    def _shift(self, shiftctrl: int) -> None:
        self._pico.write(self._regs + SHIFTCTRL, shiftctrl)
        machine = self._pico.block.machines[self._number]
        joined = shiftctrl >> 30 & 3 if self._pico.joins else 0
        machine.tx_fifo = FIFO({0: 4, 1: 8, 2: 0}[joined])
        machine.rx_fifo = FIFO({0: 4, 1: 0, 2: 8}[joined])

    def active(self, on: int) -> None:
        bit = 1 << self._number
        ctrl = self._pico.read(CTRL)
        self._pico.write(CTRL, ctrl | bit if on else ctrl & ~bit)
        if on and not ctrl & bit:  # it runs from the next cycle on; rp2040py would owe it the one that is over
            self._pico.block.machines[self._number].next_due_fp += 256
            self._pico.block.recompute_due()

    def restart(self) -> None:
        """Stays on if it was on; CTRL's restart bit, then a jump to the start."""
        self._pico.write(CTRL, self._pico.read(CTRL) | 1 << 4 + self._number)
        self.exec(self._start)

    def exec(self, instruction: int) -> None:
        assert instruction >> 16 == 0
        self._pico.write(self._regs + INSTR, instruction)
        self._pico.block.check_changed_pins()

    def tx_fifo(self) -> int:
        self._pico.take_time()
        return self._pico.read(FLEVEL) >> 8 * self._number & 15

    def rx_fifo(self) -> int:
        self._pico.take_time()
        return self._pico.read(FLEVEL) >> 8 * self._number + 4 & 15

    def put(self, words: Any) -> None:
        for word in words if isinstance(words, array) else [words]:
            assert not self._pico.read(FSTAT) >> 16 + self._number & 1, "put would block"
            self._pico.write(TXF0 + 4 * self._number, word)

    def get(self) -> int:
        assert self.rx_fifo(), "get would block"
        return self._pico.read(RXF0 + 4 * self._number)


def pin_class(pico: Pico) -> type:
    """machine.Pin for this Pico."""

    class Pin:
        IN, OUT, PULL_UP = 0, 1, 1

        def __init__(self, number: int, mode: int = -1, pull: int = -1, value: int | None = None) -> None:
            self.number = number
            if mode == self.IN:
                pico.mcu.gpio[number].pad_value |= 1 << 6
            if mode == self.OUT:
                if value is not None:
                    self.value(value)  # before it drives
                pico.mcu.write_uint32(0xD0000024, 1 << number)
                pico.mcu.gpio[number].ctrl = FUNCTION_SIO
                pico.mcu.gpio[number].check_for_updates()

        def value(self, level: int) -> None:
            pico.mcu.write_uint32(0xD0000014 if level else 0xD0000018, 1 << self.number)

    return Pin


def check_ticks(*ticks: int) -> None:
    """MicroPython's ticks functions take small ints only; anything else gives garbage there."""
    assert all(0 <= value < TICKS for value in ticks)


def ticks_add(ticks: int, delta: int) -> int:
    check_ticks(ticks)
    assert -TICKS // 2 < delta < TICKS // 2
    return (ticks + delta) % TICKS


def ticks_diff(end: int, start: int) -> int:
    check_ticks(end, start)
    return (end - start + TICKS // 2) % TICKS - TICKS // 2

"""A Pico in software: boots a MicroPython UF2 with a littlefs image in rp2040py and serves its USB serial on a TCP port.

    with Pico(uf2, image, Pins.of(board)) as pico:
        Pump.open(pico.url) ...
        pico.steps, pico.press(10, 100), pico.reset()

The emulator runs in a thread of its own. Virtual time goes as fast as it can (20 times slower than a real Pico while the chip computes,
faster while it sleeps), or at most `speed` times real time. Needs the extra: pip install "tapir-pump[emulate]".
Used by emulated_bench.py, which puts a syringe behind the pins, and by tests/emulator.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .emulated_cable import Cable
from .errors import UsageError
from .image import BLOCK, BLOCKS, FS_BYTES, FS_START

EXTRA = 'pip install "tapir-pump[emulate]"'
_WATCHDOG_CTRL = 0x00
_MS = 1_000_000  # of the emulator's clock, in ns
_THERMOMETER, _ROOM = 4, 876  # the chip's own sensor at 27 C, of 4096
# What stands around a pump that is well, on the pins that the boards of the repository share: end stops and seat closed to ground, a force
# amplifier at rest (330 mV), 12 V through 100 and 10 kOhm. ADC values of 4096.
_CLOSED = (16, 17, 18)
_FORCE, _SUPPLY = 0, 1
_AT_REST = {_FORCE: 410, _SUPPLY: 1354, _THERMOMETER: _ROOM}
_SPOT = 0x40010  # in SRAM: the far end of core 0's stack, which a program that never returns does not need
_EDGES_KEPT = 100_000
_US, _LOOKS = 125, 24  # cycles; two turns of pump/drivers/pio_quad.py
_ADC_MV, _ADC_MOST = 3300, 4095
_BEHIND_S = 0.5


@dataclass(frozen=True)
class Pins:
    """Where the emulator looks: GPIO numbers and levels of the board."""

    step: int
    dir: int
    forward: int
    enable: int
    enable_on: int

    @classmethod
    def of(cls, board: Any) -> Self:
        """Those of a module of boards/."""
        return cls(board.PIN_STEP, board.PIN_DIR, board.DIR_FORWARD, board.PIN_ENABLE, board.ENABLE_ON)


class Pico:
    """One emulated board from power-on to `close`. Methods may be called from any thread."""

    def __init__(
        self,
        uf2: Path,
        image: bytes,
        pins: Pins,
        *,
        port: int = 0,
        speed: float | None = None,
        grounded: Sequence[int] = (),
        thermometer: int = _ROOM,
    ) -> None:
        """`image`: FS_BYTES of littlefs; `port` 0 takes a free one; `speed` None is flat out; `grounded`: GPIOs held to ground from the
        start; `thermometer`: what the ADC says of the chip's own, of 4096."""
        try:
            from rp2040py.boards import BoardSpec, FlashLayout
            from rp2040py.device.base_device import BaseDevice
        except ImportError as error:
            raise UsageError("The emulator is not installed.", EXTRA) from error
        if len(image) != FS_BYTES:
            raise UsageError(f"The filesystem image has {len(image)} bytes; a Pico's has {FS_BYTES}.")
        layout = FlashLayout(fs_start=FS_START, fs_blockcount=BLOCKS, fs_blocksize=BLOCK)
        self._device = BaseDevice(board=BoardSpec(image=uf2, layout=layout))
        self._mcu: Any = self._device.mcu
        self._mcu.flash[FS_START : FS_START + FS_BYTES] = image
        self._clock: Any = self._device.simulator.clock
        for channel, value in (_AT_REST | {_THERMOMETER: thermometer}).items():
            self._mcu.adc.channel_values[channel] = value
        for gpio in (*_CLOSED, *grounded):
            self._mcu.gpio[gpio].set_input_value(False)
        self.pins = pins
        self.steps = 0  # rising edges on STEP since power-on
        self.back = 0  # of them, with DIR backwards
        self.driven = 0  # of them, with the driver enabled
        self.edges_us: deque[int] = deque(maxlen=_EDGES_KEPT)  # virtual time of each
        self.on_step: Callable[[bool, int], None] | None = (
            None  # called at each, with forward and its virtual time, in the emulator's thread
        )
        self.boots = 1
        self.booted_us = 0  # virtual time of the last reset
        self.cable = Cable(self._device, port, lambda: self.now_us - self.booted_us)
        self.speed = speed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._over: asyncio.Event | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="pico", daemon=True)

    # --- from outside ---------------------------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(60)
        if self._error:
            raise self._error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Power off."""
        if self._loop and self._over and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(10)

    @property
    def port(self) -> int:
        """The TCP port that is served."""
        return self.cable.port

    @property
    def url(self) -> str:
        """For --port."""
        return f"socket://127.0.0.1:{self.port}"

    @property
    def failed(self) -> BaseException | None:
        """What ended the emulator, if anything did."""
        return self._error

    @property
    def now_us(self) -> int:
        """Virtual time since power-on."""
        return int(self._clock.nanos) // 1000

    def reset(self, *, power: bool = True) -> None:
        """Reset the chip, flash kept: as by a power cut, or by the RUN pin."""
        from rp2040py.device.base_device import ResetCause

        def cut() -> None:
            self._mcu.watchdog.write_uint32(_WATCHDOG_CTRL, 0)  # the chip's is off after such a reset; rp2040py's would bite yet
            self._device.hard_reset(cause=ResetCause.POWER_ON if power else ResetCause.RUN_PIN)

        self.call(cut)

    def hold(self, gpio: int, level: bool | None) -> None:
        """Drive an input pin, or let it float (None)."""
        self.call(lambda: self.drive(gpio, level))

    def drive(self, gpio: int, level: bool | None) -> None:
        """The same, in the emulator's thread or before it runs."""
        pin = self._mcu.gpio[gpio]
        if level is None:
            pin.release_input()
        else:
            pin.set_input_value(level)

    def press(self, gpio: int, ms: int) -> None:
        """Hold a button to ground for so much virtual time, from now."""
        pin = self._mcu.gpio[gpio]

        def down() -> None:
            pin.set_input_value(False)
            self._clock.create_alarm(pin.release_input).schedule(ms * _MS)

        self.call(down)

    def look(self) -> None:
        """Let the state machines of PIO1 see the pins as they are now, though the CPU sleeps: rp2040py gives them one instruction for
        each of its naps. In the emulator's thread."""
        for _ in range(_LOOKS):
            self._mcu.pio[1].advance(_US)

    def voltage(self, gpio: int, mv: int) -> None:
        """What a pin of the ADC (26 to 28) sees from now on."""
        self._mcu.adc.channel_values[gpio - 26] = max(0, min(_ADC_MOST, mv * _ADC_MOST // _ADC_MV))

    def listen(self, gpio: int, changed: Callable[[int], None]) -> None:
        """Call `changed` with each new level that the chip drives on a pin, in the emulator's thread. Before it is started."""
        self._mcu.gpio[gpio].add_listener(lambda new, old: changed(int(new)))

    def level(self, gpio: int) -> int | None:
        """What the chip drives a pin to; None if it does not."""
        value = int(self._mcu.gpio[gpio].value)
        return value if value in (0, 1) else None

    def wait(self, ms: int, limit_s: float = 60) -> None:
        """Let so much virtual time pass."""
        passed = threading.Event()
        self.call(lambda: self._clock.create_alarm(passed.set).schedule(ms * _MS))
        if not passed.wait(limit_s):
            raise TimeoutError(f"{ms} ms of the emulated Pico took longer than {limit_s} s")

    def hang(self) -> None:
        """The CPU turns in a loop of one instruction from here, as a bug would have it; the watchdog and the PIO do not care."""

        def jump() -> None:
            self._mcu.sram[_SPOT : _SPOT + 2] = b"\xfe\xe7"  # b .
            self._mcu.core.pc = 0x20000000 + _SPOT

        self.call(jump)

    def image(self) -> bytes:
        """The filesystem as it is now."""
        return bytes(self._mcu.flash[FS_START : FS_START + FS_BYTES])

    def call(self, do: Callable[[], object]) -> None:
        """Run `do` between two batches of instructions and wait for it."""
        loop = self._loop
        if loop is None:
            raise RuntimeError("not running")
        done = threading.Event()
        failed: list[BaseException] = []

        def run() -> None:
            try:
                do()
            except BaseException as error:
                failed.append(error)
            done.set()

        loop.call_soon_threadsafe(run)
        if not done.wait(30):
            raise TimeoutError("the emulated Pico does not answer")
        if failed:
            raise failed[0]

    # --- the emulator's thread ------------------------------------------------------------------------------------------
    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._error = error
        self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        await self.cable.plug()
        self._attach_motor()
        self._attach_reset()
        self._attach_clock()
        self._attach_uarts()
        simulator = self._device.simulator
        simulator.bind_loop()
        self._mcu.core.pc = 0x10000000
        simulator.start_execution()
        self._ready.set()
        await self._over.wait()
        simulator.stop()
        self.cable.unplug()

    def _attach_motor(self) -> None:
        """Count what leaves on STEP. Three things that silicon does and rp2040py does not: a PIO works on while the CPU sleeps, a joined
        FIFO holds 8 words (both emulated_pio.py), and a pin that is driven is seen at its own input (`pad`, `enable`)."""
        from .emulated_pio import Pio

        pio = Pio(self._mcu, self._clock)
        pad, way, enable = (self._mcu.gpio[pin] for pin in (self.pins.step, self.pins.dir, self.pins.enable))
        off = 1 - self.pins.enable_on

        def step(new: int, old: int) -> None:
            pad.set_input_value(new == 1)
            if new == 1:
                self._edge(pio.now_us, int(way.value) == self.pins.forward, int(enable.value) == self.pins.enable_on)

        def switched(new: int, old: int) -> None:
            """The chip's own level, or that of the resistor on the board."""
            enable.set_input_value(bool(new if new in (0, 1) else off))

        pad.add_listener(step)
        enable.set_input_value(bool(off))
        enable.add_listener(switched)

    def _edge(self, at_us: int, forward: bool, driven: bool) -> None:
        self.steps += 1
        self.back += not forward
        self.driven += driven
        self.edges_us.append(at_us)
        if self.on_step:
            self.on_step(forward, at_us)

    def _attach_reset(self) -> None:
        forget = self._mcu.usb_ctrl.on_reset

        def dropped() -> None:
            forget()
            self.boots += 1
            self.booted_us = self.now_us
            self.cable.reset()

        self._mcu.usb_ctrl.on_reset = dropped

    def _attach_uarts(self) -> None:
        """rp2040py raises the transmit interrupt again as soon as it is cleared, and MicroPython's handler would be called for ever. Its
        FIFO is never full, so nobody has to be told that there is room."""
        for uart in self._mcu.uart:

            def check(uart: Any = uart) -> None:
                uart.rp2040.set_interrupt(uart.irq, bool(uart._interrupt_status & uart._interrupt_mask))

            uart.check_interrupts = check

    def _attach_clock(self) -> None:
        """Every ms: the cable, and no faster than `speed`."""
        last = (time.monotonic(), self.now_us)

        def tick() -> None:
            nonlocal last
            self.cable.feed()
            real_s = time.monotonic() - last[0]
            virtual_s = (self.now_us - last[1]) / 1e6
            if self.speed is None or virtual_s < real_s * self.speed - _BEHIND_S:
                last = (time.monotonic(), self.now_us)  # what was lost is not made up for
            elif virtual_s > real_s * self.speed:
                time.sleep(min(virtual_s / self.speed - real_s, 0.005))
            alarm.schedule(_MS)

        alarm = self._clock.create_alarm(tick)
        alarm.schedule(_MS)

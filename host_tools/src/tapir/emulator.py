"""A Pico in software: boots a MicroPython UF2 with a littlefs image in rp2040py and serves its USB serial on a TCP port.

    with Pico(uf2, image, pins=Pins(step=2, enable=4, enable_on=0)) as pico:
        Pump.open(pico.url) ...
        pico.steps, pico.press(10, 100), pico.reset()

The emulator runs in a thread of its own. Virtual time goes as fast as it can (20 times slower than a real Pico while the chip computes,
faster while it sleeps), or at most `speed` times real time. Needs the extra: pip install "tapir-pump[emulate]".
Used by `tapir emulate` and by tests/emulator.
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

from .errors import UsageError

# The filesystem of MicroPython's RPI_PICO: the last 1408 KiB of 2 MiB.
FS_START, FS_BLOCKS, FS_BLOCK = 2048 * 1024 - 1408 * 1024, 352, 4096
_MS = 1_000_000  # of the emulator's clock, in ns
_THERMOMETER, _ROOM = 4, 876  # the chip's own sensor at 27 C, of 4096
# What stands around a pump that is well, on the pins that the boards of the repository share: end stops and seat closed to ground, a force
# amplifier at rest (330 mV), 12 V through 100 and 10 kOhm. ADC values of 4096.
_CLOSED = (16, 17, 18)
_FORCE, _SUPPLY = 0, 1
_AT_REST = {_FORCE: 410, _SUPPLY: 1354, _THERMOMETER: _ROOM}
_SPOT = 0x40010  # in SRAM: the far end of core 0's stack, which a program that never returns does not need
_ATTACH_US = 100_000  # a host lets a device settle that long before it speaks to it (USB 2.0, 7.1.7.3)
_EDGES_KEPT = 100_000


@dataclass(frozen=True)
class Pins:
    """Where the emulator looks: GPIO numbers of the board."""

    step: int
    enable: int
    enable_on: int


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
        """`image`: FS_BLOCKS * FS_BLOCK bytes of littlefs; `port` 0 takes a free one; `speed` None is flat out; `grounded`: GPIOs held
        to ground from the start; `thermometer`: what the ADC says of the chip's own, of 4096."""
        try:
            from rp2040py.boards import BoardSpec, FlashLayout
            from rp2040py.device.base_device import BaseDevice
        except ImportError as error:
            raise UsageError("The emulator is not installed.", 'pip install "tapir-pump[emulate]"') from error
        if len(image) != FS_BLOCKS * FS_BLOCK:
            raise UsageError(f"The filesystem image has {len(image)} bytes; a Pico's has {FS_BLOCKS * FS_BLOCK}.")
        layout = FlashLayout(fs_start=FS_START, fs_blockcount=FS_BLOCKS, fs_blocksize=FS_BLOCK)
        self._device = BaseDevice(board=BoardSpec(image=uf2, layout=layout))
        self._mcu: Any = self._device.mcu
        self._mcu.flash[FS_START : FS_START + len(image)] = image
        self._clock: Any = self._device.simulator.clock
        for channel, value in (_AT_REST | {_THERMOMETER: thermometer}).items():
            self._mcu.adc.channel_values[channel] = value
        for gpio in (*_CLOSED, *grounded):
            self._mcu.gpio[gpio].set_input_value(False)
        self.pins = pins
        self.steps = 0  # rising edges on STEP since power-on
        self.driven = 0  # of them, with the driver enabled
        self.edges_us: deque[int] = deque(maxlen=_EDGES_KEPT)  # virtual time of each
        self.boots = 1
        self.booted_us = 0  # virtual time of the last reset
        self.heard_us = 0  # virtual time at which the last bytes came from the chip
        self.port = port
        self._speed = speed
        self._to_chip: deque[int] = deque()
        self._asked = 0  # bytes the chip has room for
        self._writer: asyncio.StreamWriter | None = None
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
    def url(self) -> str:
        """For --port."""
        return f"socket://127.0.0.1:{self.port}"

    @property
    def now_us(self) -> int:
        """Virtual time since power-on."""
        return int(self._clock.nanos) // 1000

    def reset(self, *, power: bool = True) -> None:
        """Reset the chip, flash kept: as by a power cut, or by the RUN pin."""
        from rp2040py.device.base_device import ResetCause

        self._call(lambda: self._device.hard_reset(cause=ResetCause.POWER_ON if power else ResetCause.RUN_PIN))

    def hold(self, gpio: int, level: bool | None) -> None:
        """Drive an input pin, or let it float (None)."""
        pin = self._mcu.gpio[gpio]
        self._call(lambda: pin.release_input() if level is None else pin.set_input_value(level))

    def press(self, gpio: int, ms: int) -> None:
        """Hold a button to ground for so much virtual time, from now."""
        pin = self._mcu.gpio[gpio]

        def down() -> None:
            pin.set_input_value(False)
            self._clock.create_alarm(pin.release_input).schedule(ms * _MS)

        self._call(down)

    def level(self, gpio: int) -> int | None:
        """What the chip drives a pin to; None if it does not."""
        value = int(self._mcu.gpio[gpio].value)
        return value if value in (0, 1) else None

    def wait(self, ms: int, limit_s: float = 60) -> None:
        """Let so much virtual time pass."""
        passed = threading.Event()
        self._call(lambda: self._clock.create_alarm(passed.set).schedule(ms * _MS))
        if not passed.wait(limit_s):
            raise TimeoutError(f"{ms} ms of the emulated Pico took longer than {limit_s} s")

    def hang(self) -> None:
        """The CPU turns in a loop of one instruction from here, as a bug would have it; the watchdog and the PIO do not care."""

        def jump() -> None:
            self._mcu.sram[_SPOT : _SPOT + 2] = b"\xfe\xe7"  # b .
            self._mcu.core.pc = 0x20000000 + _SPOT

        self._call(jump)

    def image(self) -> bytes:
        """The filesystem as it is now."""
        return bytes(self._mcu.flash[FS_START : FS_START + FS_BLOCKS * FS_BLOCK])

    # --- the emulator's thread ------------------------------------------------------------------------------------------
    def _call(self, do: Callable[[], object]) -> None:
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

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._error = error
        self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._attach()
        server = await asyncio.start_server(self._client, host="127.0.0.1", port=self.port)
        self.port = server.sockets[0].getsockname()[1]
        simulator = self._device.simulator
        simulator.bind_loop()
        self._mcu.core.pc = 0x10000000
        simulator.start_execution()
        self._ready.set()
        await self._over.wait()
        simulator.stop()
        server.close()
        if self._writer:
            self._writer.close()

    def _attach(self) -> None:
        """Listen on the pins, the cable and the clock."""
        from .emulated_pio import Pio

        cdc: Any = self._device.cdc
        cdc.on_serial_data = self._from_chip
        enable = self._mcu.gpio[self.pins.enable]

        # Three things that silicon does and rp2040py does not: a PIO works on while the CPU sleeps, a joined FIFO holds 8 words
        # (both emulated_pio.py), and a pin that is driven is seen at its own input (pad, below).
        pio = Pio(self._mcu, self._clock)
        pad = self._mcu.gpio[self.pins.step]

        def step(new: int, old: int) -> None:
            pad.set_input_value(new == 1)
            if new == 1:
                self.steps += 1
                self.edges_us.append(pio.now_us)
                if int(enable.value) == self.pins.enable_on:
                    self.driven += 1

        pad.add_listener(step)
        off = 1 - self.pins.enable_on

        def switched(new: int, old: int) -> None:
            """The chip's own level, or that of the resistor on the board."""
            enable.set_input_value(bool(new if new in (0, 1) else off))

        enable.set_input_value(bool(off))
        enable.add_listener(switched)
        forget = self._mcu.usb_ctrl.on_reset

        def dropped() -> None:
            forget()
            self.boots += 1
            self.booted_us = self.now_us
            self._to_chip.clear()
            self._asked = 0
            if self._writer:
                self._writer.close()  # as a real Pico vanishes from the bus

        self._mcu.usb_ctrl.on_reset = dropped
        answer = self._mcu.usb_ctrl.on_endpoint_read

        def asked(endpoint: int, size: int) -> None:
            """The chip is ready for bytes. Without any it waits, as on a real bus; rp2040py's own host sends empty packets all the time."""
            if endpoint != cdc._out_endpoint:
                answer(endpoint, size)
                return
            self._asked = size
            self._feed()

        self._mcu.usb_ctrl.on_endpoint_read = asked
        began = time.monotonic()

        def tick() -> None:
            self._feed()
            if self._speed is not None:
                ahead = self._clock.nanos / 1e9 - (time.monotonic() - began) * self._speed
                if ahead > 0:
                    time.sleep(min(ahead / self._speed, 0.005))
            alarm.schedule(_MS)

        alarm = self._clock.create_alarm(tick)
        alarm.schedule(_MS)

    def _feed(self) -> None:
        """Bytes from the host, if the chip asks for them."""
        size = min(self._asked, len(self._to_chip))
        if size and self.now_us - self.booted_us >= _ATTACH_US:
            self._asked = 0
            packet = bytearray(self._to_chip.popleft() for _ in range(size))
            self._mcu.usb_ctrl.endpoint_read_done(self._device.cdc._out_endpoint, packet)

    def _from_chip(self, data: bytes | bytearray) -> None:
        self.heard_us = self.now_us
        if self._writer:
            self._writer.write(bytes(data))

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One host at a time, as on a cable."""
        if self._writer is not None:
            writer.close()
            return
        self._writer = writer
        try:
            while data := await reader.read(4096):
                self._to_chip.extend(data)
                self._feed()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writer = None
            writer.close()

"""The USB cable of an emulated Pico: its serial port, served to one host at a time on a TCP port of this computer.

rp2040py plays the host of the USB bus; here its serial bytes are led to a socket and back. A reset of the chip drops the host, as a real
Pico vanishes from the bus. Everything runs in the emulator's thread. Called by emulator.py.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

_ATTACH_US = 100_000  # a host lets a device settle that long before it speaks to it (USB 2.0, 7.1.7.3)


class Cable:
    """`device` is rp2040py's board; `now_us` the time since the chip's last reset. `port` 0 takes a free one."""

    def __init__(self, device: Any, port: int, now_us: Callable[[], int]) -> None:
        self.port = port
        self.fed_us = 0  # when the chip last took bytes, since its last reset
        self.heard_us = 0  # when the last bytes came from it
        self._cdc: Any = device.cdc
        self._bus: Any = device.mcu.usb_ctrl
        self._now_us = now_us
        self._to_chip: deque[int] = deque()
        self._asked = 0  # bytes the chip has room for
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None

    async def plug(self) -> None:
        """Serve the port. OSError if it can not be."""
        self._server = await asyncio.start_server(self._client, host="127.0.0.1", port=self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._cdc.on_serial_data = self._from_chip
        answer = self._bus.on_endpoint_read

        def asked(endpoint: int, size: int) -> None:
            """The chip is ready for bytes. Without any it waits, as on a real bus; rp2040py's own host sends empty packets all the time."""
            if endpoint != self._cdc._out_endpoint:
                answer(endpoint, size)
                return
            self._asked = size
            self.feed()

        self._bus.on_endpoint_read = asked

    def unplug(self) -> None:
        """Serve no more."""
        if self._server:
            self._server.close()
        self._drop()

    def reset(self) -> None:
        """The chip was reset: what was under way is lost."""
        self._to_chip.clear()
        self._asked = 0
        self.fed_us = self.heard_us = 0
        self._drop()

    def feed(self) -> None:
        """Bytes from the host, if the chip asks for them."""
        size = min(self._asked, len(self._to_chip))
        if size and self._now_us() >= _ATTACH_US:
            self._asked = 0
            self.fed_us = self._now_us()
            packet = bytearray(self._to_chip.popleft() for _ in range(size))
            self._bus.endpoint_read_done(self._cdc._out_endpoint, packet)

    def _drop(self) -> None:
        if self._writer:
            self._writer.close()

    def _from_chip(self, data: bytes | bytearray) -> None:
        self.heard_us = self._now_us()
        if self._writer:
            self._writer.write(bytes(data))

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._writer is not None:
            writer.close()
            return
        self._writer = writer
        try:
            while data := await reader.read(4096):
                self._to_chip.extend(data)
                self.feed()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writer = None
            writer.close()

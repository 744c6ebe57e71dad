"""Where pumps may be: USB ports of RP2040 boards, and simulators running on this computer.

A port of another maker is listed but never written to: bytes could mean something to it. `only_one` is how commands find
the pump when no port is named. Used by pump.py and cli/ports.py.
"""

from dataclasses import dataclass

from serial.tools import list_ports  # type: ignore[import-untyped]

from .errors import NoPump
from .running import RunningSim, running

RASPBERRY_PI = 0x2E8A  # USB vendor id of the Pico


@dataclass(frozen=True)
class Port:
    """One place where a pump may be. `probe`: whether it may be asked who it is."""

    url: str
    device: str
    probe: bool
    serial: str | None = None


def candidates() -> list[Port]:
    """Simulators first, then serial ports."""
    found = [Port(sim.pty or f"socket://{sim.tcp}", _device(sim), True, sim.serial) for sim in running()]
    for info in sorted(list_ports.comports(), key=lambda p: p.device):
        known = info.vid is not None
        if known or info.description not in ("n/a", "", None):  # not the 32 empty ttyS of a PC
            found.append(Port(info.device, info.description or "serial port", info.vid == RASPBERRY_PI, info.serial_number))
    return found


def _device(sim: RunningSim) -> str:
    return f"emulated Pico, {sim.serial}" if sim.patience_s else f"Tapir sim {sim.serial}"


def only_one() -> str:
    """The one port a pump may be at. Raises NoPump if there is none, or a choice."""
    found = [port for port in candidates() if port.probe]
    if len(found) == 1:
        return found[0].url
    if not found:
        raise NoPump("No pump was found.", "Name its port with --port or TAPIR_PORT, or start a simulated one: tapir sim start")
    listed = "\n".join(f"  {port.url}  {port.device}" for port in found)
    raise NoPump(f"{len(found)} pumps may be meant:\n{listed}", "Name one with --port or TAPIR_PORT.")

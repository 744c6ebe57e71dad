"""Puts the firmware on a Pico that runs MicroPython, and keeps what the pump remembers.

    with Repl(url, 10) as repl:
        seen = survey(repl)
        plan = Plan.of(seen, payload.files(board))
        carry_out(repl, plan, progress)

Only what differs is copied, by SHA-256 taken on the Pico. Invariants: the journal's folder is never written; main.py goes first and
comes back last, after every other file has been verified, so that a Pico that was interrupted starts nothing (no driver is loaded and
the board's pull-up keeps the motor off) and the next run repairs it. A therapy that runs, is suspended or held refuses everything:
`admit` asks the journal, because a Pico at its prompt has no pump that could be asked. Used by cli/flash.py.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from .errors import FlashFailed, NotFlashable
from .messages import state_name
from .payload import BOARD, MAIN
from .repl import Repl
from .wire import schema

MAY = (schema.UNPROVISIONED, schema.READY, schema.ENDED)  # R17
STRAP = (
    "The pump keeps MicroPython's prompt closed. To open it: switch the pump off, connect GP22 (pin 29) to ground (pin 28, beside it), "
    "switch it on, and say this again. Motion is impossible meanwhile."
)
_NEW = "main.new"  # main.py until it is verified
_JOURNAL = "tapir"  # pump/start.py: STORE
_OURS = ("lib/wire/", "lib/pump/", "lib/boards/")
_SHADOWS = ("wire", "pump", "boards")  # in the root folder, or as lib/NAME.py, they would be imported instead of ours
_MINE = (b"from pump.first import boot", b"from pump.start import run")  # one of them is in every main.py of ours
_BLOCK = 4096
_SPARE = 8  # blocks that stay free for the journal and for littlefs itself

_WHO = """
import sys, os
i = sys.implementation
s = os.statvfs("/")
try:
    import frozen_board
    frozen = True
except ImportError:
    frozen = False
print((sys.platform, getattr(i, "_machine", "?"), tuple(i[1])[:3], getattr(i, "_mpy", 0), s[0] * s[3], frozen))
"""
_SURVEY = """
import os, hashlib
from binascii import hexlify
def _sum(path):
    h = hashlib.sha256()
    b = bytearray(512)
    m = memoryview(b)
    with open(path, "rb") as f:
        while 1:
            n = f.readinto(b)
            if not n:
                return hexlify(h.digest()).decode()
            h.update(m[:n])
def _walk(folder):
    for e in os.ilistdir(folder or "/"):
        path = folder + "/" + e[0]
        if e[1] & 0x4000:
            if path not in ("/tapir", "/rom"):
                _walk(path)
        else:
            print((path[1:], e[3], _sum(path)), end=",")
print("[", end="")
_walk("")
print("]")
"""
_READ = """
try:
    with open(%r, "rb") as f:
        print(repr(f.read()))
except OSError:
    print(None)
"""
_STRAPPED = """
try:
    from machine import Pin
    print(not Pin(22, Pin.IN, Pin.PULL_UP).value())
except Exception:
    print(False)
"""
_REMOVE = """
import os
os.remove(%r)
"""
_RENAME = """
import os
os.rename(%r, %r)
"""
_MAKE = """
import os
try:
    os.mkdir(%r)
except OSError as e:
    if e.errno != 17: raise
"""


@dataclass(frozen=True)
class Seen:
    """A Pico at its prompt. `files`: path -> (bytes, SHA-256), without the journal's; `state`: what the journal says, None if it can
    not be read; `strapped`: GP22 is held to ground."""

    machine: str
    version: str
    free: int
    files: dict[str, tuple[int, str]]
    board: str | None
    main: bytes | None
    state: int | None
    strapped: bool

    @property
    def tapir(self) -> bool:
        """Our firmware is on it, whole or not."""
        return (self.board is not None or self.main is None) and any(path.startswith(_OURS) for path in self.files)

    @property
    def strangers(self) -> list[str]:
        """Files of somebody else's that would run, or be imported instead of ours."""
        found = ["boot.py"] if "boot.py" in self.files else []
        if self.main is not None and not any(mine in self.main for mine in _MINE):
            found.append(MAIN)
        tops = [f"{place}{name}" for place in ("", "lib/") for name in _SHADOWS]
        for path in self.files:
            if any(path in (top + ".py", top + ".mpy") for top in tops) or path.startswith(tuple(f"{name}/" for name in _SHADOWS)):
                found.append(path)
        return sorted(found)


@dataclass(frozen=True)
class Plan:
    """What to do: `write` in order, main.py last; `remove` before; `same` stays. `content` holds all files as they must be."""

    content: dict[str, bytes]
    write: list[str]
    remove: list[str]
    same: list[str]

    @classmethod
    def of(cls, seen: Seen, content: Mapping[str, bytes]) -> "Plan":
        """Compare what is there with what must be. Files of ours that the firmware no longer has go, and strangers."""
        same = [path for path, data in content.items() if path in seen.files and seen.files[path][1] == _sum(data)]
        gone = [path for path in seen.files if path.startswith(_OURS) and path not in content] + seen.strangers
        write = [path for path in content if path not in same]
        remove = sorted({path for path in gone if path not in content})
        if (write or remove) and MAIN in same:
            same.remove(MAIN)
            write.append(MAIN)
        write.sort(key=lambda path: (path == MAIN, path == BOARD))
        return cls(dict(content), write, remove, same)

    @property
    def bytes(self) -> int:
        return sum(len(self.content[path]) for path in self.write)


def survey(repl: Repl) -> Seen:
    """Look, change nothing. NotFlashable if this is no RP2040 with a MicroPython that loads our bytecode."""
    platform, machine, version, mpy, free, frozen = repl.run(_WHO)
    text = ".".join(str(number) for number in version)
    if platform != "rp2" or "RP2040" not in machine:
        raise NotFlashable(
            f"{repl.name} is {machine} with MicroPython {text}; the pump runs on the RP2040 of a Raspberry Pi Pico.",
            "Nothing was written. Is it the right port? tapir ports",
        )
    if mpy & 0xFF != 6:
        raise NotFlashable(
            f"{repl.name} has MicroPython {text}, which loads bytecode {mpy & 0xFF}; the pump needs 6, of MicroPython 1.28.",
            "Nothing was written. Put RPI_PICO-...-v1.28.0.uf2 on it first (micropython.org/download/RPI_PICO).",
        )
    if frozen:  # its modules come before those of lib/
        raise NotFlashable(
            f"{repl.name} has the firmware built into its MicroPython: copied files would not be used. Nothing was written.",
            "Build the next one as this one was (boards/micropython), and copy its UF2 with BOOTSEL.",
        )
    files = {path: (size, digest) for path, size, digest in repl.run(_SURVEY)}
    board = repl.run(_READ % f"/{BOARD}") if BOARD in files else None
    main = repl.run(_READ % f"/{MAIN}") if MAIN in files else None
    state = _state({name: repl.run(_READ % f"/{_JOURNAL}/{name}") for name in ("settings.a", "settings.b", "state.a", "state.b")})
    name = board.decode("ascii", "replace").strip() if board is not None else None
    return Seen(machine, text, free, files, name, main, state, bool(repl.run(_STRAPPED)))


def admit(seen: Seen, *, locked: bool = False, replace: bool = False) -> None:
    """NotFlashable says why this Pico is left as it is. `locked`: though its journal can not be read; `replace`: though other
    people's programs are on it."""
    if seen.state is None and not locked:
        raise NotFlashable(
            "The pump's journal can not be read, so whether a therapy is under way is not known. Nothing was written.",
            "If none is: say it with --locked. The journal is kept as it is.",
        )
    if seen.state is not None:
        admit_state(seen.state)
    if seen.strangers and not replace:
        raise NotFlashable(
            f"Another program is on this Pico: {', '.join(seen.strangers[:6])}. Nothing was written.",
            "To delete it and make this Pico a pump: say --replace. To keep it: copy it off first with mpremote.",
        )


def admit_state(state: int) -> None:
    """NotFlashable while a therapy runs, is suspended or held: its lockouts and its basal depend on the pump going on (R17)."""
    if state in (*MAY, schema.LOCKED):
        return
    name = state_name(state)
    how = {
        schema.SUSPENDED: "tapir resume goes on with it; tapir taper ends it; tapir close if it was suspended beyond the limit.",
        schema.HELD: "tapir resume goes on with it; tapir taper ends it.",
        schema.SCREENING: "A test dose ends by itself. Flash when tapir status says READY.",
        schema.CHANGING: "tapir refill goes on with it; tapir taper ends it.",
        schema.PRIMING: "Priming ends by itself. Flash when tapir status says READY or ENDED.",
    }.get(state, "tapir taper ends it. Flash when tapir status says ENDED.")
    raise NotFlashable(f"Refused (R17 service): the pump is {name}, a therapy is not over. Nothing was written.", how)


def carry_out(repl: Repl, plan: Plan, free: int, progress: Callable[[str, int], None] = lambda path, size: None) -> None:
    """Make it so. Every file is verified on the Pico; whatever ends this early leaves a Pico without main.py.

    FlashFailed names where it stopped. `progress` is told each file that is written, and its size."""
    if not plan.write and not plan.remove:
        return
    need = sum(-(-len(plan.content[path]) // _BLOCK) for path in plan.write) * _BLOCK + _SPARE * _BLOCK
    if need > free:
        raise NotFlashable(
            f"There is not enough room: {need // 1024} KiB are needed, {free // 1024} KiB are free. Nothing was written.",
            "Delete what is not Tapir's from the Pico with mpremote.",
        )
    done = 0
    try:
        if repl.run(_READ % f"/{MAIN}") is not None:
            repl.run(_REMOVE % f"/{MAIN}")
        for path in plan.remove:
            if path != MAIN:
                repl.run(_REMOVE % f"/{path}")
        _folders(repl, plan)
        for path in plan.write:
            if path == MAIN:
                others = {name: data for name, data in plan.content.items() if name != MAIN}
                repl.put(f"/{_NEW}", plan.content[MAIN])
                _verify(repl, others | {_NEW: plan.content[MAIN]})
                repl.run(_RENAME % (f"/{_NEW}", f"/{MAIN}"))  # littlefs does it as one step: main.py is whole or absent
            else:
                repl.put(f"/{path}", plan.content[path])
            progress(path, len(plan.content[path]))
            done += 1
        _verify(repl, plan.content)
    except (FlashFailed, KeyboardInterrupt) as error:
        why = error.problem if isinstance(error, FlashFailed) else "Interrupted at the keyboard."
        raise FlashFailed(
            f"{why} {done} of {len(plan.write)} files were written; the Pico starts nothing as it is.",
            "What the pump remembers is untouched. Say tapir flash again: it goes on from there.",
        ) from error


def _folders(repl: Repl, plan: Plan) -> None:
    folders = {parent for path in plan.write for parent in _parents(path)}
    for folder in sorted(folders):
        repl.run(_MAKE % f"/{folder}")


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def _verify(repl: Repl, content: Mapping[str, bytes]) -> None:
    """The Pico's own sums of these files, read again."""
    there = {path: digest for path, _, digest in repl.run(_SURVEY)}
    wrong = [path for path, data in content.items() if there.get(path) != _sum(data)]
    if wrong:
        raise FlashFailed(f"{repl.name}: {', '.join(wrong[:4])} did not arrive as sent.")


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _state(slots: Mapping[str, bytes | None]) -> int | None:
    """The pump's state by its journal; None if something was saved that can not be read."""
    settings = _newest(slots, "settings")
    values = _newest(slots, "state")
    if values is None:
        if any(slots[f"{name}.{slot}"] for name in ("settings", "state") for slot in "ab") and settings is None:
            return None
        if any(slots[f"state.{slot}"] for slot in "ab"):
            return None
        return schema.UNPROVISIONED if settings is None else schema.READY
    try:
        state = values[1][0]  # a checkpoint: its turn, then Therapy.dump
    except (IndexError, TypeError):
        return None
    return state if isinstance(state, int) and state != schema.LOCKED else None


def _newest(slots: Mapping[str, bytes | None], name: str) -> list[Any] | None:
    """pump/store/slots.py: the newer of two lines that are sound."""
    line = import_module("tapir._device.firmware.pump.store.line")
    found = [line.from_line(data, name) for slot in "ab" if (data := slots[f"{name}.{slot}"])]
    valid = [each for each in found if each is not None and len(each) == 2]
    return max(valid, key=lambda each: int(each[0]))[1] if valid else None

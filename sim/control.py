"""The control channel: one text line in, one JSON object out. It exists only here; no pump has it.

`Control.handle` gives the answer, or None when the loop answers later (an advance that must first run). What moves
time or ends a boot belongs to the owner of the loop, `loop`: run.py's pace or the rig. Numbers are plain integers in
ms, nL, counts; words for humans (`6h`, `3 mL`) are the scenario's and the command line's business.
"""

from . import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

HELP = (
    ("advance MS", "let virtual time pass; answers when it has"),
    ("speed N|max|frozen", "N times real time; as fast as it goes; only by `advance`"),
    ("press SUSPEND|BOLUS|CONFIRM MS", "hold a button from now on"),
    ("fault NAME VALUE", "see sim/faults.py"),
    ("cut OFF_MS [at N nothing|half|weak|done]", "cut the power, now or in the N-th flash program or erase from now"),
    ("reset watchdog|soft", "restart the firmware; power stays"),
    ("refill NL", "the syringe now holds so much"),
    ("mount SYRINGE", "another syringe, full"),
    ("truth", "what really happened"),
    ("trace on|off", "record port events"),
    ("info", "serial, board, firmware, seed, speed, boot, us"),
)
TEARS = ("nothing", "half", "weak", "done")


class Control:
    def __init__(self, loop: "Any") -> None:
        self._loop = loop

    def handle(self, line: str) -> "Json | None":
        """Do it. {"ok": true, ...} or {"ok": false, "error": ...}."""
        words = line.split()
        try:
            if not words:
                raise ValueError("empty line")
            do = getattr(self, "_" + words[0], None)
            usage = [row for row in HELP if row[0].split()[0] == words[0]]
            if do is None or not usage:
                raise ValueError("no such command; there are: " + "; ".join([row[0] for row in HELP]))
            try:
                answer: Json | None = do(words[1:])
            except IndexError:
                raise ValueError(usage[0][0])
        except ValueError as e:
            return {"ok": False, "error": line.strip() + ": " + str(e)}
        if answer is not None:
            answer["ok"] = True
        return answer

    def _advance(self, words: list[str]) -> "Any":
        return self._loop.advance_for(_ms(words[0]))

    def _speed(self, words: list[str]) -> "Json":
        self._loop.set_speed(words[0])
        return {"speed": words[0]}

    def _press(self, words: list[str]) -> "Json":
        self._loop.hw.switches.press(words[0], _ms(words[1]))
        return {}

    def _fault(self, words: list[str]) -> "Any":
        name, value = words[0], _number(words[1])
        faults.check(name, value)
        if name == "hang":
            return self._loop.hang(value)
        faults.set_fault(self._loop.hw, name, value)
        return {}

    def _cut(self, words: list[str]) -> "Any":
        off_ms = _ms(words[0])
        if len(words) == 1:
            return self._loop.cut_now(off_ms)
        if words[1] != "at" or words[3] not in TEARS:
            raise IndexError
        return self._loop.cut_at(off_ms, _number(words[2]), TEARS.index(words[3]))

    def _reset(self, words: list[str]) -> "Any":
        if words[0] not in ("watchdog", "soft"):
            raise IndexError
        return self._loop.reset_now(words[0])

    def _refill(self, words: list[str]) -> "Json":
        self._loop.hw.refill(_number(words[0]))
        return {}

    def _mount(self, words: list[str]) -> "Json":
        self._loop.hw.mount(words[0])
        return {}

    def _truth(self, words: list[str]) -> "Any":
        return self._loop.hw.truth()

    def _trace(self, words: list[str]) -> "Json":
        if words[0] not in ("on", "off"):
            raise IndexError
        trace = self._loop.hw.trace
        trace.on = words[0] == "on"
        trace.flush()
        return {}

    def _info(self, words: list[str]) -> "Json":
        hw = self._loop.hw
        return {
            "serial": hw.serial,
            "seed": hw.config.seed,
            "speed": self._loop.speed,
            "boot": hw.boot,
            "us": hw.clock.us,
            "board": hw.board.NAME,
            "firmware": self._loop.firmware,
        }


def _number(word: str) -> int:
    if not word.isdigit():
        raise ValueError("a whole number is needed, not " + word)
    return int(word)


def _ms(word: str) -> int:
    """Milliseconds, bounded so that a typo does not run for a century."""
    n = _number(word)
    if n > 10 * 366 * 86400000:
        raise ValueError("at most ten years at a time")
    return n

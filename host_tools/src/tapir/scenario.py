"""Scenarios: text files that play a story against a simulated pump in frozen time and check what it does.

One action a line, in the words of the bench (docs/simulator.md has the list; VERBS below is the truth). Commands go
through the real `tapir` command line over the simulator's pty, with keys of their own; nothing of the user's is touched.
A scenario that cannot be read is a ScenarioError naming file and line; an action that fails or an expectation that does
not hold makes a Line that is not ok, and the story goes on. Used by `tapir sim run` and by tests.
"""

import os
import shlex
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .errors import EXIT_REFUSED, TapirError, UsageError
from .messages import Books, Status, state_name
from .pump import Pump
from .simulator import Simulator
from .wire import names, schema, units

SETTINGS = ("seed", "syringe", "serial")
VERBS = (
    ("cli", "cli ARGUMENTS", "a tapir command; must succeed, unless the next line expects refused, exit or says"),
    ("advance", "advance 6h", "let time pass"),
    ("press", "press SUSPEND 3s", "hold a button that long (time passes)"),
    ("power", "power off 3h", "cut the power; it comes back after that time"),
    ("cut", "cut off 3h at 5 half", "cut it inside the 5th flash operation from now: nothing, half, weak or done"),
    ("reset", "reset watchdog", "restart the firmware: watchdog or soft"),
    ("fault", "fault occlusion 1", "a fault of sim/faults.py"),
    ("refill", "refill 3 mL", "the syringe now holds so much (tell the pump with cli refill)"),
    ("mount", "mount bd-10ml", "another syringe, full"),
    (
        "expect",
        "expect state INFUSING",
        "refused [Rn] | exit N | says TEXT | state NAME | status|books|truth KEY N or LOW..HIGH | exact | interval",
    ),
)
_T = TypeVar("_T")
_AFTER_CLI = ("refused", "exit", "says")
_IDLE = (schema.UNPROVISIONED, schema.READY, schema.ENDED)


class ScenarioError(UsageError):
    """A scenario file that cannot be read or has a line that is not understood."""


class _Failed(Exception):
    """What a line wanted did not happen."""


@dataclass(frozen=True)
class Action:
    """A line of the file."""

    number: int
    text: str
    verb: str
    rest: str


@dataclass(frozen=True)
class Line:
    """What became of it. `output` is what the command line said."""

    number: int
    text: str
    ok: bool
    why: str = ""
    output: str = ""


@dataclass
class Scenario:
    """A file taken apart: settings of the new pump, files that it brings along, actions in order."""

    path: Path
    settings: dict[str, Any]
    files: dict[str, str]
    actions: list[Action]


def load(path: Path) -> Scenario:
    """Read a file. Indented lines after `file NAME` are that file's content."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"Scenario {path} cannot be read ({error}).") from error
    found = Scenario(path, {}, {}, [])
    name = ""
    for number, raw in enumerate(lines, 1):
        if name and (raw.startswith(("  ", "\t")) or not raw.strip()):
            found.files[name] += raw.strip() + "\n"
            continue
        name = ""
        text = raw.partition("#")[0].strip() if not raw.lstrip().startswith("cli") else raw.strip()
        if not text:
            continue
        verb, _, rest = text.partition(" ")
        rest = rest.strip()
        if verb == "file" and rest:
            name = rest
            found.files[name] = ""
        elif verb in SETTINGS and rest:
            if found.actions:
                raise ScenarioError(f"{path}:{number}: {verb} must come before the first action")
            found.settings[verb] = int(rest) if verb == "seed" and rest.isdecimal() else rest
        else:
            found.actions.append(Action(number, text, verb, rest))
            _check(found)
    return found


def _check(scenario: Scenario) -> None:
    """The last action is one there is, and everything in it that can be checked beforehand is right."""
    action = scenario.actions[-1]
    where = f"{scenario.path}:{action.number}"
    known = {row[0]: row[1] for row in VERBS}
    if action.verb not in known:
        raise ScenarioError(f"{where}: no action {action.verb}", f"Actions: {', '.join(known)}; before them: {', '.join(SETTINGS)}, file")
    words = action.rest.split()
    try:
        if action.verb == "cli":
            shlex.split(action.rest)
        elif action.verb == "advance":
            _ms(action.rest)
        elif action.verb == "press":
            _ms(" ".join(words[1:]))
        elif action.verb in ("power", "cut"):
            _off(action)
        elif action.verb == "refill":
            units.parse(action.rest, units.NL)
        elif action.verb == "expect":
            _understood(words)
        elif not words:
            raise ValueError("incomplete")
    except (ValueError, units.UnitError) as error:
        raise ScenarioError(f"{where}: {action.text}: {error}", f"Like: {known[action.verb]}") from error


def _understood(words: list[str]) -> None:
    what = words[0] if words else ""
    enough = {"refused": 1, "exit": 2, "says": 2, "state": 2, "status": 3, "books": 3, "truth": 3, "exact": 1, "interval": 1}
    if what not in enough or len(words) < enough[what]:
        raise ValueError(VERBS[-1][2])
    if what in ("status", "books", "truth"):
        _range(words[2])
    if what == "exit":
        int(words[1])
    if what == "state" and words[1] not in [row[1] for row in names.STATES]:
        raise ValueError(f"there is no state {words[1]}")


def _ms(text: str) -> int:
    return int(units.parse(text, units.MS))


def _off(action: Action) -> str:
    """The control line of `power off 3h` and `cut off 3h at 5 half`."""
    words = action.rest.split()
    if not words or words[0] != "off":
        raise ValueError("off is missing")
    end = words.index("at") if "at" in words else len(words)
    if action.verb == "cut" and end == len(words):
        raise ValueError("at is missing")
    return " ".join(["cut", str(_ms(" ".join(words[1:end]))), *words[end:]])


def _range(text: str) -> tuple[int, int]:
    low, dots, high = text.partition("..")
    return int(low), int(high if dots else low)


# --- playing ------------------------------------------------------------------------------------------------------------
def play(scenario: Scenario, interpreter: str = "auto") -> Iterator[Line]:
    """Start a new pump and do one action after the other; a Line for each as it is done."""
    with tempfile.TemporaryDirectory(prefix="tapir-") as folder:
        with Simulator(Path(folder) / "profile", "frozen", interpreter, **({"seed": 1} | scenario.settings)) as sim:
            yield from Player(scenario, sim, Path(folder)).lines()


class Player:
    """One run of one scenario."""

    def __init__(self, scenario: Scenario, sim: Simulator, folder: Path) -> None:
        self._scenario = scenario
        self._sim = sim
        self._folder = folder
        self._code = 0
        self._output = ""
        self._before = 0  # steps that the plant had seen when the therapy began
        for name, text in scenario.files.items():
            (folder / Path(name).name).write_text(text)

    def lines(self) -> Iterator[Line]:
        actions = self._scenario.actions
        for i, action in enumerate(actions):
            following = actions[i + 1] if i + 1 < len(actions) else None
            expected = following is not None and following.verb == "expect" and following.rest.split()[0] in _AFTER_CLI
            self._output = "" if action.verb != "expect" else self._output
            try:
                self._do(action, expected)
            except (_Failed, TapirError) as error:
                yield Line(action.number, action.text, False, str(error), self._output)
            else:
                yield Line(action.number, action.text, True, "", self._output if action.verb == "cli" else "")

    def _do(self, action: Action, expected: bool) -> None:
        if action.verb == "cli":
            self._cli(shlex.split(action.rest))
            if self._code and not expected:
                raise _Failed(f"exit code {self._code}")
        elif action.verb == "advance":
            self._sim.advance(_ms(action.rest))
        elif action.verb == "press":
            name, _, time = action.rest.partition(" ")
            self._sim.ask(f"press {name} {_ms(time)}")
            self._sim.advance(_ms(time) + 1)
        elif action.verb in ("power", "cut"):
            self._sim.ask(_off(action))
        elif action.verb == "refill":
            self._sim.ask(f"refill {units.parse(action.rest, units.NL)}")
        elif action.verb == "expect":
            self._expect(action.rest.split())
        else:
            self._sim.ask(action.text)

    # --- the command line -----------------------------------------------------------------------------------------------
    def _cli(self, arguments: list[str]) -> None:
        """Run the real command line in this process, over the pty."""
        from typer.testing import CliRunner

        from .cli import app  # the command line uses this module for `sim run`

        if arguments[:1] == ["prescribe"] and self._status().state in _IDLE:
            self._before = int(self._sim.truth()["steps"])
        env = {"TAPIR_PORT": self._sim.port, "TAPIR_CONFIG_DIR": str(self._folder / "config"), "NO_COLOR": "1", "TERM": "dumb"}
        done = CliRunner().invoke(app, [self._file(word) for word in arguments], env=os.environ | env)
        self._code, self._output = done.exit_code, done.output
        if done.exception and not isinstance(done.exception, SystemExit):
            raise _Failed(f"the command line broke: {done.exception!r}")

    def _file(self, word: str) -> str:
        """A file that the scenario brings along, or that lies beside it, by its full path."""
        for path in (self._folder / word, self._scenario.path.parent / word):
            if word in self._scenario.files or "." in word.strip("."):
                if path.is_file():
                    return str(path.absolute())
        return word

    # --- expectations ---------------------------------------------------------------------------------------------------
    def _expect(self, words: list[str]) -> None:
        what = words[0]
        if what == "refused":
            rule = words[1] if len(words) > 1 else ""
            self._must(self._code == EXIT_REFUSED, f"exit code {self._code}")
            self._must(not rule or f"({rule} " in self._output or f"({rule})" in self._output, "refused for another reason")
        elif what == "exit":
            self._must(self._code == int(words[1]), f"exit code {self._code}")
        elif what == "says":
            text = " ".join(words[1:])
            self._must(text in " ".join(self._output.split()), "it does not say that")
        elif what == "state":
            state = state_name(self._status().state)
            self._must(state == words[1], f"the state is {state}")
        elif what in ("exact", "interval"):
            self._books_hold(what == "exact")
        else:
            self._within(self._values(what), words[1], *_range(words[2]))

    def _values(self, what: str) -> dict[str, Any]:
        if what == "truth":
            return self._sim.truth()
        return dict(self._status().as_dict() if what == "status" else self._books().as_dict())

    def _within(self, values: dict[str, Any], name: str, low: int, high: int) -> None:
        self._must(name in values, f"there is no {name}; there are {', '.join(values)}")
        self._must(low <= values[name] <= high, f"{name} is {values[name]}")

    def _books_hold(self, exact: bool) -> None:
        """The pump's books against the plant: known <= true <= most. Without power cuts what is known has left, the rest is with the
        motor, and both together are less than a step from the plan."""
        books, truth = self._books(), self._sim.truth()
        true = int(truth["steps"]) - self._before
        shown = f"known {books.known_steps}, true {true}, most {books.most_steps}, plan {books.plan_steps}"
        self._must(books.known_steps <= true <= books.most_steps, shown)
        if exact:
            self._must(books.known_steps == true and books.most_steps == true + truth["queued_steps"], shown)
            plan = books.plan_steps * books.plan_den + books.plan_num
            self._must(abs(books.most_steps * books.plan_den - plan) < books.plan_den, shown)

    def _must(self, holds: bool, why: str) -> None:
        if not holds:
            raise _Failed(why)

    def _status(self) -> Status:
        return self._ask(Pump.status)

    def _books(self) -> Books:
        return self._ask(Pump.books)

    def _ask(self, question: Callable[[Pump], _T]) -> _T:
        with Pump.open(self._sim.port) as pump:
            return question(pump)

"""A bad cable between the real command line and the real firmware: answers lost, bytes changed, the line cut.

`Cable` stands between them as a TCP proxy and does one wrong thing. Whatever happens, the bolus happens once.
"""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tapir.simulator import Simulator

REQ = ("host",)

HOUR_MS = 3_600_000


class Cable:
    """Carries lines between one client at a time and the pump; `spoil(direction, line)` may change, drop or cut."""

    def __init__(self, port: int) -> None:
        self._pump = port
        self.spoil: Callable[[str, bytes], bytes | None] = lambda direction, line: line
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            pump = socket.create_connection(("127.0.0.1", self._pump))
            ways = [threading.Thread(target=self._carry, args=way, daemon=True) for way in ((client, pump, ">"), (pump, client, "<"))]
            for way in ways:
                way.start()
            for way in ways:
                way.join()

    def _carry(self, source: socket.socket, target: socket.socket, direction: str) -> None:
        with source.makefile("rb") as lines:
            try:
                for line in lines:
                    spoiled = self.spoil(direction, line)
                    if spoiled is None:
                        break
                    target.sendall(spoiled)
            except OSError:
                pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def cable(cli, pump: Simulator) -> Iterator[Cable]:
    cli.start_therapy()
    pump.advance(HOUR_MS)
    found = Cable(int(pump.url.rpartition(":")[2]))
    cli.port = found.url
    yield found
    found.close()


def _once(direction: str, verb: bytes, what: Callable[[bytes], bytes | None]) -> Callable[[str, bytes], bytes | None]:
    """Do `what` to the first line of this verb."""
    left = [True]

    def spoil(way: str, line: bytes) -> bytes | None:
        if way == direction and line[1:].startswith(verb) and left.pop() if left else False:
            return what(line)
        return line

    return spoil


def _answer_to_commit(what: Callable[[bytes], bytes | None]) -> Callable[[str, bytes], bytes | None]:
    """Do `what` to the first line from the pump after the COMMIT."""
    seen: list[str] = []

    def spoil(way: str, line: bytes) -> bytes | None:
        if line.startswith(b">COMMIT") and "commit" not in seen:
            seen.append("commit")
        elif way == "<" and seen == ["commit"]:
            seen.append("spoiled")
            return what(line)
        return line

    return spoil


def _flip(line: bytes) -> bytes:
    return line.replace(b"=", b"#", 1)


@pytest.mark.req("R5", "H1")
@pytest.mark.parametrize(
    "spoil",
    [
        _answer_to_commit(lambda line: b""),
        _answer_to_commit(lambda line: None),
        _answer_to_commit(_flip),
        _answer_to_commit(lambda line: b"<DONE 00000000 3 result=0 event=0 head=00000000 value=0 ~-*00000000\n"),
        _once(">", b"COMMIT", lambda line: b""),
        _once(">", b"COMMIT", _flip),
        _once(">", b"BOLUS", _flip),
        _once("<", b"PROPOSED", lambda line: b""),
        _once("<", b"OPEN", lambda line: b""),
        _once("<", b"HELLO", _flip),
    ],
    ids=[
        "answer-lost",
        "line-cut",
        "answer-noisy",
        "answer-forged",
        "commit-lost",
        "commit-noisy",
        "bolus-noisy",
        "proposed-lost",
        "open-lost",
        "hello-noisy",
    ],
)
def test_the_bolus_happens_exactly_once(cli, cable: Cable, pump: Simulator, spoil: Callable[[str, bytes], bytes | None]) -> None:
    cable.spoil = spoil
    assert "Started: 5 mcg over 5 min" in cli.ok("bolus", "5mcg")
    cable.spoil = lambda direction, line: line
    events = [event["event_name"] for event in cli.json("log")["events"]]
    assert events.count("BOLUS_STARTED") == 1
    assert cli.json("status")["bolus_count"] == 1


def test_a_cable_that_stays_dead_leaves_the_outcome_unknown_and_says_how_to_find_out(cli, cable: Cable) -> None:
    dead: list[bool] = []

    def spoil(way: str, line: bytes) -> bytes | None:
        if line.startswith(b">COMMIT"):
            dead.append(True)
            return line  # it arrives; nothing comes back
        return None if dead else line

    cable.spoil = spoil
    said = cli("bolus", "5mcg")
    assert said.code == 6, str(said)
    assert "not known" in said.err and "tapir log --id " in said.err
    command_id = said.err.split("tapir log --id ")[1].split()[0]
    cable.spoil = lambda direction, line: line
    assert "Done: executed once, recorded as #3." in cli.ok("log", "--id", command_id)


def test_a_tapped_cable_shows_no_key(cli, cable: Cable) -> None:
    """After provisioning no key crosses the cable, and a replayed bolus is refused."""
    lines: list[bytes] = []

    def tap(way: str, line: bytes) -> bytes:
        lines.append(line)
        return line

    cable.spoil = tap
    cli.ok("bolus")
    stored = (cli.folder / "config" / "keys" / "SIM-0001.json").read_bytes()
    keys = [word for word in stored.decode().split('"') if len(word) == 64]
    assert len(keys) == 3 and not any(key.encode() in line for key in keys for line in lines)
    with socket.create_connection(("127.0.0.1", int(cable.url.rpartition(":")[2])), timeout=10) as thief, thief.makefile("rb") as answers:
        for line in [line for line in lines if line.startswith((b">BOLUS", b">COMMIT"))]:
            thief.sendall(line)
            assert answers.readline().startswith(b"<ERR 00000000")
    assert cli.json("status")["bolus_count"] == 1

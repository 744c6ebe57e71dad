"""`tapir monitor`: the screen of status once a second, a link that comes back, an end by Ctrl-C that changes nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from tapir import Pump
from tapir.cli.monitor import View
from tapir.simulator import Simulator

REQ = ("host",)

HOUR_MS = 3_600_000


@contextmanager
def watching(cli, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process that hears Ctrl-C, wherever the tests run."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tapir", "monitor", *words],
        env=os.environ | cli.settings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_once_is_the_screen_of_status(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(HOUR_MS)
    assert cli.ok("monitor", "--once") == cli.ok("status")
    assert cli.ok("monitor") == cli.ok("status")  # no terminal: once
    found = cli.json("monitor", "--once")
    assert found["state_name"] == "INFUSING" and found["set_ng_per_day"] == 100_000 and found["alarms"] == [] and found["link_ms"] >= 0
    cli.ok("suspend")
    said = cli("monitor", "--once")
    assert said.code == 5 and "ALARM SUSPENDED" in said.out


def test_one_object_a_line_until_ctrl_c(cli, pump: Simulator) -> None:
    cli.start_therapy()
    with watching(cli, "--json") as process:
        assert process.stdout
        first = json.loads(process.stdout.readline())
        pump.advance(HOUR_MS)
        while (then := json.loads(process.stdout.readline()))["now_ms"] < first["now_ms"] + HOUR_MS:
            pass
        assert then["known_ng"] > first["known_ng"] and then["alarm_name"] == "none"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 0 and "Traceback" not in err
    assert cli.json("status")["state_name"] == "INFUSING"


def test_a_pump_that_vanishes_is_looked_for_again(cli, pump: Simulator) -> None:
    with watching(cli, "--json") as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["state_name"] == "UNPROVISIONED"
        pump.stop()
        while "error" not in (lost := json.loads(process.stdout.readline())):
            pass
        assert lost["error"]["exit"] == 3 and lost["error"]["message"]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_the_panel_keeps_the_last_screen_when_the_link_is_lost(cli, pump: Simulator) -> None:
    cli.start_therapy()
    view = View()
    with Pump.open(pump.port) as found:
        view.read(found)
    console = Console(width=110, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(view.panel())
    shown = console.export_text()
    assert "SIM-0001 at" in shown and "INFUSING" in shown and "answers in" in shown and "Ctrl-C leaves" in shown
    view.trouble = "no answer to STATUS in 1 s"
    console.print(view.panel())
    shown = console.export_text()
    assert "INFUSING" in shown and "LINK LOST" in shown and "what is above was read at" in shown

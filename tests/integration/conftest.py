"""The real command line on the real firmware: a simulated pump in frozen time, and `tapir` in processes of its own."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tapir import Pump, keys, prescription
from tapir.simulator import Simulator

SOURCES = Path(__file__).parents[2] / "host_tools" / "src"


@dataclass
class Said:
    """What a command ended with."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.err}"


@dataclass
class Cli:
    """`cli("status")` runs `tapir status` with keys and state of its own. `port` may be changed."""

    folder: Path
    port: str = ""
    env: dict[str, str] = field(default_factory=dict)

    def settings(self) -> dict[str, str]:
        """The environment of its commands."""
        return {
            "PYTHONPATH": str(SOURCES),
            "TAPIR_CONFIG_DIR": str(self.folder / "config"),
            "TAPIR_STATE_DIR": str(self.folder / "state"),
            "TAPIR_PORT": self.port,
            "TAPIR_TIMEOUT": "1",
            "NO_COLOR": "1",
        } | self.env

    def __call__(self, *words: str, typed: str | None = None) -> Said:
        """Run it; `typed` is what a person types at the terminal, else standard input is closed."""
        keyboard, terminal = pty.openpty() if typed is not None else (None, subprocess.DEVNULL)
        try:
            if keyboard is not None and typed is not None:
                os.write(keyboard, typed.encode())
            done = subprocess.run(
                [sys.executable, "-m", "tapir", *words],
                stdin=terminal,
                capture_output=True,
                text=True,
                env=os.environ | self.settings(),
                cwd=self.folder,
                timeout=60,
            )
        finally:
            if keyboard is not None:
                os.close(keyboard)
                os.close(terminal)
        return Said(done.returncode, done.stdout, done.stderr)

    def ok(self, *words: str, typed: str | None = None) -> str:
        """Its output; it must end with 0."""
        said = self(*words, typed=typed)
        assert said.code == 0, f"tapir {' '.join(words)}: {said}"
        return said.out

    def json(self, *words: str) -> dict[str, Any]:
        """What it said with --json."""
        said = self(*words, "--json")
        assert said.code == 0, f"tapir {' '.join(words)}: {said}"
        found: dict[str, Any] = json.loads(said.out)
        return found

    def file(self, name: str, *changes: tuple[str, str]) -> str:
        """The example prescription with changes, written beside the keys."""
        text = prescription.EXAMPLE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (self.folder / name).write_text(text)
        return name

    def start_therapy(self) -> None:
        """Provisioned, and infusing the example prescription; through the library, which is quicker than two processes."""
        store, made = keys.KeyStore(self.folder / "config"), keys.fresh()
        with Pump.open(self.port) as pump:
            store.save_pending(pump.identity.serial, made)
            pump.provision("baclofen-itb", "bd-3ml", made).commit()
            store.promote(pump.identity.serial)
        rx = prescription.load(self.folder / self.file("first.toml"))
        with Pump.open(self.port, role="clinician", keys=store) as pump:
            pump.prescribe(rx, 500_000).commit()


@pytest.fixture
def pump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A new simulated pump in frozen time; the tests move its time with `pump.advance`."""
    monkeypatch.setenv("TAPIR_STATE_DIR", str(tmp_path / "state"))
    with Simulator(tmp_path / "profile", "frozen", seed=7) as sim:
        yield sim


@pytest.fixture
def cli(tmp_path: Path, pump: Simulator) -> Cli:
    """The command line, on that pump's pty."""
    return Cli(tmp_path, pump.port)

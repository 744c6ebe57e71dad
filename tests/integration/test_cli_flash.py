"""`tapir flash` at a pump that runs: it is asked its state, keeps its prompt closed, and goes on. The real firmware, simulated."""

from typing import Any

import pytest

from tapir import Pump
from tapir.simulator import Simulator
from tapir.wire import schema

REQ = ("flashing",)


def test_a_pump_without_a_therapy_says_how_to_open_its_prompt(cli: Any) -> None:
    said = cli("flash")
    assert said.code == 4, said
    assert "UNPROVISIONED" in said.err and "Nothing was written" in said.err and "GP22" in said.err


@pytest.mark.req("R17")
def test_a_therapy_refuses_and_goes_on(cli: Any, pump: Simulator) -> None:
    cli.start_therapy()
    said = cli("flash", "--replace", "--locked")
    assert said.code == 4, said
    assert "R17 service): the pump is INFUSING" in said.err and "tapir taper" in said.err
    pump.advance(3_600_000)
    with Pump.open(pump.port) as still:
        assert still.status().state == schema.INFUSING and still.status().known_ng > 4000


def test_for_machines(cli: Any) -> None:
    said = cli("flash", "--json")
    assert said.code == 4 and '"kind": "NotFlashable"' in said.out

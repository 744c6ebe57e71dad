"""The service strap is looked at before the board is known, so its pin is written there too: it is every board's."""

import ast

import pytest

from boards import pico_a4988, pico_bare, pico_tmc2209
from tools.manifest import ROOT

REQ = ("structure",)


@pytest.mark.parametrize("board", [pico_a4988, pico_bare, pico_tmc2209], ids=lambda board: board.NAME)
def test_the_service_pin_is_the_boards(board: object) -> None:
    first = ast.parse((ROOT / "firmware" / "pump" / "first.py").read_text())
    values = [node.value for node in first.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SERVICE_PIN"]
    main = ast.parse((ROOT / "firmware" / "main.py").read_text())
    values += [node.args[0] for node in ast.walk(main) if isinstance(node, ast.Call) and ast.unparse(node.func) == "machine.Pin"]
    assert [ast.literal_eval(value) for value in values] == [board.PIN_SERVICE] * 2  # type: ignore[attr-defined]

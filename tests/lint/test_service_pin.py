"""main.py looks at the service strap before it can know its board, so its pin is written there too: it is every board's."""

import ast

import pytest

from boards import pico_a4988, pico_tmc2209
from tools.manifest import ROOT

REQ = ("structure",)


@pytest.mark.parametrize("board", [pico_a4988, pico_tmc2209], ids=lambda board: board.NAME)
def test_the_service_pin_is_the_boards(board: object) -> None:
    tree = ast.parse((ROOT / "firmware" / "main.py").read_text())
    values = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SERVICE_PIN"]
    assert [ast.literal_eval(value) for value in values] == [board.PIN_SERVICE]  # type: ignore[attr-defined]

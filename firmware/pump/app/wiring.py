"""Puts the app together from a board's ports. The only place in firmware/ that knows all its parts."""

from pump.app.loop import App
from pump.app.ports import Hw
from pump.core.therapy import Therapy
from pump.store.journal import Journal

FIRMWARE = "0.1.0"


def build(hw: Hw) -> App:
    """An app that has not booted. OSError from a store that can not be read makes it LOCKED at boot."""
    board = hw.board
    therapy = Therapy(board.LEAD_NM, board.FULL_STEPS * board.MICROSTEPS, board.MAX_STEPS_PER_S)
    journal = None
    if hw.files is not None:
        try:
            journal = Journal(hw.files)
        except OSError:
            journal = None
    return App(hw, therapy, journal, FIRMWARE)

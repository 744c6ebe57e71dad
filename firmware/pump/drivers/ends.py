"""The ends port: end stops and the syringe's seat, debounced as the buttons are.

All of them are closed to ground while all is well and open at the end (or with no syringe in), so that a broken wire, a pulled plug
and a switch that was never wired read as reached: nothing moves. Called by start.py, polled by hw.wait; boards say which are there.
"""

from pump.drivers.switches import Module, Switches

END_EMPTY, END_BACK, UNSEATED = 1, 2, 4


class Ends(Switches):
    """What the pins say at boot counts at once: there is no state before it that could be trusted."""

    LEVEL = 1  # open: pulled up inside the chip

    def __init__(self, machine: Module, time: Module, board: Module) -> None:
        Switches.__init__(
            self, machine, time, ((END_EMPTY, board.PIN_STOP_EMPTY), (END_BACK, board.PIN_STOP_BACK), (UNSEATED, board.PIN_SEAT))
        )
        self._seen = self._mask = self._look()

    def state(self) -> int:
        """The port: mask of END_EMPTY, END_BACK, UNSEATED."""
        return self._mask

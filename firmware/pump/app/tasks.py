"""The tasks of the loop check in, each step, and only when all have is the watchdog fed (GIP 3.5).

A task checks in when what it had to do by now is done: a therapy whose next change is overdue, or a step that was due a second ago and
is not granted, does not, though the loop turns. One that stays away for DEADLINE_MS ends the loop with TaskDied, which is a bug like any
other: safe outputs, a crash record that names the task, reset. Times in ms of pump time. Called by loop.py.
"""

from pump.app.ports import Hw

THERAPY, LINK, PANEL, DELIVERY, POST = 1, 2, 4, 8, 16
ALL = THERAPY | LINK | PANEL | DELIVERY | POST
NAMES = ((THERAPY, "therapy"), (LINK, "link"), (PANEL, "panel"), (DELIVERY, "delivery"), (POST, "post"))
LATE_MS = 1000  # a task that is so far behind does not check in
DEADLINE_MS = 800  # below the watchdog's 2 s, so that who died gets into the crash record
LOOK_MS = 50


class TaskDied(Exception):
    """Tasks that did not check in, by name."""


class Tasks:
    """One a boot."""

    def __init__(self, hw: Hw) -> None:
        self._hw = hw
        self._since = -1  # when somebody first stayed away, -1 while all are here

    def checked(self, here: int, now: int, wait: int) -> int:
        """At the end of each step, with the mask of those here: the wait, shorter if somebody is missing."""
        if here == ALL:
            if self._since >= 0:
                self._since = -1
                self._hw.alive = True
            return wait
        if self._since < 0:
            self._since = now
            self._hw.alive = False  # hw.wait does not feed the watchdog
        if now - self._since >= DEADLINE_MS:
            raise TaskDied("task died: " + " ".join([name for bit, name in NAMES if not here & bit]))
        return min(wait, LOOK_MS)

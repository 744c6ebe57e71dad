"""The ports of pump/app/ports.py on a Pico, and the waiting between two steps of the loop. Built by pump/start.py, one per boot.

While the loop waits, this feeds the watchdog, empties the link's buffer, debounces the buttons and end stops, feeds a back-off, talks to
the motor driver and plays buzzer and LED: all in slices of at most 50 ms, asleep in between (an interrupt, such as USB's, wakes the chip).
"""

from time import ticks_add, ticks_diff, ticks_ms

_SLICE_MS = 50
_SOON_MS = 5


class Clock:
    """The clock port: MicroPython's own ticks wrap at 2^30 as the port does."""

    def __init__(self) -> None:
        self.ticks_ms = ticks_ms


class Sounder:
    """The buzzer port: the same pattern for the ear and the eye."""

    def __init__(self, buzzer: object, led: object) -> None:
        self._buzzer = buzzer
        self._led = led
        self.tone = buzzer.tone  # type: ignore[attr-defined]

    def sound(self, pattern: int) -> None:
        """0 silent, else an alarm's priority."""
        self._buzzer.sound(pattern)  # type: ignore[attr-defined]
        self._led.show(pattern)  # type: ignore[attr-defined]

    def run(self) -> int:
        """ms until it must be called again."""
        return min(self._buzzer.run(), self._led.run())  # type: ignore[attr-defined, no-any-return]


class Hw:
    """What the app is handed. The parts are made by pump/start.py; `files` is None if the store can not be mounted, and each of
    the last five if the board has no such part."""

    def __init__(
        self,
        board: object,
        serial: str,
        stepper: object,
        switches: object,
        buzzer: Sounder,
        link: object,
        files: object,
        watchdog: object,
        rtc: object,
        entropy: object,
        ends: object = None,
        force: object = None,
        encoder: object = None,
        supply: object = None,
        driver: object = None,
    ) -> None:
        self.board = board
        self.serial = serial
        self.clock = Clock()
        self.stepper = stepper
        self.switches = switches
        self.buzzer = buzzer
        self.link = link
        self.files = files
        self.watchdog = watchdog
        self.rtc = rtc
        self.entropy = entropy
        self.alive = True  # set by the app: False while a task of its loop is missing
        self.ends = ends
        self.force = force
        self.encoder = encoder
        self.supply = supply
        self.driver = driver
        self._switches = (switches,) if ends is None else (switches, ends)
        self._polled = [part for part in (stepper, driver) if part is not None]

    def wait(self, ms: int) -> None:
        """Return when `ms` have passed, when bytes are there or when a button or an end stop changed."""
        link, sounder = self.link, self.buzzer
        feed = self.watchdog.feed  # type: ignore[attr-defined]
        until = ticks_add(ticks_ms(), ms)
        if self.files is not None:
            self.files.rested()  # type: ignore[attr-defined]
        while True:
            if self.alive:
                feed()
            busy = link.flush()  # type: ignore[attr-defined]
            nap = min(_SLICE_MS, sounder.run())
            for part in self._polled:
                part.poll()  # type: ignore[attr-defined]
            changed = False
            for switches in self._switches:
                changed |= switches.poll()  # type: ignore[attr-defined]
                busy |= switches.settling()  # type: ignore[attr-defined]
            if changed:
                return
            if busy:
                nap = min(nap, _SOON_MS)
            left = ticks_diff(until, ticks_ms())
            if link.waiting(max(0, min(nap, left))) or left <= nap:  # type: ignore[attr-defined]
                return

"""A pump app for tests of the simulator alone: echoes lines, and one step every `period_ms`, granted 300 ms ahead."""


class StubApp:
    def __init__(self, hw, period_ms=8000):
        self.hw = hw
        self._period_us = period_ms * 1000
        self._next_us = self._period_us
        self._last_ms = 0
        self._now_us = 0
        self._line = b""
        self.presses = []
        self.mask = 0

    def boot(self):
        self._last_ms = self.hw.clock.ticks_ms()
        self.hw.stepper.enable(True)
        self.hw.buzzer.sound(0)
        self.hw.watchdog.set_scratch(0, self.hw.watchdog.scratch(0) + 1)

    def step(self):
        hw = self.hw
        ms = hw.clock.ticks_ms()
        self._now_us += ((ms - self._last_ms) & ((1 << 30) - 1)) * 1000
        self._last_ms = ms
        data = hw.link.read()
        if data:
            self._line += data
            while b"\n" in self._line:
                cut = self._line.find(b"\n")
                hw.link.write(b"<" + self._line[:cut] + b"\n")
                self._line = self._line[cut + 1 :]
        mask = hw.switches.pressed()
        if mask != self.mask:
            self.mask = mask
            self.presses.append((ms, mask))
            hw.buzzer.sound(mask)
        left = self._next_us - self._now_us
        if left <= 300000 and hw.stepper.room():
            hw.stepper.grant(left - hw.stepper.busy_us(), 1, 400)
            self._next_us += self._period_us
            left = self._next_us - self._now_us
        return (left - 300000 + 999) // 1000


def build(hw):
    return StubApp(hw)

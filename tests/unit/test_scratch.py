"""Words for the next life are whole, whenever the watchdog bites. Runs on all interpreters."""

from pump.drivers import scratch
from support import req

REQ = ("clock",)

OLD, NEW = [1, 2, 3, 4], [11, 12, 13, 4]


class Bite(Exception):
    pass


class Chip:
    """The watchdog's registers; each access takes `us`, and the counter goes down by two a microsecond."""

    def __init__(self, left_us, us):
        self.half_us = 2 * left_us
        self.us = us
        self.words = list(OLD)

    def pass_time(self):
        self.half_us -= 2 * self.us
        if self.half_us <= 0:
            raise Bite

    def __getitem__(self, address):
        self.pass_time()
        assert address == 0x40058000
        return 1 << 30 | self.half_us  # ENABLE, and TIME below

    def __setitem__(self, address, value):
        self.pass_time()
        self.words[(address - 0x4005800C) // 4] = value


@req("R7")
def test_a_bite_finds_all_of_the_old_words_or_all_of_the_new():
    """At every distance from the bite, and with writes that take up to 15 ms each (a collection of garbage among them)."""
    seen = []
    for us in (10, 1000, 15000):
        for left_us in range(1, 120000, 997):
            chip = Chip(left_us, us)
            try:
                scratch.keep(chip, True, tuple(NEW[:3]))
            except Bite:
                pass
            assert chip.words in (OLD, NEW), (us, left_us, chip.words)
            seen.append(chip.words == NEW)
    assert True in seen and False in seen


def test_a_watchdog_that_does_not_run_is_not_waited_for():
    chip = Chip(10, 0)
    scratch.keep(chip, False, tuple(NEW[:3]))
    assert chip.words == NEW

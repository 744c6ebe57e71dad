"""R5: thousands of random reboots inside lockouts never shorten one. Powered true time is the yardstick: time without power counts as zero."""

import random

import pytest

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, Peer, infusing
from tests.property.budget import CAMPAIGN
from wire import schema as s

LOCKOUT = 6 * HOUR
REBOOTS = 3 * CAMPAIGN or 300


class Ledger:
    """When the last bolus was over at the earliest, and for how long the pump has had power."""

    def __init__(self, peer: Peer, random: random.Random) -> None:
        self.peer = peer
        self.random = random
        self.off_ms = 0
        self.over = -DAY
        self.given: list[int] = []  # when boluses ended, as planned or later
        self.reboots = 0

    def powered(self) -> int:
        return self.peer.rig.hw.clock.us // 1000 - self.off_ms  # type: ignore[no-any-return]

    def bolus(self) -> None:
        """Ask for one. If it is given, lockout and count were over by this clock too."""
        if self.peer.do("BOLUS", OPERATOR, dose_ng=1000)[0] == "DONE":
            now = self.powered()
            assert now - self.over >= LOCKOUT
            assert len([end for end in self.given if end > now - DAY]) < 3
            self.over = now + 5 * MINUTE
            self.given.append(self.over)

    def reboot(self) -> None:
        """One of the ways to lose the interpreter; a bolus that ran locks out from recovery."""
        before = self.powered()
        how = self.random.choice(("cut", "cut", "watchdog", "soft"))
        off_ms = self.random.choice((0, 1, MINUTE, 30 * MINUTE, HOUR + 1, 30 * HOUR)) if how == "cut" else 0
        if how == "cut":
            self.off_ms += off_ms
            self.peer.rig.cut(off_ms)
        elif how == "watchdog":
            self.peer.rig.hang(2500)
        else:
            self.peer.rig.reset("soft")
        if before < self.over and how == "cut":
            self.over = max(self.over, self.powered())
            self.given[-1] = self.over
        self.reboots += 1
        status = self.peer.status()
        assert status["bolus_in_ms"] >= self.over + LOCKOUT - self.powered()
        if status["state"] == s.HELD:
            self.peer.do("RESUME", CLINICIAN, reason="test")  # after too long it is a new start


@pytest.mark.req("R5", "R7")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_reboot_shortens_a_lockout(seed: int) -> None:
    chance = random.Random(seed)
    ledger = Ledger(infusing({"max_24h_ng": 900000, "pb_dose_ng": 1000}, seed=seed), chance)
    for _ in range(REBOOTS):
        ledger.bolus()
        ledger.peer.rig.advance(chance.choice((1, 400, 3000, MINUTE, 4 * MINUTE, 40 * MINUTE)))
        for _ in range(chance.choice((0, 1, 1, 2, 10))):
            ledger.reboot()
            ledger.peer.rig.advance(chance.randrange(2000))
    assert ledger.reboots > REBOOTS
    assert len(ledger.given) > 3, "there were lockouts, and they ended"


@pytest.mark.req("R5")
def test_a_clinician_inside_a_lockout_starts_a_new_one_that_reboots_keep() -> None:
    ledger = Ledger(infusing({"max_24h_ng": 900000, "pb_dose_ng": 1000}), random.Random(7))
    ledger.bolus()
    ledger.peer.rig.advance(HOUR)
    assert ledger.peer.do("BOLUS", CLINICIAN, dose_ng=1000, duration_ms=MINUTE, reason="test")[0] == "DONE"
    ledger.over = ledger.powered() + MINUTE
    ledger.given.append(ledger.over)
    for _ in range(200):
        ledger.reboot()
        ledger.bolus()
    assert len(ledger.given) == 2

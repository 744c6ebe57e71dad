"""Reminders: the refill date, a taper that waits, a residual that contradicts the books (R13), a log nobody reads, the alarms' self-test."""

from peer import CLINICIAN, DAY, HOUR, MINUTE, OPERATOR, infusing, rx
from pump.store.log import KEPT
from support import req
from ward import Ward, started
from wire import alarms, limits
from wire import schema as s


def _standing(ward: Ward) -> list:
    return [entry[0] for entry in ward.therapy.alarms.entries]


@req("alarms")
def test_the_refill_date_is_near_a_day_of_worst_use_before_low():
    """At most 115 mcg a day of 500 mcg/mL: 0.23 mL. Low at 0.69 mL, near at 0.92; the 3 mL syringe has 54328 steps a mL."""
    ward = started()
    for left_ul, standing in ((921, []), (919, [alarms.REFILL_NEAR]), (691, [alarms.REFILL_NEAR]), (689, [alarms.LOW_RESERVOIR])):
        ward.therapy.reservoir.full_steps = left_ul * 543281 // 10000 + ward.therapy.odometer() - ward.therapy.reservoir.mark
        ward.therapy.watch_books()
        assert _standing(ward) == standing, left_ul


@req("alarms", "R4")
def test_a_taper_paused_for_a_week_reminds_and_reminds_again():
    ward = started()
    ward.go(3 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.go(HOUR)
    ward.order("PAUSE", on=1)
    ward.go(7 * DAY - 1)
    assert _standing(ward) == []
    ward.go(1)
    assert ward.therapy.alarms.top() == alarms.TAPER_WAITS and ward.therapy.alarms.sound(ward.therapy.now) == alarms.LOW
    ward.order("ACK", alarm=alarms.TAPER_WAITS)
    assert _standing(ward) == [], "acknowledged"
    ward.go(7 * DAY - 1)
    assert _standing(ward) == []
    ward.go(1)
    assert _standing(ward) == [alarms.TAPER_WAITS]
    d = ward.therapy.d()
    ward.order("PAUSE", on=0)
    assert (_standing(ward), ward.therapy.d()) == ([], d)
    ward.go(3 * DAY)
    assert _standing(ward) == [] and ward.therapy.d() < d, "it goes on, and nothing reminds of it"


@req("alarms", "R4")
def test_the_reminder_survives_a_cut_and_a_suspension():
    ward = started()
    ward.go(3 * DAY)
    ward.order("TAPER", to_ng_per_day=0, preset=s.TAPER_LABEL)
    ward.order("PAUSE", on=1)
    ward.go(4 * DAY)
    ward.cut(0)
    ward.go(2 * DAY)
    ward.order("SUSPEND")
    ward.go(HOUR)
    ward.order("RESUME")
    assert ward.state == s.TAPER_PAUSED
    ward.go(DAY - 1 - HOUR)
    assert _standing(ward) == []
    ward.go(1)
    assert _standing(ward) == [alarms.TAPER_WAITS]


@req("R13", "R14")
def test_a_residual_that_contradicts_the_books_blocks_restart_until_resolved():
    """19 mL left where 1 was expected, and the pump started again: that is the accident."""
    peer = infusing()
    peer.rig.advance(HOUR)
    wrong = {"residual_nl": 1000000, "volume_nl": 3000000}  # the books say 2.99 mL
    peer.refused(13, "REFILL", OPERATOR, **wrong)
    assert peer.status()["alarm"] == alarms.RESIDUAL
    steps = peer.rig.truth()["steps"]
    peer.rig.advance(HOUR)
    assert peer.rig.truth()["steps"] - steps > 450, "basal goes on"
    answer = peer.do("BOLUS", OPERATOR, dose_ng=5000)
    assert (answer[1]["error"], answer[1]["rule"], answer[1]["value"]) == (s.NOT_NOW, 13, alarms.RESIDUAL)
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    for _ in range(2):
        answer = peer.do("RESUME", CLINICIAN, reason="in a hurry")
        assert (answer[1]["error"], answer[1]["rule"], answer[1]["value"]) == (s.NOT_NOW, 13, alarms.RESIDUAL)
        peer.rig.cut(1000)  # it is not forgotten
    peer.ok("ACK", OPERATOR, alarm=alarms.RESIDUAL)
    assert peer.do("RESUME", OPERATOR)[1]["value"] == alarms.RESIDUAL, "seen is not resolved"
    peer.ok("REFILL", CLINICIAN, reason="leak found at the luer", **wrong)
    peer.ok("RESUME", OPERATOR)
    assert peer.status()["state"] == s.INFUSING and peer.status()["alarm"] == 0


@req("R13")
def test_a_residual_by_the_books_resolves_it_too_and_a_start_waits_for_it():
    peer = infusing(rx(basal_ng_per_day=27000))
    peer.ok("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    peer.rig.advance(2 * DAY + MINUTE)
    assert peer.status()["state"] == s.ENDED
    peer.refused(13, "REFILL", OPERATOR, residual_nl=0, volume_nl=3000000)
    answer = peer.do("PRESCRIBE", CLINICIAN, **rx())
    assert (answer[1]["error"], answer[1]["rule"]) == (s.NOT_NOW, 13)
    peer.ok("REFILL", OPERATOR, residual_nl=peer.status()["reservoir_nl"], volume_nl=3000000)
    peer.ok("PRESCRIBE", CLINICIAN, **rx())


@req("alarms")
def test_a_log_that_nobody_reads_says_so_before_it_loses_anything():
    peer = infusing()
    therapy, journal = peer.rig.app.therapy, peer.rig.app.journal
    # as if so many events had been read long ago: the count is what matters, not the writing of a thousand
    therapy.log_read = journal.log.last - KEPT * 9 // 10 + 1
    peer.do("BOLUS", OPERATOR, dose_ng=6000)  # refused, and noted
    peer.rig.advance(MINUTE)
    assert peer.status()["alarm"] == 0
    peer.do("BOLUS", OPERATOR, dose_ng=6000)
    peer.rig.advance(MINUTE)
    assert peer.status()["alarm"] == alarms.LOG_FULL
    peer.ask("LOG", OPERATOR, first=journal.log.last, count=1)
    assert peer.status()["alarm"] == 0
    peer.rig.cut(1000)
    assert peer.status()["alarm"] == 0


@req("alarms")
def test_the_self_test_sounds_each_pattern_and_not_while_an_alarm_stands():
    peer = infusing()
    verb, said = peer.ask("SOUND", OPERATOR)
    assert (verb, said["value"]) == ("DONE", 9000)
    heard = []
    for _ in range(4):
        heard.append(peer.rig.truth()["buzzer"])
        peer.rig.advance(3000)
    assert heard == [alarms.LOW, alarms.MEDIUM, alarms.HIGH, 0]
    peer.ask("SOUND", OPERATOR)
    peer.rig.advance(1000)
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    peer.rig.advance(1000)
    assert peer.rig.truth()["buzzer"] == alarms.HIGH, "an alarm ends the test"
    answer = peer.ask("SOUND", OPERATOR)
    assert (answer[0], answer[1]["value"]) == ("ERR", alarms.SUSPENDED)
    assert limits.drug("baclofen-itb")[limits.REFILL_DAYS] == 4


@req("alarms", "R7")
def test_a_deficit_is_of_the_last_24_hours_and_ends_with_them():
    ward = started()
    ward.therapy.alarm(alarms.DEFICIT)
    ward.order("ACK", OPERATOR, alarm=alarms.DEFICIT)
    assert _standing(ward) == [alarms.DEFICIT], "seen is not gone"
    ward.go(DAY - 1)
    assert _standing(ward) == [alarms.DEFICIT]
    ward.go(1)
    assert _standing(ward) == []

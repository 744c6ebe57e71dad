"""The alarm table: priorities, what stops and what carries on, latching, silence of at most two minutes."""

from peer import NOBODY, infusing
from pump.core.alarms import Alarms
from pump.core.reject import Reject
from support import raises, req
from ward import CLINICIAN, DAY, HOUR, OPERATOR, started
from wire import alarms
from wire import schema as s

# SAFETY 3, written down by hand: name: (priority, stops delivery)
EXPECTED = {
    "GOVERNOR": (alarms.HIGH, True),  # governor fault: stop, HIGH
    "STORE": (alarms.HIGH, True),  # memory fault: stop, HIGH
    "MOTOR": (alarms.HIGH, True),  # motor-rate error: stop, HIGH
    "EMPTY": (alarms.HIGH, True),
    "SUSPENDED": (alarms.HIGH, False),
    "POWER_LOST": (alarms.HIGH, False),
    "OVERDUE": (alarms.HIGH, False),
    "LOW_RESERVOIR": (alarms.MEDIUM, False),
    "DEFICIT": (alarms.MEDIUM, False),
    "CLOCK_UNCERTAIN": (alarms.LOW, False),
    "STUCK_BUTTON": (alarms.LOW, False),
    "SELF_TEST": (alarms.HIGH, True),  # GIP 3.4: abort, no motion
    "MEMORY": (alarms.HIGH, True),  # memory fault: stop, HIGH
    "PHASE": (alarms.LOW, False),
    "LOG": (alarms.MEDIUM, False),  # R14: basal goes on when the log cannot be written
    "REFILL_NEAR": (alarms.LOW, False),
    "TAPER_WAITS": (alarms.LOW, False),
    "RESIDUAL": (alarms.MEDIUM, False),  # R13: blocks restart, and R14: what runs goes on
    "LOG_FULL": (alarms.LOW, False),
    "PLAN_BLOCKED": (alarms.LOW, False),  # a plan that waits harms nobody
    "OCCLUSION": (alarms.HIGH, True),  # stop mid-stroke, HIGH
    "END_STOP": (alarms.HIGH, True),
    "SEAT": (alarms.HIGH, True),
    "STALL": (alarms.HIGH, True),  # stall: stop, HIGH
    "DRIVER": (alarms.HIGH, True),
    "OVER_DELIVERY": (alarms.HIGH, True),  # suspected over-delivery: stop, HIGH
    "UNDER_DELIVERY": (alarms.MEDIUM, False),  # carry on
    "SENSOR": (alarms.MEDIUM, False),
    "SUPPLY_LOW": (alarms.MEDIUM, False),
    "SUPPLY_OUT": (alarms.HIGH, True),
    "TEMPERATURE": (alarms.MEDIUM, False),
    "OFTEN": (alarms.HIGH, False),  # held already
    "CHANGE_LATE": (alarms.MEDIUM, False),  # R13: reminds; nothing flows already
}


@req("alarms")
def test_the_table_is_the_one_of_the_safety_rules():
    assert len(alarms.ALARMS) == len(EXPECTED)
    for i in range(len(alarms.ALARMS)):
        code, name, priority, latching, sound, action = alarms.ALARMS[i]
        assert code == i + 1 and alarms.row(code)[alarms.NAME] == name
        assert (priority, action == alarms.STOP) == EXPECTED[name], name
        assert sound == priority, name


@req("alarms")
def test_each_alarm_acts_on_delivery_as_its_row_says():
    for row in alarms.ALARMS:
        ward = started()
        ward.go(HOUR)
        ward.therapy.alarm(row[alarms.CODE])
        stops = EXPECTED[row[alarms.NAME]][1]
        assert ward.state == (s.HELD if stops else s.INFUSING), row
        assert ward.therapy.plan.per_ms == (0 if stops else ward.therapy.ratio[0] * 100000), row
        assert ward.d_mcg == 100, "D stays programmed"


@req("alarms", "GIP 1.4.11")
def test_no_bolus_while_a_high_alarm_stands():
    for row in alarms.ALARMS:
        ward = started()
        ward.go(DAY)
        ward.therapy.alarm(row[alarms.CODE])
        high = EXPECTED[row[alarms.NAME]][0] == alarms.HIGH or row[alarms.CODE] == alarms.RESIDUAL
        for role in (OPERATOR, CLINICIAN):
            if high:
                assert ward.refusal("BOLUS", role, dose_ng=5000).error == s.NOT_NOW, row
            else:
                assert ward.rule("BOLUS", role, dose_ng=5000) is None, row


@req("alarms")
def test_a_latched_alarm_needs_both_the_end_of_its_cause_and_a_person():
    table = Alarms()
    assert table.set(alarms.MOTOR, 5)
    assert not table.set(alarms.MOTOR, 6), "no news"
    assert table.clear(alarms.MOTOR)
    assert table.find(alarms.MOTOR), "latched"
    table.ack(alarms.MOTOR, 7)
    assert table.find(alarms.MOTOR) is None
    table.set(alarms.MOTOR, 8)
    table.ack(alarms.MOTOR, 9)
    assert table.find(alarms.MOTOR), "the cause is there"
    table.clear(alarms.MOTOR)
    assert table.find(alarms.MOTOR) is None
    table.set(alarms.LOW_RESERVOIR, 10)
    table.clear(alarms.LOW_RESERVOIR)
    assert table.find(alarms.LOW_RESERVOIR) is None, "not latching"
    with raises(Reject, error=s.NOT_NOW):
        table.ack(alarms.MOTOR, 11)


@req("alarms")
def test_the_most_urgent_is_shown_and_among_equals_the_oldest():
    table = Alarms()
    assert table.top() == 0 and table.high() == 0
    table.set(alarms.CLOCK_UNCERTAIN, 1)
    table.set(alarms.LOW_RESERVOIR, 2)
    assert (table.top(), table.high()) == (alarms.LOW_RESERVOIR, 0)
    table.set(alarms.POWER_LOST, 3)
    table.set(alarms.EMPTY, 4)
    assert (table.top(), table.high()) == (alarms.POWER_LOST, alarms.POWER_LOST)


@req("alarms", "GIP 3.2")
def test_silence_lasts_two_minutes_and_covers_one_alarm_only():
    table = Alarms()
    table.set(alarms.SUSPENDED, 0)
    table.set(alarms.LOW_RESERVOIR, 0)
    assert table.sound(0) == alarms.HIGH
    table.ack(alarms.SUSPENDED, 1000)
    assert table.sound(1000) == alarms.MEDIUM
    table.ack(alarms.LOW_RESERVOIR, 2000)
    assert table.sound(2000) == 0
    assert table.sound(120999) == 0
    assert table.sound(121000) == alarms.HIGH
    assert table.loud_at(2000) == 121000


@req("alarms")
def test_a_person_acknowledges_over_the_wire_and_the_buzzer_comes_back():
    peer = infusing()
    peer.ask("SUSPEND", OPERATOR, id=peer.id())
    assert peer.rig.truth()["buzzer"] == alarms.HIGH
    assert peer.ask("ACK", NOBODY, id=peer.id(), alarm=alarms.SUSPENDED)[1]["error"] == s.NOT_AUTHORISED
    assert peer.ask("ACK", OPERATOR, id=peer.id(), alarm=alarms.MOTOR)[1]["error"] == s.NOT_NOW
    assert peer.ask("ACK", OPERATOR, id=peer.id(), alarm=alarms.SUSPENDED)[0] == "DONE"
    entry = peer.ask("ALARMS", index=0)[1]
    assert (entry["count"], entry["alarm"], entry["standing"], entry["acked"]) == (1, alarms.SUSPENDED, 1, 1)
    peer.rig.advance(119999)
    assert peer.rig.truth()["buzzer"] == 0
    peer.rig.advance(1)
    assert peer.rig.truth()["buzzer"] == alarms.HIGH
    assert peer.status()["state"] == s.SUSPENDED
    assert (23, alarms.SUSPENDED, OPERATOR) in peer.log()

"""The simulator's own parts: clock, stepper, plant, panel, entropy, control and the rig, with a stub for the app."""

from boards import sim as board
from sim.bench import Bench, Config
from sim.clock import WRAP_MS, Clock
from sim.entropy import Entropy
from sim.plant import Plant
from sim.rig import Rig
from sim.stepper import PLACES, Stepper
from sim.trace import Trace
from stub_app import build

REQ = ("simulator",)

DAY_MS = 86400000


def _stepper(us=0):
    clock = Clock(us)
    plant = Plant(8660, 3000000, 1000000, 3200)
    plant.enabled = True
    return clock, plant, Stepper(clock, plant, Trace(clock), 400)


def test_the_clock_wraps_at_2_to_30_ms():
    clock = Clock(5, WRAP_MS - 2)
    assert clock.ticks_ms() == WRAP_MS - 2
    clock.us += 2000
    assert clock.ticks_ms() == 0
    clock.us += WRAP_MS * 1000
    assert clock.ticks_ms() == 0


def test_a_pulse_leaves_to_the_microsecond():
    clock, plant, stepper = _stepper(1000)
    stepper.grant(500, 3, 400)
    for at, emitted in ((1000, 0), (1499, 0), (1500, 1), (1899, 1), (1900, 2), (2299, 2), (2300, 3), (9999, 3)):
        clock.us = at
        assert stepper.emitted() == emitted, at
        assert stepper.left() == 3 - emitted
    assert stepper.busy_us() == 0
    assert plant.steps == 3


def test_a_grant_waits_for_the_last_slot_of_the_one_before():
    clock, _, stepper = _stepper()
    stepper.grant(0, 2, 1000)  # pulses at 0 and 1000, slots until 2000
    assert stepper.emitted() == 1
    clock.us = 1500  # the last pulse is out, its slot is not over
    assert stepper.left() == 0
    assert stepper.busy_us() == 500
    stepper.grant(100, 1, 400)
    clock.us = 2099
    assert stepper.emitted() == 2
    clock.us = 2100
    assert stepper.emitted() == 3


def test_delay_is_from_the_caller_s_now_minus_busy():
    clock, _, stepper = _stepper()
    stepper.grant(0, 1, 700)
    for at in (5000, 12345, 40000):
        stepper.grant(at - clock.us - stepper.busy_us(), 1, 400)
    seen = []
    for us in range(0, 41000, 5):
        clock.us = us
        if stepper.emitted() > len(seen):
            seen.append(us)
    assert seen == [0, 5000, 12345, 40000]


def test_the_queue_has_four_places():
    clock, _, stepper = _stepper()
    for _ in range(PLACES):
        stepper.grant(10, 5, 400)
    assert stepper.room() == 0
    assert _refused(stepper, 10, 1, 400)
    clock.us = 2010
    assert stepper.room() == 1
    assert _refused(stepper, 0, 1, 399)
    assert _refused(stepper, -1, 1, 400)
    assert _refused(stepper, 0, 0, 400)


def _refused(stepper, *args):
    try:
        stepper.grant(*args)
    except ValueError:
        return True
    return False


def test_halt_stops_at_once_and_counts_what_is_lost():
    clock, plant, stepper = _stepper()
    stepper.grant(0, 10, 1000)
    stepper.grant(0, 10, 1000)
    clock.us = 3500
    assert stepper.halt() == 16
    clock.us = 100000
    assert stepper.emitted() == 4
    assert stepper.left() == 0
    assert plant.steps == 4
    stepper.grant(7, 1, 400)
    clock.us += 7
    assert stepper.emitted() == 5


def test_pulses_with_the_driver_off_move_nothing():
    clock, plant, stepper = _stepper()
    stepper.grant(0, 10, 1000)
    clock.us = 3500
    stepper.enable(False)
    clock.us = 20000
    stepper.sync()
    truth = plant.truth(0, clock.us, clock.us)
    assert (truth["steps"], truth["idle_steps"]) == (10, 6)


def test_nothing_is_lost_in_the_plant():
    plant = Plant(8660, 3000000, 1000000, 3200)
    plant.enabled = True
    full = plant.reservoir_q
    us = 0
    for i in range(2000):
        us += 100000 + 977 * (i % 13)
        plant.push(1 + i % 7, us)
        if i == 500:
            plant.fault("leak_permille", 250, us)
        if i == 1000:
            plant.fault("occluded", 1, us)
        if i == 1500:
            plant.fault("occluded", 0, us)
        assert plant.reservoir_q + plant.stored_q + plant.out_q + plant.leaked_q == full
    assert plant.leaked_q > 0
    kept = plant.save()
    truth = plant.truth(0, us, us + 3600000000)
    assert kept == plant.save()
    assert truth["stored_nl"] == 0


def test_the_tubing_follows_with_its_time_constant():
    plant = Plant(8660, 3000000, 1000000, 3200)
    plant.enabled = True
    for second in range(400):
        plant.push(1, second * 1000000)
    # one step a second for ever: the tubing holds TAU steps, and the step just made
    assert 20 * 65536 < plant.stored_q <= 21 * 65536
    plant.push(1, (400 + 14) * 1000000)  # 14 s without a step: 20 ln 2 = 13.9
    assert 11 * 65536 < plant.stored_q < 12 * 65536


def test_delivered_volume_is_the_exact_volume_of_the_steps():
    plant = Plant(14500, 10000000, 1000000, 3200)
    plant.enabled = True
    plant.push(100000, 1)
    truth = plant.truth(0, 1, 3600000000)
    # pi/4 * 14.5 mm^2 * 1 mm / 3200 * 100000 = 5160.3119...: computed by hand with 20 digits of pi
    assert truth["delivered_nl"] == 5160311, truth["delivered_nl"]


def test_an_empty_syringe_moves_nothing_more():
    plant = Plant(8660, 3000000, 1000000, 3200)
    plant.enabled = True
    plant.refill(100000, 0)
    plant.push(10000, 1)
    truth = plant.truth(0, 1, 3600000000)
    assert truth["reservoir_nl"] == 0
    assert truth["delivered_nl"] == 100000
    assert truth["idle_steps"] > 0


def test_an_occlusion_builds_pressure_until_the_motor_stalls():
    plant = Plant(8660, 3000000, 1000000, 3200)
    plant.enabled = True
    plant.fault("occluded", 1, 0)
    plant.push(1000, 1)
    some = plant.truth(0, 1, 2)["pressure_pa"]
    assert 0 < some < 300000
    plant.push(100000, 2)
    truth = plant.truth(0, 2, 3)
    assert 299000 < truth["pressure_pa"] <= 300000
    assert truth["delivered_nl"] == 0
    plant.fault("occluded", 0, 3)
    assert plant.truth(0, 3, 3600000000)["delivered_nl"] == 150000


def test_the_truth_does_not_depend_on_who_looks():
    def run(look):
        hw = Bench(board, Config())
        hw.stepper.enable(True)
        for i in range(400):
            if hw.stepper.room():
                hw.stepper.grant(1000 * (i % 5), 1 + i % 40, 5000 + 13 * i)
            hw.clock.us += 70001
            if look:
                hw.truth()
        hw.clock.us += 10000000
        return hw.truth()

    assert run(False) == run(True)


def test_same_seed_same_bytes():
    assert Entropy(7, 1)(40) == Entropy(7, 1)(40)
    assert Entropy(7, 1)(16) != Entropy(7, 2)(16)
    assert Entropy(7, 1)(16) != Entropy(8, 1)(16)
    # sha256("tapir-sim 7 1 0"): from sha256sum
    assert Entropy(7, 1)(4) == bytes((0x9B, 0xC9, 0x2D, 0x78)), Entropy(7, 1)(4)


def _rig(**more):
    return Rig(build=build, files=False, **more)


def test_the_rig_runs_the_app_exactly():
    rig = _rig()
    rig.advance(DAY_MS)
    assert rig.truth()["steps"] == DAY_MS // 8000
    assert rig.send("hello") == ["<hello"]


def test_a_cut_ends_a_life_and_a_reset_does_not():
    rig = _rig()
    rig.advance(16100)  # steps at 8 s and 16 s
    rig.cut(3600000)
    truth = rig.truth()
    assert (truth["steps"], truth["life_steps"], truth["lives"]) == (2, 0, [2])
    assert rig.hw.watchdog.cause() == 0
    assert rig.hw.watchdog.scratch(0) == 1  # lost, then counted once by boot()
    assert rig.hw.clock.us == 3616100000
    assert rig.hw.clock.ticks_ms() == 0
    rig.advance(8000)
    rig.reset("watchdog")
    truth = rig.truth()
    assert (truth["steps"], truth["life_steps"]) == (3, 1)
    assert rig.hw.watchdog.cause() == 1
    assert rig.hw.watchdog.scratch(0) == 2
    rig.reset("soft")
    assert rig.hw.watchdog.scratch(0) == 3


def test_a_press_is_seen_at_both_edges():
    rig = _rig()
    rig.advance(1234)
    rig.press("SUSPEND", 3000)
    rig.advance(10000)
    assert rig.app.presses == [(1234, 1), (4235, 0)]


def test_a_hang_delivers_at_most_what_was_granted():
    rig = _rig()
    rig.advance(7800)  # the step of 8000 is granted
    assert rig.hang(1999)["bitten"] == 0
    assert rig.truth()["steps"] == 1
    before = rig.hw.clock.us
    assert rig.hang(60000)["bitten"] == 1
    assert rig.hw.clock.us == before + 2000000
    assert rig.truth()["steps"] == 1
    assert rig.hw.watchdog.cause() == 1


def test_control_lines_say_what_they_take():
    rig = _rig()
    assert rig.control("advance 8000")["left_ms"] == 0
    assert rig.control("truth")["steps"] == 1
    assert rig.control("refill 1500000")["ok"]
    assert rig.control("truth")["reservoir_nl"] == 1500000
    assert rig.control("mount bd-10ml")["ok"]
    assert rig.control("truth")["reservoir_nl"] == 10000000
    for line, says in (
        ("fly 3", "no such command"),
        ("", "empty"),
        ("advance", "advance MS"),
        ("advance 6h", "whole number"),
        ("press STOP 3000", "SUSPEND|BOLUS|CONFIRM"),
        ("fault leak 1001", "0..1000"),
        ("fault gravity 1", "occlusion"),
        ("reset cold", "watchdog|soft"),
        ("refill 99999999", "0..10000000"),
        ("mount bd-5ml", "bd-3ml"),
        ("cut 5 at 3 badly", "nothing|half|weak|done"),
    ):
        answer = rig.control(line)
        assert answer["ok"] is False and says in answer["error"], (line, answer)


def test_same_seed_same_trace():
    def run():
        rig = _rig(seed=5, trace=True)
        rig.advance(20000)
        rig.send("x y%")
        rig.press("BOLUS", 100)
        rig.advance(20000)
        rig.cut(10)
        rig.advance(20000)
        return rig.trace + rig.hw.trace.lines

    lines = run()
    assert lines == run()
    assert "20000000 rx x%20y%25%0a" in lines
    assert "0 boot power 1" in lines


def test_line_faults():
    rig = _rig()
    rig.control("fault mute 1")
    assert rig.send("a") == []
    assert rig.send("b") == ["<b"]
    rig.control("fault noise 2")
    assert rig.send("bbbb") != ["<bbbb"]
    rig.control("fault rtc 1")
    assert rig.hw.rtc.seconds() is None

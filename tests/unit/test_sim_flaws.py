"""The small faults of a bench plant: nothing is lost, nothing is far off, the same seed is the same pump, and 0 is none at all."""

from boards import sim as board
from sim.bench import Bench, Config
from sim.flaws import FlawedPlant, wave
from sim.plant import Plant

REQ = ("simulator",)

_STEPS = 3200  # a turn of the screw, 1 mm


def _plant(seed, capacity_nl=3000000):
    plant = FlawedPlant(seed, 8660, capacity_nl, 1000000, _STEPS)
    plant.enabled = True
    return plant


def _sum(plant):
    return plant.reservoir_q + plant.stored_q + plant.out_q


def test_the_wave_is_a_sine_within_2_permille():
    """sin of 0, 30, 45, 90, 180, 210, 270 degrees in 1/65536."""
    for angle, value in ((0, 0), (5461, 32768), (8192, 46341), (16384, 65536), (32768, 0), (38229, -32768), (49152, -65536)):
        assert abs(wave(angle) - value) <= 131, angle
    assert wave(65536 + 8192) == wave(8192) == wave(24576)


def test_nothing_is_lost_and_the_plunger_stays_near_its_carriage():
    """Slack of 60 um at most, the screw 6 um either way, 16 microsteps stuck: the plunger is never further off."""
    for seed in range(1, 30):
        plant = _plant(seed)
        whole = _sum(plant)
        slack = plant.slack_q
        assert 0 <= slack <= 60 * _STEPS * 65536 // 1000
        for i in range(1, 400):
            plant.push(37, i * 100000)
            assert _sum(plant) == whole
            behind = (37 * i << 16) - (whole - plant.reservoir_q)
            assert -(2 * 6 * _STEPS * 65536 // 1000) <= behind - slack <= (2 * 6 * _STEPS // 1000 + 17) << 16 or plant.slack_q, (seed, i)
        assert plant.slack_q == 0 and plant.steps == 37 * 399


def test_a_seed_is_a_pump_and_seeds_differ():
    made = []
    for seed in (1, 2, 3, 1):
        plant = _plant(seed)
        for i in range(1, 200):
            plant.push(100, i * 1000000)
        made.append(plant.save())
    assert made[0] == made[3] and made[0] != made[1] != made[2]
    slack_um = sorted([_plant(seed).slack_q * 1000 // (_STEPS << 16) for seed in range(1, 41)])
    assert slack_um[4] < 15 and slack_um[-5] > 45  # all over 0..60, also for seeds in a row
    bores = [_plant(seed).truth(0, 0, 0)["reservoir_nl"] for seed in (1, 2, 3)]
    assert bores == [3000000, 3000000, 3000000]


def test_what_is_saved_goes_on_as_if_nothing_had_been():
    one, other = _plant(5), _plant(5)
    for i in range(1, 50):
        one.push(61, i * 500000)
        other.push(61, i * 500000)
        kept = other.save()
        other = _plant(5)
        other.load(kept)
        other.enabled = True
    assert one.save() == other.save()
    before = one.save()
    one.truth(17, 26000000, 27000000)
    assert one.save() == before  # looking changes nothing


def test_an_occluded_line_and_an_empty_syringe_hold_as_before():
    plant = _plant(2)
    plant.occluded = 1
    slack = plant.slack_q
    plant.push(10, 1000000)
    assert (plant.stored_q, plant.slack_q) == (10 << 16, slack)  # as in the plant without flaws
    plant.push(100000, 1000000)
    assert plant.truth(0, 0, 2000000)["delivered_nl"] == 0
    plant = _plant(2, 5000)
    for i in range(1, 9):
        plant.push(100, i * 1000000)
    assert 0 <= plant.reservoir_q and plant.idle_steps > 0


def test_no_flaws_unless_asked_for():
    assert type(Bench(board, Config()).plant) is Plant
    flawed = Bench(board, Config(flaws=4))
    assert type(flawed.plant) is FlawedPlant
    again = Bench(board, Config(flaws=4), flawed.power_down())
    assert again.plant.save() == flawed.plant.save()

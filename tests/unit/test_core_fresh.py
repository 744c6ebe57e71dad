"""A new therapy and each of its parts begin with these values, written out: nothing runs, nothing is known, nothing is owed.

Types count, too: a boot writes them into the checkpoint.
"""

from pump.core.alarms import Alarms
from pump.core.governor import Governor
from pump.core.history import History
from pump.core.level import Level
from pump.core.line import Line
from pump.core.plan import Plan
from pump.core.profile import Profile
from pump.core.reservoir import Reservoir
from pump.core.taper import Taper
from pump.core.therapy import Therapy
from support import req
from wire import schema as s

DAY = 86400000


def has(thing, **values):
    """Exactly these attributes, of exactly these types."""
    for name in values:
        seen = getattr(thing, name)
        assert seen == values[name] and type(seen) is type(values[name]), (name, seen)


def none(thing, *names):
    for name in names:
        assert getattr(thing, name) is None, name


@req("structure")
def test_a_new_therapy():
    it = Therapy(1000000, 3200, 2000)
    has(it, lead_nm=1000000, turn=3200, most_per_s=2000, state=s.UNPROVISIONED, now=0, row=(), syringe=(), rx=[], rx_event=0, rx_reason="")
    has(it, log_read=0, rx_soft=0, ratio=(0, 1), per_nl=(0, 1), calibration=(1, 1), before=[0, 0, 0, 0], screens=[], start=0, gap_steps=0)
    has(it, odometer_base=0, stopped_at=-1, off_ms=0, back_left=0, stops=[], news=[])
    none(it, "change_at")
    parts = (it.plan.dump(), it.line.dump(), it.history.dump(), it.profile.dump(), it.taper.dump(), it.reservoir.dump(), it.governor.dump())
    fresh = (Plan((0, 1), 0), Line(), History(), Profile(), Taper(), Reservoir((0, 1)), Governor())
    assert parts == tuple([part.dump() for part in fresh])
    assert (it.reservoir.num, it.reservoir.den) == (0, 1) and it.alarms.entries == []
    assert it.odometer() == it.known_steps() == it.bridge_steps() == it.d() == it.stopped_ms() == it.screen_in_ms() == 0
    assert it.known_ng(0) == it.most_ng() == it.soft() == 0 and it.next_event() is None


@req("structure")
def test_new_parts():
    plan = Plan((3, 7), 5)
    has(plan, t=5, ratio_num=3, den=7 * DAY, num=0, emitted=0, per_ms=0, bolus_num=0, bolus_start=0, bolus_ms=1)
    assert plan.dump() == [5, 0, 0, 0, 0, 0, 1, 3, 7 * DAY]
    assert plan.rate() == (0, 7 * DAY) and plan.due() is None and plan.due_us() is None and plan.steps_by(DAY) == 0
    has(Line(), conc=0, coming=0, steps=0, mark=0, primed=0)
    assert Line().dump() == [0, 0, 0, 0, 0]
    history = History()
    has(history, rungs=[], flows=[], boluses=[], impulses=[])
    has(history.level, f=0, t=0, low=0, high=0, part=0)
    assert Level().dump() == [0, 0, 0, 0] and history.dump() == [[], [], [], [], [0, 0, 0, 0]]
    has(Profile(), rows=[[0, 0]], zero=0, unsure=0, total=0)
    none(Profile(), "dose_at")
    has(Taper(), on=0, up=0, discontinue=0, to=0, percent=0, hold_ms=0, left_ms=0, mark=0, paused=0, reason="")
    assert Taper().dump() == [0, 0, 0, 0, 0, 0, 0, 0, "", 0]
    has(Reservoir((3, 7)), num=3, den=7, full_nl=0, full_steps=0, mark=0)
    has(Alarms(), entries=[])
    assert Alarms().top() == Alarms().high() == Alarms().sound(0) == 0 and Alarms().loud_at(0) is None
    governor = Governor()
    has(governor, minute=0, hour_sum=0, day_sum=0, weight=0, caps=[], hour_cap=0, day_cap=0, budget=0, back_cap=0, forth=0)
    assert len(governor.minutes) == 1440 and sum(governor.minutes) == 0
    assert governor.dump() == [0, [], 0, 0]
    assert not governor.release(1, 0) and not governor.release_back(1) and governor.release_back(0)


@req("R4")
def test_a_plan_that_begins_takes_over_nothing_of_the_one_before():
    taper = Taper()
    taper.restore([1, 1, 27000, 20, DAY, 5, -1, 9, "why", 1])
    taper.begin(60000, 0, 10, 2 * DAY, 3, 100, "")
    assert taper.dump() == [1, 0, 60000, 10, 2 * DAY, 3, 100, 0, "", 0]
    taper.begin(60000, 1, 10, 2 * DAY, 3, 100, "x", 1)
    assert taper.dump() == [1, 1, 60000, 10, 2 * DAY, 3, 100, 0, "x", 1]


@req("R4")
def test_time_on_a_rung_counts_only_while_it_is_switched_on():
    taper = Taper()
    taper.begin(60000, 0, 10, 1000, 500, 100, "")
    assert (taper.left(100), taper.left(599), taper.left(600), taper.left(601)) == (500, 1, 0, 0)
    taper.count(300, False)
    assert (taper.left_ms, taper.mark, taper.left(10000)) == (300, -1, 300)
    taper.count(400, True)
    assert (taper.left_ms, taper.mark, taper.left(401)) == (300, 400, 299)
    taper.count(900, True)
    assert (taper.left_ms, taper.mark) == (0, 900)
    taper.again(1000)
    assert (taper.left_ms, taper.mark) == (1000, 1000)
    taper.wait(7, 1001)
    assert (taper.left_ms, taper.mark) == (7, 1001)
    taper.begin(60000, 0, 10, 1000, 500, 0, "")  # time 0 is a time
    taper.count(100, False)
    assert taper.left_ms == 400


@req("R9")
def test_what_is_filled_begun_and_carried_in_the_line():
    """Steps of a drug that gets stronger are counted as they may have left, of one that gets weaker as they are known to have."""
    line = Line()
    line.fill(500)
    assert line.dump() == [500, 0, 0, 0, 0] and line.behind() == line.weakest() == 500 and line.left(10, 3) == 0
    line.begin(1000, 100, 50, 7)
    assert line.dump() == [500, 1000, 100, 50, 0] and (line.behind(), line.weakest()) == (1000, 500)
    assert (line.left(50, 7), line.left(51, 7), line.left(51, 8), line.left(149, 0), line.left(150, 0), line.left(200, 0)) == (
        100,
        99,
        99,
        1,
        0,
        0,
    )
    line.carry(60, 9)
    assert line.dump() == [500, 1000, 90, 0, 0] and line.left(0, 0) == 90
    line.rescale((2, 3), (1, 2), 10, 4)  # 80 steps are 120 nL, at half a step each 60
    assert line.dump() == [500, 1000, 60, 10, 0]
    line.rescale((3, 1), (2, 1), 10, 4)
    assert line.left(10, 4) == 40
    line.rescale((3, 1), (1, 1), 10, 4)  # 13.3: rounded up
    assert line.left(10, 4) == 14
    line.rescale((0, 1), (1, 1), 10, 4)
    assert line.dump() == [500, 1000, 0, 10, 0]
    line.arrive()
    assert line.dump() == [1000, 0, 0, 10, 0]
    line.begin(500, 100, 50, 7)
    assert line.dump() == [1000, 500, 100, 43, 0] and (line.behind(), line.weakest()) == (500, 500)
    assert (line.left(50, 7), line.left(51, 8), line.left(51, 7), line.left(60, 9)) == (100, 100, 99, 92)
    line.carry(60, 9)
    assert line.dump() == [1000, 500, 92, 0, 0]
    line.rescale((2, 1), (1, 1), 10, 4)  # 6 of 92 have left
    assert line.dump() == [1000, 500, 43, 6, 0]

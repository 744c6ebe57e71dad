"""The state table: every edge by the deed that takes it, every other pair refused with nothing changed. Expectations by hand, not from the table."""

from peer import rx
from pump.core import states
from pump.core.reject import Reject
from support import req
from ward import CLINICIAN, DAY, HOUR, OPERATOR, Ward, dump, ready, started
from wire import names
from wire import schema as s

LATE = 48 * HOUR + 1
KEYS = {"library": "baclofen-itb", "syringe": "bd-3ml"}


def _infusing():
    ward = started()
    ward.go(3 * DAY)
    return ward


def _tapering(to=0):
    ward = _infusing()
    ward.order("TAPER", to_ng_per_day=to, preset=0)
    ward.go(0)
    ward.go(HOUR)
    return ward


def _paused():
    ward = _tapering()
    ward.order("PAUSE", on=1)
    return ward


def _titrating(to=150000):
    ward = started(max_24h_ng=200000)
    ward.go(3 * DAY)
    ward.order("TITRATE", to_ng_per_day=to, percent=10, hold_ms=2 * DAY)
    ward.go(0)
    ward.go(HOUR)
    return ward


def _rise_paused():
    ward = _titrating()
    ward.order("PAUSE", on=1)
    return ward


def _titrate(ward):
    ward.order("TITRATE", to_ng_per_day=140000, percent=5, hold_ms=DAY)


def _far(ward):
    ward.set_basal(100)
    return ward


def _suspended(ward, ms=0):
    ward.order("SUSPEND")
    ward.go(ms)
    return ward


def _changing(ward, ms=0):
    ward.order("CHANGE", OPERATOR)
    ward.go(ms)
    return ward


def _held(ward, ms=0):
    ward.cut(2 * HOUR)
    ward.go(max(0, ms - 2 * HOUR))
    return ward


def _ended():
    ward = _tapering()
    ward.go(20 * DAY)
    return ward


def _start(ward):
    ward.order("PRESCRIBE", **rx())


def _provision(ward):
    ward.order("PROVISION", **KEYS)


def _flex():
    """50 mcg/day in the first half of the day, 150 in the second, and the first begins."""
    rows = [[0, 50000], [12 * HOUR, 150000]]
    ward = ready()
    ward.order("PRESCRIBE", **rx(mode=s.FLEX, rows_hash="0" * 16, rows=rows, phase_ms=0, max_24h_ng=200000))
    ward.go(3 * DAY)
    return ward


def _flex_tapering():
    ward = _flex()
    _taper(ward)
    ward.go(HOUR)
    return ward


def _flex_rising(paused):
    ward = _flex()
    ward.order("TITRATE", to_ng_per_day=150000, percent=10, hold_ms=2 * DAY)
    ward.go(HOUR)
    if paused:
        ward.order("PAUSE", on=1)
    return ward


def _flex_paused():
    ward = _flex_tapering()
    ward.order("PAUSE", on=1)
    return ward


def _taper(ward):
    ward.order("TAPER", to_ng_per_day=0, preset=0)


def _resume(ward):
    ward.order("RESUME", OPERATOR)


def _restart(ward):
    ward.order("RESUME", CLINICIAN, reason="x")


def _close(ward):
    ward.order("CLOSE", CLINICIAN, reason="x")


def _suspend(ward):
    ward.order("SUSPEND")


def _change(ward):
    ward.order("CHANGE", OPERATOR)


def _refill(ward):
    ward.order("REFILL", OPERATOR, residual_nl=ward.therapy.reservoir.left_nl(ward.therapy.odometer()), volume_nl=3000000)


def _motor(ward):
    ward.therapy.alarm(3)


# (state, event, the way there, the deed, state after): every row of the table once
def _prime(ward):
    ward.order("PRIME", role=s.SERVICE, volume_nl=50000, disconnected=1)


def _priming():
    ward = ready()
    _prime(ward)
    return ward


def _screen(ward):
    ward.order("SCREEN", dose_ng=25000, duration_ms=HOUR, conc_ng_per_ml=500000, conc_again_ng_per_ml=500000)


def _screening():
    ward = ready()
    _screen(ward)
    return ward


EDGES = (
    (s.UNPROVISIONED, "lock", Ward, lambda w: w.therapy.fire("lock"), s.LOCKED),
    (s.UNPROVISIONED, "provision", Ward, _provision, s.READY),
    (s.READY, "provision", ready, _provision, s.READY),
    (s.ENDED, "provision", _ended, _provision, s.READY),
    (s.READY, "start", ready, _start, s.INFUSING),
    (s.ENDED, "start", _ended, _start, s.INFUSING),
    (s.INFUSING, "change", _infusing, lambda w: w.set_basal(90), s.INFUSING),
    (s.TAPERING, "change", _tapering, lambda w: w.set_basal(85), s.INFUSING),
    (s.TAPER_PAUSED, "change", _paused, lambda w: w.set_basal(85), s.INFUSING),
    (s.INFUSING, "row", _flex, lambda w: w.go(12 * HOUR), s.INFUSING),
    (s.TAPERING, "row", _flex_tapering, lambda w: w.go(11 * HOUR), s.TAPERING),
    (s.TITRATING, "row", lambda: _flex_rising(False), lambda w: w.go(11 * HOUR), s.TITRATING),
    (s.TITRATION_PAUSED, "row", lambda: _flex_rising(True), lambda w: w.go(11 * HOUR), s.TITRATION_PAUSED),
    (s.TAPER_PAUSED, "row", _flex_paused, lambda w: w.go(11 * HOUR), s.TAPER_PAUSED),
    (s.INFUSING, "taper", _infusing, _taper, s.TAPERING),
    (s.TAPERING, "taper", _tapering, _taper, s.TAPERING),
    (s.TAPER_PAUSED, "taper", _paused, _taper, s.TAPERING),
    (s.TAPERING, "taper_step", _tapering, lambda w: w.go(47 * HOUR), s.TAPERING),
    (s.TAPERING, "taper_reached", lambda: _tapering(70000), lambda w: w.go(47 * HOUR), s.INFUSING),
    (s.TAPERING, "taper_end", _tapering, lambda w: w.go(14 * DAY), s.ENDED),
    (s.TAPERING, "pause", _tapering, lambda w: w.order("PAUSE", on=1), s.TAPER_PAUSED),
    (s.TAPER_PAUSED, "continue", _paused, lambda w: w.order("PAUSE", on=0), s.TAPERING),
    (s.READY, "screen", ready, _screen, s.SCREENING),
    (s.ENDED, "screen", _ended, _screen, s.SCREENING),
    (s.SCREENING, "screened", _screening, lambda w: w.go(HOUR), s.READY),
    (s.SCREENING, "suspend", _screening, _suspend, s.READY),
    (s.SCREENING, "hold", _screening, _motor, s.READY),
    (s.READY, "prime", ready, _prime, s.PRIMING),
    (s.ENDED, "prime", _ended, _prime, s.PRIMING),
    (s.PRIMING, "primed", _priming, lambda w: w.go(HOUR), s.READY),
    (s.PRIMING, "suspend", _priming, lambda w: w.order("SUSPEND"), s.READY),
    (s.PRIMING, "hold", _priming, _motor, s.READY),
    (s.INFUSING, "titrate", lambda: _far(_infusing()), _titrate, s.TITRATING),
    (s.TITRATING, "titrate", _titrating, _titrate, s.TITRATING),
    (s.TITRATION_PAUSED, "titrate", _rise_paused, _titrate, s.TITRATING),
    (s.TITRATING, "raise_step", _titrating, lambda w: w.go(2 * DAY), s.TITRATING),
    (s.TITRATING, "raise_reached", lambda: _titrating(115000), lambda w: w.go(2 * DAY), s.INFUSING),
    (s.TITRATING, "pause", _titrating, lambda w: w.order("PAUSE", on=1), s.TITRATION_PAUSED),
    (s.TITRATION_PAUSED, "continue", _rise_paused, lambda w: w.order("PAUSE", on=0), s.TITRATING),
    (s.TITRATING, "change", _titrating, lambda w: w.set_basal(110), s.INFUSING),
    (s.TITRATION_PAUSED, "change", _rise_paused, lambda w: w.set_basal(110), s.INFUSING),
    (s.TITRATING, "taper", _titrating, _taper, s.TAPERING),
    (s.TITRATION_PAUSED, "taper", _rise_paused, _taper, s.TAPERING),
    (s.TITRATING, "suspend", _titrating, _suspend, s.SUSPENDED),
    (s.TITRATION_PAUSED, "suspend", _rise_paused, _suspend, s.SUSPENDED),
    (s.TITRATING, "hold", _titrating, _motor, s.HELD),
    (s.TITRATION_PAUSED, "hold", _rise_paused, _motor, s.HELD),
    (s.SUSPENDED, "resume_titration", lambda: _suspended(_titrating()), _resume, s.TITRATING),
    (s.SUSPENDED, "resume_titration_paused", lambda: _suspended(_rise_paused()), _resume, s.TITRATION_PAUSED),
    (s.HELD, "resume_titration", lambda: _held(_titrating()), _resume, s.TITRATING),
    (s.HELD, "resume_titration_paused", lambda: _held(_rise_paused()), _resume, s.TITRATION_PAUSED),
    (s.INFUSING, "suspend", _infusing, _suspend, s.SUSPENDED),
    (s.TAPERING, "suspend", _tapering, _suspend, s.SUSPENDED),
    (s.TAPER_PAUSED, "suspend", _paused, _suspend, s.SUSPENDED),
    (s.HELD, "suspend", lambda: _held(_infusing()), _suspend, s.SUSPENDED),
    (s.SUSPENDED, "resume", lambda: _suspended(_infusing()), _resume, s.INFUSING),
    (s.SUSPENDED, "resume_taper", lambda: _suspended(_tapering()), _resume, s.TAPERING),
    (s.SUSPENDED, "resume_paused", lambda: _suspended(_paused()), _resume, s.TAPER_PAUSED),
    (s.SUSPENDED, "restart", lambda: _suspended(_infusing(), LATE), _restart, s.INFUSING),
    (s.SUSPENDED, "close", lambda: _suspended(_infusing(), LATE), _close, s.ENDED),
    (s.HELD, "resume", lambda: _held(_infusing()), _resume, s.INFUSING),
    (s.HELD, "resume_taper", lambda: _held(_tapering()), _resume, s.TAPERING),
    (s.HELD, "resume_paused", lambda: _held(_paused()), _resume, s.TAPER_PAUSED),
    (s.HELD, "restart", lambda: _held(_infusing(), LATE), _restart, s.INFUSING),
    (s.HELD, "close", lambda: _held(_infusing(), LATE), _close, s.ENDED),
    (s.INFUSING, "exchange", _infusing, _change, s.CHANGING),
    (s.TAPERING, "exchange", _tapering, _change, s.CHANGING),
    (s.TAPER_PAUSED, "exchange", _paused, _change, s.CHANGING),
    (s.TITRATING, "exchange", _titrating, _change, s.CHANGING),
    (s.TITRATION_PAUSED, "exchange", _rise_paused, _change, s.CHANGING),
    (s.HELD, "exchange", lambda: _held(_infusing()), _change, s.CHANGING),
    (s.CHANGING, "refilled", lambda: _changing(_infusing(), LATE), _refill, s.HELD),
    (s.CHANGING, "suspend", lambda: _changing(_infusing()), _suspend, s.SUSPENDED),
    (s.INFUSING, "hold", _infusing, _motor, s.HELD),
    (s.TAPERING, "hold", _tapering, _motor, s.HELD),
    (s.TAPER_PAUSED, "hold", _paused, _motor, s.HELD),
)


@req("states")
def test_every_edge_is_taken_by_its_deed():
    for state, event, way, deed, after in EDGES:
        ward = way()
        assert ward.state == state, (state, event)
        fired = []
        fire = ward.therapy.fire

        def note(event, fired=fired, fire=fire):
            fired.append(event)
            fire(event)

        ward.therapy.fire = note
        deed(ward)
        assert event in fired, (state, event, fired)
        assert ward.state == after, (state, event, ward.state)


@req("states")
def test_the_table_has_these_edges_and_no_others():
    seen = [(edge[0], edge[1]) for edge in EDGES]
    assert len(seen) == len(states.TABLE)
    for key in states.TABLE:
        assert key in seen, key
        assert states.TABLE[key][1] == EDGES[seen.index(key)][4], key


@req("states")
def test_every_other_event_is_refused_and_changes_nothing():
    events = {event for _, event in states.TABLE}
    locked = Ward()
    locked.therapy.fire("lock")
    there = {s.LOCKED: locked, s.UNPROVISIONED: Ward(), s.READY: ready(), s.ENDED: _ended(), s.INFUSING: _infusing()}
    there[s.TAPERING], there[s.TAPER_PAUSED] = _tapering(), _paused()
    there[s.PRIMING], there[s.SCREENING] = _priming(), _screening()
    there[s.TITRATING], there[s.TITRATION_PAUSED] = _titrating(), _rise_paused()
    there[s.SUSPENDED], there[s.HELD] = _suspended(_infusing()), _held(_infusing())
    there[s.CHANGING] = _changing(_infusing())
    assert len(there) == len(names.STATES)
    refused = 0
    for state in there:
        ward = there[state]
        assert ward.state == state
        for event in events:
            if (state, event) in states.TABLE:
                continue
            before = dump(ward.therapy)
            try:
                ward.therapy.fire(event)
                raise AssertionError("%d %s is possible" % (state, event))
            except Reject as reject:
                assert (reject.error, reject.field, reject.value, reject.text) == (s.NOT_NOW, "state", state, event)
            assert dump(ward.therapy) == before
            refused += 1
    assert refused == len(there) * len(events) - len(states.TABLE)


RESUMES = ("resume", "resume_taper", "resume_paused", "resume_titration", "resume_titration_paused")


@req("states", "R7")
def test_guards_refuse_and_change_nothing():
    for ward, events in (
        (_suspended(_infusing()), ("restart", "close")),
        (_held(_infusing()), ("restart", "close")),
        (_suspended(_infusing(), LATE), RESUMES),
        (_held(_infusing(), LATE), RESUMES),
        (_tapering(), ("taper_end",)),
    ):
        for event in events:
            before = dump(ward.therapy)
            try:
                ward.therapy.fire(event)
                raise AssertionError(event + " is possible")
            except Reject as reject:
                assert reject.error == s.NOT_NOW
            assert dump(ward.therapy) == before, event


DELIVERING = (s.INFUSING, s.TAPERING, s.TAPER_PAUSED, s.TITRATING, s.TITRATION_PAUSED)
SCREEN = {"dose_ng": 25000, "conc_ng_per_ml": 500000, "conc_again_ng_per_ml": 500000}
ORDERS = (
    ("PROVISION", KEYS, (s.UNPROVISIONED, s.READY, s.ENDED)),
    ("PRESCRIBE", rx(), (s.READY, s.ENDED, s.INFUSING, s.TITRATING, s.TITRATION_PAUSED)),
    ("BOLUS", {"dose_ng": 5000}, DELIVERING),
    ("CANCEL", {}, (s.SCREENING,)),
    ("SCREEN", SCREEN, (s.READY, s.ENDED)),
    ("TAPER", {"to_ng_per_day": 0, "preset": 0}, DELIVERING),
    ("TITRATE", {"to_ng_per_day": 112000, "percent": 10, "hold_ms": DAY}, (s.INFUSING, s.TITRATING, s.TITRATION_PAUSED)),
    ("PAUSE", {"on": 1}, (s.TAPERING, s.TITRATING)),
    ("PAUSE", {"on": 0}, (s.TAPER_PAUSED, s.TITRATION_PAUSED)),
    ("SUSPEND", {}, DELIVERING + (s.HELD, s.SCREENING, s.CHANGING)),
    ("RESUME", {"reason": "x"}, (s.SUSPENDED, s.HELD)),
    ("REFILL", {"residual_nl": 2000000, "volume_nl": 3000000, "reason": "x"}, None),  # wherever a syringe is known
    ("CHANGE", {}, DELIVERING + (s.HELD,)),
    ("CLOSE", {"reason": "x"}, ()),
    ("ACK", {"alarm": 3}, ()),
)


@req("states", "R17")
def test_each_order_is_possible_in_its_states_only():
    locked = Ward()
    locked.therapy.fire("lock")
    wards = [
        locked,
        Ward(),
        ready(),
        _ended(),
        _infusing(),
        _tapering(),
        _paused(),
        _titrating(),
        _rise_paused(),
        _screening(),
        _suspended(_infusing()),
        _held(_infusing()),
        _changing(_infusing()),
    ]
    for verb, values, where in ORDERS:
        for ward in wards:
            if where is None:
                where = [state for state, _, _ in names.STATES if state not in (s.UNPROVISIONED, s.LOCKED)]
            if ward.state in where:
                ward.check(verb, CLINICIAN, **values)
            elif verb == "PRESCRIBE" and ward.state in (s.TAPERING, s.TAPER_PAUSED):
                assert ward.rule(verb, **values) == 2  # possible there, but 100 is not
            else:
                reject = ward.refusal(verb, CLINICIAN, **values)
                assert reject.error == s.NOT_NOW, (verb, ward.state, reject.error)

"""The pump and an independent model of the rules (tests/reference) are driven side by side: they must never disagree.

After every action: accepted or refused (and for a reason that the model has too, possible after the same time), state, D, flow, when the next
bolus, raise and taper's step are possible, and every step. What really left is judged once more at the end by itself: no 24 h above the cap.
"""

from bisect import bisect_right
from collections import Counter
from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from peer import RX
from tests.property.budget import CAMPAIGN, FULL, budget, note
from tests.property.conftest import WIDE
from tests.reference import library
from tests.reference.device import Core, Whole
from tests.reference.model import FLOWING, STOPPED, TITRATES, Model, Why, held
from tests.reference.motion import FULL_NL
from wire import alarms, limits
from wire import schema as s

REQ = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R13", "R16", "R17", "exactness", "states")

MINUTE, HOUR, DAY = 60000, 3600000, 86400000
NUMBERS = library.load("baclofen-itb")
HIGH = NUMBERS["basal.highest"]
WIDER = NUMBERS | {"basal.start_highest": HIGH, "screening.highest": HIGH}  # as the fixture wide_library has it
FAULTS = (alarms.GOVERNOR, alarms.STORE, alarms.MOTOR)
CONCS = st.sampled_from([500000, 500000, 2000000, 1000000, 50000])
WAITS = (
    st.sampled_from([1, MINUTE, HOUR, 12 * HOUR, DAY, 26 * HOUR, 2 * DAY - 3 * HOUR, 2 * DAY, 3 * DAY])
    | st.integers(1, 3 * HOUR)
    | st.integers(1, 3 * DAY)
)
ROLES = st.sampled_from([s.CLINICIAN, s.CLINICIAN, s.OPERATOR])
REASONS = st.sampled_from([None, "why", "why"])

DID: Counter[str] = Counter()  # what was done and refused, by order and rule


PATIENT = ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")


def given(**values: Any) -> dict[str, Any]:
    """Without what is left out."""
    return {name: value for name, value in values.items() if value is not None}


class Machine(RuleBasedStateMachine):
    """One pump from its provisioning on."""

    def __init__(self) -> None:
        super().__init__()
        DID["runs"] += 1
        self.lost = 0  # steps that power cuts left uncertain: here they come on top, since no time goes back
        self.agreed = True  # so far
        self.caps: list[tuple[int, int]] = [(0, 0)]
        self.last_over = -(1 << 60)  # of the last bolus, in pump time
        self.free = True  # R3: the next D may be any (a start)

    @initialize(
        mount=st.sampled_from([("bd-3ml", 500000), ("bd-10ml", 2000000), ("bd-3ml", 50000), ("bd-1ml", 2000000)]),
        wide=st.booleans(),
        basal=st.integers(27, 800),
        room=st.sampled_from([0, 5000, 15000, 300000]),
        patient=st.sampled_from([{}, {"pb_lockout_ms": HOUR, "pb_max": 9}, {"pb_max": 1}, {name: None for name in PATIENT}]),
        origin=st.integers(0, 3),
        begin=st.sampled_from([0, HOUR, 3 * DAY, None]),
    )
    def begin(
        self, mount: tuple[str, int], wide: bool, basal: int, room: int, patient: dict[str, Any], origin: int, begin: int | None
    ) -> None:
        """Provisioned, and mostly a therapy runs."""
        syringe, conc = mount
        self.name, self.syringe = WIDE if wide else "baclofen-itb", syringe
        self.model = Model(WIDER if wide else NUMBERS, syringe)
        self.pump = self.make()
        self.model.run_to(self.pump.status()["now_ms"])
        if begin is None:
            return
        self.go(begin)
        basal *= 1000 if wide else 125
        rx = RX | {"conc_ng_per_ml": conc, "conc_again_ng_per_ml": conc, "basal_ng_per_day": max(27000, basal), "origin": origin}
        rx |= {"max_24h_ng": min(1000000, max(27000, basal) + room), "screen_ng": HIGH if wide else 50000, "reason": "why"} | patient
        assert self.order("PRESCRIBE", s.CLINICIAN, **given(**rx))
        self.caps.append((self.pump.knots[-1][0], rx["max_24h_ng"]))

    def make(self) -> Any:
        return Core(self.name, self.syringe)

    # --- both at once ----------------------------------------------------------------------------------------------------

    def order(self, verb: str, role: int, **values: Any) -> bool:
        """The same to both; true if it was carried out."""
        model, name = self.model, verb.lower()
        self.agreed = False
        model.motion.settle(self.pump.horizon(verb))
        why = getattr(model, "why_" + name)(values, role)
        no = self.pump.order(verb, role, **values)
        said = f"{verb} {values} by {role}: the pump says {no}, the model {why}"
        assert (no is None) == (not why) or no and no[0] == s.NOT_AUTHORISED, said
        if no is not None:
            error, about, wait = no
            DID[f"{verb} refused by R{about}" if about else f"{verb} not now"] += 1
            if not self.may(error, about, why):
                self.agreed = True
                return False
            assert (error, about) in why, said
            if about == 6 and wait is not None:
                self.later(verb, role, wait, values)
            elif about != 6:
                assert why[error, about] in (None, wait) and (wait is None or wait == why[error, about]), said
            if (error, about) == (s.LIMIT, 13) and "residual_nl" in values:
                model.residual = model.residual or 1 <= values["volume_nl"] <= FULL_NL[self.syringe]
            self.agreed = True
            return False
        DID[verb] += 1
        getattr(model, "do_" + name)(values, *([role] if verb == "REFILL" else []))
        model.run_to(model.now)
        self.agreed = True
        return True

    def may(self, error: int, about: int | None, why: Why) -> bool:
        """Whether the order came as far as the rules: here always."""
        return True

    def later(self, verb: str, role: int, wait: int, values: dict[str, Any]) -> None:
        """R6 says when: then it would be within the cap."""
        duration = values.get("duration_ms") or self.model.rx["pb_duration_ms"] or MINUTE
        begin = max(self.model.now, self.model.motion.t)
        assert not self.model.over_cap(self.model.rx["max_24h_ng"], self.model.d, (begin, begin + duration, values["dose_ng"]), wait), (
            verb,
            wait,
        )

    def go(self, ms: int) -> None:
        self.pump.go(ms)
        self.model.run_to(self.model.now + ms)

    # --- people --------------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.state in (s.READY, s.ENDED))
    @rule(
        basal=st.sampled_from([100000, 80000, 50000, 27000, 26999, 100001]),
        room=st.sampled_from([0, 15000, 100000]),
        origin=st.integers(0, 3),
        conc=CONCS,
        dead=st.sampled_from([None, None, 0, 20000, 100000, 9999]),
        screen=st.sampled_from([50000, 50000, 50000, 12500, 25000, 0, 60000]),
        long=st.integers(0, 1),
        reason=REASONS,
    )
    def start(self, basal: int, room: int, origin: int, conc: int, dead: int | None, screen: int, long: int, reason: str | None) -> None:
        rx = RX | {"basal_ng_per_day": basal, "max_24h_ng": basal + room, "origin": origin, "conc_ng_per_ml": conc}
        rx |= given(conc_again_ng_per_ml=conc, dead_nl=dead, screen_ng=screen, screen_long=long, reason=reason)
        if self.order("PRESCRIBE", s.CLINICIAN, **rx):
            self.caps.append((self.pump.knots[-1][0], rx["max_24h_ng"]))
            self.free = True

    @rule()
    @precondition(lambda self: self.model.state in (s.READY, s.ENDED))
    def start_plainly(self) -> None:
        conc = self.model.coming or self.model.conc or 500000
        if self.order("PRESCRIBE", s.CLINICIAN, **RX | {"conc_ng_per_ml": conc, "conc_again_ng_per_ml": conc, "max_24h_ng": 300000}):
            self.caps.append((self.pump.knots[-1][0], 300000))
            self.free = True

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(
        permille=st.sampled_from([1000, 800, 799, 1150, 1151, 1300, 1200, 950]) | st.integers(600, 1400),
        room=st.sampled_from([0, 1000, 15000, 300000, 300000]),
        origin=st.integers(0, 3),
        patient=st.sampled_from([{}, {}, {"pb_dose_ng": 26000}, {"pb_lockout_ms": HOUR, "pb_max": 9}, {"pb_max": 1}, {"pb_dose_ng": None}]),
        reason=REASONS,
    )
    def change(self, permille: int, room: int, origin: int, patient: dict[str, Any], reason: str | None) -> None:
        self.prescribe(self.model.d * permille // 1000, room, origin, patient, reason)

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(more=st.sampled_from([0, 0, 1]), reason=REASONS, room=st.sampled_from([15000, 300000]))
    def raise_as_told(self, more: int, reason: str | None, room: int) -> None:
        """What STATUS says is possible, and one more."""
        self.prescribe(self.model.raise_to(self.model.now) + more, room, self.model.rx["origin"], {}, reason)

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(less=st.sampled_from([0, 0, 1]), room=st.sampled_from([0, 15000, 300000]))
    def lower_as_far_as_possible(self, less: int, room: int) -> None:
        most = max(self.model.ds(self.model.now - 2 * DAY))
        self.prescribe(-(-most * 80 // 100) - less, room, self.model.rx["origin"], {}, None)

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(room=st.sampled_from([15000, 300000]))
    def lower_by_a_fifth(self, room: int) -> None:
        """Of what runs, which may be too much after the last time."""
        self.prescribe(-(-self.model.d * 4 // 5), room, self.model.rx["origin"], {}, None)

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(basal=st.sampled_from([26999, HIGH, HIGH + 1, 900000]), room=st.sampled_from([0, 300000]), reason=REASONS)
    def ends_of_the_range(self, basal: int, room: int, reason: str | None) -> None:
        self.prescribe(basal, room, self.model.rx["origin"], {}, reason)

    @precondition(lambda self: self.model.state in FLOWING and len(self.model.rungs) > 1)
    @rule(back=st.integers(2, 4), reason=REASONS)
    def back_to_a_rung(self, back: int, reason: str | None) -> None:
        self.prescribe(self.model.rungs[-min(back, len(self.model.rungs))][1], 300000, self.model.rx["origin"], {}, reason)

    def prescribe(self, basal: int, room: int, origin: int, patient: dict[str, Any], reason: str | None) -> None:
        conc = self.model.coming or self.model.conc
        rx = RX | {"basal_ng_per_day": basal, "max_24h_ng": min(1000000, basal + room), "origin": origin, "conc_ng_per_ml": conc}
        rx |= patient | {"conc_again_ng_per_ml": conc, "reason": reason}
        if self.order("PRESCRIBE", s.CLINICIAN, **given(**rx)):
            self.caps.append((self.pump.knots[-1][0], rx["max_24h_ng"]))

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(
        weights=st.lists(st.integers(1, 8), min_size=2, max_size=8) | st.lists(st.integers(3, 5), min_size=24, max_size=24),
        permille=st.sampled_from([1000, 1000, 1000, 900, 1100]),
        off=st.sampled_from([0, 0, 0, 1]),
        room=st.sampled_from([0, 1000, 15000, 300000]),
        phase=st.sampled_from([0, 12 * HOUR]) | st.integers(0, DAY - 1),
    )
    def flex(self, weights: list[int], permille: int, off: int, room: int, phase: int) -> None:
        """A schedule of equal parts of the day."""
        d = self.model.d * permille // 1000
        part = DAY // len(weights) // MINUTE * MINUTE
        rows = [[i * part, d * weight * len(weights) // sum(weights)] for i, weight in enumerate(weights)]
        self.schedule(s.FLEX, rows, off, room, phase)

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(
        share=st.integers(50, 95),
        hours=st.sampled_from([2, 4, 6, 12, 24]),
        minutes=st.sampled_from([1, 2, 5, 30, 60]),
        room=st.sampled_from([1000, 15000, 300000]),
        phase=st.integers(0, DAY - 1),
    )
    def periodic(self, share: int, hours: int, minutes: int, room: int, phase: int) -> None:
        """So much of D as basal, the rest as the same dose every so many hours."""
        d, count = self.model.d, 24 // hours
        dose = d * (100 - share) // 100 // count
        rows = []
        for i in range(count):
            rows += [[i * hours * HOUR, d * share // 100 + dose * 1440 // minutes], [i * hours * HOUR + minutes * MINUTE, d * share // 100]]
        if dose and dose * 1440 % minutes == 0:
            self.schedule(s.PERIODIC, rows, 0, room, phase)

    def schedule(self, mode: int, rows: list[list[int]], off: int, room: int, phase: int) -> None:
        basal = held([(at, ng) for at, ng in rows]) + off
        conc = self.model.coming or self.model.conc
        rx = RX | {"basal_ng_per_day": basal, "max_24h_ng": min(1000000, basal + room), "conc_ng_per_ml": conc, "mode": mode}
        rx |= {"conc_again_ng_per_ml": conc, "reason": "why", "rows": rows, "rows_hash": "of the rows", "phase_ms": phase}
        if self.order("PRESCRIBE", s.CLINICIAN, **rx):
            self.caps.append((self.pump.knots[-1][0], rx["max_24h_ng"]))

    @precondition(lambda self: len(self.model.rows) > 1 and self.model.state in (*FLOWING, *STOPPED))
    @rule(phase=st.sampled_from([0, 12 * HOUR]) | st.integers(0, DAY - 1))
    def align(self, phase: int) -> None:
        self.order("ALIGN", s.CLINICIAN, phase_ms=phase)

    @precondition(lambda self: self.model.state in FLOWING and self.model.d < 40000)
    @rule(off=st.sampled_from([0, 0, 1]), patient=st.booleans())
    def minimum(self, off: int, patient: bool) -> None:
        conc = self.model.coming or self.model.conc
        rx = RX | {
            "basal_ng_per_day": 27000 + off,
            "max_24h_ng": 60000,
            "mode": s.MINIMUM,
            "conc_ng_per_ml": conc,
            "conc_again_ng_per_ml": conc,
        }
        rx |= {} if patient else {name: None for name in PATIENT}
        if self.order("PRESCRIBE", s.CLINICIAN, **given(**rx)):
            self.caps.append((self.pump.knots[-1][0], 60000))

    @precondition(lambda self: self.model.state in (s.INFUSING, *TITRATES))
    @rule(
        permille=st.sampled_from([1100, 1300, 1500, 2000, 1000]),
        percent=st.sampled_from([5, 10, 15, 15, 16, 30]),
        hold=st.sampled_from([DAY, DAY, 2 * DAY, DAY - 1]),
        reason=REASONS,
    )
    def titrate(self, permille: int, percent: int, hold: int, reason: str | None) -> None:
        to = self.model.d * permille // 1000
        self.order("TITRATE", s.CLINICIAN, **given(to_ng_per_day=to, percent=percent, hold_ms=hold, reason=reason))

    @precondition(lambda self: self.model.state in (s.READY, s.ENDED))
    @rule(
        dose=st.sampled_from([25000, 50000, 12500, 12499, 50001]),
        duration=st.sampled_from([None, 10 * MINUTE, HOUR, 1]),
        conc=st.sampled_from([None, None, 500000, 2000000]),
    )
    def screen(self, dose: int, duration: int | None, conc: int | None) -> None:
        conc = conc or self.model.conc or 500000
        if self.order("SCREEN", s.CLINICIAN, **given(dose_ng=dose, duration_ms=duration, conc_ng_per_ml=conc, conc_again_ng_per_ml=conc)):
            self.caps.append((self.pump.knots[-1][0], 1000000))

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(conc=CONCS, again=st.sampled_from([None, None, None, 500000]), dead=st.sampled_from([None, 0, 10000, 20000, 60000, 9999]))
    def concentration(self, conc: int, again: int | None, dead: int | None) -> None:
        basal = self.model.d
        rx = RX | {"basal_ng_per_day": basal, "max_24h_ng": min(1000000, basal + 100000), "conc_ng_per_ml": conc, "reason": "why"}
        rx |= given(conc_again_ng_per_ml=again or conc, dead_nl=dead)
        if self.order("PRESCRIBE", s.CLINICIAN, **rx):
            self.caps.append((self.pump.knots[-1][0], rx["max_24h_ng"]))

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(
        dose=st.sampled_from([1, 1000, 5000, 5001, 25000, 25001, 50000, 50001]) | st.integers(1, 50000),
        duration=st.sampled_from([None, None, MINUTE, 5 * MINUTE, HOUR, HOUR + 1, 1]),
        role=ROLES,
        reason=REASONS,
    )
    def bolus(self, dose: int, duration: int | None, role: int, reason: str | None) -> None:
        self.give(role, **given(dose_ng=dose, duration_ms=duration, reason=reason))

    @precondition(lambda self: self.model.state in FLOWING and self.model.rx["pb_dose_ng"])
    @rule()
    def patient(self) -> None:
        """As the button does."""
        self.give(s.OPERATOR, dose_ng=self.model.rx["pb_dose_ng"])

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(more=st.sampled_from([0, 0, 1]))
    def all_that_is_left(self, more: int) -> None:
        """As much as R6 still allows, as the model has it, and one ng more."""
        model, low, high = self.model, 0, 50000
        while low < high:
            dose = (low + high + 1) // 2
            if model.over_cap(model.rx["max_24h_ng"], model.d, (model.now, model.now + MINUTE, dose)):
                high = dose - 1
            else:
                low = dose
        self.give(s.CLINICIAN, dose_ng=max(1, low + more), duration_ms=MINUTE, reason="why")

    def give(self, role: int, **values: Any) -> None:
        now = self.model.now
        if self.order("BOLUS", role, **values):
            wait = self.model.lockout()
            assert role == s.CLINICIAN and values.get("reason") or now - self.last_over >= wait, "R5"
            self.last_over = self.model.boluses[-1].planned

    @precondition(lambda self: self.model.running() or self.model.state in (s.PRIMING, s.SCREENING))
    @rule(role=ROLES)
    def cancel(self, role: int) -> None:
        self.order("CANCEL", role)

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(reason=st.just("why"))
    def taper_to_the_end(self, reason: str) -> None:
        self.taper(0, 0, reason)

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(to=st.sampled_from([0, 0, 27000, 700, 900, 1000]), preset=st.integers(0, 3), reason=REASONS)
    def taper(self, to: int, preset: int, reason: str | None) -> None:
        """To nothing, to the floor, or to so many permille."""
        target = self.model.d * to // 1000 if 0 < to <= 1000 else to
        self.order("TAPER", s.CLINICIAN, **given(to_ng_per_day=target, preset=preset, reason=reason))

    @precondition(lambda self: self.model.taper and self.model.state in FLOWING)
    @rule(on=st.integers(0, 1))
    def pause_again(self, on: int) -> None:
        self.pause(on)

    @precondition(lambda self: self.model.taper and self.model.state in FLOWING)
    @rule(on=st.integers(0, 1))
    def pause(self, on: int) -> None:
        self.order("PAUSE", s.CLINICIAN, on=on)

    @precondition(lambda self: self.model.state in (*FLOWING, s.PRIMING, s.SCREENING, *STOPPED) and self.model.now % 3)
    @rule(role=ROLES)
    def suspend(self, role: int) -> None:
        self.order("SUSPEND", role)

    @precondition(lambda self: self.model.state in STOPPED)
    @rule(permille=st.sampled_from([None, None, None, 1000, 800, 900, 799, 1001, 500]), role=ROLES, reason=REASONS)
    def resume(self, permille: int | None, role: int, reason: str | None) -> None:
        lower = None if permille is None else self.model.d * permille // 1000
        late = self.model.state in STOPPED and self.model.too_late()
        if self.order("RESUME", role, **given(basal_ng_per_day=lower or None, reason=reason)):
            self.free = self.free or late

    @precondition(lambda self: self.model.state in STOPPED and (self.model.too_late() or self.model.now % 7 == 0))
    @rule()
    def close(self) -> None:
        self.order("CLOSE", s.CLINICIAN, reason="why")

    @precondition(lambda self: self.model.state in STOPPED)
    @rule()
    def go_on_again(self) -> None:
        self.go_on()

    @precondition(lambda self: self.model.state in STOPPED)
    @rule()
    def go_on(self) -> None:
        """What a nurse would do."""
        self.mend_all()
        if self.model.residual:
            self.refill(0, 100, "why")
        self.resume(None, s.CLINICIAN, "why")

    @precondition(lambda self: self.model.state in (s.READY, s.ENDED))
    @rule()
    def provision(self) -> None:
        self.order("PROVISION", s.SERVICE, library=self.name, syringe=self.syringe)

    @rule(
        what=st.sampled_from(
            [
                ("BOLUS", {"dose_ng": 1000, "duration_ms": MINUTE}),
                ("CANCEL", {}),
                ("TAPER", {"to_ng_per_day": 0, "preset": 0}),
                ("PAUSE", {"on": 0}),
                ("PAUSE", {"on": 1}),
                ("RESUME", {}),
                ("CLOSE", {"reason": "why"}),
                ("PROVISION", {"library": "baclofen-itb", "syringe": "bd-3ml"}),
                ("PRIME", {"volume_nl": 1000, "disconnected": 1}),
                ("ACK", {"alarm": alarms.MOTOR}),
                ("PRESCRIBE", RX),
            ]
        )
    )
    def out_of_place(self, what: tuple[str, dict[str, Any]]) -> None:
        """Orders that do not belong here."""
        verb, values = what
        if getattr(self.model, "why_" + verb.lower())(values, s.CLINICIAN):
            self.order(verb, s.CLINICIAN, **values)

    @rule(off=st.sampled_from([0, 0, 199, -199, 201, -201]), share=st.sampled_from([100, 100, 50]), reason=REASONS)
    def refill(self, off: int, share: int, reason: str | None) -> None:
        residual = max(0, self.model.left_nl() + off * FULL_NL[self.syringe] // 1000)
        self.order("REFILL", s.CLINICIAN, **given(residual_nl=residual, volume_nl=FULL_NL[self.syringe] // 100 * share, reason=reason))

    @precondition(lambda self: self.model.state in (*FLOWING, s.HELD) and self.model.now % 2)
    @rule(wait=WAITS, off=st.sampled_from([0, 0, 0, 201]), role=ROLES)
    def change_the_syringe(self, wait: int, off: int, role: int) -> None:
        """Out with it, and after a while in with another one."""
        if self.order("CHANGE", role):
            self.agree()
            self.go(wait)
            self.agree()
            residual = self.model.left_nl() + off * FULL_NL[self.syringe] // 1000
            self.order("REFILL", role, residual_nl=residual, volume_nl=FULL_NL[self.syringe])

    @precondition(lambda self: self.model.state in (s.READY, s.ENDED))
    @rule(volume=st.sampled_from([1, 50000, 1000000, 1000001]), disconnected=st.sampled_from([1, 1, 0]))
    def prime(self, volume: int, disconnected: int) -> None:
        self.order("PRIME", s.CLINICIAN, volume_nl=volume, disconnected=disconnected)

    @precondition(lambda self: self.model.faults)
    @rule(alarm=st.sampled_from(FAULTS))
    def acknowledge(self, alarm: int) -> None:
        self.order("ACK", s.OPERATOR, alarm=alarm)

    # --- the world ---------------------------------------------------------------------------------------------------------

    @rule(ms=WAITS)
    def wait(self, ms: int) -> None:
        self.go(ms)

    @rule(ms=WAITS)
    def wait_again(self, ms: int) -> None:
        self.go(ms)

    @rule(which=st.integers(0, 11), by=st.sampled_from([-1, 0, 0, 1]))
    def wait_until_something_changes(self, which: int, by: int) -> None:
        edges = self.model.edges()
        if edges:
            self.go(max(0, edges[which % len(edges)] + by - self.model.now))

    @rule(
        off=st.sampled_from([None, 0, 0, MINUTE, MINUTE, HOUR, HOUR + 1, 30 * HOUR, 48 * HOUR + 1]),
        gap=st.integers(0, 40),
        share=st.integers(0, 100),
    )
    def cut(self, off: int | None, gap: int, share: int) -> None:
        gap = 0 if self.model.state == s.READY else gap
        before = self.model.running()
        self.model.cut(off, self.pump.cut(off, gap, gap * share // 100))
        self.model.run_to(self.model.now)
        if before:
            self.last_over = max(self.last_over, self.model.now)
        self.lost += gap

    @precondition(lambda self: self.model.state in FLOWING)
    @rule(
        offs=st.lists(st.sampled_from([0, MINUTE, HOUR // 3, HOUR // 2, HOUR // 2 + 1]), min_size=2, max_size=4), ms=st.integers(0, 20000)
    )
    def cuts_in_a_row(self, offs: list[int], ms: int) -> None:
        """R7: with little or nothing between them."""
        for off in offs:
            self.cut(off, 0, 0)
            self.agree()
            self.go(ms)

    @rule(gap=st.integers(0, 3))
    def reset(self, gap: int) -> None:
        gap = 0 if self.model.state == s.PRIMING else gap
        self.model.reset(self.pump.reset(gap))
        self.model.run_to(self.model.now)

    @precondition(lambda self: self.model.state in (*FLOWING, s.PRIMING, s.SCREENING) or self.model.now % 3 == 0)
    @rule(alarm=st.sampled_from(FAULTS))
    def fault(self, alarm: int) -> None:
        self.pump.fault(alarm, True)
        self.model.fault(alarm)
        self.model.run_to(self.model.now)

    @precondition(lambda self: self.model.faults)
    @rule(alarm=st.sampled_from(FAULTS))
    def mend(self, alarm: int) -> None:
        self.pump.fault(alarm, False)
        self.model.mend(alarm)

    @precondition(lambda self: self.model.faults)
    @rule()
    def mend_all(self) -> None:
        for alarm in list(self.model.faults):
            self.mend(alarm)
            if alarm in self.model.faults:
                self.acknowledge(alarm)

    # --- the comparison --------------------------------------------------------------------------------------------------------

    @invariant()
    def agree(self) -> None:
        self.agreed = False
        DID[f"state {self.model.state}"] += 1
        model, status, books = self.model, self.pump.status(), self.pump.books()
        model.motion.settle(self.pump.horizon("SUSPEND"))
        flows, running = model.state in FLOWING, model.running()
        assert status["state"] == model.state
        assert status["now_ms"] == model.now
        assert status["set_ng_per_day"] == model.d
        assert status["basal_ng_per_day"] == model.basal()
        assert status["conc_ng_per_ml"] == (model.conc if model.rx or model.state == s.SCREENING else 0)
        assert status["bolus_ng"] == (running.ng if running else 0)
        if model.state != s.PRIMING:
            assert status["bolus_left_ms"] == (running.planned - model.now if running else 0)
        assert status["bolus_count"] == len(model.counted())
        assert status["bolus_in_ms"] == model.bolus_in()
        assert abs(status["reservoir_nl"] - model.left_nl()) <= self.pump.loose / model.per_nl + self.pump.loose
        assert status["raise_in_ms"] == (model.raise_in() if flows else 0)
        assert status["raise_to_ng_per_day"] == (model.raise_to(model.now + model.raise_in()) if flows else 0)
        stopped = model.stopped() if model.state in STOPPED else 0
        assert status["stopped_ms"] == (-1 if stopped is None else stopped)
        if model.taper:
            at = model.rung_at()
            assert books["taper_in_ms"] == (model.taper.left if at is None else max(0, at - model.now))
            assert books["taper_next_ng_per_day"] == model.next_rung()
        self.steps(books)
        self.agreed = True

    def steps(self, books: dict[str, Any]) -> None:
        model, true = self.model, self.pump.true - self.pump.base
        at = model.motion.position(max(model.now, model.motion.t))
        most = books["most_steps"]
        assert most == model.steps() or abs(most - at) < Fraction(1, 2) + self.pump.loose + Fraction(1, 1000000), (most, float(at))
        plan = books["plan_steps"] + Fraction(books["plan_num"], books["plan_den"])
        if at >= 0:
            assert abs(plan - at) < Fraction(1, 1000000), (float(plan), float(at))
        if model.drug:
            assert books["known_steps"] == most - model.gap - self.pump.queued()
        if model.state not in (s.READY, s.PRIMING):
            assert books["known_steps"] <= true <= most

    def teardown(self) -> None:
        """What really left and was programmed, without the model's help."""
        if not self.agreed or not hasattr(self, "pump"):
            return
        self.go(DAY)
        self.no_day_too_full()

    def no_day_too_full(self) -> None:
        """R6: steps, as drug of the concentration that left, between any two looks at most a day apart. A step of rounding at each end."""
        knots, caps = self.pump.knots, self.caps
        drug, total, before = [], Fraction(0), 0
        per_step = {conc: 1 / self.model.per_ng(conc) for conc in NUMBERS["concentration.known"]}
        for _, steps, conc in knots:
            if conc:
                total += (steps - before) * per_step[conc]
            before = steps
            drug.append(total)
        times = [t for t, _, _ in knots]
        step = max(per_step.values()) if len({c for _, _, c in knots}) > 2 else per_step.get(knots[-1][2], Fraction(0))
        for i, t in enumerate(times):
            j = bisect_right(times, t + DAY) - 1
            cap = max(ng for n, (_, ng) in enumerate(caps) if n + 1 == len(caps) or caps[n + 1][0] >= t - HOUR)
            assert drug[j] - drug[i] <= cap + (2 + self.lost) * step + 1, ("R6", t, float(drug[j] - drug[i]), cap)


class WholeMachine(Machine):
    """The same with the whole firmware on the rig. What only the pump can know after a reboot (up to where it had authorised) is taken over,
    within bounds; faults are injected elsewhere, and priming's steps are no drug."""

    def make(self) -> Any:
        self.past: list[Model] = []  # the model since the last order, which no cut may undo
        return Whole(self.name, self.syringe, (1 << 30) - 5 * HOUR)

    def may(self, error: int, about: int | None, why: Why) -> bool:
        """A role without the right, or a field that the wire does not take, never gets to the rules."""
        return error != s.NOT_AUTHORISED and not (error in (s.OUT_OF_RANGE, s.BAD_FIELD) and about is None and why)

    def order(self, verb: str, role: int, **values: Any) -> bool:
        before = self.model.residual
        done = super().order(verb, role, **values)
        if done or self.model.residual != before:  # an alarm is noted, too
            self.past = [deepcopy(self.model)]
        return done

    @invariant()
    def agree(self) -> None:
        model, therapy = self.model, self.pump.therapy
        if model.state in FLOWING and model.stopped_at is None and therapy.stopped_at >= 0:
            # nothing has been authorised since the last cut, not even by the order in between: what the pump takes for standing still is
            model.stopped_at, model.off = therapy.stopped_at, None if therapy.off_ms < 0 else therapy.off_ms
        elif model.state in FLOWING and therapy.stopped_at < 0:
            model.stopped_at, model.off = None, 0
        super().agree()
        if self.past and self.past[-1].now == self.model.now:  # what has been granted since stays
            self.past[-1] = deepcopy(self.model)

    def go(self, ms: int) -> None:
        """In parts that a syringe lasts for; motion takes its time, so an hour at most, or some in a campaign."""
        most = 8 * HOUR if CAMPAIGN else HOUR
        ms = ms if ms < most else most - ms % MINUTE
        while ms:
            model = self.model
            if model.conc and model.left_nl() * 2 < model.filled and model.state not in (s.PRIMING, s.SCREENING, s.CHANGING):
                self.order("REFILL", s.CLINICIAN, residual_nl=model.left_nl(), volume_nl=FULL_NL[self.syringe], reason="why")
            day_nl = max(1, max(1, model.d * 2) * 1000000 // (model.conc or 1000000))
            part = max(1, min(ms, DAY * model.filled // (4 * day_nl)))
            self.past.append(deepcopy(model))
            super().go(part)
            ms -= part

    def back_to(self, now: int) -> Model:
        """Pump time goes back by what was not noted yet: what happened by itself since then has not happened."""
        known = [model for model in self.past if model.now <= now]
        if known or self.past:
            assert known, "a reboot has undone an order"
            self.model = known[-1]
            self.past = [deepcopy(self.model)]
        self.model.run_to(max(now, self.model.now))
        return self.model

    def fastest(self) -> Fraction:
        """Steps a ms of the schedule's highest row."""
        model = self.model
        if not model.conc or not model.d or model.state not in FLOWING:
            return Fraction(0)
        return Fraction(max(model.rate(model.zero + at, model.d) for at, _ in model.rows)) * model.per_ng() / DAY

    @precondition(lambda self: False)
    @rule()
    def fault(self) -> None:
        """Not here."""

    @precondition(lambda self: False)
    @rule()
    def prime(self) -> None:
        """Not here."""

    @precondition(lambda self: False)
    @rule()
    def mend(self) -> None:
        """Not here."""

    @rule(off=st.sampled_from([0, 0, MINUTE, HOUR // 2, HOUR + MINUTE, 30 * HOUR]))
    def cut(self, off: int, gap: int = 0, share: int = 0) -> None:
        pump, before, fastest = self.pump, self.model.now, self.fastest()
        old = Counter(tuple(each) for each in pump.therapy.history.impulses)
        queued = pump.queued()
        waits, stood = pump.therapy.stopped_at >= 0, (pump.therapy.stopped_at, pump.therapy.off_ms)
        pump.rig.cut(off)
        status, books = pump.status(), pump.books()
        lost = before - status["now_ms"]
        model = self.back_to(status["now_ms"])
        running, counts, fastest = model.running(), model.drug, max(fastest, self.fastest())
        assert 0 <= lost <= MINUTE + DAY / max(1, model.basal() * model.per_ng() if model.conc else 1) + 3, lost
        gap = books["most_steps"] - books["known_steps"] - pump.queued() - model.gap if counts else 0
        fresh = list((Counter(tuple(each) for each in pump.therapy.history.impulses) - old).elements())  # a stop may add one more
        of_cut = bool(fresh and (gap or running) and counts)
        moment = fresh[0][1] if of_cut else 0
        if running and counts:
            assert moment >= running.ng, "R6: a bolus that was cut counts whole"
        assert gap >= 0
        rest = (running.planned - status["now_ms"]) * (running.ng * model.per_ng() / (running.planned - running.start)) if running else 0
        assert gap <= 3 + queued + rest + fastest * (2 * MINUTE + (running.planned - running.start if running else 0)), (
            "a minute's basal and the bolus"
        )
        model.ran()
        if model.state in FLOWING and model.stopped_at is not None and not waits:
            due = model.least + Fraction(1, 2) - model.motion.position(model.now)
            assert due <= (model.motion.basal + model.motion.bolus) * 3100, "authorised for the step that is due within 3 s"
            model.stopped_at, model.off = None, 0
        if model.state in FLOWING and pump.therapy.stopped_at >= 0:  # whole seconds, from its journal's last entry on
            if waits and model.stopped_at is None and pump.therapy.off_ms >= stood[1] >= 0:  # it was about to run
                model.stopped_at, model.off = stood
            said = pump.therapy.off_ms - ((model.off or 0) if model.stopped_at is not None else 0)
            assert 0 <= said - off <= 3000 + lost, (said, off)
            off = said
        model.cut(off, gap, (status["now_ms"], books["most_steps"], pump.place(), moment))
        model.moments += [(t, ng) for t, ng, *_ in fresh[of_cut:]]
        model.run_to(model.now)
        last = pump.therapy.profile.dose_at
        if last is not None and model.dosed is not None:
            assert abs(last - model.dosed) <= 3000 + lost
            model.dosed = last
        if model.state in STOPPED and model.off is not None:  # its other clock counts whole seconds, from the last entry of its journal on
            assert 0 <= status["stopped_ms"] - (model.stopped() or 0) <= 3000 + lost, (status["stopped_ms"], model.stopped())
            model.off += status["stopped_ms"] - (model.stopped() or 0)
        if running:
            self.last_over = max(self.last_over, model.now)
        self.lost += gap
        self.past = [deepcopy(model)]
        pump.look()

    @rule()
    def reset(self) -> None:
        pump, before, granted = self.pump, self.model.now, self.pump.place()[0]
        pump.rig.hang(2500)
        status, books = pump.status(), pump.books()
        lost = before - status["now_ms"]
        model = self.back_to(status["now_ms"])
        model.motion.settle(granted)
        per_ms = model.motion.basal
        assert 0 <= lost <= MINUTE + (1 / per_ms if per_ms else 0) + 1
        counts = model.drug
        model.reset(books["most_steps"] - books["known_steps"] - pump.queued() - model.gap if counts else 0)
        if counts and model.state != s.READY:
            t, at = pump.place()
            ahead = deepcopy(model)  # what was granted is up to t
            ahead.run_to(max(t, ahead.now))
            assert abs(at - ahead.motion.position(t)) < 1, (float(at), float(ahead.motion.position(t)))
            model.motion.jump(t, at, model.now)
            model.least = books["most_steps"]
        model.run_to(model.now)
        self.past = [deepcopy(model)]
        pump.look()


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("wide_library")
def test_the_whole_firmware_and_the_model_agree() -> None:
    run_state_machine_as_test(WholeMachine, settings=settings(budget(3, 25), max_examples=max(3, CAMPAIGN // 20)))  # type: ignore[no-untyped-call]


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("wide_library")
def test_pump_and_model_agree() -> None:
    DID.clear()
    run_state_machine_as_test(Machine, settings=budget(80, 100 if CAMPAIGN else 80))  # type: ignore[no-untyped-call]
    missing = [state for state in (s.READY, s.INFUSING, s.SUSPENDED, s.HELD, s.TAPERING) if not DID[f"state {state}"]]
    assert not missing, "too few runs to show anything of these states"
    if CAMPAIGN >= FULL // 4:  # fewer runs may not come to them
        assert all(DID[f"state {state}"] for state in (s.ENDED, s.SCREENING, s.CHANGING, *FLOWING))
        assert all(DID[f"PRESCRIBE refused by R{n}"] for n in (1, 2, 3, 6, 9)) and all(DID[f"BOLUS refused by R{n}"] for n in (5, 6, 16))
    note(f"reference: {DID['runs']} runs, {sum(n for key, n in DID.items() if key.startswith('state'))} comparisons, no disagreement")
    for verb in sorted({key.split()[0] for key in DID if key[0].isupper()}):
        said = [f"{n} {key[len(verb) + 1 :] or 'carried out'}" for key, n in sorted(DID.items()) if key.split()[0] == verb]
        note(f"  {verb}: {', '.join(said)}")


def test_the_model_reads_the_same_numbers() -> None:
    """library/*.toml, read twice."""
    row = limits.drug("baclofen-itb")
    assert row is not None
    assert row[limits.BASAL_MIN_NG_PER_DAY] == NUMBERS["basal.lowest"] == 27000
    assert list(row[limits.RAISE_PERCENT]) == NUMBERS["raise"]

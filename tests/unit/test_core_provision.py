"""PROVISION and SERVICE: who may, when, and what is refused with what there is (R17). States and roles from the safety rules."""

from support import req
from ward import CLINICIAN, DAY, Ward, ready, started
from wire import events
from wire import schema as s

BACLOFEN = {"library": "baclofen-itb", "syringe": "bd-3ml"}


@req("R17")
def test_without_a_key_only_the_first_time():
    ward = Ward()
    ward.order("PROVISION", s.OBSERVER, **BACLOFEN)
    assert ward.state == s.READY
    refusal = ward.refusal("PROVISION", s.OBSERVER, **BACLOFEN)
    assert (refusal.error, refusal.rule, refusal.field, refusal.value) == (s.NOT_AUTHORISED, None, "role", s.OBSERVER)
    ward.order("PROVISION", s.SERVICE, library="saline", syringe="bd-10ml")
    assert (ward.therapy.row[0], ward.therapy.syringe[0], ward.state) == ("saline", "bd-10ml", s.READY)


@req("R17")
def test_a_drug_or_a_syringe_that_is_not_known_is_refused_with_those_that_are():
    ward = Ward()
    refusal = ward.refusal("PROVISION", s.OBSERVER, library="baclofen", syringe="bd-3ml")
    assert (refusal.error, refusal.rule, refusal.field, refusal.text) == (s.OUT_OF_RANGE, None, "library", "baclofen-itb,saline")
    refusal = ward.refusal("PROVISION", s.OBSERVER, library="saline", syringe="bd-2ml")
    assert (refusal.error, refusal.rule, refusal.field, refusal.text) == (s.OUT_OF_RANGE, None, "syringe", "bd-1ml,bd-3ml,bd-10ml")


@req("R17")
def test_neither_while_a_therapy_runs_or_is_suspended():
    ward = started()
    for state in (s.INFUSING, s.SUSPENDED):
        assert ward.state == state
        for verb, values in (("PROVISION", BACLOFEN), ("SERVICE", {})):
            refusal = ward.refusal(verb, s.SERVICE, **values)
            assert (refusal.error, refusal.rule, refusal.field, refusal.value) == (s.NOT_NOW, 17, "state", state)
            assert refusal.text == verb.lower()
        if state == s.INFUSING:
            ward.order("SUSPEND")


@req("R17")
def test_service_is_logged_with_who_and_why():
    ward = Ward()
    assert ward.refusal("SERVICE", s.SERVICE).value == s.UNPROVISIONED
    ward = ready()
    ward.order("SERVICE", s.SERVICE, reason="new board")
    assert (events.SERVICE_OPENED, s.SERVICE, 0, "new board") in ward.therapy.news
    ward.order("SERVICE", s.SERVICE)
    assert (events.SERVICE_OPENED, s.SERVICE, 0, "") in ward.therapy.news


@req("R17")
def test_after_the_end_of_a_therapy_it_is_possible_again():
    ward = started(basal_ng_per_day=27000, max_24h_ng=27000)
    ward.go(3 * DAY)
    ward.order("TAPER", CLINICIAN, to_ng_per_day=0, preset=0)
    ward.go(2 * DAY)
    assert ward.state == s.ENDED
    ward.check("SERVICE", s.SERVICE)
    ward.check("PROVISION", s.SERVICE, **BACLOFEN)


@req("R13")
def test_nothing_is_left_where_no_syringe_is_known():
    assert Ward().therapy.reservoir.left_nl(0) == 0

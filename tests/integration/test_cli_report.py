"""`tapir report` and `tapir plan refill` of a simulated pump: from its port, from its saved log, from its profile."""

import json
from fractions import Fraction

import pytest

from tapir.simulator import Simulator

REQ = ("planning",)

pytest.importorskip("jinja2")
pytest.importorskip("fpdf")
pytest.importorskip("matplotlib")

HOUR_MS = 3_600_000


def test_a_report_from_pump_log_and_profile_agree_with_the_plant(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(5 * HOUR_MS)
    cli.ok("bolus", "5mcg")
    pump.advance(HOUR_MS)
    assert cli("bolus", "5mcg").code == 4
    pump.control("cut 600000")
    pump.advance(17 * HOUR_MS)
    cli.ok("suspend", "--reason", "catheter seen outside")
    pump.advance(2 * HOUR_MS)
    cli.ok("resume", "--yes")
    pump.advance(HOUR_MS)

    said = cli.json("report", "--out", "r.html", "--out", "r.pdf")
    books = cli.json("info")["books"]
    true_ng = Fraction(pump.truth()["steps"] * books["ratio_den"], books["ratio_num"])
    assert said["known_ng"] - 1 <= true_ng <= said["most_ng"] + 1
    stretch = Fraction(60_000 * 100_000, 24 * HOUR_MS) + Fraction(books["ratio_den"], books["ratio_num"])  # a minute of basal, and a step
    assert abs(said["due_ng"] - true_ng) < 2 * stretch
    off_ng = Fraction(600_000 * 100_000, 24 * HOUR_MS)
    assert said["prescribed_ng"] - said["due_ng"] == pytest.approx(
        float(off_ng) + 2 * HOUR_MS / (24 * HOUR_MS) * 100_000, abs=150
    )  # booting
    assert said["chain"]["broken_at"] is None and said["chain"]["head_matches"] is True
    page = (cli.folder / "r.html").read_text()
    assert "catheter seen outside" in page and "SIM-0001" in page and (cli.folder / "r.pdf").read_bytes()[:5] == b"%PDF-"

    (cli.folder / "log.json").write_text(cli.ok("log", "--since", "#1", "--json"))
    cli.port = ""
    again = cli.json("report", "log.json")
    ignored = ("start_ms", "end_ms", "delivered_from_ms")  # read at another moment of this computer's clock
    assert {k: v for k, v in again.items() if k not in ignored} == {k: v for k, v in said.items() if k not in ignored}
    pump.stop()
    third = cli.json("report", "profile")
    assert third["known_ng"] - 1 <= true_ng <= third["most_ng"] + 1 and third["events"]["POWER_ON"] == 2  # this start is a power cut too


def test_a_report_needs_a_key_and_something_to_tell(cli, pump: Simulator) -> None:
    said = cli("report")
    assert said.code == 2 and "not provisioned" in said.err
    assert not list(cli.folder.glob("*.html"))


def test_a_changed_saved_log_is_found(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(HOUR_MS)
    tree = json.loads(cli.ok("log", "--since", "#1", "--json"))
    tree["events"][1]["a"] = 90_000
    (cli.folder / "log.json").write_text(json.dumps(tree))
    cli.port = ""
    said = cli("report", "log.json")
    assert said.code == 3 and "BROKEN at record #2" in said.out


def test_the_refill_date_of_a_running_pump(cli, pump: Simulator) -> None:
    cli.start_therapy()
    pump.advance(24 * HOUR_MS)
    status, plan = cli.json("status"), cli.json("plan", "refill")
    assert plan["source"] == "SIM-0001" and plan["reservoir_nl"] == status["reservoir_nl"] and plan["full_nl"] == 3_000_000
    assert (plan["expected"]["day_ng"], plan["worst"]["day_ng"]) == (100_000, 115_000)
    assert abs(plan["expected"]["low_ms"] - status["low_in_ms"]) < 60_000
    assert cli("plan", "refill", "--reservoir", "3 mL").code == 2

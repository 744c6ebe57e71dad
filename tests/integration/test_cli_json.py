"""--json of every command: one object, integers with their unit in the key, the same exit codes."""

import json

from tapir.simulator import Simulator

REQ = ("host",)

HOUR_MS = 3_600_000


def test_every_command_answers_in_json(cli, pump: Simulator) -> None:
    assert cli.json("ports")["ports"][0]["serial"] == "SIM-0001"
    assert cli.json("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml")["state_name"] == "READY"
    done = cli.json("prescribe", cli.file("first.toml"), "--concentration", "500 mcg/mL", "--yes")
    assert done["proposed"]["new_ng_per_day"] == 100_000 and done["status"]["set_ng_per_day"] == 100_000
    pump.advance(HOUR_MS)
    bolus = cli.json("bolus", "5mcg")
    assert bolus["proposed"]["dose_ng"] == 5_000 and bolus["done"]["value"] == 6 * HOUR_MS + 300_000
    assert cli.json("bolus", "--cancel")["done"]["result"] == 2
    status = cli.json("status")
    assert status["state_name"] == "INFUSING" and status["alarm_name"] == "none" and status["bolus_count"] == 1
    info = cli.json("info")
    assert info["keys_held"] is True and info["books"]["known_steps"] > 0 and info["syringe"] == "bd-3ml"
    assert cli.json("review")["conc_ng_per_ml"] == 500_000
    assert cli.json("alarms") == {"alarms": []}
    log = cli.json("log", "--verify")
    assert log["pump"]["hello"]["serial"] == "SIM-0001" and log["pump"]["books"]["ratio_num"] > 0
    assert log["verify"] == {"records": len(log["events"]), "broken_at": None, "head": cli.json("status")["head"], "head_matches": True}
    assert [event["event_name"] for event in log["events"]][:2] == ["PROVISIONED", "PRESCRIBED"]
    assert cli.json("log", "--id", "0123456789abcde")["done"]["result"] == 0
    plan = cli.json("plan", "taper", "--from", "100 mcg/day", "--concentration", "500 mcg/mL", "--reservoir", "1 mL")
    assert plan["total_ng"] == 591_856 and plan["refill_day"] == 8 and plan["rungs"][0]["ng_per_day"] == 80_000
    assert cli.json("taper", "--to", "50 mcg/day", "--yes")["state_name"] == "TAPERING"
    assert cli.json("taper", "--hold", "--yes")["state_name"] == "TAPER_PAUSED"
    assert cli.json("suspend")["state_name"] == "SUSPENDED"
    assert cli.json("resume", "--yes")["state_name"] == "TAPER_PAUSED"
    assert cli.json("refill", "--residual", "3 mL", "--volume", "3 mL", "--yes")["status"]["reservoir_nl"] == 3_000_000
    assert cli.json("sim", "ctl", "truth")["steps"] > 0


def test_a_refusal_is_json_too(cli, pump: Simulator) -> None:
    cli.start_therapy()
    cli.ok("bolus")
    said = cli("bolus", "--json")
    error = json.loads(said.out)["error"]
    assert said.code == 4 and said.err == ""
    assert (error["exit"], error["kind"], error["rule"]) == (4, "NotNow", 5)
    assert error["in_ms"] == 6 * HOUR_MS + 300_000 and "lockout" in error["message"][0]
    said = cli("--json", "status", "--port", "/dev/nope")
    assert said.code == 3 and json.loads(said.out)["error"]["kind"] == "PortError"


def test_json_asks_nothing(cli) -> None:
    cli.start_therapy()
    said = cli("taper", "--json", typed="y\n")
    assert said.code == 2 and json.loads(said.out)["error"]["kind"] == "Declined"

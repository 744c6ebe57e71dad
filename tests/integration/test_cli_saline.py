"""A lab pump's person sees volumes: saline is prescribed, given, refused and logged in mL and mL/h, never in mass."""

from tapir.simulator import Simulator

REQ = ("host",)

HOUR_MS = 3_600_000


def test_a_lab_session_by_volume(cli, pump: Simulator) -> None:
    cli.ok("provision", "--library", "saline", "--syringe", "bd-10ml")
    (cli.folder / "s.toml").write_text(cli.ok("prescribe", "--example", "saline"))
    said = cli.ok("prescribe", "s.toml", "--concentration", "1 mg/mL", "--yes")
    assert "1 mL/h" in said and "= 24 mL in 24 h" in said and "nominal: shown by volume" in said and "30 mL" in said
    assert "INFUSING at 1 mL/h" in said and "mcg/day" not in said
    pump.advance(90 * HOUR_MS // 60)
    said = cli.ok("status")
    assert "INFUSING  1 mL/h" in said and "1.5" in said and "mcg" not in said
    said = cli.ok("bolus", "0.05 mL", "--over", "1 min", "--as", "clinician", "--yes")
    assert "Started: 0.05 mL over 1 min" in said and "mcg" not in said
    pump.advance(HOUR_MS)
    (cli.folder / "s.toml").write_text((cli.folder / "s.toml").read_text().replace("1 mL/h", "2 mL/h"))
    refused = cli("prescribe", "s.toml", "--concentration", "1 mg/mL", "--yes")
    assert refused.code == 4 and "30 mL in 24 h" in refused.err and "48 mL" in refused.err and "mcg" not in refused.err
    said = cli.ok("taper", "--yes")
    assert "From 1 mL/h: 0.001 mL/h" in said and "1 step to come" in said
    said = cli.ok("log")
    assert "1 mL/h, before 0 mL/h" in said and "0.05 mL over 1 min" in said and "mcg" not in said

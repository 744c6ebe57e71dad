"""The demo's session: the real command line against the real firmware on MicroPython's unix port, over a pty.

Everything shown is checked: a refusal that does not come, a wrong exit code or a number that is off ends the demo with exit code 1.
Writes build/demo/ (TAPIR_DEMO names another folder): session.txt (what was typed and answered), log.jsonl (a line for each command
and sample), demo.png.
Times are simulated: the clock stands still except where the session says so.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

from boards import sim as board
from tapir import Pump
from tapir.prescription import EXAMPLE
from tapir.pump import verify
from tapir.simulator import Simulator
from tapir.wire import limits, names, units
from tools.demo import oracle, picture

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(os.environ.get("TAPIR_DEMO") or ROOT / "build" / "demo")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
CONC = 500_000
PER_NG = oracle.steps_per_ng(limits.SYRINGES[1][1], board.LEAD_NM, board.FULL_STEPS * board.MICROSTEPS, CONC)
PI_SLACK = Fraction(1, 10**6)  # of all steps: the pump's pi is 355/113


FLEX = """\
[flex]
"00:00" = "80 mcg/day"
"07:00" = "120 mcg/day"
"19:00" = "80 mcg/day"
"""


class Off(Exception):
    """Something did not come out as it should."""


class Demo:
    """One run. `samples` are taken every six hours of simulated time."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.env = {**os.environ, "TAPIR_PORT": sim.port, "TAPIR_CONFIG_DIR": str(OUT / "config"), "COLUMNS": "120", "NO_COLOR": "1"}
        self.text: list[str] = []
        self.log = (OUT / "log.jsonl").open("w")
        self.points: list[picture.Point] = []
        self.marks: list[tuple[float, str]] = []
        self.table: list[tuple[int, Fraction, Fraction, Fraction]] = []
        self.start_ms = 0
        self.cuts = 0
        self.flex: oracle.Flex | None = None

    def say(self, text: str) -> None:
        """To the screen and into session.txt."""
        print(text, flush=True)
        self.text.append(text)

    def note(self, **what: object) -> None:
        """A line of log.jsonl."""
        self.log.write(json.dumps({"day": round(self.day(), 6), **what}) + "\n")

    def day(self) -> float:
        """Simulated days since the therapy began."""
        return (self.clock_ms() - self.start_ms) / DAY_MS

    def clock_ms(self) -> int:
        """The world's time, as the simulator keeps it (powered or not)."""
        return int(self.sim.truth()["us"]) // 1000

    # --- the command line ------------------------------------------------------------------------------------------------

    def tapir(self, *words: str, exit_code: int = 0, expect: str = "") -> str:
        """Type a command; its exit code and a part of its answer must be as expected."""
        shown = " ".join(f'"{w}"' if " " in w else w for w in words)
        self.say(f"\n$ tapir {shown}")
        done = subprocess.run(
            [sys.executable, "-m", "tapir", *words],
            env=self.env,
            cwd=OUT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        answer = (done.stdout + done.stderr).rstrip()
        tail = f"    [exit {done.returncode}]" if done.returncode else ""
        self.say(answer + tail)
        self.note(command=list(words), exit=done.returncode, answer=answer)
        if done.returncode != exit_code:
            raise Off(f"tapir {shown} ended with {done.returncode}, not {exit_code}")
        if expect not in answer:
            raise Off(f"tapir {shown} did not say {expect!r}")
        return answer

    # --- time ----------------------------------------------------------------------------------------------------------------

    def advance(self, ms: int) -> None:
        """Let simulated time pass, with a sample at least every six hours and a row of the table at each full day."""
        self.say(f"\n  ... {units.format_wait(ms)} pass ...")
        end = self.clock_ms() + ms
        while True:
            now = self.clock_ms()
            if now >= end:
                return
            into = (now - self.start_ms) % (6 * HOUR_MS)
            self.sim.advance(min(end - now, 6 * HOUR_MS - into))
            self.sample()

    def sample(self) -> None:
        """Compare the plant's truth with the oracle."""
        with Pump.open(self.sim.port, role="operator", keys=self.keys()) as pump:
            status, books, events = pump.status(), pump.books(), list(pump.log())
        true = int(self.sim.truth()["steps"])
        plan = oracle.plan_steps(events, PER_NG, status.now_ms, self.flex)
        off = true - plan
        slack = plan * PI_SLACK
        if not books.known_steps <= true <= books.most_steps:
            raise Off(f"{true} steps left, but the pump says {books.known_steps} to {books.most_steps}")
        bound = self.cuts * max(1, -(-60_000 * 100_000 * PER_NG // DAY_MS))
        if not -1 - bound - slack < off < 1 + slack:
            raise Off(f"{float(off):.3f} steps off the plan on day {self.day():.2f}")
        delivered, prescribed = true / PER_NG, plan / PER_NG
        self.points.append(picture.Point(self.day(), float(prescribed) / 1000, float(delivered) / 1000, status.basal_ng_per_day / 1000))
        self.note(prescribed_ng=float(prescribed), delivered_ng=float(delivered), steps=true, off_steps=float(off), state=status.state)
        day = round(self.day())
        if (self.clock_ms() - self.start_ms) % DAY_MS == 0 and (not self.table or self.table[-1][0] < day):
            self.table.append((day, prescribed, delivered, off))

    def keys(self) -> "object":
        """The demo's own key store."""
        from tapir.keys import KeyStore

        return KeyStore(OUT / "config")

    def mark(self, what: str) -> None:
        """Something for the picture."""
        self.marks.append((self.day(), what))

    def cut(self, off_ms: int, shown: str) -> None:
        """Power off and on again."""
        self.say(f"\n  ... the power fails for {shown} ...")
        self.sample()
        self.mark("power cut")
        self.sim.control(f"cut {off_ms}")
        self.cuts += 1
        self.sample()

    def state(self, name: str) -> None:
        """The pump must be in this state."""
        with Pump.open(self.sim.port) as pump:
            number = pump.status().state
        if names.STATES[number][1] != name:
            raise Off(f"the pump is {names.STATES[number][1]}, not {name}")


def session(demo: Demo) -> None:
    """What a technician does, and what the world does to the pump."""
    demo.tapir("ports", expect="unprovisioned")
    demo.tapir("provision", "--library", "baclofen-itb", "--syringe", "bd-3ml", expect="READY")
    demo.say("\n$ cat first.toml\n" + EXAMPLE.rstrip())
    demo.tapir("prescribe", "first.toml", "--concentration", "500 mcg/mL", "--yes", expect="INFUSING at 100 mcg/day")
    demo.start_ms = demo.clock_ms()
    demo.sample()
    demo.advance(HOUR_MS)
    demo.mark("bolus")
    demo.tapir("bolus", "5mcg", expect="Started: 5 mcg")
    demo.advance(5 * 60_000)
    demo.advance(5 * 60_000)
    demo.mark("refused")
    demo.tapir("bolus", "5mcg", exit_code=4, expect="R5 lockout")
    demo.tapir("prescribe", "faster.toml", "--concentration", "500 mcg/mL", "--yes", exit_code=4, expect="R1 range")
    demo.tapir("stop", exit_code=2, expect="There is no stop")
    demo.advance(2 * DAY_MS - (demo.clock_ms() - demo.start_ms))
    demo.tapir("status", expect="INFUSING")
    flex(demo)
    demo.tapir("taper", "--yes", expect="TAPERING")
    demo.advance(3 * DAY_MS)
    demo.cut(10 * 60_000, "10 min")
    demo.tapir("status", expect="TAPERING")
    demo.advance(2 * DAY_MS)
    demo.cut(3 * HOUR_MS, "3 h")
    demo.tapir("status", exit_code=5, expect="HELD")
    demo.tapir("alarms", exit_code=5, expect="POWER_LOST")
    demo.tapir("resume", "--yes", expect="TAPERING at 51.2 mcg/day")
    demo.sample()
    demo.advance(18 * DAY_MS - (demo.clock_ms() - demo.start_ms))
    demo.state("ENDED")
    demo.tapir("status", expect="ENDED")
    demo.tapir("log", "--verify", expect="chain intact")
    demo.tapir("report", "--out", "report.html", expect="report.html")


def flex(demo: Demo) -> None:
    """Two days of a schedule, from 22:00; day and night swapped at 19:00 would be a double day. Then back to one rate."""
    demo.say("\n$ cat flex.toml\n  ... as first.toml, but instead of [basal]:\n" + FLEX.rstrip())
    vial = ("--concentration", "500 mcg/mL", "--yes")
    demo.mark("flex")
    demo.tapir("prescribe", "flex.toml", *vial, "--clock", "22:00", expect="INFUSING at 80 mcg/day")
    with Pump.open(demo.sim.port, role="operator", keys=demo.keys()) as pump:
        record = next(event.seq for event in reversed(list(pump.log())) if names.EVENTS[event.event - 1][1] == "PRESCRIBED")
    rows = [(0, 80_000), (7 * HOUR_MS, 120_000), (19 * HOUR_MS, 80_000)]
    demo.flex = oracle.Flex(record, 22 * HOUR_MS, rows)
    demo.advance(21 * HOUR_MS)
    demo.mark("refused")
    demo.tapir("prescribe", "swapped.toml", *vial, "--clock", "19:00", exit_code=4, expect="R6")
    demo.advance(27 * HOUR_MS)
    demo.tapir("status", expect="INFUSING")
    demo.mark("basal")
    demo.tapir("prescribe", "first.toml", *vial, expect="INFUSING at 100 mcg/day")


def show(demo: Demo) -> None:
    """The table and the picture."""
    demo.say("\nday  prescribed mcg  delivered mcg  difference in microsteps")
    for day, prescribed, delivered, off in demo.table:
        demo.say(f"{day:3d}  {float(prescribed) / 1000:14.3f}  {float(delivered) / 1000:13.3f}  {float(off):+24.2f}")
    with Pump.open(demo.sim.port, role="operator", keys=demo.keys()) as pump:
        books, events = pump.books(), list(pump.log())
    if verify(events) is not None:
        raise Off("the journal's chain is broken")
    true = int(demo.sim.truth()["steps"])
    demo.say(
        f"\nMicrosteps that left: {true}. The pump's books: {books.known_steps} known, {books.most_steps} at most; "
        f"the {books.most_steps - books.known_steps} between are what {demo.cuts} power cuts left uncertain."
    )
    picture.draw(demo.points, demo.marks, OUT / "demo.png")


def main() -> int:
    """Run it all; 0 if everything was as it should be."""
    began = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    (OUT / "first.toml").write_text(EXAMPLE)
    before, after = EXAMPLE.split("[basal]\n")[0], EXAMPLE.split('rate = "100 mcg/day"\n')[1]
    (OUT / "flex.toml").write_text(before + FLEX + after)
    (OUT / "swapped.toml").write_text(before + FLEX.replace("80", "-").replace("120", "80").replace("-", "120") + after)
    (OUT / "faster.toml").write_text(EXAMPLE.replace("100 mcg/day", "60 mcg/h"))
    with Simulator(OUT / "pump", speed="frozen", seed=2026) as sim:
        demo = Demo(sim)
        demo.say(f"Tapir: a simulated pump {sim.serial}, firmware {sim.firmware}, on {sim.interpreter}. Not a medical device.")
        try:
            session(demo)
            show(demo)
        except Off as error:
            demo.say(f"\nDEMO FAILED: {error}")
            return 1
        finally:
            (OUT / "session.txt").write_text("\n".join(demo.text) + "\n")
            demo.log.close()
    print(f"\nAll of it as expected, in {time.monotonic() - began:.0f} s. See {os.path.relpath(OUT)}/: demo.png, session.txt, log.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())

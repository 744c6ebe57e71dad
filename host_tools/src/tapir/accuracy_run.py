"""The accuracy tests on simulated pumps: the very firmware, and the plant's delivered volume as the scale.

    setting = Setting(nl_per_day=200_000)
    record, step_pl = measure(AMBULATORY, setting, flaws=3)

Each run is a new pump in a temporary folder, in frozen time: it is provisioned, prescribed, and its time moved on from sample to
sample. The line is not primed, so what is slack in syringe and screw shows as start-up delay. `flaws` 0 is an ideal plant, another
number the seed of one with the small faults of real parts (sim/flaws.py). Used by cli/accuracy.py.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from . import keys
from .accuracy import BOLUSES, MIN_MS, Boluses, Family, Record, due_pl
from .errors import UsageError
from .prescription import Prescription
from .pump import Pump
from .simulator import Simulator
from .wire import limits, units

SALINE = "saline"
TAKE_UP_NL = 20_000
DRAIN_MS = 15 * MIN_MS  # after a bolus, until the tubing has given back what it held
_BOLUS_LEAST_MS, _BOLUS_NL_PER_MS = MIN_MS, Fraction(1, 3)  # 20 uL/min, and a minute at least
_REASON = "accuracy test"

Tick = Callable[[int], None]  # ms of virtual time that have passed


@dataclass(frozen=True)
class Setting:
    """What the pump is told. Without a concentration it is saline, where 1 ng is 1 nL; with one, baclofen."""

    nl_per_day: int
    ng_per_day: int = 0
    conc_ng_per_ml: int = 0
    syringe: str = "bd-3ml"
    interpreter: str = "auto"

    @property
    def library(self) -> str:
        return "baclofen-itb" if self.conc_ng_per_ml else SALINE

    def prescription(self) -> Prescription:
        """As large a cap as the library allows: the rate is the test's, not the cap."""
        row = limits.drug(self.library)
        assert row is not None
        if not self.conc_ng_per_ml:
            return Prescription(SALINE, row[limits.CONC_NG_PER_ML][0], self.nl_per_day, row[limits.MAX_24H_NG])
        return Prescription("baclofen", self.conc_ng_per_ml, self.ng_per_day, row[limits.MAX_24H_NG], screen_ng=row[limits.SCREEN_MAX_NG])

    def check_volume(self, needed: Fraction) -> None:
        """UsageError if the syringe runs dry on the way; `needed` in pL."""
        row = limits.syringe(self.syringe)
        if row is None:
            raise UsageError(f"There is no syringe {self.syringe}.", f"Known: {', '.join(r[0] for r in limits.SYRINGES)}")
        if needed > row[2] * 1000:
            raise UsageError(
                f"The test takes {units.format_nl(-(-needed // 1000), 2)}, and {self.syringe} holds {units.format_nl(row[2])}.",
                "A larger --syringe, a lower --rate, or a shorter --settle.",
            )


@contextmanager
def therapy(setting: Setting, flaws: int) -> Iterator[tuple[Simulator, keys.KeyStore]]:
    """A new simulated pump that infuses what `setting` says, from now on."""
    with tempfile.TemporaryDirectory(prefix="tapir-accuracy-") as folder:
        store, made = keys.KeyStore(Path(folder) / "keys"), keys.fresh()
        serial = f"SCALE-{flaws}"
        profile = Path(folder) / "profile"
        with Simulator(profile, "frozen", setting.interpreter, max(flaws, 1), serial, setting.syringe, flaws=flaws, private=True) as sim:
            with Pump.open(sim.port) as pump:
                store.save_pending(serial, made)
                pump.provision(setting.library, setting.syringe, made).commit()
                store.promote(serial)
            rx = setting.prescription()
            with Pump.open(sim.port, role="clinician", keys=store) as pump:
                pump.prescribe(rx, rx.conc_ng_per_ml, _REASON).commit()
            yield sim, store


def step_pl(sim: Simulator, conc_ng_per_ml: int) -> Fraction:
    """The volume of a microstep as the pump reckons it."""
    with Pump.open(sim.port) as pump:
        books = pump.books()
    return Fraction(books.ratio_den * 1_000_000_000, books.ratio_num * conc_ng_per_ml)


def scale_pl(sim: Simulator) -> int:
    """What the scale shows now."""
    return int(sim.truth()["delivered_pl"])


def measure(
    family: Family, setting: Setting, flaws: int, tick: Tick = lambda ms: None, scale: Callable[[Simulator], int] = scale_pl
) -> tuple[Record, Fraction]:
    """A record of the family's length, and the volume of a step in pL. `scale` reads pL."""
    setting.check_volume(due_pl(setting.nl_per_day, family.total_ms))
    with therapy(setting, flaws) as (sim, _):
        tare = scale(sim)
        volume = step_pl(sim, setting.prescription().conc_ng_per_ml)
        pl = [0]
        while len(pl) <= family.total_ms // family.sample_ms:
            sim.advance(family.sample_ms)
            pl.append(scale(sim) - tare)
            tick(family.sample_ms)
    return Record(_name(flaws), setting.nl_per_day, family.sample_ms, tuple(pl)), volume


def boluses(setting: Setting, set_nl: int, flaws: int, count: int = BOLUSES, tick: Tick = lambda ms: None) -> tuple[Boluses, Fraction]:
    """`count` successive boluses of `set_nl`, each weighed when the tubing has given back what it held; basal is taken off.

    The first weighing is after one bolus of TAKE_UP_NL at least that is not counted and takes up what is slack.
    """
    if setting.conc_ng_per_ml:
        raise UsageError("Boluses are tested with saline: leave --concentration out.", "Doses are volumes here, and so is the basal rate.")
    each = [max(set_nl, TAKE_UP_NL), *[set_nl] * count]
    setting.check_volume(Fraction(sum(each) * 1000) + due_pl(setting.nl_per_day, sum(map(bolus_spacing_ms, each))))
    found = []
    with therapy(setting, flaws) as (sim, store):
        volume = step_pl(sim, setting.prescription().conc_ng_per_ml)
        before, at = 0, 0
        for i, dose in enumerate(each):
            with Pump.open(sim.port, role="clinician", keys=store) as pump:
                pump.bolus(dose, bolus_ms(dose), _REASON).commit()
            sim.advance(bolus_spacing_ms(dose))
            truth = sim.truth()
            if i:
                found.append(truth["delivered_pl"] - before - due_pl(setting.nl_per_day, (truth["us"] - at) // 1000))
            before, at = truth["delivered_pl"], truth["us"]
            tick(bolus_spacing_ms(dose))
    return Boluses(_name(flaws), set_nl, tuple(Fraction(pl) for pl in found)), volume


def bolus_ms(set_nl: int) -> int:
    """How long a bolus takes."""
    return max(_BOLUS_LEAST_MS, int(set_nl / _BOLUS_NL_PER_MS))


def bolus_spacing_ms(set_nl: int) -> int:
    """From one to the next: the tubing drains."""
    return bolus_ms(set_nl) + DRAIN_MS


def _name(flaws: int) -> str:
    return f"seed {flaws}" if flaws else "ideal plant"

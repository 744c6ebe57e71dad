"""How long a reservoir lasts, before the pump is asked to run at a rate. Volumes in nL, drug in ng, times in ms, rounded down.

Where `low` begins is limits.low_nl, for the pump too. Once a therapy runs, the pump's own STATUS.low_in_ms counts.
"""

from .prescription import Prescription
from .wire import limits


def volume_nl(drug_ng: int, conc_ng_per_ml: int) -> int:
    """The volume of an amount of drug, rounded up."""
    return -(-drug_ng * 1000000 // conc_ng_per_ml)


def worst_day_ng(rx: Prescription) -> int:
    """Basal and every allotted patient bolus, within the prescription's cap."""
    return min(rx.max_24h_ng, rx.basal_ng_per_day + (rx.pb_max or 0) * (rx.pb_dose_ng or 0))


def low_in_ms(rx: Prescription, reservoir_nl: int, full_nl: int, days: int) -> tuple[int, int]:
    """(at basal, with every bolus used): time until low, `days` being the library's LOW_DAYS. 0 if it is low already."""
    worst = volume_nl(worst_day_ng(rx), rx.conc_ng_per_ml)
    spare = max(0, reservoir_nl - limits.low_nl(full_nl, worst, days))
    basal = volume_nl(rx.basal_ng_per_day, rx.conc_ng_per_ml)
    return spare * limits.DAY_MS // basal, spare * limits.DAY_MS // worst

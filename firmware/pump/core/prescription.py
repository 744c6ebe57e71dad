"""A prescription: its fields in journal order, and what can be said about it without knowing the past (R1, R5, R6, R9, R16)."""

from pump.core.reject import Reject, limit, within
from wire import limits
from wire import schema as s

FIELDS = (
    "conc_ng_per_ml",
    "basal_ng_per_day",
    "max_24h_ng",
    "origin",
    "screen_ng",
    "screen_long",
    "pb_dose_ng",
    "pb_duration_ms",
    "pb_lockout_ms",
    "pb_max",
    "mode",
)
CONC, BASAL, MAX_24H, ORIGIN, SCREEN, SCREEN_LONG, PB_DOSE, PB_DURATION, PB_LOCKOUT, PB_MAX, MODE = range(11)
_PATIENT_BOLUS = ("pb_dose_ng", "pb_duration_ms", "pb_lockout_ms", "pb_max")


def from_fields(values: dict) -> list[int]:
    """The prescription in a PRESCRIBE message; what is left out is 0."""
    return [values.get(name) or 0 for name in FIELDS]


def check(row: tuple, values: dict) -> None:
    """Refuse what the drug library does not allow for anybody at any time."""
    if values["drug"] != row[limits.DRUG]:
        raise Reject(s.OUT_OF_RANGE, None, "drug", text=row[limits.DRUG])
    check_conc(row, values)
    basal = values["basal_ng_per_day"]
    within(1, "basal_ng_per_day", basal, row[limits.BASAL_MIN_NG_PER_DAY], row[limits.BASAL_MAX_NG_PER_DAY])
    within(6, "max_24h_ng", values["max_24h_ng"], basal, row[limits.MAX_24H_NG])
    given = [name for name in _PATIENT_BOLUS if values.get(name)]
    if given and len(given) < len(_PATIENT_BOLUS):
        missing = [name for name in _PATIENT_BOLUS if name not in given]
        raise Reject(s.BAD_FIELD, None, missing[0], text="a patient bolus needs dose, duration, lockout, max")
    if given:
        check_bolus(row, "pb_", values["pb_dose_ng"], values["pb_duration_ms"])
        lockout = values["pb_lockout_ms"]
        if lockout < row[limits.LOCKOUT_MIN_MS]:
            raise limit(5, "pb_lockout_ms", lockout, row[limits.LOCKOUT_MIN_MS], None)


def check_conc(row: tuple, values: dict) -> None:
    """R9: entered twice, and one of the library's."""
    conc = values["conc_ng_per_ml"]
    if values["conc_again_ng_per_ml"] != conc:
        raise Reject(s.LIMIT, 9, "conc_again_ng_per_ml", values["conc_again_ng_per_ml"], conc, conc)
    known = row[limits.CONC_NG_PER_ML]
    if conc not in known:
        raise Reject(s.LIMIT, 9, "conc_ng_per_ml", conc, known[0], known[-1], None, ",".join([str(c) for c in known]))


def soft_limits(row: tuple, rx: list[int]) -> list[tuple[int, int, str, int, int]]:
    """The library's soft limits that a prescription crosses: (bit, rule, field, value, limit) each."""
    crossed = []
    if rx[BASAL] > row[limits.BASAL_SOFT_MAX_NG_PER_DAY]:
        crossed.append((limits.SOFT_BASAL_HIGH, 1, "basal_ng_per_day", rx[BASAL], row[limits.BASAL_SOFT_MAX_NG_PER_DAY]))
    if rx[PB_DOSE] > row[limits.BOLUS_SOFT_MAX_NG]:
        crossed.append((limits.SOFT_BOLUS_HIGH, 16, "pb_dose_ng", rx[PB_DOSE], row[limits.BOLUS_SOFT_MAX_NG]))
    return crossed


def check_bolus(row: tuple, prefix: str, dose_ng: int, duration_ms: int) -> None:
    """R16: one bolus is bounded in dose and in speed."""
    within(16, prefix + "dose_ng", dose_ng, 1, row[limits.BOLUS_MAX_NG])
    within(16, prefix + "duration_ms", duration_ms, row[limits.BOLUS_MIN_MS], row[limits.BOLUS_MAX_MS])


def check_speed(field: str, value: int, steps: int, ms: int, most_per_s: int) -> None:
    """R1: what board and syringe can deliver. `steps` in `ms` must not exceed most_per_s; the limit is given in `value`'s unit."""
    if steps * 1000 > most_per_s * ms:
        raise limit(1, field, value, None, value * most_per_s * ms // (steps * 1000))

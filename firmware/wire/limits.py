"""Limits that host and pump share: the columns of the drug library, syringes, and the rules' own numbers. Data, in canonical units.

The library's numbers are in library.py, made from library/*.toml, which says where each comes from; of those here it is said
beside them. None of this is medical advice: it configures a bench model.
"""

from . import schema as s
from .library import LIBRARY as ROWS

TYPE_CHECKING = False  # mypy takes the name for true; MicroPython has no typing module
if TYPE_CHECKING:
    from typing import Any

    Drug = tuple[Any, ...]  # the positions are named below
    Syringe = tuple[str, int, int, str]

HOUR_MS = 3600000
DAY_MS = 86400000

# --- drug library: one row a drug -----------------------------------------------------------------------------------------
# Field positions; tools/library_rows.py says which number of library/*.toml each is. Rows are tuples so that they cost little memory
# and can be hashed as they stand.
(
    NAME,
    DRUG,
    CONC_NG_PER_ML,  # R9: the only concentrations accepted
    BASAL_MIN_NG_PER_DAY,  # R1, and the floor of a taper (R4)
    BASAL_MAX_NG_PER_DAY,
    MAX_24H_NG,  # R6: the largest `max_24h` a prescription may ask for
    START_MAX_NG_PER_DAY,  # R8
    SCREEN_MIN_NG,
    SCREEN_MAX_NG,
    BOLUS_MAX_NG,  # R16
    BOLUS_MIN_MS,  # R16: the shortest duration
    BOLUS_MAX_MS,
    LOCKOUT_MIN_MS,  # R5
    RAISE_PERCENT,  # R2: by origin, in the order of schema.ORIGINS
    RAISE_SOFT_PERCENT,  # R2: soft limit ...
    RAISE_SOFT_ABOVE_NG_PER_DAY,  # ... above this D
    LOWER_PERCENT,  # R3
    RUNG_BACK_MS,  # R3: a rung held within this time may be gone back to
    TAPER_PRESETS,  # R4: (percent, hold in ms), in the order of schema.TAPERS
    SUSPEND_MAX_MS,  # R7
    OFF_AUTO_MS,  # R7: off-time up to which a trusted clock lets basal resume by itself
    REFILL_SHARE_PERCENT,  # R13
    BOLUS_IN_TAPER,  # R16: patient bolus allowed while tapering
    BASAL_SOFT_MAX_NG_PER_DAY,  # R1: more needs a clinician's reason
    BOLUS_SOFT_MAX_NG,  # R16: more needs a clinician's reason
    RAISE_WAIT_MS,  # R2: no raise so long after the start of a therapy
    SCREEN_SPACING_MS,  # between two test doses
    FLEX_MIN_PERCENT,  # R1: a flex step, of the daily mean
    FLEX_MAX_PERCENT,
    DEAD_MIN_NL,  # R9: what may be given as the volume from the syringe to the tip
    DEAD_MAX_NL,
    HALF_LIFE_MIN,  # of the drug's level
    PAUSE_REMIND_MS,  # a taper paused for so long
    LOW_DAYS,  # of the most a day can use: the reservoir is low
    REFILL_DAYS,  # of the most a day can use: the refill date is near
    LOWER_WINDOW_MS,  # R3: of the largest D of so long
) = range(36)

LIBRARY: "tuple[Drug, ...]" = ROWS

# --- soft limits: a bit each in PROPOSED.soft; crossing one needs a reason --------------------------------------------------
SOFT_RAISE_HIGH, SOFT_START_BELOW_RANGE, SOFT_LOCKOUT, SOFT_RUNG_BACK, SOFT_RESIDUAL, SOFT_RESTART = 1, 2, 4, 8, 16, 32
SOFT_BASAL_HIGH, SOFT_BOLUS_HIGH, SOFT_STEEP_TAPER, SOFT_INTERVAL = 64, 128, 256, 512

# --- syringes: (name, bore in um, usable volume in nL, words) ----------------------------------------------------------------
SYRINGES: "tuple[Syringe, ...]" = (
    ("bd-1ml", 4780, 1000000, "BD 1 mL plastic, bore 4.78 mm"),
    ("bd-3ml", 8660, 3000000, "BD 3 mL plastic, bore 8.66 mm"),
    ("bd-10ml", 14500, 10000000, "BD 10 mL plastic, bore 14.50 mm"),
)

# --- low reservoir: the earlier of a volume and the library's LOW_DAYS of worst use --------------------------------------------
LOW_SMALL_NL = 15000000  # up to here it is a syringe, low at a share of its filling; above, a reservoir, low at a volume
LOW_PERCENT = 10
LOW_NL = 2000000

# --- priming, change of syringe and calibration: ours -------------------------------------------------------------------------
PRIME_MAX_NL = 1000000  # R10: in one go
CHANGE_MS = 300000  # R13: a change of syringe that takes longer is reminded of
CALIBRATE_PERCENT = 20  # a syringe further off than this is another syringe

# --- independent evidence (R15) ----------------------------------------------------------------------------------------------
OCCLUSION_KPA = 100  # ours; below 20 psi = 138 kPa (GIP 1.10)
RELEASE_MAX_NL = 500000  # what may be left to flow when an occlusion opens (GIP 1.10) ...
RELEASE_MS = HOUR_MS  # ... and not more than an hour of basal: ours
SUPPLY_OUT_PERCENT = 80  # ours: of the board's SUPPLY_MIN_MV, below which the motor does not turn
TEMPERATURE_DDEG = (50, 500)  # ours: 5 to 50 degrees C, in tenths
OFTEN_STOPS, OFTEN_MS = 3, 600000  # OPCA R6.5.0(18): so many stops by alarms in 10 min are a pattern that a person has to look at

# --- sessions and proposals --------------------------------------------------------------------------------------------------
IDLE_MS = 180000  # a session is closed after 3 min without a message (OPCA R8)
CODE_MS = 120000  # a confirm code lives 2 min
IDS_KEPT = 64


def drug(name: str) -> "Drug | None":
    """The library row called `name`, or None."""
    for row in LIBRARY:
        if row[NAME] == name:
            return row
    return None


def low_nl(full_nl: int, worst_day_nl: int, days: int) -> int:
    """Where a filling of full_nl is low: the earlier of a volume and so many days of worst_day_nl, the most a day can use."""
    volume = full_nl * LOW_PERCENT // 100 if full_nl <= LOW_SMALL_NL else LOW_NL
    return max(volume, days * worst_day_nl)


def syringe(name: str) -> "Syringe | None":
    """The syringe row called `name`, or None."""
    for row in SYRINGES:
        if row[0] == name:
            return row
    return None


def origin_raise_percent(row: "Drug", origin: int) -> int:
    """R2's p for an origin; what is not stated counts as the strictest."""
    percents: tuple[int, ...] = row[RAISE_PERCENT]
    return min(percents) if origin == s.ORIGIN_UNSTATED else percents[origin]

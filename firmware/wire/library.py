"""The drug library, written by tools/gen_library.py from library/*.toml (`make docs`). limits.py names the columns.

Canonical units: ng, ng/day, ng/mL, nL, ms, minutes, days, per cent. HELLO carries the hash of the row in use.
"""

LIBRARY = (
    (
        "baclofen-itb",  # NAME
        "baclofen",  # DRUG
        (50000, 500000, 1000000, 2000000),  # CONC_NG_PER_ML
        27000,  # BASAL_MIN_NG_PER_DAY
        800000,  # BASAL_MAX_NG_PER_DAY
        1000000,  # MAX_24H_NG
        100000,  # START_MAX_NG_PER_DAY
        12500,  # SCREEN_MIN_NG
        50000,  # SCREEN_MAX_NG
        50000,  # BOLUS_MAX_NG
        60000,  # BOLUS_MIN_MS
        3600000,  # BOLUS_MAX_MS
        3600000,  # LOCKOUT_MIN_MS
        (15, 30, 15, 15),  # RAISE_PERCENT
        20,  # RAISE_SOFT_PERCENT
        500000,  # RAISE_SOFT_ABOVE_NG_PER_DAY
        20,  # LOWER_PERCENT
        259200000,  # RUNG_BACK_MS
        ((20, 172800000), (10, 172800000), (30, 86400000), (50, 86400000)),  # TAPER_PRESETS
        172800000,  # SUSPEND_MAX_MS
        3600000,  # OFF_AUTO_MS
        20,  # REFILL_SHARE_PERCENT
        0,  # BOLUS_IN_TAPER
        500000,  # BASAL_SOFT_MAX_NG_PER_DAY
        25000,  # BOLUS_SOFT_MAX_NG
        86400000,  # RAISE_WAIT_MS
        86400000,  # SCREEN_SPACING_MS
        25,  # FLEX_MIN_PERCENT
        200,  # FLEX_MAX_PERCENT
        10000,  # DEAD_MIN_NL
        5000000,  # DEAD_MAX_NL
        270,  # HALF_LIFE_MIN
        604800000,  # PAUSE_REMIND_MS
        3,  # LOW_DAYS
        4,  # REFILL_DAYS
        172800000,  # LOWER_WINDOW_MS
    ),
    (
        "saline",  # NAME
        "saline",  # DRUG
        (1000000,),  # CONC_NG_PER_ML
        24000,  # BASAL_MIN_NG_PER_DAY
        960000000,  # BASAL_MAX_NG_PER_DAY
        1000000000,  # MAX_24H_NG
        960000000,  # START_MAX_NG_PER_DAY
        0,  # SCREEN_MIN_NG
        0,  # SCREEN_MAX_NG
        10000000,  # BOLUS_MAX_NG
        1000,  # BOLUS_MIN_MS
        86400000,  # BOLUS_MAX_MS
        1000,  # LOCKOUT_MIN_MS
        (5000000, 5000000, 5000000, 5000000),  # RAISE_PERCENT
        5000000,  # RAISE_SOFT_PERCENT
        960000000,  # RAISE_SOFT_ABOVE_NG_PER_DAY
        100,  # LOWER_PERCENT
        259200000,  # RUNG_BACK_MS
        ((100, 10000), (50, 60000), (100, 10000), (100, 10000)),  # TAPER_PRESETS
        2592000000,  # SUSPEND_MAX_MS
        3600000,  # OFF_AUTO_MS
        100,  # REFILL_SHARE_PERCENT
        1,  # BOLUS_IN_TAPER
        960000000,  # BASAL_SOFT_MAX_NG_PER_DAY
        10000000,  # BOLUS_SOFT_MAX_NG
        0,  # RAISE_WAIT_MS
        0,  # SCREEN_SPACING_MS
        1,  # FLEX_MIN_PERCENT
        2400,  # FLEX_MAX_PERCENT
        10000,  # DEAD_MIN_NL
        5000000,  # DEAD_MAX_NL
        1,  # HALF_LIFE_MIN
        604800000,  # PAUSE_REMIND_MS
        0,  # LOW_DAYS
        0,  # REFILL_DAYS
        1000,  # LOWER_WINDOW_MS
    ),
)

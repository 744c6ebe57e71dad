"""Drug, volume and microsteps are linked by one reduced integer ratio, fixed when a prescription is committed.

Lengths: bore in um, lead of the screw in nm per turn. Pi is 355/113: 85 parts per thousand million too large, far below
what any syringe holds; the ratio stays small enough for 63-bit arithmetic.
"""

PI_NUM = 355
PI_DEN = 113


def gcd(a: int, b: int) -> int:
    """Greatest common divisor; MicroPython's math has none."""
    while b:
        a, b = b, a % b
    return a


def reduced(num: int, den: int) -> tuple[int, int]:
    """num and den without their common factor."""
    common = gcd(num, den)
    return num // common, den // common


def steps_per_nl(bore_um: int, lead_nm: int, steps_per_turn: int) -> tuple[int, int]:
    """Microsteps that push out one nL, as (num, den): a turn moves pi/4 x bore^2 x lead, and 1 um^2 nm is 10^-9 nL."""
    return reduced(steps_per_turn * 4 * PI_DEN * 1000000000, PI_NUM * bore_um * bore_um * lead_nm)


def steps_per_ng(per_nl: tuple[int, int], conc_ng_per_ml: int) -> tuple[int, int]:
    """Microsteps that deliver one ng at a concentration, as (num, den); 1 mL is 10^6 nL."""
    return reduced(per_nl[0] * 1000000, per_nl[1] * conc_ng_per_ml)

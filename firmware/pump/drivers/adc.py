"""Reads a voltage with the chip's 12-bit converter: 32 samples, the outer halves thrown away, the rest averaged. Integers only, uV.

A spike (a step of the motor, a brush of a relay) is at most a few samples and lies outside; noise of a bit or more averages to some
0.2 mV. 32 samples take 0.1 to 0.5 ms. The reference is the Pico's 3.3 V supply. Called by force.py and supply.py.
"""

SAMPLES = 32
_TRIM = 8  # at each end
_FULL_UV = 3300000
_FULL = 65535  # read_u16 spreads the 12 bits over 16


def microvolts(read_u16: object) -> int:
    """At the pin, rounded."""
    samples = sorted([read_u16() for _ in range(SAMPLES)])  # type: ignore[operator]
    whole = (SAMPLES - 2 * _TRIM) * _FULL
    return (sum(samples[_TRIM : SAMPLES - _TRIM]) * _FULL_UV + whole // 2) // whole

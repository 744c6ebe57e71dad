"""The words that are flashed are what pioasm makes of the text: expected values from adafruit-circuitpython-pioasm 1.3.8."""

import pytest

from pump.drivers import pio_asm, pio_count, pio_step

REQ = ("motion",)

# .side_set 1, for a pulse of 2 and a floor of 400 (24 * 16 + 6 cycles are to be waited)
STEP = """
  80a0  .wrap_target
        pull block            side 0
  602d  out x, 13             side 0
  a047  mov y, osr            side 0
  0083  pause: jmp y-- pause  side 0
  80a0  pull block            side 0
  f157  step: set y, 23       side 1 [1]
  0f86  floor: jmp y-- floor  side 0 [15]
  a647  mov y, osr            side 0 [6]
  0088  wait: jmp y-- wait    side 0
  004a  jmp x-- again         side 0
        .wrap
  0405  again: jmp step       side 0 [4]
"""
COUNT = """
  2020  idle: wait 0 pin 0
  20a0  wait 1 pin 0
  0040  jmp x-- idle
"""


def words(listing: str) -> list[int]:
    return [int(line[2:6], 16) for line in listing.splitlines() if line[2:6].strip()]


def test_the_step_program() -> None:
    program = pio_step.program(2, 400)
    assert list(program[0]) == words(STEP)
    assert program[4] == 9 << 12  # wrap from `jmp x-- again` to the first


def test_the_count_program() -> None:
    assert list(pio_count.program()[0]) == words(COUNT)


def test_what_is_executed_from_outside() -> None:
    assert pio_asm.mov_not(pio_asm.ISR, pio_asm.X) == 0xA0C9  # mov isr, ~x
    assert pio_asm.mov_not(pio_asm.X, pio_asm.NULL) == 0xA02B  # mov x, ~null
    assert pio_asm.push_noblock() == 0x8000
    assert pio_asm.pull_noblock() == 0x8080


def test_both_fit_one_block_together() -> None:
    assert len(pio_step.program(2, 400)[0]) + len(pio_count.program()[0]) <= 32


@pytest.mark.parametrize(("pulse", "floor"), [(0, 400), (17, 400), (2, 10), (2, 538), (16, 24)])
def test_what_can_not_be_built_is_refused(pulse: int, floor: int) -> None:
    with pytest.raises(ValueError, match="pulse or floor"):
        pio_step.program(pulse, floor)

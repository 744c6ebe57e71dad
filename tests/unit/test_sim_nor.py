"""The flash model behaves as a NOR flash does, also when the power fails in an operation."""

from sim.nor import DONE, HALF, NOTHING, TEARS, WEAK, NorFlash, PowerCut
from support import raises, req

REQ = ("simulator",)

_COUNT, _SIZE, _ERASE = 4, 5, 6


def flash(blocks=2):
    return NorFlash(blocks * 4096)


def page(nor, block, offset=0):
    buf = bytearray(256)
    nor.readblocks(block, buf, offset)
    return bytes(buf)


def test_a_new_chip_is_erased():
    nor = flash()
    assert nor.ioctl(_COUNT, 0) == 2 and nor.ioctl(_SIZE, 0) == 4096
    assert page(nor, 1, 512) == b"\xff" * 256
    assert (nor.erases, nor.programs) == (0, 0)


def test_programming_only_clears_bits():
    nor = flash()
    nor.writeblocks(1, b"\xf0" * 256, 256)
    nor.writeblocks(1, b"\x3c" * 256, 256)
    assert page(nor, 1, 256) == b"\x30" * 256
    assert page(nor, 1, 0) == page(nor, 1, 512) == page(nor, 0, 256) == b"\xff" * 256
    nor.ioctl(_ERASE, 1)
    assert page(nor, 1, 256) == b"\xff" * 256
    assert (nor.erases, nor.programs, nor.operations) == (1, 2, 3)


def test_a_block_write_without_offset_erases_first():
    nor = flash()
    nor.writeblocks(0, b"\0" * 256, 0)
    nor.writeblocks(0, b"\xaa" * 4096)
    assert page(nor, 0, 0) == page(nor, 0, 3840) == b"\xaa" * 256
    assert (nor.erases, nor.programs) == (1, 17)


def test_a_read_may_cross_pages_and_blocks():
    nor = flash()
    nor.writeblocks(0, b"\x11" * 256, 3840)
    nor.writeblocks(1, b"\x22" * 256, 0)
    buf = bytearray(512)
    nor.readblocks(0, buf, 3840)
    assert bytes(buf) == b"\x11" * 256 + b"\x22" * 256


def test_only_whole_pages_are_programmed():
    for offset, count in ((1, 256), (0, 100)):
        with raises(ValueError):
            flash().writeblocks(0, b"\0" * count, offset)


def cut_program(tear):
    nor = flash()
    nor.cut_after(2, tear)
    nor.writeblocks(0, b"\x55" * 256, 0)
    with raises(PowerCut):
        nor.writeblocks(0, b"\0" * 256, 256)
    assert nor.dead
    return nor


@req("power cut")
def test_a_torn_program():
    assert len(TEARS) == 4
    seen = {NOTHING: b"\xff" * 256, HALF: b"\0" * 128 + b"\xff" * 128, WEAK: b"\xff" * 256, DONE: b"\0" * 256}
    for tear in seen:
        nor = cut_program(tear).copy()
        assert page(nor, 0, 256) == seen[tear], TEARS[tear]
        assert page(nor, 0, 0) == b"\x55" * 256


@req("power cut")
def test_weak_bits_show_when_the_page_is_programmed():
    nor = cut_program(WEAK).copy()
    nor.writeblocks(0, b"\xff" * 256, 256)
    shown = page(nor, 0, 256)
    assert shown != b"\xff" * 256 and shown != b"\0" * 256
    again = cut_program(WEAK).copy()
    again.writeblocks(0, b"\xff" * 256, 256)
    assert page(again, 0, 256) == shown
    nor.ioctl(_ERASE, 0)
    nor.writeblocks(0, b"\xff" * 256, 256)
    assert page(nor, 0, 256) == b"\xff" * 256


@req("power cut")
def test_a_torn_erase():
    for tear in (NOTHING, HALF, WEAK, DONE):
        nor = flash()
        nor.writeblocks(1, b"\0" * 256, 0)
        nor.writeblocks(1, b"\0" * 256, 3840)
        nor.cut_after(1, tear)
        with raises(PowerCut):
            nor.ioctl(_ERASE, 1)
        nor = nor.copy()
        assert (page(nor, 1, 0) == b"\xff" * 256) == (tear != NOTHING)
        assert (page(nor, 1, 3840) == b"\xff" * 256) == (tear in (WEAK, DONE))
        nor.writeblocks(1, b"\xff" * 256, 3840)
        assert (page(nor, 1, 3840) == b"\xff" * 256) == (tear == DONE)


@req("power cut")
def test_a_dead_chip_does_nothing_and_says_so():
    nor = cut_program(NOTHING)
    before = page(nor.copy(), 0, 0)
    assert nor.readblocks(0, bytearray(256), 0) < 0
    assert nor.writeblocks(0, b"\0" * 256, 0) < 0
    assert nor.ioctl(_ERASE, 0) < 0
    assert page(nor.copy(), 0, 0) == before and not nor.copy().dead


def test_a_cut_can_be_taken_back():
    nor = flash()
    nor.cut_after(1, DONE)
    nor.cut_after(0, NOTHING)
    nor.writeblocks(0, b"\0" * 256, 0)
    assert not nor.dead

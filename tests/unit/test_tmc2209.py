"""The motor driver on its UART: datagrams as others publish them, and a chip that follows the data sheet. Runs on all interpreters."""

from chips import Time, Tmc2209Chip, crc_by_division
from pump.drivers import tmc2209
from pump.drivers.tmc2209 import OVERHEATED, SHORT, UNSET, Tmc2209
from support import req

REQ = ("motion",)

# TMC2209 datagrams published by others: IOIN of the four addresses, a capture of an answer, a write to CHOPCONF
IOIN = ("0500066F", "050106D9", "05020634", "05030682")
CAPTURED = "05FF06210002419D"
CHOPCONF = "0500EC100000539C"


class Board:
    TMC_ADDRESS, TMC_RUN, TMC_HOLD, MICROSTEPS = 3, 10, 5, 16


def hexed(data):
    return "".join(["%02X" % byte for byte in data])


def unhexed(text):
    return bytes([int(text[i : i + 2], 16) for i in range(0, len(text), 2)])


def rig(board=Board, ms=0):
    time, chip = Time(ms), Tmc2209Chip(board.TMC_ADDRESS)
    return time, chip, Tmc2209(chip, time, board)


def pass_time(time, driver, ms):
    """As hw.wait does, every few ms."""
    for _ in range(0, ms, 5):
        driver.poll()
        time.ms += 5


def test_datagrams_are_those_that_others_publish():
    for address in range(4):
        assert hexed(tmc2209.read_request(address, 0x06)) == IOIN[address]
    assert hexed(tmc2209.write_request(0, 0x6C, 0x10000053)) == CHOPCONF
    answer = unhexed(CAPTURED)
    assert tmc2209.crc8(answer[:-1]) == answer[-1]


def test_the_crc_is_a_long_division():
    for length in (1, 3, 7):
        for seed in range(50):
            data = bytes([(seed * 37 + i * 101 + length) & 0xFF for i in range(length)])
            assert tmc2209.crc8(data) == crc_by_division(data)


def test_it_is_set_up_and_then_has_no_fault():
    for ms in (0, (1 << 30) - 50):
        time, chip, driver = rig(ms=ms)
        assert driver.faults() == UNSET  # no motion before
        pass_time(time, driver, 150)
        assert driver.settled() and chip.microsteps() == 16
        assert driver.faults() == 0
        pass_time(time, driver, 5000)
        assert driver.faults() == 0


def test_the_registers_say_what_the_board_says():
    for microsteps in (1, 2, 4, 8, 16, 32, 64, 128, 256):

        class Other(Board):
            MICROSTEPS = microsteps

        time, chip, driver = rig(Other)
        pass_time(time, driver, 150)
        assert chip.microsteps() == microsteps
    written = dict(chip.log)
    assert written[0x10] == 5 | 10 << 8 | 8 << 16  # IHOLD, IRUN, IHOLDDELAY
    assert written[0x00] & 0x40 and written[0x00] & 0x80 and not written[0x00] & 1  # pdn_disable, mstep_reg_select, no I_scale_analog
    assert written[0x6C] & 15  # TOFF 0 would be a driver that is off
    assert chip.registers[0x01] == 0


@req("R15")
def test_what_it_reports():
    for status, faults in (
        (0x1, OVERHEATED),
        (0x2, OVERHEATED),
        (0x4, SHORT),
        (0x8, SHORT),
        (0x10, SHORT),
        (0x20, SHORT),
        (0x40, SHORT),
        (0x80, SHORT),
        (0x80000040, 0),  # an open coil can not be told at rest
        (0x80000001, OVERHEATED),
        (0x40000000, 0),  # StealthChop
    ):
        time, chip, driver = rig()
        pass_time(time, driver, 150)
        driver.faults()
        chip.registers[0x6F] = status
        pass_time(time, driver, 2500)
        assert driver.faults() == faults, hex(status)
        assert driver.faults() == faults
        chip.registers[0x6F] = 0x80000000
        pass_time(time, driver, 2500)
        assert driver.faults() == 0
        chip.registers[0x6F] = status
        pass_time(time, driver, 2500)
        chip.registers[0x6F] = 0x80000000
        pass_time(time, driver, 2500)
        assert driver.faults() == faults  # it was so since the last call
        assert driver.faults() == 0


@req("R15")
def test_a_driver_that_was_reset_is_told_and_set_up_again():
    time, chip, driver = rig()
    pass_time(time, driver, 3000)
    driver.faults()
    chip.power_on()
    pass_time(time, driver, 2200)
    assert chip.microsteps() == 16
    assert driver.faults() == UNSET
    pass_time(time, driver, 2500)
    assert driver.faults() == 0


@req("R15")
def test_low_charge_pump_and_other_microsteps_are_told():
    for register, value in ((0x01, 4), (0x6C, 0x10000053)):
        time, chip, driver = rig()
        pass_time(time, driver, 150)
        driver.faults()
        chip.registers[register] = value
        pass_time(time, driver, 2500)
        assert driver.faults() == UNSET


@req("R15")
def test_a_setting_that_does_not_arrive_keeps_the_fault():
    """Each write in turn is lost: IFCNT or what is read back says so, for as long as it is so."""
    for register in (0x00, 0x10, 0x6C, 0x01):
        time, chip, driver = rig()
        chip.deaf = (register,)
        pass_time(time, driver, 7000)
        assert driver.faults() == UNSET, hex(register)
        pass_time(time, driver, 3000)
        assert driver.faults() == UNSET
        chip.deaf = ()
        pass_time(time, driver, 3000)
        driver.faults()
        pass_time(time, driver, 3000)
        assert driver.faults() == 0


def test_ifcnt_wraps():
    time, chip, driver = rig()
    chip.registers[0x02] = 253
    pass_time(time, driver, 150)
    driver.faults()
    assert chip.registers[0x02] == 1 and driver.faults() == 0


@req("R15")
def test_silence_is_none_and_ends():
    """No power, a broken wire, another address: three answers late; and it is asked again."""
    for mute, echo in ((True, True), (True, False)):
        time, chip, driver = rig()
        pass_time(time, driver, 150)
        chip.mute, chip.echo = mute, echo
        pass_time(time, driver, 2500)
        assert driver.faults() is None
        chip.mute, chip.echo = False, True
        chip.power_on()
        pass_time(time, driver, 4500)
        assert driver.faults() == 0 and chip.microsteps() == 16


def test_a_spoilt_answer_is_asked_for_again():
    time, chip, driver = rig()
    chip.garble = 2
    pass_time(time, driver, 300)
    driver.faults()
    assert chip.microsteps() == 16 and driver.faults() == 0


def test_it_never_waits():
    """Whatever is late, `poll` sends at most one datagram and comes back."""
    time, chip, driver = rig()
    chip.mute = True
    sent = []
    write = chip.write
    chip.write = lambda data: sent.append(time.ms) or write(data)
    pass_time(time, driver, 10000)
    assert len(sent) < 40 and len(set(sent)) == len(sent)

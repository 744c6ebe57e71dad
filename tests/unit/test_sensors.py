"""The drivers of what is measured: end stops, force, supply and clock, on chips as their data sheets have them. On all interpreters."""

from chips import Ds3231Chip, Machine, Time
from pump.drivers.adc import microvolts
from pump.drivers.ds3231 import Ds3231
from pump.drivers.ends import END_BACK, END_EMPTY, UNSEATED, Ends
from pump.drivers.force import Force
from pump.drivers.supply import Supply
from support import raises, req

REQ = ("R15",)


class Board:
    PIN_STOP_EMPTY, PIN_STOP_BACK, PIN_SEAT = 16, 17, 18
    PIN_FORCE, PIN_SUPPLY = 26, 27
    FORCE_ZERO_MV, FORCE_MN_PER_V = 330, 20000
    SUPPLY_MV_PER_V = 11000


# --- end stops ------------------------------------------------------------------------------------------------------------
def ends(levels, board=Board):
    time = Time()
    machine = Machine(levels)
    return time, machine, Ends(machine, time, board)


def test_closed_is_well_and_open_is_reached():
    for levels, state in (
        ({16: 0, 17: 0, 18: 0}, 0),
        ({16: 1, 17: 0, 18: 0}, END_EMPTY),
        ({16: 0, 17: 1, 18: 0}, END_BACK),
        ({16: 0, 17: 0, 18: 1}, UNSEATED),
    ):
        assert ends(levels)[2].state() == state


@req("R15")
def test_a_broken_wire_reads_as_reached_from_the_first_look():
    assert ends({})[2].state() == END_EMPTY | END_BACK | UNSEATED == 7


def test_what_the_board_has_not_is_never_reached():
    class Bare(Board):
        PIN_STOP_EMPTY = PIN_SEAT = None

    assert ends({}, Bare)[2].state() == END_BACK


def test_bounces_do_not_count_and_what_lasts_20_ms_does():
    time, machine, port = ends({16: 0, 17: 0, 18: 0})
    for ms in range(100):  # never 20 ms the same
        time.ms += 1
        machine.levels[16] = ms // 15 % 2
        assert not port.poll() and port.state() == 0
    machine.levels[16] = 1
    changed = []
    for _ in range(40):
        time.ms += 1
        changed.append(port.poll())
    assert changed.count(True) == 1 and 19 <= changed.index(True) <= 21
    assert port.state() == END_EMPTY and not port.settling()
    machine.levels[16] = 0
    port.poll()
    assert port.settling() and port.state() == END_EMPTY


# --- ADC ------------------------------------------------------------------------------------------------------------------
def test_a_voltage_is_exact_at_both_ends_and_in_between():
    assert microvolts(lambda: 0) == 0
    assert microvolts(lambda: 65535) == 3300000
    assert microvolts(lambda: 32768) == 1650025  # 32768 / 65535 * 3.3 V = 1.65002518 V


def test_spikes_are_thrown_away():
    row = [1000, 65535, 1000, 1000, 0] * 20  # a fifth up, a fifth down
    assert microvolts(iter(row).__next__) == microvolts(lambda: 1000)


def test_a_voltage_between_two_codes_is_found_by_its_noise():
    row = [1000, 1016, 1000, 1016] * 8
    assert microvolts(iter(row).__next__) == microvolts(lambda: 1008)


# --- force ----------------------------------------------------------------------------------------------------------------
def code(millivolts):
    """Of 4096, as the converter rounds."""
    return millivolts * 4096 // 3300


def test_force_by_its_calibration():
    for millivolts, millinewtons in ((330, 0), (1330, 20000), (620, 5800), (230, -2000)):
        machine = Machine(raw={26: code(millivolts)})
        got = Force(machine, Time(), Board).read()
        assert abs(got - millinewtons) <= 20  # a code of the converter is 16 mN


@req("R15")
def test_open_and_short_are_no_force():
    for millivolts in (0, 20, 45, 3260, 3299):
        assert Force(Machine(raw={26: code(millivolts)}), Time(), Board).read() is None
    for millivolts in (55, 3240):
        assert Force(Machine(raw={26: code(millivolts)}), Time(), Board).read() is not None


@req("R15")
def test_a_force_is_never_stale():
    """Nobody looked for 20 ms, for minutes, or until ticks look the same again: what is read is what is."""
    for boot in (0, (1 << 30) - 10):
        for pause in (20, 500, 60000, 1 << 29, (1 << 30) - 1):
            time = Time(boot)
            machine = Machine(raw={26: 1000})
            force = Force(machine, time, Board)
            low = force.read()
            machine.raw[26] = 2000
            time.ms += pause
            assert force.read() > low + 10000, pause


def test_force_is_converted_every_20_ms_at_most():
    calls = []
    time = Time()
    force = Force(Machine(raw={26: lambda: calls.append(1) or 1000}), time, Board)
    one = len(calls)
    for _ in range(100):
        time.ms += 1
        force.read()
    assert len(calls) == 6 * one and 16 <= one <= 64


# --- supply ---------------------------------------------------------------------------------------------------------------
def test_supply_by_its_divider():
    for millivolts in (9000, 12000, 24000):
        got = Supply(Machine(raw={27: code(millivolts // 11), 4: 876}), Board).read()[0]
        assert abs(got - millivolts) <= 20


def test_temperature_by_the_data_sheet():
    """T = 27 - (V - 0.706) / 0.001721: 876 of 4096 are 0.7058 V, 27.1 C; 847 are 0.6824 V, 40.7 C; 950 are 0.7654 V, -7.5 C."""
    for raw, tenths in ((876, 271), (847, 407), (950, -75)):
        got = Supply(Machine(raw={27: 1354, 4: raw}), Board).read()[1]
        assert abs(got - tenths) <= 2, (raw, got)


def test_a_broken_thermometer_and_no_divider_are_none():
    class Bare(Board):
        PIN_SUPPLY = None

    assert Supply(Machine(raw={4: 4000}), Bare).read() == (None, None)
    assert Supply(Machine(raw={4: 0}), Bare).read() == (None, None)


# --- clock ----------------------------------------------------------------------------------------------------------------
# registers 0..6 and the seconds that `date -d DATE +%s` minus 946684800 gives
DATES = (
    ("00000006010100", 0),  # 2000-01-01 00:00:00, a Saturday
    ("59592307311299", 3155759999),  # 2099-12-31 23:59:59, a Thursday; its day of the week is not looked at
    ("56342103290224", 762557696),  # 2024-02-29 21:34:56
    ("01000005010324", 762566401),  # 2024-03-01 00:00:01
)


def registers(text, status=0x08):
    return bytes([int(text[i : i + 2], 16) for i in range(0, 14, 2)]) + bytes(8) + bytes([status, 0, 0, 0])


def test_seconds_since_2000():
    for text, seconds in DATES:
        assert Ds3231(Ds3231Chip(registers(text))).seconds() == seconds


def test_twelve_hours_a_day_are_understood():
    for hour, wanted in ((0x52, 0), (0x41, 1), (0x51, 11), (0x72, 12), (0x61, 13), (0x71, 23)):
        chip = Ds3231Chip(registers("0000%02X06010100" % hour))
        assert Ds3231(chip).seconds() == wanted * 3600


@req("R7")
def test_a_clock_that_stopped_is_not_there_or_talks_nonsense_is_none():
    good = "56342103290224"
    chip = Ds3231Chip(registers(good, status=0x88))
    clock = Ds3231(chip)
    assert clock.seconds() is None  # the oscillator has stopped
    chip.registers[15] = 0x08
    assert clock.seconds() is not None
    chip.there = False
    assert clock.seconds() is None
    for text in (
        "30152503251126",
        "60342103290224",
        "5A342103290224",
        "56342103300224",
        "56342103000224",
        "56342103291324",
        "FFFFFFFFFFFFFF",
    ):
        assert Ds3231(Ds3231Chip(registers(text))).seconds() is None, text


@req("R7")
def test_setting_it_is_what_makes_it_trusted():
    chip = Ds3231Chip(registers("00000006010100", status=0x88))
    clock = Ds3231(chip)
    for text, seconds in DATES:
        chip.registers[15] = 0x88
        clock.set(seconds)
        assert clock.seconds() == seconds
        want = registers(text)
        for i in (0, 1, 2, 4, 5, 6):
            assert chip.registers[i] == want[i]
        assert chip.registers[15] == 0x08
    clock.set(0)
    assert chip.registers[3] == 6  # 2000-01-01 was a Saturday, counted from Monday
    for seconds in (-1, 36525 * 86400):
        with raises(ValueError):
            clock.set(seconds)
    chip.there = False
    with raises(OSError):
        clock.set(0)

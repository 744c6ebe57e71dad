"""Every board passes the checks, and each check sees its own mistake. Runs on all interpreters."""

from boards import check, pico_a4988, pico_bare, pico_tmc2209, roles, sim

REQ = ("boards",)

BOARDS = (sim, pico_a4988, pico_bare, pico_tmc2209)


class Changed:
    """pico_a4988 with some constants changed; a value of KeyError takes the constant away. With an encoder, and what a TMC2209 needs."""

    def __init__(self, **changes):
        self.TMC_ADDRESS, self.TMC_RUN, self.TMC_HOLD = 0, 16, 8
        for name in dir(pico_a4988):
            if name[0] != "_":
                setattr(self, name, getattr(pico_a4988, name))
        self.PIN_ENCODER_A, self.PIN_ENCODER_B = 10, 11
        for name in changes:
            if changes[name] is KeyError:
                delattr(self, name)
            else:
                setattr(self, name, changes[name])


MISTAKES = (
    ({"PIN_DIR": 2}, "PIN_STEP and PIN_DIR are both GPIO 2"),
    ({"PIN_FORCE": 22, "PIN_SERVICE": 20}, "PIN_FORCE is GPIO 22; the ADC has 26, 27 and 28"),
    ({"PIN_STEP": 24}, "PIN_STEP is 24; a Pico has GPIO"),
    ({"PIN_STEP": "2"}, "PIN_STEP is '2'; a Pico has GPIO"),
    ({"PIN_ENABLE": None}, "PIN_ENABLE is None; a pump needs it"),
    ({"PIN_ENABLE": KeyError}, "PIN_ENABLE is missing"),
    ({"PIN_SEAT": KeyError}, "PIN_SEAT is missing; None says"),
    ({"PIN_SPARE": 5}, "PIN_SPARE is not a pin that"),
    ({"PIN_ENCODER_B": 12}, "PIN_ENCODER_B is GPIO 12; the PIO needs it just above"),
    ({"PIN_ENCODER_A": None}, "PIN_ENCODER_A and PIN_ENCODER_B are there together"),
    ({"PIN_UART_TX": 21, "PIN_UART_RX": 9}, "PIN_UART_TX is GPIO 21; a UART has it on"),
    ({"PIN_UART_TX": 20, "PIN_UART_RX": 1}, "PIN_UART_RX and PIN_UART_TX are on different UARTs"),
    ({"PIN_UART_TX": 20}, "PIN_UART_TX and PIN_UART_RX are there together"),
    ({"PIN_SDA": 19}, "PIN_SDA is GPIO 19; an I2C has it on"),
    ({"PIN_SDA": None}, "PIN_SDA and PIN_SCL are there together"),
    ({"PIN_SDA": 12}, "PIN_SCL and PIN_SDA are on different I2Cs"),
    ({"PIN_SCL": 13, "PIN_BUZZER": 15, "PIN_SDA": 14}, "PIN_SCL and PIN_SDA are on different I2Cs"),
    ({"ENCODER_COUNTS": KeyError}, "ENCODER_COUNTS is None; it must be a whole number"),
    ({"ENCODER_COUNTS": 0}, "ENCODER_COUNTS is 0; it must be"),
    ({"FORCE_ZERO_MV": 50}, "FORCE_ZERO_MV is 50; it must be 100..3000"),
    ({"FORCE_OCCLUSION_MN": 60000}, "FORCE_OCCLUSION_MN would be 3330 mV; the amplifier says 100..3200"),
    ({"SUPPLY_MIN_MV": 13500}, "SUPPLY_MAX_MV is 13500; it must be above SUPPLY_MIN_MV"),
    ({"SUPPLY_MAX_MV": 33001}, "SUPPLY_MAX_MV is 33001"),
    ({"PIN_UART_TX": 20, "PIN_UART_RX": 21, "TMC_ADDRESS": 4}, "TMC_ADDRESS is 4; it must be 0..3"),
    ({"MICROSTEPS": 10, "PIN_UART_TX": 20, "PIN_UART_RX": 21}, "MICROSTEPS is 10; a TMC"),
    ({"RAMP": ((10, 900), (10, 800), (10, 700))}, "RAMP has 3 rows; the queue has places for 2"),
    ({"PIN_CONFIRM": None}, "HAS_CONFIRM and PIN_CONFIRM contradict"),
    ({"HAS_CONFIRM": False}, "HAS_CONFIRM and PIN_CONFIRM contradict"),
    ({"HAS_CONFIRM": "yes"}, "HAS_CONFIRM is neither"),
    ({"NAME": KeyError}, "NAME is not a text"),
    ({"LEAD_NM": 0}, "LEAD_NM is 0; it must be"),
    ({"LEAD_NM": "1 mm"}, "LEAD_NM is '1 mm'; it must be a whole number"),
    ({"MAX_STEPS_PER_S": 2501}, "contradict each other"),
    ({"MIN_PERIOD_US": 10, "MAX_STEPS_PER_S": 100}, "MIN_PERIOD_US is 10; with a pulse of 2 the PIO can hold 11..537"),
    ({"MIN_PERIOD_US": 538, "MAX_STEPS_PER_S": 100, "RAMP": ()}, "MIN_PERIOD_US is 538; with a pulse of 2"),
    ({"STEP_PULSE_US": 1}, "STEP_PULSE_US is 1; it must be 2..16"),
    ({"ENABLE_ON": 2}, "ENABLE_ON is 2; it must be 0..1"),
    ({"DIR_HOLD_US": 394}, "DIR_HOLD_US is 394; DIR may change within"),
    ({"RAMP": ((10, 600), (10, 700))}, "RAMP has (10, 700)"),
    ({"RAMP": ((10, 399),)}, "RAMP has (10, 399)"),
)


def test_every_board_is_sound():
    for board in BOARDS:
        assert check.problems(board) == []


def test_every_mistake_is_named_alone():
    for changes, sentence in MISTAKES:
        found = check.problems(Changed(**changes))
        assert len(found) == 1 and sentence in found[0], "%r: %r" % (changes, found)


def test_what_is_just_right_passes():
    for changes in (
        {"MIN_PERIOD_US": 11, "MAX_STEPS_PER_S": 90909, "DIR_HOLD_US": 4, "RAMP": ()},
        {"MIN_PERIOD_US": 537, "MAX_STEPS_PER_S": 1862},
        {"PIN_UART_TX": 12, "PIN_UART_RX": 1, "TMC_ADDRESS": 3, "TMC_RUN": 31, "TMC_HOLD": 0},
        {"PIN_SEAT": None, "PIN_FORCE": None, "FORCE_ZERO_MV": KeyError, "FORCE_MN_PER_V": KeyError},
        {"PIN_ENCODER_A": None, "PIN_ENCODER_B": None, "ENCODER_COUNTS": KeyError, "PIN_SDA": None, "PIN_SCL": None},
        {"PIN_SUPPLY": None, "SUPPLY_MV_PER_V": KeyError, "PIN_SDA": 20, "PIN_SCL": 9},
        {"FORCE_OCCLUSION_MN": 57400, "SUPPLY_MAX_MV": 33000},
        {"DIR_HOLD_US": 393},
    ):
        assert check.problems(Changed(**changes)) == [], changes


def test_roles_are_named_once():
    names = [role[0] for role in roles.ROLES]
    assert len(set(names)) == len(names)
    for role in roles.ROLES:
        assert len(role) == 4 and role[1] in ("out", "in", "count", "adc", "pwm", "tx", "rx", "sda", "scl")

"""Looks whether a board's constants can be: `problems(board)` gives one sentence for each that can not, none if all is well.

Says what it saw and what would do. Called by the tests, and by what puts a board on a Pico, before anything is written.
"""

from boards.roles import ROLES
from pump.drivers import pio_step

# constant, least, most
_EVERY_BOARD = (
    ("LEAD_NM", 10000, 20000000),
    ("FULL_STEPS", 20, 800),
    ("MICROSTEPS", 1, 256),
    ("MIN_PERIOD_US", 1, 1000000),
    ("MAX_STEPS_PER_S", 1, 100000),
    ("FLASH_BYTES", 65536, 16777216),
)
_EVERY_PICO = (
    ("DIR_FORWARD", 0, 1),
    ("ENABLE_ON", 0, 1),
    ("STEP_PULSE_US", 2, 16),
    ("DIR_SETUP_US", 1, 100000),
    ("DIR_HOLD_US", 1, 100000),
    ("ENABLE_SETUP_US", 1, 100000),
)
# of a part: the pin that says it is there, then as above
_OF_PARTS = (
    ("PIN_ENCODER_A", "ENCODER_COUNTS", 4, 1000000),
    ("PIN_FORCE", "FORCE_ZERO_MV", 100, 3000),
    ("PIN_FORCE", "FORCE_MN_PER_V", 100, 1000000),
    ("PIN_FORCE", "FORCE_OCCLUSION_MN", 100, 1000000),
    ("PIN_SUPPLY", "SUPPLY_MV_PER_V", 1000, 50000),
    ("PIN_SUPPLY", "SUPPLY_MIN_MV", 1000, 60000),
    ("PIN_SUPPLY", "SUPPLY_MAX_MV", 1000, 60000),
    ("PIN_UART_TX", "TMC_ADDRESS", 0, 3),
    ("PIN_UART_TX", "TMC_RUN", 0, 31),
    ("PIN_UART_TX", "TMC_HOLD", 0, 31),
)
_RAILS_MV = 100, 3200  # what an amplifier of a 3.3 V supply can say; force.py takes what is beyond for a broken wire
_ABSENT = object()
GPIOS = tuple(range(23)) + (25, 26, 27, 28)  # that a Pico has: 23, 24 and 29 are its power supply's
ADC = (26, 27, 28)
# of the kinds that only some pins can be: what they belong to, and those pins
SOME = {
    "tx": ("a UART", (0, 4, 8, 12, 16, 20, 28)),
    "rx": ("a UART", (1, 5, 9, 13, 17, 21)),
    "sda": ("an I2C", (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 26, 28)),
    "scl": ("an I2C", (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 27)),
}
TOGETHER = (("PIN_ENCODER_A", "PIN_ENCODER_B"), ("PIN_UART_TX", "PIN_UART_RX"), ("PIN_SDA", "PIN_SCL"))


def problems(board: object) -> list:
    """Sentences. A board without PIN_STEP is a simulated one: its pins are not looked at."""
    found: list = []
    if not isinstance(getattr(board, "NAME", None), str):
        found.append("NAME is not a text")
    if getattr(board, "HAS_CONFIRM", None) not in (True, False):
        found.append("HAS_CONFIRM is neither True nor False")
    _numbers(board, _EVERY_BOARD, found)
    if not found and board.MIN_PERIOD_US * board.MAX_STEPS_PER_S > 1000000:  # type: ignore[attr-defined]
        found.append("MAX_STEPS_PER_S and MIN_PERIOD_US contradict each other: so many steps do not fit into a second")
    if hasattr(board, "PIN_STEP"):
        _pins(board, found)
        _numbers(board, _EVERY_PICO, found)
        _numbers(board, [row[1:] for row in _OF_PARTS if getattr(board, row[0], None) is not None], found)
        if not found:
            _times(board, found)
            _parts(board, found)
    return found


def _numbers(board: object, rows: "list | tuple", found: list) -> None:
    for name, low, high in rows:
        value = getattr(board, name, None)
        if not isinstance(value, int) or isinstance(value, bool):
            found.append("%s is %r; it must be a whole number" % (name, value))
        elif not low <= value <= high:
            found.append("%s is %d; it must be %d..%d" % (name, value, low, high))


def _pins(board: object, found: list) -> None:
    used: dict = {}
    for name, kind, optional, _ in ROLES:
        pin = getattr(board, name, _ABSENT)
        if pin is _ABSENT:
            found.append("%s is missing%s" % (name, "; None says that it is not there" if optional else ""))
        elif pin is None:
            if not optional:
                found.append("%s is None; a pump needs it" % name)
        elif pin not in GPIOS:
            found.append("%s is %r; a Pico has GPIO 0..22 and 25..28" % (name, pin))
        elif pin in used:
            found.append("%s and %s are both GPIO %d" % (used[pin], name, pin))
        else:
            used[pin] = name
            _kind(board, name, kind, pin, found)
    known = [role[0] for role in ROLES]
    for name in dir(board):
        if name.startswith("PIN_") and name not in known:
            found.append("%s is not a pin that boards/roles.py knows" % name)
    if getattr(board, "HAS_CONFIRM", None) is (getattr(board, "PIN_CONFIRM", None) is None):
        found.append("HAS_CONFIRM and PIN_CONFIRM contradict each other")
    for one, other in TOGETHER:
        if (getattr(board, one, None) is None) != (getattr(board, other, None) is None):
            found.append("%s and %s are there together, or both None" % (one, other))


def _kind(board: object, name: str, kind: str, pin: int, found: list) -> None:
    if kind == "adc" and pin not in ADC:
        found.append("%s is GPIO %d; the ADC has 26, 27 and 28" % (name, pin))
    elif kind == "count" and getattr(board, "PIN_ENCODER_A", None) not in (None, pin - 1):
        found.append("%s is GPIO %d; the PIO needs it just above PIN_ENCODER_A" % (name, pin))
    elif kind in SOME and pin not in SOME[kind][1]:
        found.append("%s is GPIO %d; %s has it on %s" % (name, pin, SOME[kind][0], " ".join([str(gpio) for gpio in SOME[kind][1]])))
    elif kind == "rx" and _uart(pin) != _uart(getattr(board, "PIN_UART_TX", None) or 0):
        found.append("%s and PIN_UART_TX are on different UARTs" % name)
    elif kind == "scl" and _i2c(pin) != _i2c(getattr(board, "PIN_SDA", None) or pin):
        found.append("%s and PIN_SDA are on different I2Cs" % name)


def _uart(pin: int) -> int:
    """Which one: GPIO 0..3 are UART 0, 4..11 UART 1, 12..19 UART 0, 20..27 UART 1, 28 UART 0."""
    return (pin + 4) // 8 & 1


def _i2c(pin: int) -> int:
    """Which one: two pins of I2C 0, two of I2C 1, and so on."""
    return pin // 2 & 1


def _times(board: object, found: list) -> None:
    b: "Board" = board  # type: ignore[name-defined]  # noqa: F821
    low, high = pio_step.floor_range(b.STEP_PULSE_US)
    if not low <= b.MIN_PERIOD_US <= high:
        found.append("MIN_PERIOD_US is %d; with a pulse of %d the PIO can hold %d..%d" % (b.MIN_PERIOD_US, b.STEP_PULSE_US, low, high))
    if b.DIR_HOLD_US > b.MIN_PERIOD_US - b.STEP_PULSE_US - pio_step.FETCH_US:
        found.append("DIR_HOLD_US is %d; DIR may change within a slot of MIN_PERIOD_US after a pulse" % b.DIR_HOLD_US)
    last = 1 << 30
    if len(getattr(board, "RAMP", ())) > 2:
        found.append("RAMP has %d rows; the queue has places for 2" % len(b.RAMP))
    for steps, period_us in getattr(board, "RAMP", ()):
        if steps < 1 or not b.MIN_PERIOD_US <= period_us < last:
            found.append("RAMP has (%d, %d); periods fall, none is below MIN_PERIOD_US" % (steps, period_us))
        last = period_us


def _parts(board: object, found: list) -> None:
    b: "Board" = board  # type: ignore[name-defined]  # noqa: F821
    if b.PIN_FORCE is not None:
        millivolts = b.FORCE_ZERO_MV + b.FORCE_OCCLUSION_MN * 1000 // b.FORCE_MN_PER_V
        if not _RAILS_MV[0] <= millivolts <= _RAILS_MV[1]:
            found.append("FORCE_OCCLUSION_MN would be %d mV; the amplifier says %d..%d" % ((millivolts,) + _RAILS_MV))
    if b.PIN_SUPPLY is not None and not b.SUPPLY_MIN_MV < b.SUPPLY_MAX_MV <= 3 * b.SUPPLY_MV_PER_V:
        found.append("SUPPLY_MAX_MV is %d; it must be above SUPPLY_MIN_MV and at most 3 V at the pin" % b.SUPPLY_MAX_MV)
    if b.PIN_UART_TX is not None and b.MICROSTEPS not in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        found.append("MICROSTEPS is %d; a TMC2209 has powers of 2" % b.MICROSTEPS)

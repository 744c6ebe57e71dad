"""A Raspberry Pi Pico with a STEP/DIR/EN driver, A4988 or DRV8825, at 1/16. An M5 threaded rod moves the carriage.

Straps: A4988 MS1, MS2, MS3 high, SLEEP and RESET high; DRV8825 MODE2 high, MODE0 and MODE1 low, SLEEP and RESET high. Pulses and
set-up times satisfy both drivers (A4988: 1 us, 0.2 us, 1 ms from sleep; DRV8825: 1.9 us, 0.65 us, 1.7 ms).
"""

NAME = "pico_a4988"
LEAD_NM = 800000
FULL_STEPS = 200
MICROSTEPS = 16
MIN_PERIOD_US = 400
MAX_STEPS_PER_S = 2000
HAS_CONFIRM = True
FLASH_BYTES = 1441792  # 352 blocks of 4 KiB: MicroPython's RPI_PICO

PIN_STEP = 2
PIN_DIR = 3
PIN_ENABLE = 4
PIN_SUSPEND = 6
PIN_BOLUS = 7
PIN_CONFIRM = 8
PIN_ENCODER_A = None  # 10, if there is an encoder
PIN_ENCODER_B = None  # 11
PIN_BUZZER = 13
PIN_SDA = 14
PIN_SCL = 15
PIN_STOP_EMPTY = 16
PIN_STOP_BACK = 17
PIN_SEAT = 18
PIN_SERVICE = 22
PIN_LED = 25  # on the Pico itself
PIN_FORCE = 26
PIN_SUPPLY = 27
PIN_UART_TX = None
PIN_UART_RX = None
PIN_DIAG = None

DIR_FORWARD = 1
ENABLE_ON = 0
STEP_PULSE_US = 2
DIR_SETUP_US = 2
DIR_HOLD_US = 2
ENABLE_SETUP_US = 2000
RAMP = ((32, 2000), (96, 900))

ENCODER_COUNTS = 2400  # of one with 600 lines: every edge counts
FORCE_ZERO_MV = 330
FORCE_MN_PER_V = 20000  # a cell of 5 kg: 49 N at 2.8 V
FORCE_OCCLUSION_MN = 5800  # 100 kPa on the bore of a bd-3ml
SUPPLY_MV_PER_V = 11000  # 100 kOhm and 10 kOhm
SUPPLY_MIN_MV = 10500  # of 12 V
SUPPLY_MAX_MV = 13500

"""A Raspberry Pi Pico with a TMC2209 at 1/16: STEP/DIR/EN as ever, and its UART. An M5 threaded rod moves the carriage.

Straps: MS1 and MS2 high. The UART sets microsteps and current (the driver's own potentiometer has no say) and reports faults; PDN_UART
is one wire for both ways. The driver wants pulses of 0.1 us and 20 ns of set-up; what is below are whole us.
"""

NAME = "pico_tmc2209"
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
PIN_UART_TX = 20
PIN_UART_RX = 21
PIN_DIAG = 19

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
TMC_ADDRESS = 3  # MS1 and MS2 high: also the straps for 1/16, which count when the driver has lost what it was told
TMC_RUN = 10  # of 31: 0.6 A RMS with the usual 0.11 Ohm resistors
TMC_HOLD = 5  # at rest: 0.3 A

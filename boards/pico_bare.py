"""pico_a4988 with nothing but a motor driver, three buttons and a buzzer: no sensor, so no evidence that the motor turned or that the line
is free. For a first look; what each pin is for, and the straps, are as there.
"""

NAME = "pico_bare"
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
PIN_ENCODER_A = None
PIN_ENCODER_B = None
PIN_BUZZER = 13
PIN_SDA = 14
PIN_SCL = 15
PIN_STOP_EMPTY = None
PIN_STOP_BACK = None
PIN_SEAT = None
PIN_SERVICE = 22
PIN_LED = 25  # on the Pico itself
PIN_FORCE = None
PIN_SUPPLY = None
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

"""The simulated board: a 3200-microstep motor on a 1 mm screw, as data. Lengths in nm, times in us."""

NAME = "sim"
LEAD_NM = 1000000  # travel of the carriage per turn of the screw
FULL_STEPS = 200  # of the motor per turn
MICROSTEPS = 16  # per full step
MIN_PERIOD_US = 400  # shortest time between two steps that motor and driver follow
MAX_STEPS_PER_S = 2000  # what a prescription or bolus may ask for
HAS_CONFIRM = False  # no CONFIRM button: the host asks
FLASH_BYTES = 1048576  # of littlefs, in 4 KiB blocks
ENCODER_COUNTS = 2400  # of the quadrature encoder on the screw, per turn
SUPPLY_MIN_MV = 10000  # of the motor, below which it may lose steps
SUPPLY_MAX_MV = 14000

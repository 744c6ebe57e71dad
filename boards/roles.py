"""What the PIN_* constants of a board are for: (constant, kind, may be None, what it is wired to).

Kinds: out; in (to ground when active, pulled up inside the chip); count (in, the second of two on the next GPIO); adc; pwm;
tx, rx (of one UART); sda, scl (of one I2C). Used by check.py, and by what draws the wiring for the docs; the pump itself does not load it.
"""

ROLES = (
    ("PIN_STEP", "out", False, "STEP of the motor driver"),
    ("PIN_DIR", "out", False, "DIR of the motor driver"),
    ("PIN_ENABLE", "out", False, "EN of the motor driver, with a 10 kOhm resistor to its off level"),
    ("PIN_SUSPEND", "in", False, "SUSPEND button to GND"),
    ("PIN_BOLUS", "in", False, "BOLUS button to GND"),
    ("PIN_CONFIRM", "in", True, "CONFIRM button to GND"),
    ("PIN_BUZZER", "pwm", False, "piezo buzzer to GND"),
    ("PIN_LED", "out", False, "status LED"),
    ("PIN_SERVICE", "in", False, "service strap: to GND at power-on gives the REPL, with motion impossible"),
    ("PIN_STOP_EMPTY", "in", True, "end stop at the empty syringe, closed to GND in reach, open at the end"),
    ("PIN_STOP_BACK", "in", True, "end stop at the pulled-back carriage, closed to GND in reach, open at the end"),
    ("PIN_SEAT", "in", True, "syringe seat switch, closed to GND while a syringe is in"),
    ("PIN_FORCE", "adc", True, "force sensor's amplifier, 0 to 3.3 V"),
    ("PIN_SUPPLY", "adc", True, "motor supply through 100 kOhm, and 10 kOhm to GND"),
    ("PIN_ENCODER_A", "in", True, "quadrature encoder on the screw, A"),
    ("PIN_ENCODER_B", "count", True, "quadrature encoder on the screw, B"),
    ("PIN_SDA", "sda", True, "SDA of the DS3231 clock module"),
    ("PIN_SCL", "scl", True, "SCL of the DS3231 clock module"),
    ("PIN_UART_TX", "tx", True, "PDN_UART of the motor driver through 1 kOhm"),
    ("PIN_UART_RX", "rx", True, "PDN_UART of the motor driver"),
    ("PIN_DIAG", "in", True, "DIAG of the motor driver"),
)

"""Boards are data: one module a board, constants only. What the constants are is below; boards/check.py looks whether they can be.

Every board, the simulated one too:
    NAME                text, as the pump reports it
    LEAD_NM             travel of the carriage per turn of the screw
    FULL_STEPS          of the motor per turn; MICROSTEPS per full step, as the driver's pins are strapped
    MIN_PERIOD_US       shortest time between two steps; it is built into the PIO program, nothing can step faster
    MAX_STEPS_PER_S     what a prescription or bolus may ask for
    HAS_CONFIRM         a CONFIRM button
    FLASH_BYTES         of littlefs

A board with an RP2040 and a STEP/DIR/EN driver:
    PIN_*               GPIO numbers; boards/roles.py says what each is for. None: not there
    DIR_FORWARD         level of DIR that pushes the plunger
    ENABLE_ON           level of EN that powers the motor; a resistor on the board must pull EN to the other one, because the
                        chip's pins float (pulled down) from reset until main.py runs
    STEP_PULSE_US       how long STEP stays high
    DIR_SETUP_US        from a new direction to the next pulse; DIR_HOLD_US from a pulse to a new direction
    ENABLE_SETUP_US     from power on the motor to the first pulse
    RAMP                ((steps, period_us), ...), slowest first: how a move faster than the motor can start is to begin

Called by main.py, which hands one board to everybody else. No module outside boards/ knows which.
"""

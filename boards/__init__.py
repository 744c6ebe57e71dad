"""Boards are data: one module a board, constants only. What the constants are is below; boards/check.py looks whether they can be.

Every board, the simulated one too:
    NAME                text, as the pump reports it
    LEAD_NM             travel of the carriage per turn of the screw
    FULL_STEPS          of the motor per turn; MICROSTEPS per full step, as the driver is strapped or set
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
    RAMP                ((steps, period_us), ...), slowest first, at most two: how a move faster than the motor can start is to begin

And if the part is there (its PIN_* is not None):
    ENCODER_COUNTS      of the encoder per turn of the screw, four for each line; A leads B when the plunger is pushed
    FORCE_ZERO_MV       of the force amplifier with nothing pressing; FORCE_MN_PER_V: mN for each V more
    FORCE_OCCLUSION_MN  force that no free line needs: below 20 psi (138 kPa) on the bore of the smallest syringe
    SUPPLY_MV_PER_V     motor supply in mV for each V at the pin: the divider
    SUPPLY_MIN_MV       limits of the motor supply, also SUPPLY_MAX_MV
    TMC_ADDRESS         of the TMC2209 on its wire, as MS1 and MS2 are strapped: 0..3 (its microsteps are set by the wire then)
    TMC_RUN, TMC_HOLD   its current scale while it moves and at rest: 0..31

Called by main.py, which hands one board to everybody else. No module outside boards/ knows which.
"""

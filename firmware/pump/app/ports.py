"""The ports the app is handed as one `Hw` object: what a board's drivers and the simulator both implement.

Only boards/, sim/ and wiring.py know what is behind a port. No port blocks, none calls back; time is asked for, never pushed.

clock      ticks_ms() -> int in [0, 2^30), wraps
stepper    grant(delay_us, steps, period_us): queue pulses, the first delay_us after now or after the end of the last queued slot (a
           slot is a pulse and the period after it); ValueError when full or faster than the board's MIN_PERIOD_US.
           room() free places; left() granted, not yet emitted; emitted() since boot; busy_us() until the queue is empty;
           halt() stop at once, gives the steps that will not leave; enable(on)
           reverse(steps, period_us): pull back, the first pulse now; ValueError while anything moves, and grant() while it does. busy_us()
           covers it, emitted() does not; reversed() pulses that left backwards since boot. Only for the back-off after an occlusion
switches   pressed() -> mask of SUSPEND, BOLUS, CONFIRM
buzzer     sound(pattern): 0 silent, else an alarm priority's pattern
link       read() -> bytes, b"" if there are none; write(data) -> bytes accepted
files      the store (pump/store/files.py), or None if it could not be mounted
watchdog   feed(); cause() -> POWER_ON, WATCHDOG or SOFT; scratch(i), set_scratch(i, value): four 32-bit words that survive a reset;
           keep(check, first, second): words 0 to 2, all of them or none, whenever it bites
rtc        seconds() -> int, or None if its oscillator may have stopped; set(seconds) where there is one, OSError if it does not answer
entropy    entropy(n) -> n random bytes
post       processor(), ram(), code() ...: the self test of this board (selftest.py); may be absent
service    () gives the board's prompt back, outputs safe; absent where there is none
alive      set by the app, False while a task of its loop is missing: then wait does not feed the watchdog
force      read() -> mN on the plunger, None if the last reading is older than 500 ms or cannot be
ends       state() -> mask of END_EMPTY, END_BACK, UNSEATED, debounced
encoder    count() -> quadrature counts of the screw since boot, forward positive, board.ENCODER_COUNTS a turn; None: no answer
supply     read() -> (motor supply in mV, tenths of a degree C); either may be None where there is no sensor
driver     faults() -> mask of HOT, SHORT, RESTARTED, None if the motor driver does not answer. Asked every second at most
serial     text; board: the module of constants in boards/
wait(ms)   return when ms have passed, or earlier when bytes, a switch change or a change of `ends` are there; feeds the watchdog

force, ends, encoder, supply and driver are the evidence (evidence.py): a board without the part has None in its place.
"""

SUSPEND, BOLUS, CONFIRM = 1, 2, 4
POWER_ON, WATCHDOG, SOFT = 0, 1, 2
END_EMPTY, END_BACK, UNSEATED = 1, 2, 4
HOT, SHORT, RESTARTED = 1, 2, 4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Hw = Any
else:
    Hw = object

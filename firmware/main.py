# What MicroPython runs after a reset. It is compiled at every boot, so it is only this: pump/first.py is the rest, and ends in the REPL if
# that was asked for. On a filesystem this file has a line more, which turns the motor driver off (payload.py), and no comment. Whatever
# can not be loaded ends in a reset, or in the REPL if GPIO 22 (an input, pulled up) is held to ground; then nothing can move.
import machine

try:
    from pump.first import boot

    boot()
except BaseException:
    if machine.Pin(22, 0, 1).value():
        machine.reset()

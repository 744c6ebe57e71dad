# What MicroPython runs after a reset. It ends in the REPL only if SERVICE_PIN is held to ground at boot; then nothing can move:
# outputs are safe and no driver is loaded. Short, because the Pico compiles it at every boot; the rest is pump/start.py.
import machine
import micropython

SERVICE_PIN = 22
try:
    if hasattr(micropython, "kbd_intr"):  # a build of boards/micropython has no Ctrl-C
        micropython.kbd_intr(-1)
    from pump.drivers import safe

    try:
        from frozen_board import NAME
    except ImportError:
        with open("board.txt") as file:
            NAME = file.read().strip()
    board = __import__("boards." + NAME, None, None, ["NAME"])
    safe.outputs_off(board)
    if machine.Pin(SERVICE_PIN, machine.Pin.IN, machine.Pin.PULL_UP).value():
        from pump.start import run

        run(board)
except BaseException as error:
    print("Tapir can not start (%r). Hold GP%d to ground at power-on, then flash again." % (error, SERVICE_PIN))
finally:
    if machine.Pin(SERVICE_PIN, machine.Pin.IN, machine.Pin.PULL_UP).value():
        import time

        time.sleep(1)
        machine.reset()

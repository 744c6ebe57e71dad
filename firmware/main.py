# What MicroPython runs after a reset. It ends in the REPL only if SERVICE_PIN is held to ground at boot, or if the pump was told to
# (pump/start.py, give_way); then nothing can move: outputs are safe and no driver is loaded. Short, because the Pico compiles it at every
# boot; the rest is pump/start.py.
import machine
import micropython

SERVICE_PIN = 22
TOLD, MARK = 0x40058018, 0x53455256  # the watchdog's scratch word 3, and what give_way left in it: good for one boot
service = machine.mem32[TOLD] == MARK
if service:
    machine.mem32[TOLD] = 0
service = service or not machine.Pin(SERVICE_PIN, machine.Pin.IN, machine.Pin.PULL_UP).value()
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
    if not service:
        from pump.start import run

        run(board)
except BaseException as error:
    print("Tapir can not start (%r). Hold GP%d to ground at power-on, then flash again." % (error, SERVICE_PIN))
finally:
    if not service and machine.Pin(SERVICE_PIN, machine.Pin.IN, machine.Pin.PULL_UP).value():
        import time

        time.sleep(1)
        machine.reset()
    if hasattr(micropython, "kbd_intr"):
        micropython.kbd_intr(3)

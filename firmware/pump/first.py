"""From main.py to the pump or to MicroPython's prompt: Ctrl-C off, outputs safe, then pump/start.py.

`boot` returns only if the prompt was asked for: SERVICE_PIN is held to ground, or the pump was told to (pump/start.py, give_way; good for
one boot). Then nothing can move: outputs are safe and no driver is loaded. Everything else ends in a reset, after a second in which it
is said why. Called by main.py.
"""

import micropython
from machine import Pin, mem32, reset

SERVICE_PIN = 22  # and main.py's
_TOLD, _MARK = 0x40058018, 0x53455256  # the watchdog's scratch word 3, and what give_way left in it


def boot() -> None:
    """Returns into the REPL, or never."""
    service = _told() or _strapped()
    try:
        _ctrl_c(-1)
        from pump.drivers import safe

        frozen = True
        try:
            from frozen_board import NAME  # type: ignore[import-not-found]
        except ImportError:
            frozen = False
            with open("board.txt") as file:
                NAME = file.read().strip()
        board = __import__("boards." + NAME, None, None, ["NAME"])
        safe.outputs_off(board)
        if not service:
            if not frozen:
                from pump import shelf

                shelf.use()
            from pump.start import run

            run(board)
    except BaseException as error:
        print("Tapir can not start (%r). Hold GP%d to ground at power-on, then flash again." % (error, SERVICE_PIN))
    finally:
        if not service and not _strapped():
            from time import sleep

            sleep(1)
            reset()
        _ctrl_c(3)


def _told() -> bool:
    if mem32[_TOLD] != _MARK:
        return False
    mem32[_TOLD] = 0
    return True


def _strapped() -> bool:
    return not Pin(SERVICE_PIN, Pin.IN, Pin.PULL_UP).value()


def _ctrl_c(character: int) -> None:
    if hasattr(micropython, "kbd_intr"):  # a build of boards/micropython has no Ctrl-C
        micropython.kbd_intr(character)

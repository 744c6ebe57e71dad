"""From reset to the loop on a real board, and what happens when the loop ends: main.py calls `run`, which never returns.

At power-on the watchdog is let bite once; the rest of the self test (pump/app/selftest.py) runs in the loop, before anything may move.

A crash is a bug: the steps already granted leave (at most half a second of motion, and they are counted), outputs are made safe, the
crash goes into the store and the chip resets; basal then resumes from the journal. Three in a row, with less than a minute between
them, are no accident: then nothing moves any more, the HIGH alarm sounds and any line gets the crash as its answer, until power-off.
"""

import gc
import sys
from io import StringIO
from time import sleep_ms, ticks_diff, ticks_ms

import machine

from pump.drivers import safe
from pump.drivers.usb_link import UsbLink
from pump.drivers.watchdog import POWER_ON, WATCHDOG, Watchdog

STORE = "/tapir"  # the journal's directory on the root filesystem, which also holds the firmware on a stock image
_STAGES = ("wire.codec", "pump.core.therapy", "pump.core.orders", "pump.store.journal", "pump.app.handlers")  # imported one by one,
# since all of it at once takes about as long as the watchdog waits
_ONCE = ("pump.app.boot", "pump.app.wiring", "pump.core.power", "pump.drivers.parts")  # needed to boot, and never again
_ORDERS = "pump.core.orders."
_IN_A_ROW = 3
_CALM_MS = 60000
_DRAIN_MS = 600
SERVICE = 0x53455256  # scratch word 3: main.py's MARK
_MARK = 0x54434800  # scratch word 3: crashes in a row in the low byte
_GC_BYTES = 32000  # allocated between two collections: else imports spread what stays over the whole heap, and no large hole is left
_TEXT = 900  # characters of a crash kept


def run(board: object) -> None:
    """Never returns: the loop, then reset."""
    watchdog = Watchdog()
    hw = None
    text = "no crash"
    gc.threshold(_GC_BYTES)
    try:
        if watchdog.cause() == POWER_ON and not watchdog.proven:
            watchdog.prove()
        watchdog.start()
        crashes = _crashes(watchdog)
        if watchdog.cause() == WATCHDOG:
            crashes = _count(watchdog, crashes)
        if crashes >= _IN_A_ROW:
            _dead(board, watchdog, "crashed %d times in a row: %s" % (_IN_A_ROW, _last_crash()))
        hw = assemble(board, watchdog)
        _complete(hw, board, watchdog)
        _loop(hw, crashes)
    except BaseException as error:  # whatever it is, nothing may be left moving
        text = _describe(error)
        _drain(hw, watchdog)
    safe.outputs_off(board)
    try:
        _count(watchdog, _crashes(watchdog))
        files = mount(watchdog) if hw is None else hw.files
        if files is not None:
            from pump.store import crash

            crash.record(files, text)
    finally:
        machine.reset()


def assemble(board: object, watchdog: Watchdog) -> object:
    """The board's ports. Imports here, not above: what is broken must not keep `run` from being reached."""
    import time

    import rp2

    from pump.app.ports import BOLUS, CONFIRM, SUSPEND
    from pump.drivers.buzzer import Buzzer
    from pump.drivers.entropy import Entropy
    from pump.drivers.hw import Hw, Sounder
    from pump.drivers.led import Led
    from pump.drivers.parts import parts
    from pump.drivers.stepper import Stepper
    from pump.drivers.switches import Switches

    watchdog.feed()  # an import takes its time on a stock image
    unique = machine.unique_id()
    optional = parts(board, rp2, time)
    watchdog.feed()
    return Hw(
        board,
        "".join(["%02x" % byte for byte in unique]),
        Stepper(rp2, machine, time, board),
        Switches(machine, time, ((SUSPEND, board.PIN_SUSPEND), (BOLUS, board.PIN_BOLUS), (CONFIRM, board.PIN_CONFIRM))),  # type: ignore[attr-defined]
        Sounder(Buzzer(board.PIN_BUZZER), Led(board.PIN_LED)),  # type: ignore[attr-defined]
        UsbLink(),
        mount(watchdog),
        watchdog,
        optional.pop("rtc"),
        Entropy(unique),
        **optional,  # type: ignore[arg-type]
    )


def _complete(hw: object, board: object, watchdog: Watchdog) -> None:
    """What needs the other ports: the self test, and the way back to the prompt."""
    from pump.drivers.post import Post

    hw.post = Post(machine, hw)  # type: ignore[attr-defined]
    hw.service = lambda: give_way(board, watchdog)  # type: ignore[attr-defined]


def give_way(board: object, watchdog: Watchdog) -> None:
    """The next boot, and only that one, ends at MicroPython's prompt with nothing loaded (main.py)."""
    safe.outputs_off(board)
    watchdog.set_scratch(3, SERVICE)
    machine.reset()


def mount(watchdog: Watchdog) -> object:
    """The store in its directory, made if it is not there; None if there is no filesystem."""
    from pump.drivers.flash import FlashFiles
    from pump.store.files import OsFiles

    files = FlashFiles(OsFiles("/"), watchdog)
    try:
        files.make_dir(STORE[1:])
    except OSError:
        return None
    return FlashFiles(OsFiles(STORE), watchdog)


def booted(hw: object) -> object:
    """The app, up to the point where the loop begins."""
    for name in _STAGES:
        hw.watchdog.feed()  # type: ignore[attr-defined]
        __import__(name)
    hw.watchdog.feed()  # type: ignore[attr-defined]
    from pump.app.wiring import build

    hw.watchdog.feed()  # type: ignore[attr-defined]
    app = build(hw)
    hw.watchdog.feed()  # type: ignore[attr-defined]
    app.boot()
    for name in _ONCE:
        _forget(name)
    gc.collect()
    return app


def _forget(name: str) -> None:
    """Let go of a module that nobody needs again. On a stock image that is heap."""
    package, _, last = name.rpartition(".")
    if sys.modules.pop(name, None) is not None and hasattr(sys.modules.get(package), last):
        delattr(sys.modules[package], last)


def _forget_orders(kept: tuple) -> int:
    """Let go of the orders that came since the loop began (the next of their kind loads them again); how many modules are left."""
    for name in list(sys.modules):
        if name.startswith(_ORDERS) and name not in kept:
            _forget(name)
    return len(sys.modules)


def _loop(hw: object, crashes: int) -> None:
    app = booted(hw)
    began = ticks_ms()
    step, wait = app.step, hw.wait  # type: ignore[attr-defined]
    kept = tuple(sys.modules)
    loaded = len(kept)
    while True:
        wait(step())
        if len(sys.modules) > loaded:
            loaded = _forget_orders(kept)
        if crashes and ticks_diff(ticks_ms(), began) > _CALM_MS:
            crashes = 0
            hw.watchdog.set_scratch(3, 0)  # type: ignore[attr-defined]


def _drain(hw: object, watchdog: Watchdog) -> None:
    """Let what was granted leave, so that the books stay right; it is bounded."""
    try:
        began = ticks_ms()
        while hw is not None and hw.stepper.left() and ticks_diff(ticks_ms(), began) < _DRAIN_MS:  # type: ignore[attr-defined]
            watchdog.feed()
            sleep_ms(5)
    except Exception:  # the stepper itself may be what failed
        pass


def _crashes(watchdog: Watchdog) -> int:
    word = watchdog.scratch(3)
    return word & 0xFF if word & ~0xFF == _MARK else 0


def _count(watchdog: Watchdog, crashes: int) -> int:
    watchdog.set_scratch(3, _MARK | min(crashes + 1, 255))
    return crashes + 1


def _describe(error: BaseException) -> str:
    out = StringIO()
    sys.print_exception(error, out)  # type: ignore[attr-defined]
    return out.getvalue()[-_TEXT:]


def _last_crash() -> str:
    from pump.store import crash
    from pump.store.files import OsFiles

    try:
        return (crash.text(OsFiles(STORE)) or "the loop hung").replace("\n", " | ")
    except OSError:
        return "no store"


def _dead(board: object, watchdog: Watchdog, why: str) -> None:
    """Nothing moves; say so to eye, ear and cable until the power goes."""
    from pump.drivers.buzzer import Buzzer
    from pump.drivers.led import Led

    safe.outputs_off(board)
    buzzer, led, link = Buzzer(board.PIN_BUZZER), Led(board.PIN_LED), UsbLink()  # type: ignore[attr-defined]
    buzzer.sound(3)
    led.show(3)
    while True:
        watchdog.feed()
        link.flush()
        if b"\n" in link.read():
            link.write(("Tapir STOPPED, switch it off and on: %s\n" % why).encode())
        link.waiting(min(buzzer.run(), led.run(), 20))

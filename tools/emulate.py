"""The whole firmware on an emulated Pico, served on a TCP port for the ordinary `tapir`, until Ctrl-C.

    python tools/emulate.py MICROPYTHON.uf2 [--board pico_a4988] [--port 47120] [--flash FILE] [--speed 1]

--flash keeps the Pico's filesystem in a file across runs; without it each run is a blank Pico with fresh firmware. Time runs at most at
`--speed` times real time, and slower than that whenever the chip computes. Every ten seconds it says what left on the STEP pin.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "firmware"), str(ROOT / "host_tools" / "src")]

from tapir import dragdrop  # noqa: E402
from tapir.emulator import Pico, Pins  # noqa: E402
from tapir.errors import TapirError  # noqa: E402
from tools import image  # noqa: E402

_EVERY_S = 10


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="The firmware on an emulated Pico.")
    parser.add_argument("uf2", type=Path, help="MicroPython 1.28 for RPI_PICO")
    parser.add_argument("--board", default="pico_a4988", choices=image.BOARDS)
    parser.add_argument("--port", type=int, default=47120)
    parser.add_argument("--flash", type=Path, help="keeps the filesystem across runs")
    parser.add_argument("--speed", type=float, default=1.0, help="times real time, at most")
    options = parser.parse_args(arguments)
    board = image.board(options.board)
    try:
        dragdrop.micropython(options.uf2)
        kept = options.flash.read_bytes() if options.flash and options.flash.exists() else None
    except OSError as error:
        raise SystemExit(f"{error.filename} can not be read ({error.strerror}).") from error
    except TapirError as error:
        raise SystemExit(str(error)) from error
    disk = kept or image.pack(image.files(options.board))
    pins = Pins(step=board.PIN_STEP, enable=board.PIN_ENABLE, enable_on=board.ENABLE_ON)
    try:
        with Pico(options.uf2, disk, pins, port=options.port, speed=options.speed) as pico:
            print(f"An emulated Pico boots; it answers in half a minute. Another terminal: export TAPIR_PORT={pico.url} TAPIR_TIMEOUT=30")
            try:
                while True:
                    time.sleep(_EVERY_S)
                    print(f"{pico.now_us / 1e6:10.1f} s  {pico.steps} steps on the pin, {pico.boots} boots", flush=True)
            except KeyboardInterrupt:
                print()
            if options.flash:
                options.flash.write_bytes(pico.image())
    except OSError as error:
        raise SystemExit(f"Port {options.port} can not be served ({error.strerror}). Another one: --port N, --port 0 for any.") from error
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

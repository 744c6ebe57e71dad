"""What is flashed: every file, one by one, in the form of MicroPython's manifest files.

Freeze it into a build with `make -C ports/rp2 BOARD=RPI_PICO FROZEN_MANIFEST=<this file>`; tools/compile.py reads it the same way.
A file that is not listed here is not on the pump; a test compares the list with the folders.
"""

metadata(version="0.1.0", license="MIT")
package(
    "wire",
    files=(
        "__init__.py",
        "auth.py",
        "chain.py",
        "codec.py",
        "framing.py",
        "limits.py",
        "schema.py",
        "units.py",
    ),
)
package("pump", files=("__init__.py",))
package(
    "pump/core",
    files=(
        "__init__.py",
        "alarms.py",
        "cap.py",
        "geometry.py",
        "governor.py",
        "history.py",
        "lockout.py",
        "orders.py",
        "plan.py",
        "prescription.py",
        "reject.py",
        "reservoir.py",
        "start.py",
        "states.py",
        "taper.py",
        "therapy.py",
        "titration.py",
    ),
)
package(
    "pump/store",
    files=(
        "__init__.py",
        "files.py",
        "journal.py",
        "line.py",
        "log.py",
        "slots.py",
    ),
)
package(
    "pump/app",
    files=(
        "__init__.py",
        "clock.py",
        "delivery.py",
        "ports.py",
    ),
)
package(
    "boards",
    files=(
        "__init__.py",
        "sim.py",
    ),
    base_path="..",
)

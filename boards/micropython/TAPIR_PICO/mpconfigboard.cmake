# A Raspberry Pi Pico that is nothing but a Tapir pump: MicroPython with the firmware frozen in. docs/hardware.md says when to want it.
# Build it as MicroPython builds any board outside its own tree:
#   make -C ports/rp2 BOARD_DIR=.../boards/micropython/TAPIR_PICO [BOARD_VARIANT=TMC2209]
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)
list(APPEND MICROPY_SOURCE_BOARD ${MICROPY_BOARD_DIR}/board.c)

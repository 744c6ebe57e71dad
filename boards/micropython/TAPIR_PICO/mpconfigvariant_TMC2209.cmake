# The same for boards/pico_tmc2209.py.
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest_tmc2209.py)

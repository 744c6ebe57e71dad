# The same for boards/pico_tmc2209.py.
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest_tmc2209.py)
list(APPEND MICROPY_DEF_BOARD TAPIR_BOARD="pico_tmc2209")

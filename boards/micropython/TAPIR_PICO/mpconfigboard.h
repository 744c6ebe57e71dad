// Ctrl-C is compiled out: no byte from the cable can stop the program. os.dupterm goes with it: it can not be built without Ctrl-C
// (MicroPython 1.28), and the pump has one cable. The filesystem lies where RPI_PICO has it, so a pump can be moved from the stock
// image to this one, and back, with its journal.
#define MICROPY_HW_BOARD_NAME                   "Tapir on a Raspberry Pi Pico"
#define MICROPY_HW_FLASH_STORAGE_BYTES          (1408 * 1024)
#define MICROPY_KBD_EXCEPTION                   (0)
#define MICROPY_PY_OS_DUPTERM                   (0)
#ifndef TAPIR_BOARD
#define TAPIR_BOARD                             "pico_a4988"
#endif

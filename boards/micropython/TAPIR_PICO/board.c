#include "pico/binary_info.h"

#include "mpconfigboard.h"

// Which of boards/ is frozen in, for whoever reads the file (picotool, tapir uf2). TAPIR_BOARD comes from the variant.
bi_decl(bi_string(BINARY_INFO_MAKE_TAG('T', 'P'), 0x424f4152, TAPIR_BOARD))

// Without MICROPY_KBD_EXCEPTION nothing defines this function, and pyexec.c calls it all the same (MicroPython 1.28).
void mp_hal_set_interrupt_char(int c);

void mp_hal_set_interrupt_char(int c) {
    (void)c;
}

// Without MICROPY_KBD_EXCEPTION nothing defines this function, and pyexec.c calls it all the same (MicroPython 1.28).
void mp_hal_set_interrupt_char(int c);

void mp_hal_set_interrupt_char(int c) {
    (void)c;
}

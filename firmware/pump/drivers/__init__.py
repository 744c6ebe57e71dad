"""Drivers: one device a file, RP2040 only. A driver is handed the modules it uses (rp2, machine, time), so tests run it on CPython."""

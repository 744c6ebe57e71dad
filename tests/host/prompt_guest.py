"""Runs on MicroPython's unix port and makes its prompt that of a Pico: littlefs on a file at /, and names that say RP2040.

    micropython -i prompt_guest.py FLASH_IMAGE MACHINE open|strapped|frozen

Started by test_flash.py. What `sys` and `machine` say is all that is made up; raw REPL, littlefs, hashes and files are MicroPython's own.
"""

import sys

import vfs

BLOCK = 4096


class Flash:
    """MicroPython's extended block protocol on a file."""

    def __init__(self, path):
        self._file = open(path, "r+b")
        self._blocks = self._file.seek(0, 2) // BLOCK

    def readblocks(self, number, buffer, offset=0):
        self._file.seek(number * BLOCK + offset)
        self._file.readinto(buffer)

    def writeblocks(self, number, buffer, offset=0):
        self._file.seek(number * BLOCK + offset)
        self._file.write(buffer)
        self._file.flush()

    def ioctl(self, what, _):
        return {4: self._blocks, 5: BLOCK}.get(what, 0)


class Pin:
    """GP22, held to ground or not."""

    IN, PULL_UP = 0, 1
    level = 1

    def __init__(self, *_):
        pass

    def value(self):
        return Pin.level


class Machine:
    """`reset` ends it, as a port vanishes from USB."""

    def reset(self):
        raise SystemExit


class Implementation:
    """As a Pico names itself."""

    def __init__(self, machine):
        self._machine = machine
        self._mpy = 0x1306
        self.version = (1, 28, 0, "")

    def __getitem__(self, index):
        return ("micropython", self.version)[index]


class System:
    """What a program finds under `import sys`."""


def become_a_pico(image, machine, how):
    """The unix port's own files are out of reach from here on."""
    flash = Flash(image)
    said = System()
    said.platform, said.implementation, said.stdout, said.stdin = "rp2", Implementation(machine), sys.stdout, sys.stdin
    hardware = Machine()
    hardware.Pin = Pin
    Pin.level = 0 if how == "strapped" else 1
    vfs.umount("/")
    vfs.mount(vfs.VfsLfs2(flash, progsize=256), "/")
    sys.modules["sys"], sys.modules["machine"] = said, hardware
    if how == "frozen":  # as boards/micropython builds it
        sys.modules["frozen_board"] = System()


become_a_pico(*sys.argv[1:4])

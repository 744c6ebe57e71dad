# Runs first. Mounts the flash and never formats it: if it can not be mounted, the journal in it may still be read by other means, and
# the pump is LOCKED (pump/start.py gets no store). MicroPython's own _boot.py would make an empty filesystem of it.
import sys

import rp2
import vfs

sys.path[:] = [".frozen"]  # no file in the flash stands in for the firmware
try:
    vfs.mount(vfs.VfsLfs2(rp2.Flash(), progsize=256), "/")
except OSError:
    pass

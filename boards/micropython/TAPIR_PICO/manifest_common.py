"""What all variants freeze. Nothing of MicroPython's usual extras: the pump imports none of them."""

module("rp2.py", base_path="$(PORT_DIR)/modules")
module("_boot.py")
module("boot.py")
include("../../../firmware/manifest.py")

"""Frozen: MicroPython's own modules for this port, how the pump boots, the firmware, and which board it drives (pico_a4988)."""

include("manifest_common.py")
module("frozen_board.py", base_path="a4988")

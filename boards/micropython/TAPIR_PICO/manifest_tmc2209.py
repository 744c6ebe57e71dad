"""The same for the variant TMC2209."""

include("manifest_common.py")
module("frozen_board.py", base_path="tmc2209")

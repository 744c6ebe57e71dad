# Runs after _boot.py, instead of a boot.py that somebody left in the flash.

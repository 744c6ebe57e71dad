"""`make bench`: what the firmware costs. The Makefile starts run.py; heap_guest.py and speed.py run on MicroPython."""

NAME = "pico_tmc2209"  # what main.py else reads in board.txt

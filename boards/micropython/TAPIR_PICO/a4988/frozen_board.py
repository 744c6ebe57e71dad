NAME = "pico_a4988"  # what main.py else reads in board.txt

"""`tapir report`: what a pump was told, what it did and what it refused, on paper. See cli/report.py.

source.py    where it comes from: a pump, a saved log, a simulator's profile
story.py     what happened, in integers, with dates; pure
facts.py     the same for a period, summed
sections.py  the same in words, as titles, tables and pictures
figures.py   the pictures
html.py, pdf.py   the sections as one file each; both show the same
"""

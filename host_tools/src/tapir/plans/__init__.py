"""Plans made without a pump, one a file: plain integers in canonical units, no text. cli/plan/ shows them, plots.py draws them.

The taper, which `tapir taper` shows too, is in plan.py beside this folder.
"""

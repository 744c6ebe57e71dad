"""The therapy and its safety rules. Pure and integer only: no clock, no file, no pin is known here."""

"""Boards are data: one module a board, constants only."""

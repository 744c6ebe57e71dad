"""The crash record: one file with the last crash's traceback, and whether the log knows of it.

First line: crashes since the file was made, and `new` until the log has it. Written by pump/start.py when the loop ended with an
exception; `take` is boot.py's. The text stays where it is, for whoever looks into the store.
"""

from pump.store.files import Files

CRASH = "crash"


def _load(files: Files) -> tuple[int, bool, str]:
    """(crashes, not in the log yet, text)"""
    head, _, text = (files.read(CRASH) or b"").partition(b"\n")
    words = head.split()
    return (int(words[0]) if words and words[0].isdigit() else 0), words[1:] == [b"new"], text.decode()


def record(files: Files, text: str) -> None:
    """Keep a crash. OSError if the store fails."""
    try:
        count = _load(files)[0]
    except (OSError, ValueError):
        count = 0
    files.write(CRASH, b"%d new\n" % (count + 1) + text.encode())


def peek(files: Files) -> tuple[int, str] | None:
    """(number of crashes so far, last line of the traceback) if the log does not have it yet."""
    try:
        count, new, text = _load(files)
    except (OSError, ValueError):
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    return (count, lines[-1] if lines else "") if new else None


def logged(files: Files) -> None:
    """The log has it. OSError if the store fails: then it may be logged again."""
    count, _, text = _load(files)
    files.write(CRASH, b"%d logged\n" % count + text.encode())


def text(files: Files) -> str:
    """The last traceback, "" if there is none."""
    return _load(files)[2]

"""Writes firmware/wire/fingerprint.py: the schema's hash as a constant, because a Pico takes a quarter of a second to work it out.

--check: write nothing, exit 1 if it is out of date. Called by `make docs`; the lint runs it with --check.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "firmware"), str(ROOT)]

from tools.regions import settle  # noqa: E402
from wire import names  # noqa: E402

PAGE = ROOT / "firmware/wire/fingerprint.py"
TEXT = '''"""The schema's hash, written by tools/gen_fingerprint.py (`make docs`): HELLO carries it without working it out each time."""

SCHEMA_HASH = "{}"
'''


def main() -> int:
    """0 if the file is, or now is, up to date."""
    return settle({PAGE: TEXT.format(names.schema_hash())}, ROOT, "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())

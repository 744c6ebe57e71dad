"""`make readme`: puts the session that the demo just had into README.md, and its picture into docs/.

tests/integration/test_demo.py runs the demo and compares, so that no number of the session is made by hand or out of date.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- demo: written by make readme -->", "<!-- /demo -->"

# What differs from run to run: ports, the host's dates, the journal's hashes; and the widths that follow from them.
VARYING = re.compile(r"/dev/pts/\d+|\b20\d\d-\d\d-\d\d \d\d:\d\d\b|\b[0-9a-f]{4} [0-9a-f]{4}\b")


def masked(session: str) -> list[str]:
    """A session's lines without what varies."""
    return [re.sub(" +", " ", VARYING.sub("*", line)).rstrip() for line in session.strip().splitlines()]


def shown() -> str:
    """The session as README.md has it."""
    block = (ROOT / "README.md").read_text().partition(BEGIN)[2].partition(END)[0]
    return block.strip().removeprefix("```").removesuffix("```")


def main() -> int:
    """0 if README.md now shows the last demo."""
    session = (ROOT / "build/demo/session.txt").read_text().strip()
    if "DEMO FAILED" in session:
        print("the last demo failed: README.md is left as it is", file=sys.stderr)
        return 1
    page = ROOT / "README.md"
    block = "\n".join([BEGIN, "```", *(line.rstrip() for line in session.split("\n")), "```", END])
    page.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, page.read_text(), flags=re.S))
    shutil.copyfile(ROOT / "build/demo/demo.png", ROOT / "docs/demo.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

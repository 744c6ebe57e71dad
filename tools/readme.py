"""`make readme`: puts the session that the demo just had into README.md, and its picture into docs/."""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- demo: written by make readme -->", "<!-- /demo -->"


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

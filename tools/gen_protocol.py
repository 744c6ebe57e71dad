"""Writes docs/protocol.md: the prose of tools/protocol_template.md with tables made from firmware/wire.

    python tools/gen_protocol.py            write it
    python tools/gen_protocol.py --check    write nothing; exit 1 if it is out of date

Called by `make docs`; the lint runs it with --check.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "firmware"))  # as on the pump: `wire` is a top-level package

from wire import framing, limits, names  # noqa: E402
from wire import schema as s  # noqa: E402

TEMPLATE = ROOT / "tools" / "protocol_template.md"
PAGE = ROOT / "docs" / "protocol.md"
PHASES = {s.READ: "changes nothing", s.ONE: "at once, remembered by its id", s.TWO: "two-phase"}
KEY = bytes(range(32))
BOLUS = "id=0123456789abcde dose_ng=5000"


def table(head: str, rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; `head` names its columns, separated by |."""
    columns = head.split("|")
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def span(field: "s.Field") -> str:
    """A field's range in words."""
    _, kind, low, high, _ = field
    if kind == s.INT:
        if low is None and high is None:
            return "any"
        return f"{low} .. {high}" if high is not None else f"{low} or more"
    what = "digits" if kind == s.HEX else "characters"
    return f"{high} {what}" if low == high else f"{low} .. {high} {what}"


def fields(rows: "s.Fields") -> str:
    if not rows:
        return "No fields."
    return table("Field|Kind|Range|Must be there", ((f"`{r[0]}`", r[1], span(r), "yes" if r[4] else "no") for r in rows))


def requests() -> str:
    parts = []
    for verb, roles, phase, rows in s.REQUESTS:
        who = "anyone" if roles == (1 << len(names.ROLES)) - 1 else ", ".join(name for code, name in names.ROLES if roles >> code & 1)
        does = "executes what was proposed under the id" if verb == "COMMIT" else PHASES[phase]
        parts.append(f"### {verb}\n\nFrom {who}; {does}.\n\n{fields(rows)}")
    return "\n\n".join(parts)


def replies() -> str:
    return "\n\n".join(f"### < {verb}\n\n{fields(rows)}" for verb, rows in s.REPLIES)


def codes() -> str:
    rows = [("origin", *row) for row in names.ORIGINS] + [("preset", *row) for row in names.TAPERS]
    return table("Field|Code|Meaning", ((f"`{field}`", code, name) for field, code, name in rows))


def values() -> dict[str, str]:
    """What each {{name}} of the template stands for."""
    anonymous = framing.seal(framing.TO_PUMP, "STATUS", framing.ANONYMOUS, 1, "", None).decode().strip()
    signed = framing.seal(framing.TO_PUMP, "BOLUS", "1a2b3c4d", 7, BOLUS, KEY).decode().strip()
    crc = "gzip -c | tail -c8 | od -An -tx4 --endian=little"
    mac = f"openssl dgst -sha256 -mac HMAC -macopt hexkey:{KEY.hex()} | cut -d' ' -f2 | cut -c1-32"
    head, _, mac_and_crc = signed.partition(" ~")
    return {
        "version": str(s.VERSION),
        "hash": names.schema_hash(),
        "line_max": str(s.LINE_MAX),
        "text_max": str(s.TEXT_MAX),
        "digits_max": str(s.DIGITS_MAX),
        "idle_min": str(limits.IDLE_MS // 60000),
        "code_min": str(limits.CODE_MS // 60000),
        "ids_kept": str(limits.IDS_KEPT),
        "roles": table("Role|Code", ((name, code) for code, name in names.ROLES)),
        "results": table("`result`|Name|Meaning", names.RESULTS),
        "requests": requests(),
        "replies": replies(),
        "soft": table("Bit|Meaning", names.SOFT),
        "errors": table("Code|Name|Whose fault|Meaning", ((code, f"`{name}`", fault, says) for code, name, fault, says in names.ERRORS)),
        "states": table("Code|State|Meaning", names.STATES),
        "codes": codes(),
        "events": table("Code|Event|a|b", ((code, f"`{name}`", a, b) for code, name, a, b in names.EVENTS)),
        "example_anonymous": f"$ printf '%s' '{anonymous[:-9]}' | {crc}\n{anonymous[-8:]}\n{anonymous}",
        "example_signed": f"$ printf '%s' '{head}' |\n    {mac}\n{mac_and_crc[:32]}\n{signed}",
    }


def page() -> str:
    """docs/protocol.md as it should be. A name that only one side knows is an error."""
    known = values()
    template = TEMPLATE.read_text()
    names = set(re.findall(r"\{\{(\w+)\}\}", template))
    if names != set(known):
        raise SystemExit(f"{TEMPLATE.relative_to(ROOT)} and {Path(__file__).name} disagree on {', '.join(sorted(names ^ set(known)))}")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: known[match[1]], template)


def main(arguments: list[str]) -> int:
    text = page()
    fresh = PAGE.exists() and PAGE.read_text() == text
    if "--check" in arguments:
        if not fresh:
            print(f"{PAGE.relative_to(ROOT)} is out of date: run `make docs`", file=sys.stderr)
        return 0 if fresh else 1
    if not fresh:
        PAGE.write_text(text)
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`tapir report`: what was prescribed, delivered, given, denied and alarmed in a period, as one HTML file and one PDF."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from .. import notes
from ..errors import LinkError, UsageError
from ..keys import KeyStore
from ..report import html, pdf, sections, source
from ..report.story import Story
from ..wire import units
from .common import Job, JsonOption, PortOption, RoleOption, job, quantity

_WHEN = '2026-12-01, "2026-12-01 14:30", today, a time ago ("7 days") or a record ("#12").'
_SUFFIXES = (".html", ".htm", ".pdf")


def report(
    ctx: typer.Context,
    log: Annotated[
        Path | None, typer.Argument(metavar="[LOG]", help="A saved log or a simulator's profile; left out: the pump.", show_default=False)
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="WHEN", help=f"Left out: from the beginning. {_WHEN}")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="WHEN", help="Left out: to the end.")] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", "-o", metavar="FILE", help="report.html or report.pdf; repeat it for both.", show_default=False),
    ] = None,
    port: PortOption = None,
    as_role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """A report of a period: tapir report --since "30 days" --out report.html --out report.pdf

    From the pump, or without one: tapir log --since '#1' --json > log.json, then tapir report log.json. One file with all pictures
    inside. A broken log chain is shown with its place and the intact part before it; the exit code is then 3.
    """
    with job(ctx, port, as_role, as_json) as run:
        targets = _targets(out)
        found = _source(run, log)
        story = Story(found)
        if not story.moments and story.chain.broken_at is None:
            raise UsageError("There is nothing to report: the journal is empty.")
        start_ms = _when(story, "--since", since, story.start_ms)
        end_ms = _when(story, "--until", until, story.end_ms)
        if end_ms < start_ms or end_ms == start_ms and (since or until):  # one intact record spans no time, and is shown
            raise UsageError("The period is empty: --until is not after --since.", f"The records span {_span(story)}.")
        made = sections.build(story, start_ms, end_ms, notes.load(found.hello.serial) if found.hello else ())
        for path in targets or [Path(f"report-{found.hello.serial if found.hello else 'pump'}.html")]:
            with run.err.status(f"Writing {path}"):  # a full journal takes some seconds
                _write(path, made)
            run.say(f"Written: {path}")
        run.emit({"serial": found.hello.serial if found.hello else None, **made.facts, "statement": sections.ADVICE})
        for section in made.sections[:1]:
            run.say(f"{section.title}: {section.note}", "green" if section.tone == sections.GOOD else "red")
        if not story.chain.intact:
            raise LinkError("The log chain does not hold: see the report's first section.", "Keep the pump, or the file, as it is.")


def _source(run: Job, log: Path | None) -> source.Source:
    if log is None:
        pump = run.connect("LOG")
        return source.Source.of_pump(pump, f"the pump at {pump.link.name}")
    if run.port and run.port != os.environ.get("TAPIR_PORT"):  # that one only says where the pump is
        raise UsageError(f"{log} or --port, not both.")
    return source.of_profile(log, KeyStore()) if log.is_dir() else source.of_file(log)


def _targets(out: list[Path] | None) -> list[Path]:
    """Checked before anything is read from a pump; so is what writing them needs."""
    try:
        import fpdf  # noqa: F401  # only whether they are there
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise UsageError(f"A report needs {error.name}, which is not installed.", 'pip install "tapir-pump[report]"') from error
    for path in out or []:
        if path.suffix.lower() not in _SUFFIXES:
            raise UsageError(f"--out {path}: a report is an .html or a .pdf.", "Accepted: report.html, report.pdf")
        if not path.parent.is_dir():
            raise UsageError(f"--out {path}: there is no folder {path.parent}.")
    return out or []


def _write(path: Path, made: sections.Report) -> None:
    content = pdf.render(made) if path.suffix.lower() == ".pdf" else html.render(made).encode("utf-8")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error


def _when(story: Story, option: str, text: str | None, default: int) -> int:
    """A moment in ms since 1970."""
    if text is None:
        return default
    if re.fullmatch(r"#\d+", text):
        seq = int(text[1:])
        at = next((m.at_ms for m in story.moments if m.event.seq == seq), None)
        if at is None:
            first, last = (story.moments[i].event.seq if story.moments else 0 for i in (0, -1))
            raise UsageError(f"{option} {text}: there is no such record among the intact ones, #{first} to #{last}.")
        return at
    if text == "today":
        return _ms(datetime.now().replace(hour=0, minute=0, second=0, microsecond=0))
    if re.match(r"\d{4}-", text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise UsageError(f"{option} {text} is not a date.", f"Accepted: {_WHEN}") from error
        return _ms(moment if option == "--since" or len(text) > 10 else moment + timedelta(days=1))  # a last day counts whole
    return _ms(story.source.read_at) - quantity(option, text, units.MS)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _span(story: Story) -> str:
    first, last = (datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M") for ms in (story.start_ms, story.end_ms))
    return f"{first} to {last}"

"""The report as one HTML file: pictures inside as SVG data, styles inside, no script and nothing from the network; prints on A4.

Needs jinja2 (extra `report`). Called by cli/report.py.
"""

import base64
from importlib.resources import files

from . import figures
from .sections import ADVICE, Report, Section


def render(report: Report) -> str:
    """The whole page. All text is escaped: a reason in the journal is anybody's."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(files(__package__).joinpath("report.html.j2").read_text("utf-8"))
    return template.render(report=report, advice=ADVICE, picture=_picture)


def _picture(section: Section) -> str:
    return base64.b64encode(figures.svg(section.figure())).decode() if section.figure else ""

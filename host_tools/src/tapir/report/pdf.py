"""The report as a PDF on A4, the same sections as the page. Needs fpdf2 (extra `report`); the font is the one that comes with matplotlib.

Called by cli/report.py.
"""

import io
import logging
from pathlib import Path
from typing import Any

from . import figures
from .sections import ADVICE, BAD, Report, Section

_FONT = "DejaVu"
_GREY = 70


def render(report: Report) -> bytes:
    """The whole file."""
    pdf = _paper(report)
    for section in report.sections:
        _section(pdf, section)
    return bytes(pdf.output())


def _paper(report: Report) -> Any:
    from fpdf import FPDF

    logging.getLogger("fpdf").setLevel(logging.ERROR)  # a letter that the font does not have is a box in the PDF, and whole in the page

    class Paper(FPDF):
        """Every page says what it is and which it is."""

        def footer(self) -> None:
            self.set_y(-11)
            self.set_font(_FONT, size=6.5)
            self.set_text_color(_GREY)
            self.cell(0, 4, f"{report.title}. {ADVICE}", align="L")
            self.set_x(self.l_margin)
            self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R")
            self.set_text_color(0)

    pdf = Paper(format="A4")
    pdf.set_title(report.title)
    for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font(_FONT, style, str(_fonts() / name))
    pdf.set_margins(15, 14)
    pdf.set_auto_page_break(True, 16)
    pdf.add_page()
    pdf.set_font(_FONT, "B", 15)
    pdf.multi_cell(0, 8, report.title, new_x="LMARGIN", new_y="NEXT")
    _text(pdf, report.subtitle)
    _text(pdf, ADVICE)
    return pdf


def _fonts() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def _section(pdf: Any, section: Section) -> None:
    if pdf.will_page_break(75 if section.figure else 24):
        pdf.add_page()
    pdf.ln(3)
    pdf.set_font(_FONT, "B", 10.5)
    pdf.cell(0, 6, section.title, border="B", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1)
    if section.note:
        _text(pdf, section.note, bold=section.tone == BAD)
    for name, value in section.pairs:
        pdf.set_font(_FONT, size=8)
        pdf.set_text_color(_GREY)
        pdf.cell(52, 4.4, name)
        pdf.set_text_color(0)
        pdf.multi_cell(0, 4.4, value, new_x="LMARGIN", new_y="NEXT")
    if section.rows:
        _table(pdf, section)
    if section.figure:
        pdf.image(io.BytesIO(figures.png(section.figure())), w=pdf.epw)


def _text(pdf: Any, text: str, bold: bool = False) -> None:
    pdf.set_font(_FONT, "B" if bold else "", 8)
    pdf.multi_cell(0, 4.4, text, new_x="LMARGIN", new_y="NEXT")


def _table(pdf: Any, section: Section) -> None:
    """Columns as wide as what stands in them, the last one takes the rest, the widest gives way; the heading comes again on each page."""
    pdf.set_font(_FONT, size=7)
    columns = list(zip(section.head, *section.rows, strict=True))
    widths = [min(70.0, max(pdf.get_string_width(cell) for cell in column) + 4.0) for column in columns]
    spare = pdf.epw - sum(widths)
    widths[-1 if spare > 0 else widths.index(max(widths))] += spare
    if min(widths) < 8:
        widths = [pdf.epw / len(widths)] * len(widths)
    with pdf.table(
        col_widths=widths, width=pdf.epw, align="LEFT", line_height=3.9, borders_layout="SINGLE_TOP_LINE", padding=(0.3, 0.6)
    ) as table:
        for cells in (section.head, *section.rows):
            row = table.row()
            for cell in cells:
                row.cell(cell)

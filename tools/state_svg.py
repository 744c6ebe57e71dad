"""The state chart as SVG, without any dependency: boxes on a grid given here, arrows routed by a few rules.

Lengths in px. Called by tools/gen_states.py. A state without a place is an error that says so.
"""

from dataclasses import dataclass
from html import escape

from tools.state_graph import GROUPS, MEANINGS, NAMES, Arrow, grouped
from wire import schema

# (column, row) of each state. Rows of the stopped states lie between those of the delivering ones, so that arrows stay level.
PLACES = {
    schema.UNPROVISIONED: (0, 0),
    schema.LOCKED: (0, 2),
    schema.SCREENING: (0, 4),
    schema.PRIMING: (0, 8),
    schema.READY: (1, 0),
    schema.ENDED: (1, 6),
    schema.TITRATION_PAUSED: (2, 0),
    schema.TITRATING: (2, 2),
    schema.INFUSING: (2, 4),
    schema.TAPERING: (2, 6),
    schema.TAPER_PAUSED: (2, 8),
    schema.SUSPENDED: (3, 3),
    schema.HELD: (3, 5),
    schema.CHANGING: (3, 10),
}
_COLUMN_X = (100, 395, 765, 1205)
_ROW_Y, _ROW = 100, 68
_WIDTH, _HEIGHT = 1330, 824
_BOX_W, _BOX_H = 156, 46
_PAD_X, _PAD_TOP, _PAD_BOTTOM = 44, 52, 24
_LOW_Y = 718  # the level of arrows that go around below the frames
_LINE = 15  # of text
_PATH = '<path class="arrow" d="{}" marker-end="url(#head)"/>'


@dataclass(frozen=True)
class Rect:
    """A box; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        return (self.top + self.bottom) / 2

    def holds(self, other: "Rect") -> bool:
        return self.left <= other.left and other.right <= self.right and self.top <= other.top and other.bottom <= self.bottom


def boxes() -> dict[str, Rect]:
    """Where each state and each group is drawn, by name."""
    found = {}
    for code, name in NAMES.items():
        if code not in PLACES:
            raise SystemExit(f"tools/state_svg.py: the state {name} has no place in PLACES: give it a column and a row")
        column, row = PLACES[code]
        x, y = _COLUMN_X[column], _ROW_Y + row * _ROW
        found[name] = Rect(x - _BOX_W / 2, y - _BOX_H / 2, x + _BOX_W / 2, y + _BOX_H / 2)
    # All frames are equally high: then an arrow from a frame is level wherever it ends.
    framed = [found[NAMES[code]] for _, members in GROUPS for code in members]
    top = min(rect.top for rect in framed) - _PAD_TOP
    bottom = max(rect.bottom for rect in framed) + _PAD_BOTTOM
    for group, members in GROUPS:
        inner = [found[NAMES[code]] for code in members]
        found[group] = Rect(min(r.left for r in inner) - _PAD_X, top, max(r.right for r in inner) + _PAD_X, bottom)
    return found


def _text(x: float, y: float, words: str, anchor: str = "middle", style: str = "event") -> str:
    """Words with one line for each comma; y is the base of the last line."""
    lines = words.split(", ")
    spans = "".join(f'<tspan x="{x:g}" y="{y - (len(lines) - 1 - i) * _LINE:g}">{escape(line)}</tspan>' for i, line in enumerate(lines))
    return f'<text class="{style}" text-anchor="{anchor}">{spans}</text>'


def _arrow(points: list[tuple[float, float]]) -> str:
    path = " L".join(f"{x:g},{y:g}" for x, y in points)
    return _PATH.format("M" + path)


def _route(arrow: Arrow, rects: dict[str, Rect]) -> str:
    """One arrow with its label: a loop, down from the group's edge, level, upright, or around below everything."""
    a, b = rects[arrow.source], rects[arrow.target]
    words = arrow.label
    if a == b:
        x, y = a.right, a.bottom
        curve = f"M{x - 16:g},{y:g} C{x - 16:g},{y + 30:g} {x + 30:g},{y - 8:g} {x:g},{y - 12:g}"
        return _PATH.format(curve) + _text(x + 40, y + 26, words, "end")
    if a.holds(b) and b.top - a.top == _PAD_TOP:
        return _arrow([(b.x, a.top), (b.x, b.top)]) + _text(b.x + 8, (a.top + b.top) / 2 + 5, words, "start")
    if a.holds(b):
        y = b.y + 14
        return _arrow([(a.left, y), (b.left, y)]) + _text((a.left + b.left) / 2 - 2, y + _LINE, words)
    if a.x == b.x and [r for r in rects.values() if r.left == a.left and min(a.y, b.y) < r.y < max(a.y, b.y)]:
        x = a.right + 16  # past the box between them
        return _arrow([(a.right, a.y), (x, a.y), (x, b.y), (b.right, b.y)]) + _text(x - 4, (a.top + b.bottom) / 2, words, "end")
    if a.x == b.x:
        up = b.y < a.y
        x = a.x + (8 if up else -30)
        ends = [(x, a.top), (x, b.bottom)] if up else [(x, a.bottom), (x, b.top)]
        return _arrow(ends) + _text(x + (6 if up else -6), (ends[0][1] + ends[1][1]) / 2 + 5, words, "start" if up else "end")
    right = b.x > a.x
    if b.top > a.bottom and arrow.source not in NAMES.values():  # a state below the frames
        return _arrow([(a.x, a.bottom), (a.x, b.y), (b.left, b.y)]) + _text((a.x + b.left) / 2, b.y - 6, words)
    start, end = (a.right, b.left) if right else (a.left, b.right)
    y = b.y if a.top <= b.y <= a.bottom else a.y
    between = [r for r in rects.values() if min(start, end) < r.left and r.right < max(start, end) and r.top < y < r.bottom]
    if between:
        points = [(a.x, a.bottom), (a.x, _LOW_Y), (b.x, _LOW_Y), (b.x, b.bottom)]
        return _arrow(points) + _text((a.x + b.x) / 2, _LOW_Y - 6, words)
    if right and not (a.top <= b.y <= a.bottom or b.top <= a.y <= b.bottom):  # another row: along its own, then up beside the target
        low, x = a.y + 14, b.left - 24
        return _arrow([(a.right, low), (x, low), (x, b.y + 12), (b.left, b.y + 12)]) + _text((a.right + x) / 2 - 14, low + 3 * _LINE, words)
    if arrow.source in NAMES.values() and arrow.target in NAMES.values() and not right:
        y -= 10  # leaves room for the arrow from the group's edge
    outer = [r for name, r in rects.items() if name not in NAMES.values() and (r.holds(a) or r.holds(b))]
    clear_left = max([r.right for r in outer if r.right < max(start, end)] + [min(start, end)])
    clear_right = min([r.left for r in outer if r.left > min(start, end)] + [max(start, end)])
    return _arrow([(start, y), (end, y)]) + _text((clear_left + clear_right) / 2, y - 6, words)


_STYLE = """
text { font-family: "DejaVu Sans", Verdana, Helvetica, sans-serif; fill: #111 }
.name { font-size: 14px; font-weight: bold }
.event { font-size: 12px }
.group { font-size: 13px; font-style: italic; fill: #444 }
.state { fill: #fff; stroke: #111; stroke-width: 1.6 }
.flows { fill: #d8ecd8 }
.halts { fill: #f6d8d4 }
.frame { fill: #fafafa; stroke: #777; stroke-width: 1.2; stroke-dasharray: 6 4 }
.arrow { fill: none; stroke: #111; stroke-width: 1.3 }
"""


def svg() -> str:
    """The picture. Text on a white ground; the fill repeats what the group's name says."""
    rects = boxes()
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img">',
        "<title>States of the therapy</title>",
        f"<style>{_STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">',
        '<path d="M0,0 L10,5 L0,10 z" fill="#111"/></marker></defs>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    fills = dict(zip((group for group, _ in GROUPS), ("", " flows", " halts"), strict=True))
    member_of = {code: group for group, members in GROUPS for code in members}
    for group, _ in GROUPS:
        r = rects[group]
        out.append(f'<rect class="frame" x="{r.left:g}" y="{r.top:g}" width="{r.right - r.left:g}" height="{r.bottom - r.top:g}" rx="12"/>')
        out.append(_text(r.left + 12, r.top + 19, group, "start", "group"))
    for code, name in NAMES.items():
        r, fill = rects[name], fills.get(member_of.get(code, ""), "")
        out.append(f'<g><title>{escape(MEANINGS[code])}</title><rect class="state{fill}" x="{r.left:g}" y="{r.top:g}" ')
        out.append(f'width="{_BOX_W}" height="{_BOX_H}" rx="9"/>{_text(r.x, r.y + 5, name, style="name")}</g>')
    first = rects[NAMES[schema.UNPROVISIONED]]
    out.append(f'<circle cx="{first.x:g}" cy="{first.top - 34:g}" r="6" fill="#111"/>')
    out.append(_arrow([(first.x, first.top - 28), (first.x, first.top)]))
    out += [_route(arrow, rects) for arrow in grouped()]
    out.append("</svg>")
    return "\n".join(out) + "\n"

"""A picture of spread as SVG: columns from left to right, every text escaped, whole numbers, no library needed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from attrs import frozen

from credit_engine.assessing.explaining.wording import Words
from credit_engine.spreading.layout import laid_out
from credit_engine.spreading.picturing import Line, Picture, Spot, Style

FONT = "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', 'WenQuanYi Micro Hei', sans-serif"
BIG, SMALL, TITLE = 14, 11, 17  # sizes of letters
MARGIN, PADDING, CURVE = 28, 10, 70
WIDEST = 220  # of the text in a spot
MOST_LINES = 3  # of one text in a spot
LINE = 16  # from one line of text to the next
COLOURS: dict[Style, str] = {"solid": "#a4161a", "dashed": "#1d5b9b", "dotted": "#5f6368"}
DASHES: dict[Style, str] = {"solid": "", "dashed": ' stroke-dasharray="8 5"', "dotted": ' stroke-dasharray="2 5"'}
Point = tuple[int, int]


@frozen
class _Box:
    """The texts of a spot, wrapped: (size, text), and how large it is."""

    texts: tuple[tuple[int, str], ...]
    width: int
    height: int


def svg(picture: Picture, words: Words) -> str:
    """The picture as the text of an SVG file."""
    return "\n".join(_Drawing(picture, words).pieces()) + "\n"


class _Drawing:
    def __init__(self, picture: Picture, words: Words) -> None:
        self.picture, self.words = picture, words
        self.boxes = {spot.id: _box(spot) for spot in picture.spots}
        heights = {id_: box.height for id_, box in self.boxes.items()}
        lines = [(line.start, line.end) for line in picture.lines]
        self.made = laid_out([spot.id for spot in picture.spots], lines, heights)
        self.labels = [_label(line, turned=number in self.made.turned) for number, line in enumerate(picture.lines)]
        self.at_start = [self._is_at_start(number) for number in range(len(picture.lines))]
        self.lefts, self.rights, self.zones = self._across()
        self.top = MARGIN + TITLE + 24

    def pieces(self) -> Iterator[str]:
        """The file line by line."""
        bottom = max((self.made.middle[key] + self.made.height[key] // 2 for key in self.made.middle), default=0)
        legend = list(_legend(self.picture, self.words))
        legend_top = self.top + bottom + 40
        title = max(_width(self.picture.title, TITLE), *(_width(text, SMALL) + 70 for _, text in legend))
        width = max(self.rights[-1], title + MARGIN) + MARGIN
        height = legend_top + LINE * len(legend) + MARGIN
        yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        yield f'  viewBox="0 0 {width} {height}"'
        yield f'  role="img" aria-label={quoteattr(self.picture.title)} font-family="{escape(FONT)}">'
        yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        yield _text(MARGIN, MARGIN + TITLE, self.picture.title, TITLE, weight="bold")
        for number, line in enumerate(self.picture.lines):
            yield from self._line(number, line)
        for number in range(len(self.picture.lines)):
            yield from self._label(number)
        for spot in self.picture.spots:
            yield from self._spot(spot)
        for number, (style, text) in enumerate(legend):
            y = legend_top + LINE * number
            yield from _sample(style, y)
            yield _text(MARGIN + (60 if style else 0), y + 4, text, SMALL, colour="#3c4043")
        yield "</svg>"

    # --- across ---------------------------------------------------------------------------------------------------

    def _is_at_start(self, number: int) -> bool:
        """Whether the label stands where the line leaves its left spot, or where it arrives: where fewer lines meet."""
        chain = self.made.chains[number]
        leaving = sum(other[0] == chain[0] for other in self.made.chains)
        arriving = sum(other[-1] == chain[-1] for other in self.made.chains)
        return leaving <= arriving

    def _across(self) -> tuple[list[int], list[int], list[Point]]:
        """Left and right edge of each column, and how wide the labels behind it and before the next one are."""
        lefts, rights, zones = [], [], []
        x = MARGIN
        for number, column in enumerate(self.made.columns):
            lefts.append(x)
            x += max((self.boxes[key].width for key in column if key in self.boxes), default=0)
            rights.append(x)
            behind = self._widest(number, at_start=True)
            before = self._widest(number, at_start=False)
            zones.append((behind, before))
            x += behind + CURVE + before
        return lefts, rights, zones

    def _widest(self, column: int, *, at_start: bool) -> int:
        """The widest label in the space after a column that stands at this side of it."""
        widths = [
            max((_width(text, SMALL) for text in self.labels[number]), default=0) + 26
            for number, chain in enumerate(self.made.chains)
            if self.at_start[number] == at_start and self.made.column_of[chain[0] if at_start else chain[-2]] == column
        ]
        return max(widths, default=16)

    # --- pieces ---------------------------------------------------------------------------------------------------

    def _points(self, number: int) -> list[Point]:
        """The corners of a line from left to right: straight beside the spots, curved between."""
        made, chain = self.made, self.made.chains[number]
        points: list[Point] = []
        for left, right in pairwise(chain):
            column = made.column_of[left]
            y, to = self.top + made.leaving[number, left], self.top + made.arriving[number, right]
            behind, before = self.zones[column]
            start = self._edge(left, 1)
            end = self._edge(right, -1)
            points += [(start, y), (self.rights[column] + behind, y), (self.lefts[column + 1] - before, to), (end, to)]
        return points

    def _edge(self, key: str, side: int) -> int:
        """Where a spot ends on the right (1) or left (-1); a line that passes has no width."""
        column = self.made.column_of[key]
        middle = (self.lefts[column] + self.rights[column]) // 2
        return middle + side * (self.boxes[key].width // 2 if key in self.boxes else 0)

    def _line(self, number: int, line: Line) -> Iterator[str]:
        points = self._points(number)
        if number in self.made.turned:
            points.reverse()
        x, y = points[0]
        path = [f"M{x} {y}"]
        for place, ((x, y), (to_x, to_y)) in enumerate(pairwise(points)):
            middle = (x + to_x) // 2
            path.append(f"C{middle} {y} {middle} {to_y} {to_x} {to_y}" if place % 4 == 1 else f"L{to_x} {to_y}")
        colour = COLOURS[line.style]
        yield f'<path d="{" ".join(path)}" fill="none" stroke="{colour}" stroke-width="1.6"{DASHES[line.style]}/>'
        x, y = points[-1]
        back = -9 if points[-2][0] <= x else 9
        yield f'<polygon points="{x},{y} {x + back},{y - 5} {x + back},{y + 5}" fill="{colour}"/>'

    def _label(self, number: int) -> Iterator[str]:
        points, line = self._points(number), self.picture.lines[number]
        chain = self.made.chains[number]
        if self.at_start[number]:
            x, y = max(points[0][0], self.rights[self.made.column_of[chain[0]]]) + 8, points[0][1]
        else:
            widest = max((_width(text, SMALL) for text in self.labels[number]), default=0)
            x, y = self.lefts[self.made.column_of[chain[-1]]] - widest - 14, points[-1][1]
        for place, text in enumerate(self.labels[number]):
            yield _text(x, y - 5 if place == 0 else y + 13, text, SMALL, colour=COLOURS[line.style])

    def _spot(self, spot: Spot) -> Iterator[str]:
        box = self.boxes[spot.id]
        height = self.made.height[spot.id]
        x, y = self._edge(spot.id, -1), self.top + self.made.middle[spot.id] - height // 2
        fill, stroke, width = ("#fff4cc", "#202124", 2.5) if spot.is_centre else ("#f8f9fa", "#5f6368", 1.2)
        round_ = 16 if spot.is_region else 5
        yield f"<g><title>{escape(_clean(': '.join(part for part in (spot.id, spot.name) if part)))}</title>"
        yield f'<rect x="{x}" y="{y}" width="{box.width}" height="{height}" rx="{round_}" fill="{fill}"'
        yield f'  stroke="{stroke}" stroke-width="{width}"/>'
        first = y + (height - LINE * len(box.texts)) // 2 + LINE - 4
        for place, (size, text) in enumerate(box.texts):
            weight = "bold" if size == BIG else "normal"
            yield _text(x + box.width // 2, first + LINE * place, text, size, anchor="middle", weight=weight)
        yield "</g>"


def _label(line: Line, *, turned: bool) -> tuple[str, ...]:
    """The texts of a line; an arrow says in which direction the relation is read: the one is KIND of the other."""
    if not line.holder or not line.texts:
        return tuple(_clean(text) for text in line.texts)
    to_the_right = (line.holder == line.start) != turned
    first = f"{line.texts[0]} →" if to_the_right else f"← {line.texts[0]}"
    return (_clean(first), *(_clean(text) for text in line.texts[1:]))


def _legend(picture: Picture, words: Words) -> Iterator[tuple[Style | None, str]]:
    """What the lines mean, as far as they occur."""
    used = {line.style for line in picture.lines}
    for style in ("solid", "dashed", "dotted"):
        if style in used:
            yield style, words(f"graph_legend_{style}")
    if any(line.holder for line in picture.lines):
        yield None, words("graph_legend_arrow")
    if picture.left_out:
        yield None, words("graph_left_out", number=picture.left_out)
    if not picture.lines:
        yield None, words("graph_nothing")


def _sample(style: Style | None, y: int) -> Iterator[str]:
    if style is not None:
        line = f'<line x1="{MARGIN}" y1="{y}" x2="{MARGIN + 46}" y2="{y}" stroke="{COLOURS[style]}" stroke-width="1.6"'
        yield f"{line}{DASHES[style]}/>"


# --- texts ----------------------------------------------------------------------------------------------------


def _box(spot: Spot) -> _Box:
    wrapped: list[tuple[int, str]] = []
    for size, text in ((BIG, spot.title), (SMALL, spot.name), *((SMALL, note) for note in spot.notes)):
        wrapped += [(size, part) for part in _wrapped(_clean(text), size)]
    width = max(_width(text, size) for size, text in wrapped) + 2 * PADDING
    return _Box(tuple(wrapped), max(width, 70), LINE * len(wrapped) + 2 * PADDING)


def _wrapped(text: str, size: int) -> list[str]:
    """A text in lines that are not too wide, broken at a blank where there is one; the rest is left out with dots."""
    lines: list[str] = []
    while text and len(lines) < MOST_LINES:
        fits = _fitting(text, size)
        if fits < len(text) and (blank := text.rfind(" ", 1, fits)) > fits // 2:
            fits = blank
        lines.append(text[:fits].strip())
        text = text[fits:].strip()
    if text and lines:
        lines[-1] = f"{lines[-1][:-1]}…"
    return lines


def _fitting(text: str, size: int) -> int:
    """How many letters fit."""
    width = 0
    for number, letter in enumerate(text):
        width += _letter(letter, size)
        if width > WIDEST * 10:
            return max(number, 1)
    return len(text)


def _width(text: str, size: int) -> int:
    return sum(_letter(letter, size) for letter in text) // 10 + 1


def _letter(letter: str, size: int) -> int:
    """The width of a letter in tenths: Chinese ones are square, others about six tenths of that."""
    return size * (10 if unicodedata.east_asian_width(letter) in "WF" else 6)


def _clean(text: str) -> str:
    """Without what XML cannot hold, and in one line."""
    kept: Iterable[str] = (letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)
    return "".join(kept)


def _text(
    x: int, y: int, text: str, size: int, *, anchor: str = "start", weight: str = "normal", colour: str = "#202124"
) -> str:
    styled = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x}" y="{y}" {styled}>{escape(text)}</text>'

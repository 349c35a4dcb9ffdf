"""A picture of spread as Mermaid, for wikis and reports that draw it themselves; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from credit_engine.assessing.explaining.wording import Words
from credit_engine.spreading.picturing import Picture, Spot, Style

DASHES: dict[Style, str] = {"solid": "", "dashed": "stroke-dasharray: 8 5", "dotted": "stroke-dasharray: 2 5"}
PLAIN = frozenset("-_./()（）:：,，、%→← ")  # besides letters and digits; anything else may mean something to Mermaid


def mermaid(picture: Picture, words: Words) -> str:
    """The picture as a Mermaid flowchart."""
    return "\n".join(_pieces(picture, words)) + "\n"


def _pieces(picture: Picture, words: Words) -> Iterator[str]:
    names = {spot.id: f"n{number}" for number, spot in enumerate(picture.spots, 1)}
    yield "flowchart LR"
    for spot in picture.spots:
        left, right = ("([", "])") if spot.is_region else ("[", "]")
        yield f'  {names[spot.id]}{left}"{_lines(_texts(spot))}"{right}'
    for line in picture.lines:
        arrow = "-->" if line.style == "solid" else "-.->"
        texts = line.texts
        if line.holder and texts:
            first = f"{texts[0]} →" if line.holder == line.start else f"← {texts[0]}"
            texts = (first, *texts[1:])
        yield f'  {names[line.start]} {arrow}|"{_lines(texts)}"| {names[line.end]}'
    for number, line in enumerate(picture.lines):
        if DASHES[line.style]:
            yield f"  linkStyle {number} {DASHES[line.style]}"
    centres = [names[spot.id] for spot in picture.spots if spot.is_centre]
    if centres:
        yield f"  style {centres[0]} stroke-width:3px"
    if picture.left_out:
        yield f"  %% {words('graph_left_out', number=picture.left_out)}"


def _texts(spot: Spot) -> Iterable[str]:
    return (text for text in (spot.title, spot.name, *spot.notes) if text)


def _lines(texts: Iterable[str]) -> str:
    return "<br/>".join(_escaped(text) for text in texts)


def _escaped(text: str) -> str:
    """Letters and digits of any script as they are, everything else as a numbered entity."""
    return "".join(letter if letter.isalnum() or letter in PLAIN else f"#{ord(letter)};" for letter in text)

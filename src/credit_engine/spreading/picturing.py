"""What a picture of spread shows: the parties on the paths to and from one party, the steps between them, and notes.

Plain data, before any place on the paper: `drawing` and `mermaid` make text of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import frozen

from credit_engine.assessing.effects import Edge, Effect, Effects
from credit_engine.assessing.explaining.paths import (
    effect_word,
    held_days,
    is_restrictive,
    relation_word,
    share_bounds,
    share_text,
)
from credit_engine.assessing.explaining.wording import Words
from credit_engine.policy.plan import Plan
from credit_engine.spreading.graphs import region_node

Style = Literal["solid", "dashed", "dotted"]
STYLES: tuple[Style, ...] = ("dotted", "dashed", "solid")  # what restricts is drawn over what does not
MOST_DRAWN = 80  # effects; a picture of more can be read by nobody
MOST_NOTES = 4


@frozen
class Spot:
    """A party or region in the picture: its id, perhaps its name, and what starts there or arrives."""

    id: str
    name: str
    notes: tuple[str, ...]
    is_centre: bool = False
    is_region: bool = False

    @property
    def title(self) -> str:
        """The id as it is known outside of pictures."""
        return self.id.removeprefix("region:") if self.is_region else self.id


@frozen
class Line:
    """A step from one spot to another, drawn once for all effects that go over it; `texts` are its label.

    `holder` is the spot that has the relation: *it is KIND of the other one*; none where the step is no relation.
    """

    start: str
    end: str
    style: Style
    texts: tuple[str, ...]
    holder: str = ""


@frozen
class Picture:
    """Spots by id, and lines in order; `left_out`: effects that are not drawn."""

    title: str
    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]
    left_out: int = 0


def reaching(party: str, effects: Effects) -> list[Effect]:
    """What reaches a party."""
    return [effect for effect in effects if effect.target == party and not effect.is_region]


def reached(party: str, effects: Effects) -> list[Effect]:
    """What starts from a party and reaches others, alone or together with others."""
    return [
        effect
        for effect in effects
        if effect.target != party
        and (
            effect.origin_party == party
            or (effect.origin_party is None and any(edge.start == party for edge in effects.proof(effect)))
        )
    ]


def style_of(effect: Effect) -> Style:
    """Solid where it restricts, dashed where it does not, dotted where it is possible only."""
    if not effect.certain:
        return "dotted"
    return "solid" if is_restrictive(effect) or (effect.is_region and effect.effect == "mirror") else "dashed"


def picture_of(party: str, effects: Effects, plan: Plan, words: Words, names: Mapping[str, str]) -> Picture:
    """The picture of what reaches a party and what it reaches; `names` are written beside the ids."""
    found = [*reaching(party, effects), *reached(party, effects)]
    drawn = found[:MOST_DRAWN]
    titles = {rule.id: rule.title for rule in plan.spread} | {rule.id: rule.title for rule in plan.recognition}
    notes: dict[str, dict[str, None]] = {party: {}}
    steps: dict[tuple[str, str, str], tuple[Edge | None, Style, str]] = {}
    for effect in drawn:
        title = words.title(titles.get(effect.rule, {}), effect.rule)
        target = region_node(effect.target) if effect.is_region else effect.target
        _note_origin(effect, notes, words)
        mark = "" if effect.certain else words("graph_possible")
        arrived = words.parts((words("effect_line", effect=effect_word(effect.effect, words), rule=title), mark))
        notes.setdefault(target, {})[arrived] = None
        for start, end, id_, edge in _steps(effect, effects, target):
            notes.setdefault(start, {})
            notes.setdefault(end, {})
            style = max(style_of(effect), steps.get((start, end, id_), (None, "dotted", ""))[1], key=STYLES.index)
            steps[start, end, id_] = (edge, style, title)
    lines = tuple(
        Line(start, end, style, _label(edge, title, words), _holder(edge))
        for (start, end, _), (edge, style, title) in steps.items()
    )
    spots = tuple(_spot(id_, party, notes[id_], names, words) for id_ in notes)
    return Picture(words("graph", party=party, day=words.day(effects.as_of)), spots, lines, len(found) - len(drawn))


def _steps(effect: Effect, effects: Effects, target: str) -> Sequence[tuple[str, str, str, Edge | None]]:
    if effect.is_region and effect.origin_party is not None:
        return [(effect.origin_party, target, effect.rule, None)]
    edges = effects.proof(effect) if effect.origin_party is None else effect.path
    return [(edge.start, edge.end, edge.id, edge) for edge in edges]


def _note_origin(effect: Effect, notes: dict[str, dict[str, None]], words: Words) -> None:
    if effect.origin_party is None:
        return
    said = notes.setdefault(effect.origin_party, {})
    if effect.origin_kind == "event":
        said[words("event", kind=words.kind(effect.origin_event_kind or ""), id=effect.origin)] = None
    elif effect.origin_kind == "entry":
        said[words("cut_entry", id=effect.origin)] = None


def _spot(id_: str, party: str, notes: Mapping[str, None], names: Mapping[str, str], words: Words) -> Spot:
    said = tuple(notes)
    if len(said) > MOST_NOTES:
        said = (*said[: MOST_NOTES - 1], words("graph_more", number=len(said) - MOST_NOTES + 1))
    return Spot(id_, names.get(id_, ""), said, id_ == party, id_.startswith("region:"))


def _label(edge: Edge | None, title: str, words: Words) -> tuple[str, ...]:
    """What stands at a step: kind and share of the relation; its id and days; of recognition the row."""
    if edge is None:
        return (title,)
    if edge.to == "named":
        return (relation_word(edge.id, words),)
    kinds = words.items(dict.fromkeys(relation_word(held.kind, words) for held in edge.relations))
    share = share_text(share_bounds(edge.relations), words)
    ids = words.items(held.id for held in edge.relations)
    if len(edge.relations) == 1:
        ids = words("fact", name=ids, value=held_days(edge.relations[0], words))
    return (" ".join(part for part in (kinds, share) if part), ids)


def _holder(edge: Edge | None) -> str:
    if edge is None or edge.to == "named":
        return ""
    return edge.start if edge.to == "target" else edge.end

"""Relations, steps and paths in words: who is what of whom, since when, with which share, on which document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

from credit_engine.assessing.effects import Edge, Effect, Held
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.texts_of_effects import EFFECTS, RELATIONS
from credit_engine.assessing.explaining.wording import Words
from credit_engine.policy.plan_spreading import RESTRICTIVE
from credit_engine.quantities import SHARE

ONE_DAY = timedelta(days=1)
WHOLE = Fraction(1)


def relation_word(kind: str, words: Words) -> str:
    """What a kind of relation, or a role, is called; one that a policy declares is shown as it is written."""
    return words.of(RELATIONS[kind]) if kind in RELATIONS else kind


def effect_word(effect: str, words: Words) -> str:
    """What an effect, or a mode of recognition, is called."""
    return words.of(EFFECTS[effect]) if effect in EFFECTS else effect


def is_restrictive(effect: Effect) -> bool:
    """Whether it takes anything from its target; what is possible only never does."""
    return effect.certain and not effect.is_region and effect.effect in RESTRICTIVE


# --- shares ---------------------------------------------------------------------------------------------------


def share_bounds(relations: Iterable[Held]) -> tuple[Fraction, Fraction] | None:
    """The least and the greatest sum of the shares, at most the whole; none where no share is recorded at all."""
    held = list(relations)
    if all(one.share is None and one.share_max is None for one in held):
        return None
    low = sum((one.share or Fraction(0) for one in held), Fraction(0))
    high = sum((_highest(one) for one in held), Fraction(0))
    return min(low, WHOLE), min(high, WHOLE)


def _highest(held: Held) -> Fraction:
    if held.share_max is not None:
        return held.share_max
    return WHOLE if held.share is None else held.share


def share_text(bounds: tuple[Fraction, Fraction] | None, words: Words) -> str:
    """A share, or the range in which it lies; nothing where none is recorded."""
    if bounds is None:
        return ""
    low, high = (words.value(end, SHARE) for end in bounds)
    return low if bounds[0] == bounds[1] else words("range", low=low, high=high)


# --- steps ----------------------------------------------------------------------------------------------------


def path_account(effect: Effect, words: Words) -> Account:
    """The path of an effect, step by step."""
    if not effect.path:
        return Account(words("effect_itself"), part="path")
    key = "path_one" if effect.steps == 1 else "path"
    return Account(words(key, steps=effect.steps), [edge_account(edge, words) for edge in effect.path], part="path")


def edge_account(edge: Edge, words: Words) -> Account:
    """One step in words, with what is recorded of the relation; several parallel relations stand below it."""
    if edge.to == "named":
        text = words("edge_named", start=edge.start, end=edge.end, kind=relation_word(edge.id, words))
        return Account(text, part="edge")
    on_day = "" if edge.held_on is None else words("edge_held_on", day=words.day(edge.held_on))
    if len(edge.relations) == 1:
        return Account(_held(edge, edge.relations[0], words, on_day), part="edge")
    below = [Account(_held(edge, one, words), part="held") for one in edge.relations]
    text = words("edge_several", start=edge.start, end=edge.end, number=len(edge.relations))
    sum_ = share_text(share_bounds(edge.relations), words)
    text = words.parts((text, words("edge_sum", share=sum_) if sum_ else "", on_day))
    return Account(text, below, part="edge")


def _held(edge: Edge, held: Held, words: Words, on_day: str = "") -> str:
    more = words.parts((held_text(held, words), on_day))
    return words("in_brackets", text=edge_phrase(edge, held.kind, words), more=more)


def edge_phrase(edge: Edge, kind: str, words: Words) -> str:
    """*source is KIND of target*, whichever way the effect goes over it."""
    source, target = (edge.start, edge.end) if edge.to == "target" else (edge.end, edge.start)
    return words("edge", source=source, target=target, kind=relation_word(kind, words))


def held_text(held: Held, words: Words) -> str:
    """Id, days, share, document and record of one relation."""
    read_from = held.read_from
    record = words("event_record", file=read_from.file, record=read_from.record) if read_from else ""
    share = share_text(share_bounds((held,)), words)
    if not share and held.kind == "shareholder":
        share = words("held_no_share")
    document = words("held_document", document=held.document) if held.document else ""
    return words.parts((words("held_id", id=held.id), held_days(held, words), share, document, record))


def held_days(held: Held, words: Words) -> str:
    """Since when and until when a relation is in force."""
    since = words("held_undated") if held.since is None else words("held_since", day=words.day(held.since))
    return (
        since if held.until is None else words.parts((since, words("held_until", day=words.day(held.until - ONE_DAY))))
    )

"""Hypothesis strategies for policies, dossiers and questions: for this library's own laws and for policy authors.

    @given(policies(), st.data())            # any policy that the language can say
    @given(questions(load_policy("mine")))   # dossiers and days on the edges of one policy

Policies load by construction. Dossiers lean to what a policy distinguishes: thresholds and one beside them, a period
ago and a day more or less, ends of months, 29 February, ties on one day, equal documents, empty cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy, read_policy
from credit_engine.policy.places import Items, Map
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_conditions import Author, Style, View, condition
from credit_engine.testing.drawn_records import Facts, day_near, dossier
from credit_engine.testing.drawn_scores import grades, score
from credit_engine.testing.drawn_selectors import ALL_STANDINGS
from credit_engine.testing.drawn_values import write_computed, write_indicators
from credit_engine.testing.edges import edges_of
from credit_engine.testing.showing import as_yaml, shown_question
from credit_engine.testing.vocabulary import SOURCES, Written, vocabulary

__all__ = ["Facts", "Question", "Style", "as_data", "as_yaml", "dossiers", "loaded_policies", "policies", "questions"]


# --- policies -------------------------------------------------------------------------------------------------


@st.composite
def policies(draw: st.DrawFn, style: Style = Style()) -> dict[str, Written]:  # noqa: B008  # frozen
    """A policy as plain data: text, numbers, dates, lists and dicts as they stand in YAML."""
    choose = Chooser(draw)
    words = vocabulary(choose)
    author = Author(choose, words, style)
    write_indicators(author, 1, 2)
    write_computed(author, 2)
    write_indicators(author, 0, 2)
    policy: dict[str, Written] = {"policy": "drawn", "title": {"zh": "例", "en": "Drawn"}, "sources": SOURCES}
    has_score = style.only_worse or not choose.chance(10)
    policy |= _declarations(author)
    policy |= _admissions(author)
    if has_score:
        policy["score"] = score(author)
    if not has_score or choose.chance(60):
        policy["grades"] = grades(author, has_score=has_score)
    return policy


def _declarations(author: Author) -> Mapping[str, Written]:
    choose, words = author.choose, author.words
    kinds = {name: anchor for name, anchor in words.kinds.items() if name in ("complaint", "finding")}
    fields = {kind: dict(written) for kind, written in words.declared.items()}
    for kind, computed in author.computed.items():
        fields.setdefault(kind, {}).update({each.field.name: each.written for each in computed})
    parts: dict[str, Written] = {
        "kinds": kinds,
        "fields": fields,
        "parameters": {each.name: each.written for each in words.parameters},
        "indicators": author.written_indicators,
    }
    if choose.chance(12):
        parts["regions"] = choose.some(("310000", "320000", "zone"), least=1)
    if choose.chance(15):
        parts["law_of"] = choose.one(("decided", "as_of", ["occurred", "decided"], "occurred"))
    return {name: part for name, part in parts.items() if part}


def _admissions(author: Author) -> Mapping[str, Written]:
    choose = author.choose
    admits: dict[str, Written] = {}
    if not choose.chance(20):
        return {}
    kind = choose.one(tuple(author.words.kinds))
    admits[kind] = {}
    if choose.chance(40):
        admits[kind]["standing"] = choose.one((["final"], ALL_STANDINGS))
    if choose.chance(40) and not author.style.only_worse:
        admits[kind]["per"] = ["authority", "document"]
    if choose.chance(40):
        admits[kind]["where"] = condition(author, View(kind=kind, fields=True, still=True), most=1, depth=1)
    return {"admits": admits}


def loaded_policies(style: Style = Style()) -> st.SearchStrategy[Policy]:  # noqa: B008  # frozen
    """Policies, read and resolved."""
    return policies(style).map(lambda written: read_policy(as_data(written)))


def as_data(written: Written) -> Any:  # Any: Map, Items or a scalar
    """Plain data in the form that the reader of policies gives."""
    if isinstance(written, Mapping):
        return Map({name: as_data(part) for name, part in written.items()})
    if isinstance(written, list | tuple):
        items = Items()
        items.extend(as_data(part) for part in written)
        return items
    return written


# --- dossiers and questions -----------------------------------------------------------------------------------


@frozen(repr=False)
class Question:
    """Everything that `assess` is asked; shown in failures as the YAML of a policy test."""

    policy: Policy
    dossier: Dossier
    as_of: date
    known_at: date | None = None
    event: str | None = None

    def __repr__(self) -> str:
        """The question as YAML; empty cells are left out."""
        return shown_question(self.policy, self.dossier, self.as_of, self.known_at, self.event)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001  # Any: hypothesis's own printer
        printer.text(repr(self))


@st.composite
def dossiers(draw: st.DrawFn, policy: Policy, facts: Facts = Facts()) -> Dossier:  # noqa: B008  # frozen
    """A dossier on the edges of this policy."""
    choose = Chooser(draw)
    return dossier(choose, edges_of(policy), facts)


@st.composite
def questions(
    draw: st.DrawFn,
    policy: Policy | st.SearchStrategy[Policy] | None = None,
    facts: Facts = Facts(),  # noqa: B008  # frozen
) -> Question:
    """A dossier and a day on the edges of a policy, which may itself be drawn."""
    chosen = policy if isinstance(policy, Policy) else draw(policy if policy is not None else loaded_policies())
    choose = Chooser(draw)
    edges = edges_of(chosen)
    found = dossier(choose, edges, facts)
    as_of = day_near(choose, found, edges)
    known_at = day_near(choose, found, edges) if facts.versions and choose.chance(30) else None
    if known_at is not None and not any(v.recorded is None or v.recorded <= known_at for v in found.party_versions):
        known_at = None
    return Question(chosen, found, as_of, known_at)

"""Hypothesis strategies for policies, records and questions: for this library's own laws and for policy authors.

    @given(questions(load_policy("mine")))   # dossiers, days and networks on the edges of one policy
    @given(questions())                      # any policy that the language can say

Policies load by construction. Records lean to what a policy distinguishes: each question aims at one of its rules,
lists or effects, with thresholds and one beside them, last days and a day more or less, changes of the law, ends of
months, 29 February, ties on one day, equal documents, empty cells, several versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from hypothesis import strategies as st

from credit_engine.dossiers import Dossier
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import Policy, read_policy
from credit_engine.records import Event, Party
from credit_engine.testing.drafts import Draft, parties_of
from credit_engine.testing.drawing import Blocks, Chooser
from credit_engine.testing.drawn_conditions import Author, Style, View, condition
from credit_engine.testing.drawn_duties import duty_policy
from credit_engine.testing.drawn_records import Facts, event, pen_for
from credit_engine.testing.drawn_scores import grades, score
from credit_engine.testing.drawn_selectors import ALL_STANDINGS
from credit_engine.testing.drawn_spread import spread_policy
from credit_engine.testing.drawn_values import write_computed, write_indicators
from credit_engine.testing.edges import edges_of
from credit_engine.testing.question import Question
from credit_engine.testing.sampling import day_on_an_edge, drawn_question
from credit_engine.testing.showing import as_data, as_yaml
from credit_engine.testing.vocabulary import SOURCES, Written, vocabulary

Thing = TypeVar("Thing")
ANY_FACTS = Facts()

__all__ = [
    "Facts",
    "Question",
    "Style",
    "as_data",
    "as_yaml",
    "days",
    "dossiers",
    "events",
    "loaded_policies",
    "networks",
    "parties",
    "policies",
    "questions",
    "written_policies",
]


# --- policies -------------------------------------------------------------------------------------------------


@st.composite
def written_policies(draw: st.DrawFn, style: Style = Style()) -> dict[str, Written]:  # noqa: B008  # frozen
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
    """Policies of scores and grades, read and resolved."""
    return written_policies(style).map(lambda written: read_policy(as_data(written)))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies of all that the language can say: scores and grades, lists and duties, or spread and recognition."""
    choose = Chooser(draw)
    sort = choose.number(0, 2)
    if sort == 0:
        return draw(loaded_policies())
    return read_policy(as_data(duty_policy(choose) if sort == 1 else spread_policy(choose)))


# --- records --------------------------------------------------------------------------------------------------
# Plain functions around strategies without arguments, for hypothesis shows arguments in full, and a policy is long.


def _drawn(make: Callable[[Blocks, st.DrawFn], Thing]) -> st.SearchStrategy[Thing]:
    @st.composite
    def drawn(draw: st.DrawFn) -> Thing:
        return make(Blocks(draw), draw)

    return drawn()


def parties(policy: Policy, name: str = "P1") -> st.SearchStrategy[tuple[Party, ...]]:
    """The versions of a party: operators of the kinds and regions that the policy distinguishes, and persons."""

    def make(choose: Blocks, _draw: st.DrawFn) -> tuple[Party, ...]:
        draft = Draft(pen_for(choose, edges_of(policy), Facts()), policy.plan, 0, parties={name: {}})
        if choose.chance(12):
            draft.persons.add(name)
        return parties_of(draft)[name]

    return _drawn(make)


def events(policy: Policy, kind: str | None = None, party: str = "P1") -> st.SearchStrategy[Event]:
    """An event with the fields that the policy reads; without a `kind`, of any kind that it reads.

    Raises `QuestionError` for a kind that the policy does not read.
    """
    edges = edges_of(policy)
    if kind is not None and kind not in edges.anchors:
        message = f"{policy.name} reads no events of kind {kind!r}"
        hint = f"it reads {', '.join(edges.anchors) or 'none'}"
        raise QuestionError(Problem("unknown_kind", message, hint=hint))
    kinds = (kind,) if kind is not None else tuple(edges.anchors) or ("violation",)
    return _drawn(lambda choose, _draw: event(pen_for(choose, edges, Facts()), choose.one(kinds), "E1", party))


def dossiers(policy: Policy, facts: Facts = ANY_FACTS) -> st.SearchStrategy[Dossier]:
    """The dossier of the party `P1`, on the edges of this policy."""
    return _drawn(lambda choose, _draw: drawn_question(choose, policy, facts, world=False).dossier)


def days(policy: Policy) -> st.SearchStrategy[date]:
    """Days where the policy changes, a month or February ends, or a period of the policy runs out, and those beside."""
    return _drawn(lambda choose, _draw: day_on_an_edge(choose, edges_of(policy)))


# --- questions ------------------------------------------------------------------------------------------------


def networks(policy: Policy, facts: Facts = ANY_FACTS) -> st.SearchStrategy[Question]:
    """A question about a party among others, with the relations that the policy's spread and recognition read.

    Of a policy that spreads nothing: a question about a party alone.
    """
    spreads = bool(policy.plan.spread or policy.plan.recognition)
    return _drawn(lambda choose, _draw: drawn_question(choose, policy, facts, world=spreads))


def questions(
    policy: Policy | st.SearchStrategy[Policy] | None = None, facts: Facts = ANY_FACTS
) -> st.SearchStrategy[Question]:
    """A dossier and a day on the edges of a policy, which may be drawn; where it spreads, sometimes a network."""
    drawn = loaded_policies() if policy is None else policy

    def make(choose: Blocks, draw: st.DrawFn) -> Question:
        return drawn_question(choose, drawn if isinstance(drawn, Policy) else draw(drawn), facts)

    return _drawn(make)

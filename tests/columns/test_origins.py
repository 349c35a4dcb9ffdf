"""Who is routed where a policy spreads: of whom something is not known, and whose score moves; nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from columns_and_plain import asked, crowd_of, differences, differing, input_of, told
from credit_engine import Dossier, Operator, Policy, Relation, Violation
from credit_engine.dossiers import Coverage
from credit_engine.files.panels import Panel, Question
from credit_engine.policy.load import load_policy_text
from credit_engine.testing.strategies import networks
from sample_policies import HEAD
from shares import one_in

DAY = date(2026, 6, 30)
ACT = Violation(id="V1", party="P0", decided=date(2026, 6, 1), published=date(2026, 6, 2), severity="severe")
EVENTS = "{each: violation, where: {severity: severe}}, lasts: {from: decided}"
HELD = Relation(id="R1", kind="shareholder", source="P0", target="P1")


def policy(rest: str = "", start: str = EVENTS, more: str = "") -> Policy:
    return load_policy_text(
        f"""{HEAD}
{more}
spread:
  - {{rule: near, from: {start}, along: [{{relation: shareholder, to: target{rest}}}], effect: alert, basis: [law]}}
""",
        "policy.yaml",
    )


def routed(of: Policy, acts: Sequence[Violation] = (ACT,), held: Sequence[Relation] = (), **of_all: Coverage) -> int:
    """How many of three parties are routed; both engines say the same, also where effects are not looked for."""
    parties = [Dossier(Operator(id=f"P{n}"), acts if not n else (), of_all) for n in range(3)]
    read = input_of(parties, held)
    panel = Panel([Question(one.id, DAY, file="panel.csv") for one in parties], [])
    assert not differing(told(read, of, panel, "plain"), told(read, of, panel, "polars"))
    plain, columns = (told(read, of, asked(read, DAY), engine) for engine in ("plain", "polars"))
    assert not differing(plain, columns)
    return columns.summary.routed


@pytest.mark.parametrize("rest", ["", ", held_on: published"])
def test_an_origin_is_told_in_columns_whether_a_relation_links_it_or_not(rest: str) -> None:
    assert routed(policy(rest)) == 0
    assert routed(policy(rest), held=[HELD]) == 0


def test_an_event_that_is_over_or_not_meant_starts_nothing() -> None:
    assert routed(policy(), [evolve(ACT, severity="minor")], [HELD]) == 0
    assert routed(policy(), [evolve(ACT, decided=date(2026, 7, 1))], [HELD]) == 0


def test_what_is_not_known_of_an_origin_is_a_line_and_routes_it_without_relations_too() -> None:
    assert routed(policy(), [evolve(ACT, severity=None)]) == 1
    assert routed(policy(), [evolve(ACT, decided=None)]) == 1
    assert routed(policy(", held_on: published"), [evolve(ACT, published=None)]) == 1


def test_an_effect_on_the_party_itself_is_told_in_columns() -> None:
    itself = load_policy_text(
        f"""{HEAD}
spread: [{{rule: own, from: {{each: violation}}, lasts: {{from: decided}}, itself: true,
  along: [{{relation: shareholder, to: target}}], effect: alert, basis: [law]}}]
""",
        "policy.yaml",
    )
    assert routed(itself) == 0


def test_where_events_may_stand_unrecorded_everybody_has_a_line_and_nobody_is_routed_for_it() -> None:
    assert routed(policy(), [], violation="absent") == 0
    listed = "lists: {bad: {polarity: negative, foundation: law, needs_decision: true, term: {for: 3y, from: listed}, repair: {never: true}}}"
    assert routed(policy(start="{list: bad}", more=listed), [], list_decision=date(2026, 1, 1)) == 0


@one_in(25)
@given(st.data())
def test_drawn_worlds_of_a_policy_that_spreads_come_to_the_rows_of_the_plain_engine(data: st.DataObject) -> None:
    spreads = policy(data.draw(st.sampled_from(["", ", held_on: published", ", held_on: decided"])))
    worlds = data.draw(st.lists(networks(spreads), min_size=6, max_size=6))
    crowd, relations = crowd_of([((one.dossier, *one.others), one.relations) for one in worlds])
    found = differences(crowd, spreads, worlds[0].as_of, worlds[0].known_at, relations=relations)
    assert not found, "\n".join(found)

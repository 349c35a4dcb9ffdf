"""Effects of affiliates in whole answers: every table is that of the plain engine, and few parties are routed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from columns_and_plain import asked, differing, input_of, told
from credit_engine import Dossier, ListDecision, Operator, Person, Policy, Relation, Violation, score_folder
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.engines.summary import Summary
from credit_engine.files.input import Input
from credit_engine.files.shapes import shapes
from credit_engine.files.store import prepare
from credit_engine.policy.load import load_policy_text, read_policy
from credit_engine.testing.drawn_networks import NetworkQuestion, network_questions
from credit_engine.testing.strategies import as_data
from properties.network_worlds import how_many, network_world
from sample_policies import HEAD
from shares import one_in

DAY = date(2026, 6, 30)
REACHING = HEAD.replace("2000-01-01}", "2000-01-01}, reaches: [shareholder]")
HELD = [Relation(id=f"R{n}", kind="shareholder", source="P0", target=f"P{n}") for n in (1, 2)]
LISTED = ListDecision(id="D1", party="P0", decided=date(2026, 6, 1), list="bad", step="list")
BAD = "bad: {polarity: negative, foundation: law, needs_decision: true, measures: [M1]}"


# --- the same answers -------------------------------------------------------------------------------------------


def wrong(question: NetworkQuestion, audience: str | None) -> list[str]:
    read = input_of(question.dossiers, question.relations)
    panel = asked(read, question.as_of, question.known_at)
    plain = told(read, question.policy, panel, "plain", audience)
    return differing(plain, told(read, question.policy, panel, "polars", audience, collect="in-memory"))


@one_in(25)
@given(network_questions(), st.sampled_from([None, *AUDIENCES]))
def test_no_network_can_be_drawn_in_which_an_answer_differs(question: NetworkQuestion, audience: str | None) -> None:
    assert not wrong(question, audience)


@pytest.mark.parametrize("number", range(2 + how_many(20, usual=4)))
def test_a_store_of_a_network_comes_to_the_bytes_of_its_folder(number: int, tmp_path: Path) -> None:
    question = network_world(number)
    plan = question.policy.plan
    folder = written(input_of(question.dossiers, question.relations), question.policy, tmp_path / "in")
    given_ = plan.field_types, tuple(plan.kinds)
    prepare(folder, tmp_path / "store", *given_, relation_kinds=tuple(plan.relations), buckets=3)

    def scored(place: Path, out: str, engine: str) -> Summary:
        return score_folder(
            place,
            question.policy,
            question.as_of,
            known_at=question.known_at,
            out=tmp_path / out,
            engine=engine,
            form="csv",
        )

    plain, columns = scored(folder, "plain", "plain"), scored(tmp_path / "store", "polars", "polars")
    assert files(tmp_path / "polars") == files(tmp_path / "plain")
    assert (columns.effects, columns.too_wide, columns.rejects) == (plain.effects, plain.too_wide, plain.rejects)


def files(out: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("*.csv")}


def written(read: Input, policy: Policy, folder: Path) -> Path:
    """The records as the files of an input folder."""
    folder.mkdir()
    records: dict[str, list[Any]] = {"relations": list(read.relations)}  # Any: records
    for versions in read.parties.values():
        for party in versions:
            records.setdefault("persons" if isinstance(party, Person) else "operators", []).append(party)
    for events in read.events.values():
        for event in events:
            records.setdefault(event.kind, []).append(event)
    tables = shapes(policy.plan.field_types, tuple(policy.plan.kinds))
    for table, rows in records.items():
        lines = [json.dumps({name: _cell(cell) for name, cell in tables[table].cells(row).items()}) for row in rows]
        (folder / f"{table}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _cell(cell: Any) -> Any:  # Any: a value of a record, and what JSON has for it
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, frozenset):
        return sorted(cell)
    return str(cell) if isinstance(cell, Fraction) else cell


# --- who is routed ----------------------------------------------------------------------------------------------


def spreading(rule: str) -> Policy:
    return load_policy_text(
        f"""{REACHING}
measures: [{{id: M1, class: II, executor: market regulation, basis: [law], published: true, targets: [entity]}}]
lists: {{{BAD}}}
score: {{start: 100, range: [0, 100], rules: []}}
grades: {{order: [A, B], rows: [{{grade: A, when: {{score: {{at_least: 100}}}}}}, {{grade: B}}]}}
spread: [{{rule: near, from: {{list: bad}}, along: [{{relation: shareholder, to: target}}], {rule}, basis: [law]}}]
""",
        "policy.yaml",
    )


def routed(policy: Policy, relations: list[Relation], *steps: ListDecision) -> int:
    """How many of four parties are routed; both engines say the same."""
    parties = [Dossier(Operator(id=f"P{n}"), steps if not n else ()) for n in range(4)]
    read = input_of(parties, relations)
    plain, columns = (told(read, policy, asked(read, DAY), engine) for engine in ("plain", "polars"))
    assert not differing(plain, columns)
    assert len(plain.tables["effects"]) == len(relations)
    return columns.summary.routed


@pytest.mark.parametrize("effect", ["attention", "alert", "mirror"])
def test_whoever_an_effect_reaches_without_moving_the_score_is_told_in_columns(effect: str) -> None:
    assert routed(spreading(f"effect: {effect}"), HELD, LISTED) == 0


def test_only_whose_score_an_effect_moves_is_routed_and_not_where_it_comes_from() -> None:
    assert routed(spreading("effect: points, points: -5"), HELD, LISTED) == len(HELD)


def test_points_that_only_may_arrive_move_nobody() -> None:
    perhaps = spreading("effect: points, points: -5").written
    half = {**perhaps["spread"][0]["along"][0], "share": {"at_least": "50%"}}
    policy = read_policy(as_data({**perhaps, "spread": [{**perhaps["spread"][0], "along": [half]}]}))
    assert routed(policy, HELD, LISTED) == 0


def test_a_violation_whose_severity_is_not_known_routes_nobody_but_the_party_itself() -> None:
    start = "{each: violation, where: {severity: severe}}, lasts: {from: decided}"
    policy = load_policy_text(
        f"""{REACHING}
spread: [{{rule: near, from: {start}, along: [{{relation: shareholder, to: target}}], effect: alert, basis: [law]}}]
""",
        "policy.yaml",
    )
    acts = [Violation(id="V1", party="P0", decided=date(2026, 6, 1))]
    read = input_of([Dossier(Operator(id=f"P{n}"), acts if not n else ()) for n in range(3)], HELD)
    plain, columns = (told(read, policy, asked(read, DAY), engine) for engine in ("plain", "polars"))
    assert not differing(plain, columns)
    assert columns.summary.routed == 1

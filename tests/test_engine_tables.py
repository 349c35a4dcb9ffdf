"""Every engine has a function for every kind of node of a plan, and says so by name where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from attrs import frozen

from credit_engine.assessing import program
from credit_engine.assessing.assess import assess
from credit_engine.assessing.program import TABLE
from credit_engine.dossiers import Dossier
from credit_engine.engines.columns import program as columns
from credit_engine.engines.columns.lacking import UNSUPPORTED
from credit_engine.errors import PolicyError
from credit_engine.policy.load import load_policy_text
from credit_engine.policy.nodes import NODES, Node
from credit_engine.records import Operator
from sample_policies import HEAD

TABLES: dict[str, Mapping[type[Node], Any]] = {
    "plain": TABLE,
    "polars": columns.TABLE,
}  # Any: makes a function of a node
LACKING: dict[str, frozenset[type[Node]]] = {"plain": frozenset(), "polars": UNSUPPORTED}
POLICY = f"{HEAD}indicators: {{fines: {{count: violation}}}}\n"


@pytest.mark.parametrize("engine", TABLES)
def test_an_engine_has_exactly_the_kinds_of_node_that_a_plan_has_but_for_those_it_says_it_lacks(engine: str) -> None:
    assert set(TABLES[engine]) | LACKING[engine] == set(NODES)
    assert not set(TABLES[engine]) & LACKING[engine]


def test_no_kind_of_node_is_named_twice() -> None:
    assert len({node.__name__ for node in NODES}) == len(NODES)


@pytest.mark.parametrize("kind", NODES, ids=[node.__name__ for node in NODES])
def test_a_kind_of_node_that_the_engine_lacks_is_refused_by_name(
    kind: type[Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "TABLE", MappingProxyType({node: TABLE[node] for node in NODES if node is not kind}))
    node = object.__new__(kind)
    policy = load_policy_text(HEAD, "case.yaml")
    if kind.__name__ in {"Literal", "Constant"}:  # every plan has these, so that it cannot even be made ready
        with pytest.raises(PolicyError) as refusal:
            assess(Dossier(Operator(id="P1")), load_policy_text(POLICY, "case.yaml"), date(2026, 6, 30))
    else:
        with pytest.raises(PolicyError) as refusal:
            program.Program(policy.plan, NO_STEPS)(node)
    assert refusal.value.codes == ("unsupported",)
    assert kind.__name__ in refusal.value.problems[0].message


def test_a_node_of_no_known_kind_is_refused() -> None:
    @frozen
    class Oracle:
        """A kind that no plan has."""

    made = program.Program(load_policy_text(HEAD, "case.yaml").plan, NO_STEPS)
    with pytest.raises(PolicyError, match="unsupported: the plain engine has no Oracle"):
        made(Oracle())  # type: ignore[arg-type]  # that is the point


def nothing(*_arguments: object) -> None:
    return None


NO_STEPS = program.Earlier(own_score=nothing, own_grade=nothing, on_list=nothing)

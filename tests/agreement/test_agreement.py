"""Every engine gives the same answers to the hand-written cases, one or more for each sentence of the design."""

from pathlib import Path
from typing import Any

import pytest

from credit_engine.assessing.assess import assess
from credit_engine.policy.files import Items, Map
from credit_engine.policy.load import Policy, read_policy
from credit_engine.spreading.spread import spread
from credit_engine.testing.cases import Assess, Case, Spread, read_cases, run

CASES = Path(__file__).parent / "cases"
ENGINES: dict[str, tuple[Assess, Spread]] = {"plain": (assess, spread)}


def all_cases() -> list[Any]:  # Any: pytest's own parameter sets
    return [
        pytest.param(case, id=f"{path.stem}: {case.name}")
        for path in sorted(CASES.glob("*.yaml"))
        for case in read_cases(path)
    ]


def inline_policy(case: Case) -> Policy:
    """The policy that stands in a case, with what every policy must have filled in."""
    content: Map = case.content["policy"]
    content.setdefault("policy", "case")
    content.setdefault("title", Map({"zh": "例", "en": "case"}))
    if "sources" not in content:
        law = {
            "title": "Law",
            "rank": "law",
            "in_force": {"from": case.content["day"].replace(year=2000, month=1, day=1)},
        }
        content["sources"] = Map({"law": as_map(law)})
        for rule in (content.get("score") or {}).get("rules", ()):
            rule.setdefault("basis", Items(["law"]))
    for rule in (content.get("score") or {}).get("rules", ()):
        rule.setdefault("title", Map({"zh": rule["rule"], "en": rule["rule"]}))
    return read_policy(content)


def as_map(content: Any) -> Any:  # Any: nested plain data
    return Map({name: as_map(value) for name, value in content.items()}) if isinstance(content, dict) else content


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", all_cases())
def test_the_answer_is_the_one_the_sentence_asks_for(case: Case, engine: str) -> None:
    differences = run(case, lambda: inline_policy(case), *ENGINES[engine])
    assert not differences, f"{case.place}: {case.name}\n" + "\n".join(differences)

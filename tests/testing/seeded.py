"""The seeded defects: which law finds each, and how it is repaired."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from attrs import frozen

from credit_engine.policy.load import Policy, load_policy
from credit_engine.testing.laws import Law, law

BROKEN = Path(__file__).parents[2] / "fixtures" / "broken" / "policies"


@frozen
class Defect:
    """A policy with a defect, the law that finds it with its arguments, and what to write in place of what."""

    policy: str
    law: str
    arguments: tuple[Any, ...]  # Any: as the law takes them
    wrong: str
    right: str

    def __str__(self) -> str:
        return self.policy

    def loaded(self) -> Policy:
        return load_policy(BROKEN / self.policy)

    def asked(self, policy: Policy) -> Law:
        return law(self.law, policy, *self.arguments)

    def copied(self, folder: Path, *, repaired: bool) -> Path:
        """A copy of the policy, as it is or with the defect repaired."""
        copy = folder / self.policy
        copy.mkdir(parents=True, exist_ok=True)
        shutil.copy(BROKEN / self.policy / "policy.yaml", copy / "policy.yaml")
        if repaired:
            text = (copy / "policy.yaml").read_text(encoding="utf-8")
            assert text.count(self.wrong) == 1
            (copy / "policy.yaml").write_text(text.replace(self.wrong, self.right), encoding="utf-8")
        return copy


_STEP = '- {where: {fine: {below: "10000 yuan"}}, value: 5}\n'
DEFECTS = (
    Defect(
        "flipped-comparison",
        "monotone_in",
        ("violation.fine",),
        'fine: {below: "50000 yuan", above: "0 yuan"}',
        'fine: {at_least: "50000 yuan"}',
    ),
    Defect(
        "one-day-too-long",
        "listed_only_if",
        ("watched", {"any": [{"severe_1y": {"at_least": 1}}, {"steps": {"at_least": 1}}]}),
        ", plus: [{for: 1d}]",
        "",
    ),
    Defect("rises-with-a-violation", "never_better_with", ("violation",), "add: 2", "deduct: 2"),
    Defect("missing-read-as-none", "unknown_stays_open", (), "{of: items_failed, or: 0}", "{of: items_failed}"),
    Defect(
        "ids-decide",
        "independent_of",
        ("ids",),
        "latest: inspection, take: items_failed",
        "highest: inspection, of: items_failed",
    ),
    Defect(
        "cliff",
        "no_cliff",
        ("violation.fine", 20),
        _STEP,
        _STEP + '          - {where: {fine: {below: "50000 yuan"}}, value: 20}\n',
    ),
    Defect(
        "name-that-matters", "independent_of", ("operator.name",), "operator.name: 镇机关食堂", "operator.kind: canteen"
    ),
    Defect("out-of-bounds", "bounded_by", (0, 100), "start: 90\n", "start: 90\n  range: [0, 100]\n"),
    Defect(
        "withdrawn-still-counts",
        "withdrawing_equals_never_recorded",
        (),
        "standing: [found, final, withdrawn]",
        "standing: [found, final]",
    ),
    Defect("gap-between-grades", "always_graded", (), "{between: [60, 89]}", "{at_least: 60, below: 90}"),
)

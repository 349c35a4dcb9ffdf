"""What a policy says, piece by piece, as it is written: which sections and keys there are, and what each holds.

Structure only. Conditions, selectors, values and spans stay as they were read (`places.Map`, `places.Items`, plain
values); `resolving/` gives them their meaning. Every record keeps the mapping it was read from in `raw`, for places.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import field, frozen

from credit_engine.errors import Problem
from credit_engine.policy.writing import Code, InForceWritten, Label, Raw, Title, Written
from credit_engine.policy.written_following import (
    FindingWritten,
    ListWritten,
    MeasureWritten,
    ObligationWritten,
    SupervisionWritten,
)
from credit_engine.policy.written_gaps import GapWritten
from credit_engine.policy.written_spreading import RecognitionWritten, SpreadWritten


@frozen(kw_only=True)
class SourceWritten(Written):
    """Where a rule or value comes from."""

    title: str
    rank: str
    article: Code = field(default=Code(""))
    in_force: InForceWritten = field(factory=InForceWritten)
    reaches: tuple[str, ...] = ()
    certainty: str = ""


@frozen(kw_only=True)
class RelationWritten(Written):
    """A declared kind of relation."""

    source: str = "party"
    target: str = "party"


@frozen(kw_only=True)
class ParameterWritten(Written):
    """A dated parameter; `values` maps days to mappings with `value`, `source`, `ended`, `certainty`."""

    unit: str
    values: Mapping[date, DatedWritten]
    by: str | None = None
    title: Title = field(factory=Title)


@frozen(kw_only=True)
class DatedWritten(Written):
    """One value of a parameter; `null` is unknown, `ended` over."""

    value: Raw = None
    source: str = ""
    ended: bool = False
    certainty: str = ""


@frozen(kw_only=True)
class AdmitsWritten(Written):
    """Which events of one kind take part anywhere."""

    standing: Raw = None
    where: Raw = None
    per: Raw = None


@frozen(kw_only=True)
class GroupWritten(Written):
    """The limit of a group of rules."""

    at_most: Raw


@frozen(kw_only=True)
class ScoreRuleWritten(Written):
    """One rule of the score."""

    rule: str
    title: Title = field(factory=Title)
    each: Raw = None
    where: Raw = None
    standing: Raw = None
    by: Raw = None
    per: Raw = None
    when: Raw = None
    add: Raw = None
    deduct: Raw = None
    counts: Raw = None
    fades: Raw = None
    group: str | None = None
    basis: tuple[str, ...] = ()
    in_force: InForceWritten | None = None
    law_of: Raw = None


@frozen(kw_only=True)
class ScoreWritten(Written):
    """The score section."""

    start: Raw
    range: tuple[Raw, ...] = ()
    groups: Mapping[str, GroupWritten] = field(factory=dict)
    rules: tuple[ScoreRuleWritten, ...] = ()


@frozen(kw_only=True)
class GradeRowWritten(Written):
    """A grade and when it is given."""

    grade: Raw
    when: Raw = None


@frozen(kw_only=True)
class AdjustmentWritten(Written):
    """A shift or bound of the grade."""

    rule: str
    title: Title = field(factory=Title)
    when: Raw = None
    worse_by: Raw = None
    better_by: Raw = None
    at_best: Raw = None
    at_worst: Raw = None
    basis: tuple[str, ...] = ()
    in_force: InForceWritten | None = None


@frozen(kw_only=True)
class ScaleWritten(Written):
    """One grading scale."""

    order: tuple[Label, ...]
    outside: tuple[Label, ...] = ()
    titles: Mapping[Label, Title] = field(factory=dict)
    rows: tuple[GradeRowWritten, ...]
    adjust: tuple[AdjustmentWritten, ...] = ()
    review: str | None = None
    audience: Raw = None


@frozen(kw_only=True)
class PolicyWritten(Written):
    """A whole policy; `scales` by name, a single scale is named `grade`.

    `refused`: what is wrong with the structure, found before resolving; `broken`: the names by section that were left
    out for it, so that naming one of them is no second mistake.
    """

    policy: str
    title: Title
    illustrative: bool = False
    regions: tuple[Code, ...] = ()
    audience: Raw = None
    extends: Raw = None
    sources: Mapping[str, SourceWritten] = field(factory=dict)
    kinds: Mapping[str, str] = field(factory=dict)
    relations: Mapping[str, RelationWritten] = field(factory=dict)
    fields: Mapping[str, Mapping[str, Raw]] = field(factory=dict)
    parameters: Mapping[str, ParameterWritten] = field(factory=dict)
    law_of: Raw = None
    admits: Mapping[str, AdmitsWritten] = field(factory=dict)
    indicators: Mapping[str, Raw] = field(factory=dict)
    score: ScoreWritten | None = None
    scales: Mapping[str, ScaleWritten] = field(factory=dict)
    lists: Mapping[str, ListWritten] = field(factory=dict)
    measures: Mapping[str, MeasureWritten] = field(factory=dict)
    spread: tuple[SpreadWritten, ...] = ()
    recognition: tuple[RecognitionWritten, ...] = ()
    findings: tuple[FindingWritten, ...] = ()
    obligations: tuple[ObligationWritten, ...] = ()
    supervision: tuple[SupervisionWritten, ...] = ()
    gaps: tuple[GapWritten, ...] = ()
    refused: tuple[Problem, ...] = ()
    broken: Mapping[str, frozenset[str]] = field(factory=dict)

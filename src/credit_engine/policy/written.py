"""What a policy says, piece by piece, as it is written: which sections and keys there are, and what each holds.

Structure only. Conditions, selectors, values and spans stay as they were read (`places.Map`, `places.Items`, plain
values); `resolving/` gives them their meaning. Every record keeps the mapping it was read from in `raw`, for places.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NewType

from attrs import field, frozen

from credit_engine.errors import Place, Problem
from credit_engine.policy.places import Map, place_of, value_place_of

Raw = Any  # Any: a piece as written, read later by resolving/
Code = NewType("Code", str)  # a region code or article number: digits that must be quoted
Label = NewType("Label", str)  # a grade label: text that YAML may take for a number or a truth value

NOT_WRITTEN = ("raw", "refused", "broken")  # attributes of a record that are no keys


@frozen(kw_only=True)
class Written:
    """What every part of a policy has: the mapping it was read from."""

    raw: Map = field(factory=Map, eq=False, repr=False)

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.raw

    def place(self, key: str | None = None) -> Place:
        """Where the mapping begins, or the value of one of its keys."""
        return value_place_of(self.raw, key) if key is not None and key in self.raw else place_of(self.raw)

    def key_place(self, key: str) -> Place:
        """Where a key stands."""
        return place_of(self.raw, key)


@frozen(kw_only=True)
class Title(Written):
    """A title in Chinese and in English; either may be missing."""

    zh: str | None = None
    en: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The languages that are there."""
        return {language: text for language, text in (("zh", self.zh), ("en", self.en)) if text is not None}


@frozen(kw_only=True)
class InForceWritten(Written):
    """`{from, until}`; a missing end is open."""

    from_: date | None = None
    until: date | None = None


@frozen(kw_only=True)
class SourceWritten(Written):
    """Where a rule or value comes from."""

    title: str
    rank: str
    article: Code = Code("")
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
class OpensWritten(Written):
    """What opens an entry of a list."""

    each: Raw = None
    where: Raw = None
    standing: Raw = None
    by: Raw = None
    per: Raw = None
    when: Raw = None
    unless: Raw = None


@frozen(kw_only=True)
class ListWritten(Written):
    """A list that a party can stand on."""

    title: Title = field(factory=Title)
    polarity: str
    foundation: Raw
    needs_decision: bool = True
    audience: Raw = None
    opens: OpensWritten | None = None
    term: Raw = None
    repair: Raw = None
    review: str | None = None
    suspended_by: Raw = None
    measures: tuple[str, ...] = ()
    law_of: Raw = None


@frozen(kw_only=True)
class MeasureWritten(Written):
    """A row of the measure catalogue."""

    id: str | None = None
    title: Title = field(factory=Title)
    class_: str
    executor: str = ""
    basis: tuple[str, ...] = ()
    related_matter: str = ""
    targets: tuple[str, ...]
    published: bool | None = None


@frozen(kw_only=True)
class FindingWritten(Written):
    """What the law says must, may or must not follow."""

    rule: str
    title: Title = field(factory=Title)
    each: Raw = None
    where: Raw = None
    standing: Raw = None
    by: Raw = None
    per: Raw = None
    when: Raw = None
    says: str
    text: Title = field(factory=Title)
    lasts: Raw = None
    audience: Raw = None
    basis: tuple[str, ...] = ()
    in_force: InForceWritten | None = None
    law_of: Raw = None


@frozen(kw_only=True)
class ObligationWritten(Written):
    """A deadline that someone must keep."""

    rule: str
    title: Title = field(factory=Title)
    each: Raw
    where: Raw = None
    standing: Raw = None
    by: Raw = None
    per: Raw = None
    due: Raw
    not_before: Raw = None
    met_on: Raw
    owed_by: Raw
    basis: tuple[str, ...] = ()
    in_force: InForceWritten | None = None
    law_of: Raw = None


@frozen(kw_only=True)
class InspectionsWritten(Written):
    """How often to inspect."""

    at_least: int | None = None
    at_most: int | None = None
    per: Raw


@frozen(kw_only=True)
class SamplingWritten(Written):
    """How much to sample, as a factor."""

    times: Raw


@frozen(kw_only=True)
class SupervisionWritten(Written):
    """How closely to supervise while a condition holds."""

    rule: str
    title: Title = field(factory=Title)
    when: Raw = None
    inspections: InspectionsWritten | None = None
    sampling: SamplingWritten | None = None
    notice: str | None = None
    basis: tuple[str, ...] = ()
    in_force: InForceWritten | None = None


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
    findings: tuple[FindingWritten, ...] = ()
    obligations: tuple[ObligationWritten, ...] = ()
    supervision: tuple[SupervisionWritten, ...] = ()
    refused: tuple[Problem, ...] = ()
    broken: Mapping[str, frozenset[str]] = field(factory=dict)

"""What a policy says of lists, measures, findings, obligations and supervision, as it is written."""

from __future__ import annotations

from attrs import field, frozen

from credit_engine.policy.writing import InForceWritten, Raw, Title, Written


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

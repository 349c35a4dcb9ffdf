"""What a policy says of spread and of recognition between regions, as it is written."""

from __future__ import annotations

from attrs import field, frozen

from credit_engine.policy.writing import Code, InForceWritten, Raw, Title, Written


@frozen(kw_only=True)
class StartWritten(Written):
    """What a spread rule starts from: events, entries in force, or an own answer."""

    list_: Raw = None
    each: Raw = None
    where: Raw = None
    standing: Raw = None
    by: Raw = None
    per: Raw = None
    when: Raw = None


@frozen(kw_only=True)
class StepWritten(Written):
    """One step of a path: over a relation, to persons named, or a choice of these."""

    relation: Raw = None
    to: str | None = None
    held_on: Raw = None
    share: Raw = None
    together: bool = False
    named: Raw = None
    where: Raw = None
    any_: tuple[StepWritten, ...] = ()


@frozen(kw_only=True)
class SpreadWritten(Written):
    """What reaches affiliates, over which relations."""

    rule: str
    title: Title = field(factory=Title)
    from_: StartWritten
    itself: bool = False
    along: tuple[StepWritten, ...] = ()
    repeat: str | None = None
    hops: int | None = None
    weight: Raw = None
    drop_below: Raw = None
    points: Raw = None
    most: int | None = None
    effect: str
    lasts: Raw = None
    audience: Raw = None
    law_of: Raw = None
    basis: tuple[str, ...] = ()
    in_force: InForceWritten | None = None


@frozen(kw_only=True)
class RecognitionWritten(Written):
    """How host regions take over the entries of a list from other regions."""

    rule: str
    title: Title = field(factory=Title)
    list_: str
    origin: Raw = None
    hosts: tuple[Code, ...]
    mode: str
    when: Raw = None
    measures: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    in_force: InForceWritten | None = None

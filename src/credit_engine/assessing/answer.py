"""The answer: what an assessment says, and why. Scores and points are thousandths inside, decimal text outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from credit_engine.assessing.unknown import Range
from credit_engine.identifiers import Flag, check_party
from credit_engine.records import RecordSource

if TYPE_CHECKING:
    from credit_engine.assessing.effects import Effect, Effects, Origin, TooWide
    from credit_engine.dossiers import Dossier
    from credit_engine.policy.load import Policy


@frozen(kw_only=True)
class ParameterRead:
    """A parameter that a rule read: its value as text on the law day, and since when it has that value."""

    name: str
    value: str
    since: date | None
    source: str
    certainty: str = ""


@frozen(kw_only=True, slots=False)  # made quicker than one with slots, and there are many
class Reason:
    """One line of an answer: a rule (for one event, or one element of it), an effect, a group's limit, or the range.

    Of an effect, `rule` is the spread rule, and `event` the event that it starts from, if it starts from one.

    `points` are signed thousandths. The line counts on `[from_day, until)`; `None` is open. `laws` holds, for a lenient
    rule, the law day and points under each law; the better one counts.
    """

    kind: Literal["rule", "effect", "group", "range"]
    rule: str
    points: int
    event: str | None = None
    event_kind: str | None = None
    item: str | None = None
    from_day: date | None = None
    until: date | None = None
    group: str | None = None
    law_day: date | None = None
    laws: tuple[tuple[date, int], ...] = ()
    parameters: tuple[ParameterRead, ...] = ()
    basis: tuple[str, ...] = ()
    read_from: RecordSource | None = field(default=None, eq=False)

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The reason as plain data: points as decimal text, days as ISO text."""
        from credit_engine.assessing.plain import reason_data  # noqa: PLC0415  # only those who ask pay for it

        return reason_data(self)


@frozen(kw_only=True)
class UnknownLine:
    """A rule that only may apply: which event, and which names were not known."""

    rule: str
    event: str | None
    names: tuple[str, ...]
    event_kind: str | None = None
    audience: str = "public"


@frozen(kw_only=True)
class GradeChange:
    """An adjustment that moved a grade."""

    rule: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@frozen(kw_only=True)
class Grade:
    """The grade on one scale: `label`, or `None` where it is unknown; then `possible` has the labels it may be.

    `is_complete` is false where it may also be none of them.
    """

    scale: str
    label: str | None
    possible: tuple[str, ...]
    is_complete: bool
    judged_on: date
    audience: str = "public"
    changes: tuple[GradeChange, ...] = ()


@frozen(kw_only=True)
class EntryStep:
    """One step of the authority on an entry."""

    step: str
    day: date | None
    event: str
    read_from: RecordSource | None = field(default=None, eq=False)


@frozen(kw_only=True)
class ListEntry:
    """State and period of one entry on one list. Only the state `listed` is in force.

    `until` is the first day outside (`None`: no end, or not known if `end_known` is false). `ground_changed`: the
    ground of a decided entry no longer satisfies what opens the list. `repairable_from`: see `repairing`.
    """

    list: str
    polarity: str
    ground: str
    id: str
    state: str
    listed: date | None
    until: date | None
    end_known: bool
    repairable_from: date | None
    ground_changed: bool
    steps: tuple[EntryStep, ...]
    measures: tuple[str, ...]
    foundation: tuple[str, ...]
    law_day: date
    audience: str


@frozen(kw_only=True)
class MeasureTaken:
    """A measure that an entry in force brings, on the days `[from_day, until)` of the entry.

    `effect`: the spread rule over which an affiliate's entry brings it (`entry` is none where several do together).
    """

    measure: str
    list: str | None
    entry: str | None
    class_: str
    executor: str
    from_day: date | None
    until: date | None
    basis: tuple[str, ...]
    audience: str
    effect: str | None = None


@frozen(kw_only=True)
class Finding:
    """What the law says must, may or must not follow on `[from_day, until)`; a person decides."""

    rule: str
    event: str | None
    event_kind: str | None
    says: str
    from_day: date | None
    until: date | None
    law_day: date
    basis: tuple[str, ...]
    audience: str
    parameters: tuple[ParameterRead, ...] = ()
    read_from: RecordSource | None = field(default=None, eq=False)


@frozen(kw_only=True)
class Obligation:
    """A deadline: met, late, open, overdue or unknown. It is summed up by rule, `region` and `month` of the due day."""

    rule: str
    event: str
    event_kind: str
    owed_by: str | None
    region: str | None
    due: date | None
    done: date | None
    state: str
    law_day: date
    basis: tuple[str, ...]
    read_from: RecordSource | None = field(default=None, eq=False)

    @property
    def month(self) -> str | None:
        """The month of the due day, `2026-06`."""
        return None if self.due is None else f"{self.due:%Y-%m}"


@frozen(kw_only=True)
class Supervision:
    """How closely to supervise one thing (`inspections`, `sampling`, or a notice): the strictest rule that holds."""

    thing: str
    rule: str
    at_least: int | None = None
    at_most: int | None = None
    per: str | None = None
    times: str | None = None
    notice: str | None = None
    basis: tuple[str, ...] = ()


@frozen(kw_only=True)
class Assessment:
    """What follows for one party on one day, as it was known on `known_at`.

    `score` (and `own_score`, before effects of affiliates) is thousandths, a `Range` where something is unknown, or
    `None` if the policy has no score or does not judge this party; `grades` and `own_grades` alike. `outside_policy` is
    `None` where the party's region is not known. `indicators` are plain values, ranges, or `None` for unknown.
    `origins`: what spread starts from here; `recognised`: which regions take over the entries; `effects`: those given
    that reach this party; `too_wide`: the spread rules that were ended, so that it is not known whom they reach;
    `given`: all effects of the day, for proofs and cuts.
    """

    party: str
    as_of: date
    known_at: date
    event: str | None
    policy: str
    illustrative: bool
    outside_policy: bool | None
    own_score: int | Range | None
    score: int | Range | None
    grades: Mapping[str, Grade] = field(factory=dict, hash=False)
    indicators: Mapping[str, Any] = field(factory=dict, hash=False)  # Any: number, text, date, bool, Range or None
    reasons: tuple[Reason, ...] = ()
    unknowns: tuple[UnknownLine, ...] = ()
    entries: tuple[ListEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    supervision: tuple[Supervision, ...] = ()
    on_list: Mapping[str, bool | None] = field(factory=dict, hash=False)
    audience: str = "public"
    own_grades: Mapping[str, Grade] = field(factory=dict, hash=False)
    origins: tuple[Origin, ...] = ()
    recognised: tuple[Effect, ...] = ()
    effects: tuple[Effect, ...] = ()
    too_wide: tuple[TooWide, ...] = ()
    given: Effects | None = field(default=None, eq=False, repr=False)
    question: tuple[Dossier, Policy] = field(eq=False, repr=False)

    @property
    def grade(self) -> str | None:
        """The label on the policy's first scale, or `None` if it is unknown or there is none."""
        return next((grade.label for grade in self.grades.values()), None)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What looks wrong about the party's identifiers; flags decide nothing."""
        dossier, _ = self.question
        return check_party(dossier.party_on(self.known_at), dossier.regions, self.as_of)

    def explain(self, language: Literal["zh", "en"] = "zh", rule: str | None = None) -> str:
        """An indented account of the answer; with `rule`, why that rule did or did not apply."""
        from credit_engine.assessing.explain import explain  # noqa: PLC0415  # only those who ask pay for it

        return explain(self, language=language, rule=rule)

    @property
    def measures(self) -> tuple[MeasureTaken, ...]:
        """The measures of the entries in force, then those that effects mirror; each in order, then as in the list."""
        own = [
            self._measure(name, entry.list, entry.id, (entry.listed, entry.until), entry.audience)
            for entry in self.entries
            for name in entry.measures
        ]
        mirrored = [
            self._measure(name, one.list, one.origin, (one.from_day, one.until), one.audience, one.rule)
            for one in self.effects
            if one.effect == "mirror" and one.certain
            for name in one.measures
        ]
        return (*own, *mirrored)

    def _measure(
        self,
        name: str,
        list_: str | None,
        entry: str | None,
        days: tuple[date | None, date | None],
        audience: str,
        effect: str | None = None,
    ) -> MeasureTaken:
        row = self.question[1].plan.measures[name]
        return MeasureTaken(
            measure=name,
            list=list_,
            entry=entry,
            class_=row.class_,
            executor=row.executor,
            from_day=days[0],
            until=days[1],
            basis=row.basis,
            audience=audience,
            effect=effect,
        )

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The answer as plain data: numbers as decimal text, days as ISO text."""
        from credit_engine.assessing.plain import assessment_data  # noqa: PLC0415  # only those who ask pay for it

        return assessment_data(self)

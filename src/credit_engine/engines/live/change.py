"""What a post, a relation or the passing of time has changed: answers before and after, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

from attrs import field, frozen

from credit_engine.assessing.answer import Assessment, ListEntry, MeasureTaken, Obligation
from credit_engine.assessing.effects import Effect
from credit_engine.policy.plan import Plan

LIVE = frozenset({"proposed", "notified", "listed", "suspended"})


@frozen(eq=False, slots=False)
class Answers:
    """The final answer of one party before and after; `None` where nothing was known of it."""

    party: str
    ask_before: Callable[[], Assessment | None] = field(repr=False)
    ask_after: Callable[[], Assessment | None] = field(repr=False)

    @cached_property
    def before(self) -> Assessment | None:
        """The answer on the day before the change, as it stood then; worked out when first asked for."""
        return self.ask_before()

    @cached_property
    def after(self) -> Assessment | None:
        """The answer after the change."""
        return self.ask_after()


@frozen(eq=False, slots=False, kw_only=True)
class Change:
    """What has changed on `day`, by an event, a relation, a party's record, or by `time` alone.

    `answers`: the parties whose own records changed, or whose own answer time changed, by id. `effects_gained` and
    `effects_lost`: on whomever, in the order of the policy; one that differs in anything but moving days is in both.
    `of_time`: what the days that passed before had changed, where the post moved the day.
    """

    day: date
    cause: Literal["event", "events", "relation", "party", "time"]
    party: str | None = None
    answers: tuple[Answers, ...] = ()
    effects_gained: tuple[Effect, ...] = ()
    effects_lost: tuple[Effect, ...] = ()
    of_time: Change | None = None
    plan: Plan = field(repr=False)

    @property
    def before(self) -> Assessment | None:
        """The answer of the event's party before it, on the same day; `None` if there was none."""
        return self._own.before if self._own is not None else None

    @property
    def after(self) -> Assessment | None:
        """The answer of the event's party after it."""
        return self._own.after if self._own is not None else None

    @property
    def _own(self) -> Answers | None:
        return next((one for one in self.answers if one.party == self.party), None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing that people are told has changed, apart from what time alone did."""
        return not (self.effects_gained or self.effects_lost or any(one.before != one.after for one in self.answers))

    @cached_property
    def entries_opened(self) -> tuple[ListEntry, ...]:
        """The entries that are proposed, notified, listed or suspended now and were not before."""
        return tuple(entry for old, entry in self._entries if entry and _lives(entry) and not _lives(old))

    @cached_property
    def entries_closed(self) -> tuple[ListEntry, ...]:
        """The entries that were proposed, notified, listed or suspended and are not any more, as they were."""
        return tuple(old for old, entry in self._entries if old and _lives(old) and not _lives(entry))

    @cached_property
    def measures_begun(self) -> tuple[tuple[str, MeasureTaken], ...]:
        """The measures that hold now and did not, each with its party."""
        return self._measures(lambda one: (one.before, one.after), self.effects_lost, self.effects_gained)

    @cached_property
    def measures_ended(self) -> tuple[tuple[str, MeasureTaken], ...]:
        """The measures that held and do not any more, each with its party."""
        return self._measures(lambda one: (one.after, one.before), self.effects_gained, self.effects_lost)

    @cached_property
    def obligations_raised(self) -> tuple[Obligation, ...]:
        """The deadlines that were not there before."""
        found: list[Obligation] = []
        for one in self.answers:
            there = {_of_obligation(each) for each in (one.before.obligations if one.before else ())}
            now = one.after.obligations if one.after else ()
            found += [each for each in now if _of_obligation(each) not in there]
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The change as plain data: what has happened, without the whole answers."""
        from credit_engine.assessing.plain_effects import effect_data  # noqa: PLC0415  # only those who ask pay for it

        return {
            "day": self.day.isoformat(),
            "cause": self.cause,
            "party": self.party,
            "answers": [
                {"party": one.party, "before": _in_short(one.before), "after": _in_short(one.after)}
                for one in self.answers
            ],
            "entries_opened": [entry.id for entry in self.entries_opened],
            "entries_closed": [entry.id for entry in self.entries_closed],
            "measures_begun": [[party, one.measure, one.list, one.entry] for party, one in self.measures_begun],
            "measures_ended": [[party, one.measure, one.list, one.entry] for party, one in self.measures_ended],
            "effects_gained": [effect_data(effect) for effect in self.effects_gained],
            "effects_lost": [effect_data(effect) for effect in self.effects_lost],
            "obligations_raised": [[one.rule, one.event] for one in self.obligations_raised],
            "of_time": None if self.of_time is None else self.of_time.as_dict(),
        }

    @cached_property
    def _entries(self) -> list[tuple[ListEntry | None, ListEntry | None]]:
        """Each entry before and after."""
        found: list[tuple[ListEntry | None, ListEntry | None]] = []
        for one in self.answers:
            old = {entry.id: entry for entry in (one.before.entries if one.before else ())}
            new = {entry.id: entry for entry in (one.after.entries if one.after else ())}
            found += [(old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old))]
        return found

    def _measures(
        self,
        sides: Callable[[Answers], tuple[Assessment | None, Assessment | None]],
        other: Iterable[Effect],
        these: Iterable[Effect],
    ) -> tuple[tuple[str, MeasureTaken], ...]:
        """The measures on the second side that are not on the first: of the answers, then of all whom effects reach."""
        found: list[tuple[str, MeasureTaken]] = []
        for one in self.answers:
            first, second = sides(one)
            there = {_of_measure(each) for each in (first.measures if first else ())}
            found += [
                (one.party, each) for each in (second.measures if second else ()) if _of_measure(each) not in there
            ]
        told = {one.party for one in self.answers}
        gone = {(effect.target, _of_measure(each)) for effect in other for each in _mirrored(effect, self.plan)}
        for effect in these:
            if effect.target not in told and not effect.is_region:
                mirrored = _mirrored(effect, self.plan)
                found += [(effect.target, each) for each in mirrored if (effect.target, _of_measure(each)) not in gone]
        return tuple(found)


def _lives(entry: ListEntry | None) -> bool:
    return entry is not None and entry.state in LIVE


def _of_obligation(one: Obligation) -> tuple[str, ...]:
    return one.rule, one.event_kind, one.event


def _of_measure(one: MeasureTaken) -> tuple[str | None, ...]:
    return one.measure, one.list, one.entry, one.effect


def _mirrored(effect: Effect, plan: Plan) -> Iterator[MeasureTaken]:
    """The measures that an effect brings, as `Assessment.measures` has them."""
    if effect.effect != "mirror" or not effect.certain:
        return
    for name in effect.measures:
        row = plan.measures[name]
        yield MeasureTaken(
            measure=name,
            list=effect.list,
            entry=effect.origin,
            class_=row.class_,
            executor=row.executor,
            from_day=effect.from_day,
            until=effect.until,
            basis=row.basis,
            audience=effect.audience,
            effect=effect.rule,
        )


def _in_short(answer: Assessment | None) -> Mapping[str, Any] | None:  # Any: plain data
    from credit_engine.assessing.plain import assessment_in_short  # noqa: PLC0415  # only those who ask pay for it

    return None if answer is None else assessment_in_short(answer)


def effects_changed(
    before: Iterable[Effect], after: Iterable[Effect], order: Mapping[str, int]
) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
    """The effects gained and lost, by rule (recognition last), then origin, then target."""
    old, new = {_identity(effect): effect for effect in before}, {_identity(effect): effect for effect in after}
    gained = [effect for key, effect in new.items() if key not in old or not same_standing(old[key], effect)]
    lost = [effect for key, effect in old.items() if key not in new or not same_standing(effect, new[key])]

    def place(effect: Effect) -> tuple[int, tuple[str, ...]]:
        return order.get(effect.rule, len(order)), _identity(effect)

    return tuple(sorted(gained, key=place)), tuple(sorted(lost, key=place))


def _identity(effect: Effect) -> tuple[str, ...]:
    origin = (effect.origin_party or "", effect.origin_kind or "", effect.origin or "")
    return (effect.rule, *origin, effect.target, effect.effect)


def same_standing(one: Effect, other: Effect) -> bool:
    """Whether two effects say the same, but for days that move with the one judged."""
    return one is other or _said(one) == _said(other)


def _said(effect: Effect) -> tuple[object, ...]:
    moving = effect.origin_kind in (None, "answer")
    return (
        effect.certain,
        effect.weight,
        effect.points,
        tuple((edge.start, edge.end, edge.to, edge.id, edge.relations) for edge in effect.path),
        None if moving else (effect.from_day, effect.until),
        effect.list,
        effect.measures,
        effect.basis,
        effect.audience,
    )

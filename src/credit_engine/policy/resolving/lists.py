"""Lists: what opens an entry, how long it runs, what repairs it, and the order in which lists read each other."""

from __future__ import annotations

from attrs import define, evolve, field

from credit_engine.days import REVIEWS
from credit_engine.errors import Place
from credit_engine.policy.nodes import Condition, Constant, Selector, Span
from credit_engine.policy.places import did_you_mean, place_of, shown, value_place_of
from credit_engine.policy.plan import ListRule, Opens, Repair
from credit_engine.policy.plan_basis import Law
from credit_engine.policy.resolving.audiences import read_audience
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.declarations import good_name
from credit_engine.policy.resolving.refusals import Refusal, elements, given, refuse, refuse_name
from credit_engine.policy.resolving.repairs import read_repair
from credit_engine.policy.resolving.rules import (
    events_of,
    parameters_of,
    read_when,
    refuse_without_event,
    title_of,
    whole_event,
)
from credit_engine.policy.resolving.selectors import NEXT_KEYS, Chosen, standing_alone
from credit_engine.policy.resolving.sources import known_source, law_of_rule
from credit_engine.policy.resolving.spans import read_span
from credit_engine.policy.written_following import ListWritten, OpensWritten

POLARITIES = ("negative", "positive", "neutral")
DECISION = "list_decision"


def read_lists(context: Context, policy_law: Law) -> tuple[ListRule, ...]:
    """The lists in the order of the policy; refused where they read each other in a circle."""
    lists: list[ListRule | None] = []
    reads: dict[str, dict[str, Place]] = {}
    for name, written in context.written.lists.items():
        good_name(context, name, "a list", place_of(context.written.raw.get("lists"), name))
        reader = _Reader(context, name, written, policy_law)
        lists.append(context.problems.attempt(reader.read))
        reads[name] = reader.reads
    _refuse_circles(context, reads)
    return tuple(each for each in lists if each is not None)


def _refuse_circles(context: Context, reads: dict[str, dict[str, Place]]) -> None:
    """Note every circle of lists once, where its first list reads the next."""
    done: set[str] = set()
    for start in reads:
        way = _circle(start, reads, done)
        if way:
            message = f"it reads itself: {' -> '.join(f'on_list.{name}' for name in way)}"
            context.problems.tell("circle", message, reads[way[0]][way[1]], "take one of these steps out")
            done.update(way)
        done.add(start)


def _circle(start: str, reads: dict[str, dict[str, Place]], done: set[str]) -> list[str]:
    """A way from a list back to itself, its name first and last; empty if there is none."""
    ways = [[start]]
    seen = set(done)
    while ways:
        way = ways.pop()
        for name in reads.get(way[-1], {}):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


@define
class _Reader:
    """Reads one list; `reads` notes the lists that it asks for."""

    context: Context
    name: str
    written: ListWritten
    policy_law: Law
    reads: dict[str, Place] = field(factory=dict)

    def read(self) -> ListRule:
        """The list; refused, with all its problems noted, if a part of it is."""
        attempt, context, written = self.context.problems.attempt, self.context, self.written
        kind = given(attempt(self._ground_kind))
        judged = Scope(indicators=True, score=True, lists=self.reads)
        entry = evolve(judged, indicators=False, fields=True, kind=kind, entry=True)
        attempt(self._check_decision)
        attempt(self._check_review)
        polarity = attempt(self._polarity)
        foundation = attempt(self._foundation)
        opens = attempt(self._opens, judged, kind)
        law = attempt(law_of_rule, context, written, self._law_kinds(kind), self.policy_law)
        term = attempt(self._term, entry)
        repair = attempt(self._repair, entry)
        suspended_by = attempt(self._suspended_by)
        audience = attempt(read_audience, context, written, evolve(judged, kind=kind, lists={}))
        measures = attempt(self._measures)
        return ListRule(
            name=self.name,
            title=title_of(written, self.name),
            polarity=given(polarity),
            foundation=given(foundation),
            needs_decision=written.needs_decision,
            audience=given(audience),
            ground_kind=kind,
            opens=given(opens)[0],
            term=given(term)[0],
            repair=given(repair)[0],
            review=written.review,
            suspended_by=given(suspended_by)[0],
            measures=given(measures),
            law=given(law),
            parameters=parameters_of(context, (opens, term, repair, suspended_by)),
            place=written.place(),
        )

    @property
    def _event(self) -> OpensWritten | None:
        """The opening that looks at each event; none on lists with `review` and lists that only decisions open."""
        opens = self.written.opens
        return opens if opens is not None and opens.has("each") else None

    def _ground_kind(self) -> str:
        return whole_event(self.context, self._event, "a list").kind if self._event is not None else DECISION

    def _law_kinds(self, kind: str) -> tuple[str, ...]:
        """The kinds on whose days the law can be read: the ground, else the decision; none where a day is judged."""
        if self.written.opens is not None and self._event is None:
            return ()
        return tuple(dict.fromkeys((kind, DECISION)))

    def _check_decision(self) -> None:
        written = self.written
        if written.needs_decision:
            return
        if written.polarity == "negative":
            hint = "a rule proposes; only an authority lists: needs_decision: true"
            raise refuse("needs_decision", "a negative list needs a decision", written.place("needs_decision"), hint)
        if written.opens is None:
            message = f"nothing opens an entry of {shown(self.name)}: it has neither decisions nor `opens`"
            raise refuse("needs_decision", message, written.place("needs_decision"), "add `opens`, or say true")

    def _check_review(self) -> None:
        written = self.written
        if not written.has("review"):
            if written.has("suspended_by"):
                message = "only a list with `review` is suspended until the next one"
                raise refuse("needs_review", message, written.key_place("suspended_by"), "add review: yearly")
            return
        if written.review not in REVIEWS:
            raise refuse_name("wrong_type", "review", written.review, tuple(REVIEWS), written.place("review"))
        if written.has("term"):
            message = "an entry of a list with `review` runs until the next review"
            raise refuse("wrong_type", message, written.key_place("term"), "remove `term` or `review`")
        if written.opens is None or self._event is not None:
            message = "a review asks a condition of the party: `opens` has `when`, and no `each`"
            raise refuse("needs_review", message, written.key_place("review"), "write opens: {when: {...}}")

    def _polarity(self) -> str:
        polarity = self.written.polarity
        if polarity not in POLARITIES:
            raise refuse_name("wrong_type", "polarity", polarity, POLARITIES, self.written.place("polarity"))
        return polarity

    def _foundation(self) -> tuple[str, ...]:
        pieces = elements(self.written.foundation, "`foundation`", self.written.place("foundation"))
        return tuple(self.context.problems.all_of(lambda name, place: known_source(self.context, name, place), pieces))

    def _opens(self, judged: Scope, kind: str) -> tuple[Opens | None]:
        opens, attempt = self.written.opens, self.context.problems.attempt
        if opens is None:
            return (None,)
        if self._event is not None:
            scope = evolve(judged, kind=kind)
            each = attempt(events_of, self.context, Chosen(kind), opens)
            unless = attempt(self._unless, opens, evolve(scope, fields=True))
        else:
            self._check_opens_by_day(opens)
            scope, each, unless = judged, None, attempt(self._unless, opens, judged)
        when = attempt(read_when, self.context, opens, scope)
        if self._event is not None:
            given(each)
        return (Opens(each, given(when), given(unless)),)

    def _check_opens_by_day(self, opens: OpensWritten) -> None:
        refuse_without_event(opens)
        if not opens.has("when"):
            raise refuse("missing_key", "`opens` has neither `each` nor `when`", opens.place(), "write each: KIND")
        if not self.written.has("review"):
            hint = "add review: yearly, or let an event open the list: `each`"
            raise refuse("needs_review", "a list opened by `when` is judged on review days", opens.place("when"), hint)

    def _unless(self, opens: OpensWritten, scope: Scope) -> Condition:
        if not opens.has("unless"):
            return Constant(holds=False)
        return self.context.read_condition(self.context, opens.unless, scope, opens.place("unless"))

    def _term(self, entry: Scope) -> tuple[Span | None]:
        written = self.written
        return (read_span(self.context, written.term, entry, written.place("term")) if written.has("term") else None,)

    def _repair(self, entry: Scope) -> tuple[Repair | None]:
        written = self.written
        if not written.has("repair"):
            return (None,)
        return (read_repair(self.context, written.repair, entry, written.place("repair")),)

    def _suspended_by(self) -> tuple[Selector | None]:
        written = self.written
        if not written.has("suspended_by"):
            return (None,)
        place = written.place("suspended_by")
        return (standing_alone(self.context, written.suspended_by, Scope(indicators=True), place, NEXT_KEYS),)

    def _measures(self) -> tuple[str, ...]:
        names = self.written.raw.get("measures", ())
        pieces = [(name, value_place_of(names, index)) for index, name in enumerate(self.written.measures)]
        return tuple(dict.fromkeys(self.context.problems.all_of(self._measure, pieces)))

    def _measure(self, name: str, place: Place) -> str:
        catalogue = self.context.written.measures
        if name not in catalogue:
            if self.context.told("measures", name):
                raise Refusal
            hint = did_you_mean(name, catalogue) or "add the catalogue: measures: {ID: {...}}"
            raise refuse("unknown_measure", f"there is no measure {shown(name)}", place, hint)
        return name

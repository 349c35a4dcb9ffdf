"""A second look at a question that was answered: the same scene once more, and how its events and rules are named."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date
from functools import cached_property

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import program_of
from credit_engine.assessing.contributing import contributions
from credit_engine.assessing.contributions import Contribution
from credit_engine.assessing.explaining.wording import Language, Words
from credit_engine.assessing.reaching import FinalScene
from credit_engine.assessing.scene import Entry, Frame, Scene
from credit_engine.assessing.scoring import Folded
from credit_engine.assessing.spanning import Stretch, as_measured, under_each_law
from credit_engine.policy.nodes import Span
from credit_engine.policy.plan import ScoreRule
from credit_engine.policy.plan_basis import Law
from credit_engine.quantities import TEXT, FieldType
from credit_engine.records import Event

Key = tuple[str, str | None, str | None, str | None]


class Telling:
    """The scene behind an answer, and the words to tell of it."""

    def __init__(self, answer: Assessment, language: Language) -> None:
        dossier, policy = answer.question
        self.answer = answer
        self.words = Words(language)
        self.program = program_of(policy)
        self.plan = policy.plan
        self._events: dict[tuple[str, str, tuple[str, ...]], str] = {}  # by kind, id and anchors
        self.scene: Scene = Scene(self.program, dossier, answer.as_of, answer.known_at, _asked(answer))

    @cached_property
    def final(self) -> Telling:
        """The same once effects of affiliates count: what grades, findings and supervision read."""
        answer = self.answer
        if answer.score is None or answer.score == answer.own_score:
            return self
        told = copy(self)
        told.scene = FinalScene(self.scene, Folded(answer.score, answer.reasons, ()))
        return told

    @cached_property
    def made(self) -> dict[Key, Contribution]:
        """What each rule adds, by rule, kind and id of the event, and element."""
        found: dict[Key, Contribution] = {}
        for one in contributions(self.scene):
            event = one.entry.event if one.entry else None
            item = None if one.entry is None or one.entry.item is None else str(one.entry.item)
            kind, name = (event.kind, event.id) if event is not None else (None, None)
            found[one.rule.id, kind, name, item] = one
        return found

    def forget(self) -> None:
        """Let go of the scene, which refers to itself, once everything is told."""
        if self.final is not self:
            self.final.scene.forget()
        self.scene.forget()
        del self.final  # mostly the telling itself

    # --- events ---------------------------------------------------------------------------------------------------

    def frame_of(self, law: Law, entry: Entry) -> Frame:
        """The viewpoint of a rule with `each`: its event, on its own day, under the law that the rule names."""
        event, scene = entry.event, self.scene
        day = None if entry.is_undated else entry.day
        position = None if day is None else (event.kind, event.sequence, event.id)
        frame = Frame(scene, day or scene.as_of, position, event, scene.law_day(law, event, day))
        return frame if entry.item is None else frame.at_hand(event, frame.law, entry.item)

    def from_day_judged(self, frame: Frame) -> Frame:
        """The viewpoint of the question with the same event at hand: from there a span looks for what ends it."""
        view = self.scene.viewpoint
        return Frame(self.scene, view.day, view.position, frame.event, view.day)

    def at_hand(self, frame: Frame, entry: Entry) -> Frame:
        """The same viewpoint with an event at hand that a selector took, under that event's own law."""
        scene = frame.scene
        return frame.at_hand(entry.event, scene.law_day(scene.plan.law, entry.event, entry.day), entry.item)

    def stretch(self, rule: ScoreRule, counts: Span, frame: Frame) -> Stretch | None:
        """The days for which a rule counts, seen from its event's own day."""
        measure = under_each_law if rule.law.as_of else as_measured
        return measure(self.program(counts), frame, frame.day)

    def anchor(self, event: Event, by: tuple[str, ...] = ()) -> tuple[str, date | None]:
        """The anchor that gives the event its day in this use, and that day; the first one if none is present."""
        names = by or (self.plan.kinds[event.kind],)
        days = [(name, self.program.field(event.kind, name)(event)) for name in names]
        return next(((name, day) for name, day in days if day is not None), (names[0], None))

    def event_name(self, event: Event) -> str:
        """Kind and id."""
        return self.words("event", kind=self.words.kind(event.kind), id=event.id)

    def event(self, event: Event, by: tuple[str, ...] = ()) -> str:
        """Kind and id, day, and where it was read, in one line."""
        return self.words("in_brackets", text=self.event_name(event), more=self.words.parts(self._marks(event, by)))

    def whole_event(self, event: Event, by: tuple[str, ...] = ()) -> str:
        """The same with the authority and the number of its document; made once, for many rules count one event."""
        key = (event.kind, event.id, by)
        if key not in self._events:
            words = self.words
            dated, record = self._marks(event, by)
            authority = words("event_authority", authority=event.authority) if event.authority else ""
            document = words("event_document", document=event.document) if event.document else ""
            more = words.parts((dated, authority, document, record))
            self._events[key] = words("in_brackets", text=self.event_name(event), more=more)
        return self._events[key]

    def _marks(self, event: Event, by: tuple[str, ...]) -> tuple[str, str]:
        """The day of an event in this use, and where it was read."""
        words = self.words
        name, day = self.anchor(event, by)
        anchor, source = words.field(name), event.read_from
        dated = (
            words("event_undated", anchor=anchor)
            if day is None
            else words("event_day", anchor=anchor, day=words.day(day))
        )
        return dated, "" if source is None else words("event_record", file=source.file, record=source.record)

    def found_event(self, kind: str | None, id_: str | None) -> Event | None:
        """The event of this kind and id, as it was known."""
        return next((event for event in self.scene.events.get(kind or "", ()) if event.id == id_), None)

    # --- the policy -----------------------------------------------------------------------------------------------

    def rule(self, rule: ScoreRule) -> str:
        """Title and id of a rule."""
        return self.words.titled(rule.title, rule.id)

    def cited(self, id_: str) -> str:
        """Title and article of a source."""
        words, source = self.words, self.plan.sources[id_]
        key = "article" if source.article else "whole_source"
        return words(key, title=source.title, article=source.article.replace("、", words("item")))

    def source(self, id_: str) -> str:
        """Title and article of a source, its rank, and since when it is in force."""
        words, source = self.words, self.plan.sources[id_]
        in_force = source.in_force
        since = ""
        if in_force.from_day is not None and in_force.until is not None:
            last = words.day(date.fromordinal(in_force.until.toordinal() - 1))
            since = words("since_until", day=words.day(in_force.from_day), last=last)
        elif in_force.from_day is not None:
            since = words("since", day=words.day(in_force.from_day))
        parts = [words.rank(source.rank), since, words.certainty(source.certainty)]
        return words("in_brackets", text=self.cited(id_), more=words.parts(parts))

    def field_type(self, kind: str, name: str) -> FieldType:
        """The type of a field of this kind of record."""
        return self.plan.field_types.get(kind, {}).get(name, TEXT)

    def labels(self, scale: str, labels: Iterable[str]) -> str:
        """One grade, or several that are possible."""
        return self.words("or").join(self.label(scale, label) for label in labels)

    def label(self, scale: str, label: str) -> str:
        """A grade and its title."""
        titles = next((one.titles for one in self.plan.scales if one.name == scale), {})
        title = self.words.title(titles.get(label, {}), label)
        return label if title == label else self.words("in_brackets", text=label, more=title)


def _asked(answer: Assessment) -> Event | None:
    """The event that the question named."""
    if answer.event is None:
        return None
    dossier, policy = answer.question
    program = program_of(policy)
    named = [event for event in dossier.events_on(answer.known_at) if event.id == answer.event]
    return next(
        event for event in named if program.field(event.kind, policy.plan.kinds[event.kind])(event) == answer.as_of
    )

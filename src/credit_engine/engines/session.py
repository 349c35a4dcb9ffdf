"""A session: records come in one by one, and what follows from them is there at once, with what has changed.

After any sequence of posts, corrections and withdrawals, in whatever order, everything is as if all had been known from
the start: `assessment` is what `assess` says of the same records, `effects` what `spread` says.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.changes import AgendaLine, agenda
from credit_engine.assessing.effects import Effect, Effects
from credit_engine.dossiers import Coverage, Dossier, Regions, known, version_key
from credit_engine.engines.live import snapshot as snapshots
from credit_engine.engines.live.change import Answers, Change
from credit_engine.engines.live.checking import check_arguments, check_class, check_events, check_subscriber
from credit_engine.engines.live.taking import given, passed, taken_in, whose
from credit_engine.engines.live.world import World
from credit_engine.errors import CreditEngineError, InputError, Problem, QuestionError
from credit_engine.policy.load import Policy
from credit_engine.records import Event, Operator, Party, Person, Relation, Versioned
from credit_engine.spreading.network import Network

if TYPE_CHECKING:
    from credit_engine.engines.matching.matched import Matched

Matcher = Literal["both", "durable", "plain"]
Subscriber = Callable[[Change], object]
ANSWERS_KEPT = 100_000
MOST_IN_TURN = 100  # changes that answer each other


class SubscriberError(CreditEngineError):
    """Subscribers failed; what they were told of has happened and stands. `errors` are theirs, `change` the call's."""

    def __init__(self, change: Change, errors: tuple[Exception, ...]) -> None:
        """Take the change that they were told of, and what they raised."""
        self.change = change
        self.errors = errors
        super().__init__(
            Problem("subscriber_failed", f"{type(error).__name__}: {error}", hint="the change itself stands")
            for error in errors
        )

    def __reduce__(self) -> tuple[type[CreditEngineError], tuple[tuple[Problem, ...]]]:
        """Pickle by problems alone: changes and errors of subscribers may hold what cannot be pickled."""
        return CreditEngineError, (self.problems,)


class Session:
    """Dossiers, network and answers of one policy, held in memory and moved on by events, relations and days.

    `network`: the parties, regions and relations known from the start; `events`: theirs, in all versions; `coverage`:
    see `Dossier`. `answers_kept`: how many own answers are kept ready; others are worked out again when asked for.
    Every method may be called from any thread; they run one after another. Subscribers run inside of the call that
    made the change and must not wait for other threads that use the session. Raises `RecordError` and `QuestionError`
    for what `Dossier`, `Network`, `assess` and `spread` refuse, and for events that no snapshot could keep.
    """

    def __init__(
        self,
        policy: Policy,
        network: Network | None = None,
        *,
        day: date,
        matcher: Matcher = "both",
        events: Iterable[Event] = (),
        coverage: Mapping[str, Coverage] | None = None,
        answers_kept: int = ANSWERS_KEPT,
    ) -> None:
        check_arguments(policy, network, day, matcher, coverage, answers_kept)
        known_from_the_start = check_events(events)
        network = network if network is not None else Network()
        self._lock = threading.RLock()
        self._subscribers: list[list[Subscriber]] = []  # each alone in a list of its own, for one may come twice
        self._waiting: deque[tuple[Change, int]] = deque()  # with how many changes it answers, one after the other
        self._answering: int | None = None  # how many the one does that subscribers are being told of
        self._matcher: Matcher = matcher
        self._policy = policy
        covered = dict(Dossier(Person(id="nobody"), coverage=coverage or {}).coverage)
        self._matching = None if matcher == "plain" else _matched(policy, compare=matcher == "both")
        judging = self._matching.policy if self._matching is not None else None
        self._world: World | None = World(policy, network.regions, covered, day, answers_kept, judging)
        try:
            self._begin(network, known_from_the_start)
        except BaseException:
            self.close()
            raise

    def _begin(self, network: Network, events: Iterable[Event]) -> None:
        world = self._open()
        parties: tuple[Party, ...] = (*network.operators, *network.persons)
        for party in parties:
            world.holding.add_party(party)
        for relation in network.relations:
            world.holding.add_relation(relation)
        for event in events:
            world.holding.add_event(event)
        world.begin()

    # --- what it is -------------------------------------------------------------------------------------------

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self._policy

    @property
    def matcher(self) -> Matcher:
        """What matches rules."""
        return self._matcher

    @property
    def day(self) -> date:
        """The day judged."""
        with self._lock:
            return self._open().day

    @property
    def network(self) -> Network:
        """The parties, regions and relations as a network, made anew."""
        with self._lock:
            holding = self._open().holding
            parties = [version for versions in holding.parties.values() for version in versions]
            return Network(
                operators=[version for version in parties if isinstance(version, Operator)],
                persons=[version for version in parties if isinstance(version, Person)],
                regions=holding.regions,
                relations=[version for versions in holding.relations.values() for version in versions],
            )

    def dossier(self, party: str) -> Dossier:
        """All that is held of a party."""
        check_class(party, str, "the id of a party")
        with self._lock:
            return self._open().holding.dossier(party)

    # --- what comes in ----------------------------------------------------------------------------------------

    def post(self, event: Event) -> Change:
        """Take in an event, or another version of one, and judge on the later of `day` and the day it was recorded.

        A version that is there already changes nothing but, perhaps, the day. A post that raises has changed nothing,
        unless it raises `SubscriberError`.
        """
        (found,) = check_events((event,))
        return self._change("event", (found,), found.party)

    def post_many(self, events: Iterable[Event]) -> Change:
        """Take in several events at once, all of them or none; one change for all."""
        return self._change("events", check_events(events), None)

    def withdraw(self, id: str, recorded: date) -> Change:  # noqa: A002  # what a record calls it
        """Post a version that withdraws an event (`id`, or `kind/id`), recorded on a day.

        It is the newest of that day. Withdrawn again on the day it is known to be, nothing changes.
        """
        check_class(id, str, "the id of an event")
        check_class(recorded, date, "a day")
        with self._lock:
            holding = self._open().holding
            versions = holding.events[holding.named(id)]
            event = known(versions, recorded)
            if event is None:
                message = f"nothing was known of {id!r} on {recorded}"
                raise QuestionError(Problem("unknown_event", message, hint="withdraw it once it is recorded"))
            if event.standing == "withdrawn":
                return self._change("event", (event,), event.party)
            same_day = [version.revision for version in versions if version_key(version)[0] == recorded]
            revision = max(same_day, default=-1) + 1
            gone = evolve(
                event, standing="withdrawn", withdrawn=recorded, recorded=recorded, revision=revision, read_from=None
            )
            return self._change("event", (gone,), event.party)

    def relate(self, relation: Relation) -> Change:
        """Take in a relation, or another version of one; `day` moves as for an event."""
        check_class(relation, Relation, "a relation")
        return self._change("relation", (relation,), None)

    def register(self, party: Party) -> Change:
        """Take in an operator or a person, or another version of one; `day` moves as for an event."""
        check_class(party, (Operator, Person), "an operator or a person")
        return self._change("party", (party,), party.id)

    def advance(self, day: date) -> Change:
        """Move the day judged on; the change is what time alone has done. Raises `QuestionError` for an earlier day."""
        check_class(day, date, "a day")
        with self._lock:
            now = self._open().day
            if day < now:
                message = f"the session stands on {now} and cannot go back to {day}"
                raise QuestionError(Problem("bad_question", message, hint="ask assess about an earlier day"))
            with self._writing() as world:
                change = passed(world, day) or Change(day=day, cause="time", plan=self._policy.plan)
            self._tell(change)
            return change

    # --- what follows -----------------------------------------------------------------------------------------

    def assessment(self, party: str) -> Assessment:
        """The final answer for a party on the day judged, which explains itself."""
        check_class(party, str, "the id of a party")
        with self._lock:
            world = self._open()
            answer = world.final(party)
            if answer is None:
                message = f"nothing was known of {party!r} on {world.day}"
                raise QuestionError(Problem("unknown_party", message, hint="advance to a day on which it is known"))
            return answer

    def effects_on(self, party: str) -> tuple[Effect, ...]:
        """The effects that reach a party on the day judged, in the order of the policy.

        Also those on somebody who is only named in an event. Raises `QuestionError` where there are none and nobody of
        this id is registered.
        """
        check_class(party, str, "the id of a party")
        with self._lock:
            world = self._open()
            found = world.reach.on(party)
            if not found:
                world.holding.dossier(party)  # refuses whom nobody knows
            return found

    def effects(self) -> Effects:
        """All effects of the day judged."""
        with self._lock:
            world = self._open()
            return world.reach.everything(world.day)

    def agenda(self, until: date) -> tuple[tuple[str, AgendaLine], ...]:
        """What will change by itself, and which deadlines fall, after `day` up to and including `until`.

        Each line with its party, by day, then party. Of each party alone: what effects will do is not foretold.
        """
        check_class(until, date, "a day")
        with self._lock:
            world = self._open()
            found = []
            for party in world.holding.parties:
                own = world.own(party)
                if own is not None:
                    lines = agenda(own.question[0], self._policy, world.day, until)
                    found += [(party, line) for line in lines]
            return tuple(sorted(found, key=lambda each: (each[1].day, each[0], each[1].what, each[1].subject)))

    # --- keeping and closing ----------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """All records and the day, the same bytes for the same records in whatever order they came."""
        with self._lock:
            world = self._open()
            return snapshots.written(world.holding, world.day, self._policy.name, self._policy.plan.hash)

    @classmethod
    def restore(cls, snapshot: bytes, policy: Policy, *, matcher: Matcher = "both") -> Session:
        """The session that a snapshot was taken of; subscribers are not kept.

        Raises `InputError` (`bad_snapshot`, `other_policy`), and `QuestionError` for what is no policy or matcher.
        """
        check_arguments(policy, None, date.min, matcher, None, ANSWERS_KEPT)
        data = snapshots.read(snapshot)
        if data["plan"] != policy.plan.hash:
            message = f"the snapshot was taken under another policy, or another state of it: {data['policy']}"
            raise InputError(Problem("other_policy", message, hint="load the policy it was taken under"))
        network = Network(
            operators=[each for each in data["parties"] if isinstance(each, Operator)],
            persons=[each for each in data["parties"] if isinstance(each, Person)],
            regions=Regions(data["regions"]),
            relations=data["relations"],
        )
        return cls(policy, network, day=data["day"], matcher=matcher, events=data["events"], coverage=data["coverage"])

    def on(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have every change told to a subscriber once it is complete; gives a function that ends this.

        What time did is told first. A subscriber may post: that change stands when its call returns, and is told after
        this one. So may another answer it in turn, up to `MOST_IN_TURN`; then posts are refused (`told_in_circles`).
        If subscribers raise, all others are told all the same, and the call that made the change raises
        `SubscriberError` at its end. What is no `Exception` (an interrupt, the end of the program) ends the call at
        once: the changes stand, and who was not told yet is not told any more.
        """
        check_subscriber(subscriber)
        entry = [subscriber]
        with self._lock:
            self._open()
            self._subscribers.append(entry)

        def leave() -> None:
            with self._lock:
                self._subscribers = [each for each in self._subscribers if each is not entry]

        return leave

    def close(self) -> None:
        """Let go of everything; nothing can be asked any more. Closing twice is no error."""
        with self._lock:
            self._world = None
            if self._matching is not None:
                self._matching.close()
                self._matching = None
            self._subscribers.clear()
            self._waiting.clear()

    def __enter__(self) -> Self:
        """The session itself; raises `QuestionError` (`session_closed`) the second time."""
        with self._lock:
            self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session."""
        self.close()

    # --- inside -----------------------------------------------------------------------------------------------

    def _open(self) -> World:
        world = self._world
        if world is None:
            raise QuestionError(Problem("session_closed", "this session is closed", hint="make or restore another one"))
        if world.journal.recover():
            world.reach.begin()
        return world

    @contextmanager
    def _writing(self) -> Iterator[World]:
        """Whatever fails inside has never happened."""
        world = self._open()
        if self._answering is not None and self._answering >= MOST_IN_TURN:
            message = f"this would be the change number {MOST_IN_TURN + 1} of which each answers the one before"
            hint = "let subscribers look at the cause of a change before they answer it"
            raise QuestionError(Problem("told_in_circles", message, hint=hint))
        world.journal.begin()
        try:
            world.reach.begin()
            yield world
            world.journal.keep()
        except BaseException:
            world.journal.take_back()
            world.reach.begin()
            raise

    def _change(
        self, cause: Literal["event", "events", "relation", "party"], records: tuple[Versioned, ...], party: str | None
    ) -> Change:
        with self._lock:
            with self._writing() as world:
                day = max((world.day, *(record.recorded for record in records if record.recorded is not None)))
                gone_by = passed(world, day)
                if gone_by is not None:
                    world.reach.begin()
                whom = whose(world, records)
                before = {each: world.asking(each) for each in whom}
                new = [record for record in records if taken_in(world, record)]
                if new:
                    for each in whom:
                        world.judge(each)
                    world.reach.settle(day)
                # judged at once, so that what cannot be judged is refused while nothing has happened yet
                after = {each: partial(given, world.final(each)) for each in sorted(whom)}
                answers = tuple(Answers(each, before[each], ask) for each, ask in after.items())
                gained, lost = world.reach.changed()
                change = Change(
                    day=day,
                    cause=cause,
                    party=party,
                    answers=answers,
                    effects_gained=gained,
                    effects_lost=lost,
                    of_time=gone_by,
                    plan=self._policy.plan,
                )
            self._tell(*(one for one in (gone_by, change) if one is not None))
            return change

    def _tell(self, *changes: Change) -> None:
        """Tell the subscribers, one change after the other; those made meanwhile wait for their turn."""
        self._waiting.extend((change, 0 if self._answering is None else self._answering + 1) for change in changes)
        if self._answering is not None:
            return
        errors: list[Exception] = []
        try:
            while self._waiting:
                change, self._answering = self._waiting.popleft()
                for (subscriber,) in tuple(self._subscribers):
                    try:
                        subscriber(change)
                    except Exception as error:  # noqa: BLE001  # told once everybody knows
                        errors.append(error)
        finally:
            self._waiting.clear()
            self._answering = None
        if errors:
            raise SubscriberError(changes[-1], tuple(errors)) from errors[0]


def _matched(policy: Policy, *, compare: bool) -> Matched:
    """The policy with its rules matched by durable_rules, proven on boundary facts."""
    from credit_engine.engines.matching.matched import Matched  # noqa: PLC0415  # the plain matcher loads none of it

    return Matched(policy, compare=compare)

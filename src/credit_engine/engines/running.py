"""One pass over questions, counting as it goes: the tables of all answers, and what they came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.audiences import AUDIENCES, is_open_to, seen_by
from credit_engine.assessing.effects import Effect, Effects
from credit_engine.dossiers import Dossier
from credit_engine.engines.questions import Reasons
from credit_engine.engines.rows import tables
from credit_engine.engines.sources import FolderSource, Source, WholeSource
from credit_engine.engines.summary import MOST_REJECTS, Summary, problems_of, where_registered
from credit_engine.errors import Problem, QuestionError
from credit_engine.files.input import Input
from credit_engine.files.panels import Panel, Question
from credit_engine.files.recording import Reject
from credit_engine.files.results import Table
from credit_engine.policy.load import Policy

if TYPE_CHECKING:
    from credit_engine.engines.affiliated import SpreadDays
    from credit_engine.engines.columns.prepared import Prepared
    from credit_engine.engines.columns.reaching import Affiliates
    from credit_engine.engines.columns.relating import Linked

Progress = Callable[[int, int], None]


@frozen
class Telling:
    """Whom a run tells how far it is: `stage` the name of each stage, `progress` questions answered, and of all."""

    progress: Progress | None = None
    stage: Callable[[str], None] = lambda _name: None


def _links(source: WholeSource, policy: Policy, store: Prepared) -> Linked:
    """The relations in columns, none of which is of a kind that the policy does not know."""
    from credit_engine.spreading.spread import check_kinds  # noqa: PLC0415  # as below

    links = source.links(store)
    check_kinds(links.kinds, policy)
    return links


def _spread_days(source: WholeSource, policy: Policy) -> SpreadDays:
    from credit_engine.engines.affiliated import SpreadDays  # noqa: PLC0415  # networkx: only where there is spread

    return SpreadDays(source.records, policy)


class Run:
    """One pass over the questions, counting as it goes."""

    def __init__(
        self,
        read: Input,
        policy: Policy,
        panel: Panel,
        progress: Progress | None = None,
        audience: str | None = None,
        engine: str = "plain",
        collect: Literal["streaming", "in-memory"] = "streaming",
        source: Source | None = None,
        reasons: Reasons = "all",
    ) -> None:
        self.read = read
        self.source = source or FolderSource(read, policy.plan)
        self.policy = policy
        self.questions, self.rejects = panel.questions, panel.rejects
        self.progress = progress
        self.audience = audience
        self.engine, self.collect, self.reasons = engine, collect, reasons
        self.counts: Counter[str] = Counter()
        self.outside_by: Counter[str] = Counter()
        self.no_region: Counter[str] = Counter()
        self.entries: dict[str, Counter[str]] = {rule.name: Counter() for rule in policy.plan.lists}
        self.grades: dict[str, Counter[str]] = {scale.name: Counter() for scale in policy.plan.scales}
        rules = [rule.id for rule in policy.plan.spread] + [rule.id for rule in policy.plan.recognition]
        self.effects: Counter[str] = Counter(dict.fromkeys(rules, 0))
        whole = self.source if isinstance(self.source, WholeSource) and self.spread == "computed" else None
        self.days = None if whole is None else _spread_days(whole, policy)
        self.links = None if whole is None else cache(partial(_links, whole, policy))
        self.reached: set[tuple[str, date, date]] = set()  # parties with an answer whom an effect reaches
        self.routed_for: tuple[str, ...] = ()
        self.done, self.all = 0, len(self.questions) * (1 if self.days is None else 2)

    @property
    def spread(self) -> str:
        """Whether effects of affiliates are looked for: on common days only."""
        if not self.policy.plan.spread:
            return "no rules"
        is_panel = not isinstance(self.source, WholeSource) or any(question.file for question in self.questions)
        return "not in a panel" if is_panel else "computed"

    def made(self) -> list[Table]:
        """The tables of all answers, in the order of the questions."""
        if self.engine != "plain":
            return self._in_columns()
        self._spread()
        self.source.expect([question.party for question in self.questions])
        answers = self.answers(range(len(self.questions)))
        return tables(self.policy.plan, answers, self.on_others(), reasons=self.reasons)

    def answers(self, places: Iterable[int], shown: list[int] | None = None) -> Iterator[Assessment]:
        """The plain engine's answers to the questions at these places, in order; those without one become rejects.

        `shown` gets the places of those answered.
        """
        dossier: Dossier | None = None
        for place in places:
            question = self.questions[place]
            self._tick()
            try:
                answer = self._own(question)
                if answer is None:
                    if dossier is None or dossier.id != question.party:
                        dossier = self.source.dossier(question.party)
                    given = self._reaching(question)
                    answer = assess(dossier, self.policy, question.day, question.known_at, given, event=question.event)
            except QuestionError as error:
                self._refuse(question, error.problems[0])
                continue
            if answer.effects:
                self.reached.add((answer.party, answer.as_of, answer.known_at))
            seen = answer if self.audience is None else seen_by(answer, self.audience)
            if seen is None:
                self.counts["withheld"] += 1
                continue
            self._count(seen)
            if shown is not None:
                shown.append(place)
            yield seen

    def _in_columns(self) -> list[Table]:
        """The tables from the columns engine, with the rows of those whom it leaves to the plain one."""
        from credit_engine.engines.columns import folder, passing  # noqa: PLC0415  # polars: only this engine needs them

        plan = self.policy.plan
        asking = passing.Asking(
            self.policy,
            self.audience,
            affiliates=self._affiliates(),
            spread_on=self._spread_on,
            tick=self._tick,
            engine=self.collect,
            reasons=self.reasons,
        )
        found = folder.scored(self.source.columns, asking, self.questions)
        self.routed_for = found.why
        self.counts += found.counts
        self.outside_by += found.outside_by
        self.no_region += found.no_region
        for name, labels in found.grades.items():
            self.grades[name] += labels
        for name, states in found.entries.items():
            self.entries[name] += states
        if found.effects is not None:
            self.effects.update(found.effects.filter("judged").get_column("rule").to_list())
        self.source.expect([self.questions[place].party for place in found.rest])
        shown: list[int] = []
        whose: dict[str, list[int]] = {}
        before = self.counts["answered"]
        answers = self.answers(found.rest, shown)
        made = tables(plan, answers, self.on_others(), whose, self.reasons, without_effects=self._is_told)
        self.counts["routed"] = self.counts["answered"] - before
        return folder.merged(plan, found, made, {name: [shown[one] for one in each] for name, each in whose.items()})

    def on_others(self) -> Iterator[tuple[date, Effect]]:
        """The effects on parties that have no answer, such as persons named who stand in no table; by day."""
        for day, effect in () if self.days is None else self.days.on_others(self.reached):
            if self.audience is None or is_open_to(self.audience, effect.audience):
                self.effects[effect.rule] += 1
                yield day, effect

    def _tick(self, done: int = 1) -> None:
        self.done += done
        if self.progress is not None:
            self.progress(self.done, self.all)

    def _spread(self) -> None:
        """Find the effects of each day asked, from the own answers."""
        for day, known_at in dict.fromkeys((one.day, one.known_at or one.day) for one in self.questions):
            self._spread_on((day, known_at))

    def _spread_on(self, day: tuple[date, date]) -> None:
        """Find the effects of a day, among all parties."""
        if self.days is not None:
            self.days.add(*day, self._tick)

    def _affiliates(self) -> Affiliates | None:
        """How columns look for effects of affiliates, if they do."""
        if self.days is None or self.links is None:
            return None
        from credit_engine.engines.columns.reaching import Affiliates  # noqa: PLC0415  # as above

        return Affiliates(self.links, self._own_answers, self.days.take, self.audience)

    def _own_answers(self, day: tuple[date, date], parties: Collection[str]) -> Iterator[Assessment]:
        """The own answers of some parties, of each of whom something was known; they are kept for those not moved."""
        self.source.expect(list(parties))
        for party in parties:
            answer = assess(self.source.dossier(party), self.policy, *day)
            self._tick()
            yield answer if self.days is None else self.days.keep(answer)
        self._tick(len(self.read.parties) - len(parties))

    def _own(self, question: Question) -> Assessment | None:
        """The own answer where it is known to be the final one, so that nothing is assessed twice."""
        if self.days is None:
            return None
        return self.days.own_if_final(question.party, question.day, question.known_at)

    def _is_told(self, answer: Assessment) -> bool:
        """Whether the rows of the effects on a party stand in columns."""
        return self.days is not None and self.days.is_told(answer.as_of, answer.known_at)

    def _reaching(self, question: Question) -> Effects | tuple[()]:
        return () if self.days is None else self.days.reaching(question.party, question.day, question.known_at)

    def _refuse(self, question: Question, problem: Problem) -> None:
        if not question.file and problem.code == "unknown_party":
            self.counts["not_yet_known"] += 1  # recorded only after the day asked about
        else:
            self.rejects.append(Reject(question.file, question.record, problem.code, problem.message, "panel"))

    def _count(self, answer: Assessment) -> None:
        self.counts["answered"] += 1
        if answer.outside_policy:
            self.counts["outside_policy"] += 1
            self.outside_by[where_registered(answer)] += 1
            return
        if answer.outside_policy is None:
            self.no_region[where_registered(answer)] += 1
        if self.policy.plan.score is not None and not isinstance(answer.score, int):
            self.counts["unknown_scores"] += 1
        for entry in answer.entries:
            self.entries[entry.list][entry.state] += 1
        effects = () if self._is_told(answer) else answer.effects
        self.effects.update(effect.rule for effect in (*effects, *answer.recognised))
        for name, grade in answer.grades.items():
            self.grades[name][grade.label or "unknown"] += 1

    def summary(self, out: Path | None) -> Summary:
        """What the run came to."""
        rejects = [*self.read.rejects, *self.rejects]
        return Summary(
            policy=self.policy.plan.policy,
            days=tuple(sorted({question.day for question in self.questions})),
            parties=len(self.read.parties),
            answered=self.counts["answered"],
            outside_policy=self.counts["outside_policy"],
            unknown_scores=self.counts["unknown_scores"],
            not_yet_known=self.counts["not_yet_known"],
            withheld=self.counts["withheld"],
            grades={name: dict(sorted(counted.items())) for name, counted in self.grades.items()},
            entries={name: dict(sorted(counted.items())) for name, counted in self.entries.items()},
            rejects=dict(sorted(Counter(each.code for each in rejects).items())),
            flags=self.read.flags,
            out=out,
            effects=dict(self.effects),
            too_wide=() if self.days is None else self.days.too_wide,
            spread=self.spread,
            outside_by=dict(sorted(self.outside_by.items())),
            no_region=dict(sorted(self.no_region.items())),
            first_rejects=() if is_withheld(self.audience) else problems_of(rejects[:MOST_REJECTS]),
            engine=self.engine,
            routed=self.counts["routed"],
            routed_for=self.routed_for,
        )


def is_withheld(audience: str | None) -> bool:
    """Whether rejected rows are only counted for an audience: any but the innermost.

    A row may be of a party that is withheld.
    """
    return audience is not None and audience != AUDIENCES[-1]

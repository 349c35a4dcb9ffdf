"""What a run is asked: everybody on some days, or a table of questions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from attrs import frozen

from credit_engine.errors import Problem, QuestionError
from credit_engine.files.panels import Panel, Question, read_panel
from credit_engine.policy.load import Policy

Asking = Panel | tuple[date, ...]
Reasons = Literal["all", "listed", "none"]
REASONS: tuple[Reasons, ...] = get_args(Reasons)


@frozen
class Asked:
    """What is asked: about everybody on some days, or the questions of a table, in the order of parties.

    `engine`: who is asked. `reasons`: whose lines of reasons are told: of all, of those in `entries`, of none.
    """

    policy: Policy
    questions: Asking
    known_at: date | None = None
    audience: str | None = None
    engine: str = "polars"
    reasons: Reasons = "all"

    @property
    def panel(self) -> Panel:
        """The table of questions; empty where everybody is asked about."""
        return self.questions if isinstance(self.questions, Panel) else Panel([], [])

    @property
    def is_of_relations(self) -> bool:
        """Whether effects of affiliates are looked for, for which all parties and relations are needed at once."""
        return bool(self.policy.plan.spread) and not isinstance(self.questions, Panel)

    def of(self, parties: Iterable[str]) -> Panel:
        """The questions, where everybody is asked about these parties."""
        if isinstance(self.questions, Panel):
            return self.questions
        return asked_of(parties, self.questions, self.known_at)


def asked(as_of: date | None, days: Iterable[date] | Path | str | None) -> Asking:
    """The questions of a table, in the order of parties, or the days on which everybody is asked about."""
    if (as_of is None) == (days is None):
        raise QuestionError(Problem("one_of", "ask for one day or for several", hint="give as_of or days"))
    if isinstance(days, Path | str):
        panel = read_panel(days)
        return panel._replace(questions=sorted(panel.questions, key=_order))
    return tuple(sorted(set(days))) if days is not None else (as_of,) if as_of is not None else ()


def _order(question: Question) -> tuple[str, date, str, date]:
    return question.party, question.day, question.event or "", question.known_at or question.day


def asked_of(parties: Iterable[str], days: tuple[date, ...], known_at: date | None) -> Panel:
    """The questions about these parties, in their order, on these days."""
    return Panel([Question(party, day, known_at=known_at) for party in parties for day in days], [])

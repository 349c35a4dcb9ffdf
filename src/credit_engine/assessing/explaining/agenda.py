"""An agenda in lines: day by day what changes by itself, and which deadlines fall."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from itertools import groupby

from attrs import frozen

from credit_engine.assessing.changes import AgendaLine
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.duties import Duty
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.policy.plan import ScoreRule


def agenda_account(lines: Iterable[AgendaLine], until: date, telling: Telling) -> Account:
    """The lines under a head, those of one day together."""
    words, told = telling.words, _Told(telling)
    days = [
        Account(words.day(day), [Account(told.line(line), part=line.what) for line in of_day], part="day")
        for day, of_day in groupby(lines, key=lambda line: line.day)
    ]
    days = days or [Account(words("agenda_nothing"), part="nothing")]
    return Account(words("agenda", until=words.day(until)), days, part="agenda")


@frozen(slots=False)
class _Told:
    """Tells one line after the other."""

    telling: Telling

    def line(self, line: AgendaLine) -> str:
        """One line as a sentence."""
        return TELLERS[line.what](self, line)

    def _change(self, line: AgendaLine, subject: str, before: str = "", after: str = "") -> str:
        absent = self.telling.words("none")
        before, after = (text or absent for text in (before or line.before, after or line.after))
        return self.telling.words("agenda_change", subject=subject, before=before, after=after)

    def _words(self, key: str, rule: str) -> str:
        return self.telling.words(key, rule=self._rule(rule))

    @cached_property
    def _titles(self) -> Mapping[str, Mapping[str, str]]:
        plan = self.telling.plan
        scored: tuple[ScoreRule, ...] = plan.score.rules if plan.score is not None else ()
        rules: tuple[ScoreRule | Duty, ...] = (*scored, *plan.findings, *plan.obligations, *plan.supervision)
        titles = {rule.id: rule.title for rule in rules}
        titles |= {rule.id: rule.title for scale in plan.scales for rule in scale.adjust}
        return titles | {rule.name: rule.title for rule in plan.lists}

    def _rule(self, subject: str) -> str:
        """A rule by its title, and the event it is about; ids of rules hold no blank."""
        words = self.telling.words
        rule, _, event = subject.partition(" ")
        title = words.titled(self._titles.get(rule, {}), rule)
        return words("agenda_about", rule=title, event=event) if event else title

    # --- one sort of line each ------------------------------------------------------------------------------------

    def _grade(self, line: AgendaLine) -> str:
        before, after = (self._label(line.subject, text) for text in (line.before, line.after))
        return self._change(line, self.telling.words.scale(line.subject), before, after)

    def _label(self, scale: str, text: str) -> str:
        unknown, _, possible = text.partition(": ")
        if possible and unknown == "unknown":
            labels = self.telling.labels(scale, possible.split(", "))
            return self.telling.words("grade_unknown", labels=labels)
        return self.telling.label(scale, text) if text else ""

    def _score(self, line: AgendaLine) -> str:
        before, after = (self._points(text) for text in (line.before, line.after))
        return self._change(line, self.telling.words("agenda_score"), before, after)

    def _points(self, text: str) -> str:
        words = self.telling.words
        low, dots, high = text.partition("..")
        if dots:
            return words("agenda_unknown_score", low=low or "−∞", high=high or "∞")
        return words("agenda_fading") if text == "fading" else text

    def _counts(self, line: AgendaLine) -> str:
        return self._words("agenda_rule_begins" if line.after else "agenda_rule_ends", line.subject)

    def _entry(self, line: AgendaLine) -> str:
        words = self.telling.words
        before, after = (self._state(text) for text in (line.before, line.after))
        return self._change(line, words("agenda_entry", id=line.subject), before, after)

    def _state(self, text: str) -> str:
        words = self.telling.words
        state, _, changed = text.partition(" ")
        told = words(f"state_{state}") if state else ""
        return words("agenda_changed_ground", state=told) if changed else told

    def _repairable(self, line: AgendaLine) -> str:
        words = self.telling.words
        if line.after.startswith("from "):
            day = date.fromisoformat(line.after.removeprefix("from "))
            return words("agenda_repairable_from", id=line.subject, day=words.day(day))
        return words("agenda_repairable" if line.after else "agenda_repairable_not", id=line.subject)

    def _finding(self, line: AgendaLine) -> str:
        return self._words("agenda_finding_begins" if line.after else "agenda_finding_ends", line.subject)

    def _due(self, line: AgendaLine) -> str:
        return self._words("agenda_due", line.subject)

    def _obligation(self, line: AgendaLine) -> str:
        words = self.telling.words
        before, after = (words(f"owed_{text}") if text else "" for text in (line.before, line.after))
        return self._change(line, self._words("agenda_obligation", line.subject), before, after)

    def _supervision(self, line: AgendaLine) -> str:
        words = self.telling.words
        thing, _, notice = line.subject.partition(" ")
        rules = ((notice if text else "") or text.partition(":")[0] for text in (line.before, line.after))
        before, after = (self._rule(rule) if rule else "" for rule in rules)
        return self._change(line, words(f"agenda_{thing}"), before, after)

    def _unknown(self, line: AgendaLine) -> str:
        if not line.after:
            return self._words("agenda_known", line.subject)
        return self.telling.words("unknown_rule", rule=self._rule(line.subject), names=line.after)

    def _outside(self, line: AgendaLine) -> str:
        return self.telling.words(f"agenda_outside_{line.after}")

    def _audience(self, line: AgendaLine) -> str:
        return self._change(line, self.telling.words("agenda_audience"))


# ruff: noqa: SLF001  # the class and its table are one
TELLERS: Mapping[str, Callable[[_Told, AgendaLine], str]] = {
    "audience": _Told._audience,
    "due": _Told._due,
    "entry": _Told._entry,
    "finding": _Told._finding,
    "grade": _Told._grade,
    "obligation": _Told._obligation,
    "outside": _Told._outside,
    "repairable": _Told._repairable,
    "rule": _Told._counts,
    "score": _Told._score,
    "supervision": _Told._supervision,
    "unknown": _Told._unknown,
}

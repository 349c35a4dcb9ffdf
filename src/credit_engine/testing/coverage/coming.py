"""Whether a rule came about in an answer: it gave a reason, an entry, a finding, an obligation, an effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from credit_engine.assessing.answer import Assessment, ListEntry
from credit_engine.assessing.effects import Effects
from credit_engine.testing.coverage.pieces import Rule

LISTING = ("list", "restore")
CLOSING = ("revoke", "refuse", "repair")


def came_about(rule: Rule, answer: Assessment | None, effects: Effects | None) -> bool:
    """Whether an answer, or the effects of a day, show the rule. Named values and rules without a trace: never here."""
    if rule.sort == "spread":
        return effects is not None and any(each.rule == rule.name for each in effects.found)
    shows = _SHOWN.get(rule.sort)
    return shows is not None and answer is not None and shows(rule, answer)


def _opened(rule: Rule, answer: Assessment) -> bool:
    return any(each.list == rule.name and _opened_by_rule(each, rule, answer) for each in answer.entries)


def _opened_by_rule(entry: ListEntry, rule: Rule, answer: Assessment) -> bool:
    """Whether the rule itself opens the entry today: always without a decision; with one, if its ground still does."""
    if not any(step.step in (*LISTING, *CLOSING) for step in entry.steps):
        return True
    if entry.ground_changed or rule.node.opens is None or rule.node.opens.each is None:
        return False
    if any(line.rule == rule.name and line.event == entry.ground for line in answer.unknowns):
        return False
    dossier, _ = answer.question
    known = dossier.events_on(answer.known_at)
    kind = rule.node.ground_kind
    return any(each.id == entry.ground and each.kind == kind and each.standing != "withdrawn" for each in known)


def _ends(rule: Rule, answer: Assessment) -> bool:
    states = ("listed", "suspended", "expired")
    ending = (each for each in answer.entries if each.list == rule.name and each.state in states)
    return any(each.end_known and each.until is not None for each in ending)


def _repairable(rule: Rule, answer: Assessment) -> bool:
    return any(each.list == rule.name and each.repairable_from is not None for each in answer.entries)


_SHOWN: Mapping[str, Callable[[Rule, Assessment], bool]] = {
    "score": lambda rule, answer: any(each.kind == "rule" and each.rule == rule.name for each in answer.reasons),
    "opens": _opened,
    "term": _ends,
    "repair": _repairable,
    "findings": lambda rule, answer: any(each.rule == rule.name for each in answer.findings),
    "obligations": lambda rule, answer: any(each.rule == rule.name for each in answer.obligations),
    "recognition": lambda rule, answer: any(each.rule == rule.name for each in answer.recognised),
}

"""A policy as a section of a Markdown page: what it says, its values by date, and where each of them comes from.

Of a policy that extends others only what is new or different is shown, and what it takes away; the rest stands with its
parents. Whether two rules differ is a question of what they do, not of how they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import evolve

from credit_engine.assessing.program import as_text
from credit_engine.policy.plan import DatedParameter, FindingRule, ListRule, Plan, Scale, Source
from credit_engine.policy.plan_basis import InForce
from credit_engine.policy.plan_spreading import SpreadRule
from credit_engine.showing import both, certainty_of

RULES = ("rule", "is", "title", "values", "basis")
VALUES = ("value", "title", "since", "is", "source", "certainty")
SOURCES = ("source", "title and article", "rank", "in force", "names", "certainty")


class Entry(NamedTuple):
    """One thing that a policy says: its kind and name, what it is (to compare it by), and the lines of its table."""

    name: tuple[str, str]
    piece: object
    lines: tuple[tuple[str, ...], ...]


def policies_page(plans: Mapping[str, Plan], parents: Mapping[str, Sequence[str]]) -> str:
    """The sections of all policies, below a list that leads to them; `parents`: names of what each one extends."""
    lines = [f"- [{name}](#{_anchor(name)}): {both(plan.title)}" for name, plan in plans.items()]
    sections = (policy_section(plan, [plans[one] for one in parents[name]], name) for name, plan in plans.items())
    return "\n".join(["\n".join(lines), *(f"\n{section}" for section in sections)])


def policy_section(plan: Plan, parents: Sequence[Plan] = (), name: str = "") -> str:
    """A policy below a heading: a table each of rules, of values by date and of sources. `name`: if in a group."""
    lines = [f"## {name or plan.policy}", "", *_head(plan, parents)]
    for title, headings, entries in (
        ("Rules", RULES, _rules),
        ("Values", VALUES, _values),
        ("Sources", SOURCES, _sources),
    ):
        lines += _table(title, headings, entries(plan), _inherited(entries, parents))
    return "\n".join([*lines, ""])


def _head(plan: Plan, parents: Sequence[Plan]) -> Iterator[str]:
    yield f"{both(plan.title)}."
    if plan.illustrative:
        yield "Illustrative: sample values, not an official standard."
    if plan.regions:
        yield f"Judges operators of {', '.join(plan.regions)}."
    if parents:
        links = " and ".join(f"[{parent.policy}](#{_anchor(parent.policy)})" for parent in parents)
        yield f"Extends {links}: only what is new or different stands here."
    gone = [
        name
        for entries in (_rules, _values, _sources)
        for name in _inherited(entries, parents)
        if name not in {entry.name for entry in entries(plan)}
    ]
    if gone:
        yield f"Without {', '.join(_code(name) for _, name in gone)}."


def _inherited(
    entries: Callable[[Plan], Iterable[Entry]], parents: Sequence[Plan]
) -> dict[tuple[str, str], list[object]]:
    """What the parents say, by name; an audience of a parent's is written into its rules when they are inherited."""
    found: dict[tuple[str, str], list[object]] = {}
    for parent in parents:
        for entry in entries(parent):
            pieces = found.setdefault(entry.name, [])
            pieces.append(entry.piece)
            if isinstance(entry.piece, FindingRule | ListRule | SpreadRule | Scale):
                pieces.append(evolve(entry.piece, audience=parent.audience))
    return found


def _table(
    title: str,
    headings: tuple[str, ...],
    entries: Iterable[Entry],
    inherited: Mapping[tuple[str, str], Sequence[object]],
) -> Iterator[str]:
    lines = [line for entry in entries if entry.piece not in inherited.get(entry.name, ()) for line in entry.lines]
    if not lines:
        return
    yield from ("", f"**{title}**", "")
    for cells in (headings, ("---",) * len(headings), *lines):
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


# --- rules ----------------------------------------------------------------------------------------------------


def _rules(plan: Plan) -> Iterator[Entry]:
    """Every rule of a policy in the order in which it is judged."""
    yield from _judging(plan)
    yield from _following(plan)
    yield from _reaching(plan)


def _judging(plan: Plan) -> Iterator[Entry]:
    for rule in plan.score.rules if plan.score is not None else ():
        what = "deducts" if rule.sign < 0 else "adds"
        yield _rule("score", rule.id, rule, what, both(rule.title), rule.parameters, rule.basis.sources)
    for each in plan.lists:
        basis = tuple(dict.fromkeys((*each.foundation, *_of_spans(each))))
        yield _rule("list", each.name, each, _list_is(each), both(each.title), each.parameters, basis)
    for scale in plan.scales:
        labels = "; ".join(f"{label} {both(scale.titles.get(label, {}))}".strip() for label in scale.order)
        review = f", {scale.review}" if scale.review else ""
        yield _rule("scale", scale.name, scale, f"scale{review}", labels, (), ())
        for one in scale.adjust:
            kind = one.kind.replace("_", " ")
            yield _rule(f"adjust {scale.name}", one.id, one, kind, both(one.title), (), one.basis.sources)


def _following(plan: Plan) -> Iterator[Entry]:
    for found in plan.findings:
        says = found.says.replace("_", " ")
        yield _rule("finding", found.id, found, says, both(found.text), found.parameters, found.basis.sources)
    for duty in plan.obligations:
        yield _rule("duty", duty.id, duty, "deadline", both(duty.title), duty.parameters, duty.basis.sources)
    for watch in plan.supervision:
        yield _rule("watch", watch.id, watch, "supervision", both(watch.title), (), watch.basis.sources)
    for one in plan.measures.values():
        yield _rule("measure", one.id, one, f"measure, class {one.class_}", both(one.title), (), one.basis)


def _reaching(plan: Plan) -> Iterator[Entry]:
    for rule in plan.spread:
        what = f"{rule.effect} to affiliates"
        yield _rule("spread", rule.id, rule, what, both(rule.title), rule.parameters, rule.basis.sources)
    for row in plan.recognition:
        what = f"{row.mode} in {', '.join(row.hosts)}"
        yield _rule("recognition", row.id, row, what, both(row.title), row.parameters, row.basis.sources)


def _rule(
    kind: str, name: str, piece: object, what: str, title: str, values: Iterable[str], basis: Iterable[str]
) -> Entry:
    untitled = f"{name} / {name}"  # what reading fills in
    cells = (_code(name), what, "" if title == untitled else title, _codes(values), _codes(basis))
    return Entry((kind, name), piece, (cells,))


def _list_is(rule: ListRule) -> str:
    made = "by decision" if rule.needs_decision else "by itself"
    return f"{rule.polarity} list, {rule.review or made}"


def _of_spans(rule: ListRule) -> Iterator[str]:
    for span in rule.term.rows if rule.term is not None else ():
        yield from span.basis
    for repair in rule.repair.rows if rule.repair is not None else ():
        yield from repair.basis


# --- values and sources ---------------------------------------------------------------------------------------


def _values(plan: Plan) -> Iterator[Entry]:
    for parameter in plan.parameters.values():
        yield Entry(("value", parameter.name), parameter, tuple(_dated(plan, parameter)))


def _dated(plan: Plan, parameter: DatedParameter) -> Iterator[tuple[str, ...]]:
    """A line for each day on which a value begins; its certainty is its own, else that of its source."""
    for number, step in enumerate(parameter.values):
        name, title = (_code(parameter.name), both(parameter.title)) if number == 0 else ("", "")
        value = "ended" if step.ended else as_text(step.value, parameter.type_)
        yield (
            name,
            title,
            step.since.isoformat(),
            value,
            _codes([step.source] if step.source else []),
            certainty_of(plan, step),
        )


def _sources(plan: Plan) -> Iterator[Entry]:
    for one in plan.sources.values():
        yield Entry(("source", one.id), one, (_source(one),))


def _source(one: Source) -> tuple[str, ...]:
    title = f"{one.title} {one.article}".strip()
    rank, names = one.rank.replace("_", " "), ", ".join(name.replace("_", " ") for name in one.reaches)
    return _code(one.id), title, rank, _days(one.in_force), names, one.certainty


def _days(in_force: InForce) -> str:
    since = "" if in_force.from_day is None else f"from {in_force.from_day}"
    until = "" if in_force.until is None else f"until {in_force.until}"
    return " ".join(part for part in (since, until) if part)


# --- Markdown -------------------------------------------------------------------------------------------------


def _cell(text: str) -> str:
    """A cell without what would end it."""
    return " ".join(text.split()).replace("|", r"\|")


def _code(name: str) -> str:
    return f"`{name}`"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(_code(name) for name in names)


def _anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")

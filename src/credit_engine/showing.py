"""A policy as tables for a terminal: its rules, grades, lists and deadlines, its values by date, its sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from rich.table import Table

from credit_engine.assessing.program import as_text
from credit_engine.policy.nodes import ComputedField, EventField, Literal, Parameter, Span, SpanRow, Value
from credit_engine.policy.plan import DatedValue, Plan
from credit_engine.policy.plan_basis import InForce
from credit_engine.policy.plan_spreading import Branch, OverRelation, SpreadRule, Start
from credit_engine.quantities import share_text

NOT_FOUND = "open"  # how sure a value is that is not known


def policy_tables(plan: Plan) -> Iterator[str | Table]:
    """What a person wants to see of a policy, piece by piece."""
    yield f"{plan.policy}: {both(plan.title)}"
    if plan.illustrative:
        yield "illustrative: sample weights, not an official standard"
    if plan.regions:
        yield f"regions: {', '.join(plan.regions)}"
    if plan.score is not None:
        rows = ((rule.id, both(rule.title), _where_from(rule.basis.sources)) for rule in plan.score.rules)
        yield _table("score rules", ("rule", "title", "basis"), rows)
    for scale in plan.scales:
        labels = ((label, both(scale.titles.get(label, {}))) for label in (*scale.order, *scale.outside))
        yield _table(f"scale {scale.name}", ("label", "title"), labels)
    if plan.lists:
        lists = ((rule.name, both(rule.title), rule.polarity, _where_from(rule.foundation)) for rule in plan.lists)
        yield _table("lists", ("list", "title", "polarity", "foundation"), lists)
    yield from _consequences(plan)
    if plan.parameters:
        yield _table("values", ("parameter", "unit", "since", "value", "source", "certainty"), _values(plan))
    sources = (
        (
            *(one.id, f"{one.title} {one.article}".strip(), one.rank, _days(one.in_force), one.certainty),
            _where_from(sorted(one.reaches)),
        )
        for one in plan.sources.values()
    )
    yield _table("sources", ("source", "title and article", "rank", "in force", "certainty", "reaches"), sources)


def both(title: Mapping[str, str]) -> str:
    """A title in both languages."""
    return " / ".join(title[language] for language in ("zh", "en") if title.get(language))


def _consequences(plan: Plan) -> Iterator[Table]:
    if plan.spread:
        spread = (
            (
                *(rule.id, both(rule.title), _start(rule.start), _along(rule), rule.effect),
                *("" if rule.lasts is None else _lasts(rule.lasts), _where_from(rule.basis.sources)),
            )
            for rule in plan.spread
        )
        yield _table("spread", ("rule", "title", "from", "along", "effect", "lasts", "basis"), spread)
    if plan.recognition:
        rows = (
            (row.id, row.list, row.mode, _where_from(row.hosts), _where_from(row.basis.sources))
            for row in plan.recognition
        )
        yield _table("recognition", ("rule", "list", "mode", "hosts", "basis"), rows)
    if plan.findings:
        found = ((rule.id, rule.says, both(rule.text), _where_from(rule.basis.sources)) for rule in plan.findings)
        yield _table("findings", ("rule", "says", "text", "basis"), found)
    if plan.obligations:
        owed = ((rule.id, rule.each.kind, _where_from(rule.basis.sources)) for rule in plan.obligations)
        yield _table("obligations", ("rule", "event", "basis"), owed)
    if plan.supervision:
        watched = ((rule.id, both(rule.title), _where_from(rule.basis.sources)) for rule in plan.supervision)
        yield _table("supervision", ("rule", "title", "basis"), watched)
    if plan.measures:
        taken = ((one.id, both(one.title), one.class_, one.executor) for one in plan.measures.values())
        yield _table("measures", ("measure", "title", "class", "executor"), taken)


# --- spread ---------------------------------------------------------------------------------------------------


def _start(start: Start) -> str:
    """What a rule starts from: a kind of event, lists, or the own answer."""
    if start.each is not None:
        return start.each.kind
    return f"list {_where_from(start.lists)}" if start.lists else "own answer"


def _along(rule: SpreadRule) -> str:
    """Over what a rule goes, with the party itself where it stays there too."""
    steps = ", then ".join(" or ".join(_branch(branch) for branch in step) for step in rule.along)
    if rule.again:
        steps += "; until stable" if rule.hops is None else f"; up to {rule.hops} hops"
    return "; ".join(part for part in ("itself" if rule.itself else "", steps) if part)


def _branch(branch: Branch) -> str:
    if not isinstance(branch, OverRelation):
        roles = f" ({_where_from(branch.roles)})" if branch.roles else ""
        return f"named in {branch.element.name}{roles}"
    held_on = _short(branch.held_on)
    more = [f"{op} {share_text(bound)}" for op, bound in branch.share]
    more += ["together"] if branch.together else []
    more += [f"held_on {held_on}"] if held_on != "day" else []
    return f"{_where_from(branch.kinds)} to {branch.to}" + (f" ({_where_from(more)})" if more else "")


def _lasts(span: Span) -> str:
    """How long an effect of an event lasts; of several ways each in turn."""
    return "; or ".join(_span_row(row) for row in span.rows)


def _span_row(row: SpanRow) -> str:
    from_ = "" if row.from_ is None else f"from {' or '.join(map(_short, row.from_))}"
    ends = [
        f"{word} {_short(end)}"
        for word, end in (("for", row.for_), ("until", row.until), ("or until", row.or_until))
        if end is not None
    ]
    return " ".join(part for part in (from_, *ends) if part)


def _short(value: Value) -> str:
    """A value as the policy writes it where it is plain; of what is worked out only that it is."""
    if isinstance(value, Literal):
        return str(value.value)
    if isinstance(value, Parameter):
        return f"${value.name}"
    return value.name if isinstance(value, EventField | ComputedField) else "..."


def _values(plan: Plan) -> Iterator[tuple[str, ...]]:
    for parameter in plan.parameters.values():
        for number, step in enumerate(parameter.values):
            name, unit = (parameter.name, parameter.unit) if number == 0 else ("", "")
            value = "ended" if step.ended else as_text(step.value, parameter.type_)
            yield name, unit, step.since.isoformat(), value, step.source, certainty_of(plan, step)


def certainty_of(plan: Plan, step: DatedValue) -> str:
    """How sure a value is: its own word, else that of its source."""
    if step.certainty or step.ended:
        return step.certainty
    if step.value is None:
        return NOT_FOUND
    source = plan.sources.get(step.source)
    return source.certainty if source is not None else ""


def _days(in_force: InForce) -> str:
    def text(day: date | None) -> str:
        return "" if day is None else day.isoformat()

    return f"{text(in_force.from_day)}..{text(in_force.until)}"


def _where_from(sources: Iterable[str]) -> str:
    return ", ".join(sources)


def _table(title: str, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table

"""Lists in columns: the entries of each list on the day judged, and who is on it.

Told are lists whose rule looks at events, under the law of their day, and whose term waits for nothing; and of these
the entries of which everything is known. Whoever has anything else on a list is `odd` and answered by the plain engine
(see `routing`). The code follows `assessing.listing`: grounds, then steps, then what an entry says.
"""

from __future__ import annotations

from functools import partial

import polars as pl
from attrs import frozen

from credit_engine.assessing.applying import looks_around
from credit_engine.days import REVIEWS, start_of
from credit_engine.engines.columns.lacking import lacking_in
from credit_engine.engines.columns.listing_grounds import (
    ODD,
    could_be_hidden,
    grounds,
    is_among,
    odd_decisions,
)
from credit_engine.engines.columns.listing_steps import stepped
from credit_engine.engines.columns.listing_terms import Terms
from credit_engine.engines.columns.meanwhile import meanwhile
from credit_engine.engines.columns.shapes import (
    DAY,
    DOUBTFUL,
    NO,
    PLAIN,
    STATE,
    Val,
    always,
    fixed,
    missing_where_null,
    only_where,
)
from credit_engine.engines.columns.view import At, Make, Run, reached
from credit_engine.policy.nodes import OWN_ANSWERS, DecisionField, Listed, Literal, Node, OnList, Selector, walk
from credit_engine.policy.plan import ListRule, Plan

_AHEAD = "boards ahead"
_ROWS = ("board", "decisions", "odd decisions")


@frozen(eq=False)
class Board:
    """One list on the day judged. `odd`: the parties (`party`) not told.

    Of the others: `entries` and `lines` as `Stepped` has them, `doubtful` as `Grounds` has its lines.
    """

    rule: ListRule
    terms: Terms
    entries: pl.DataFrame
    odd: pl.DataFrame
    doubtful: pl.DataFrame
    lines: pl.DataFrame

    @property
    def in_force(self) -> pl.DataFrame:
        """The entries in force."""
        return self.entries.filter(pl.col("state") == "listed")

    @property
    def listed(self) -> pl.DataFrame:
        """The parties that are on the list, each once."""
        return self.in_force.select("party").unique()


def board(run: Run, rule: ListRule) -> Board | None:
    """The list on the day judged, found once; none if its rule is not told in columns."""
    key = ("board", rule.name)
    waiting = run.found.pop(_AHEAD, None)
    if waiting is not None:
        run.found |= waiting()
    if key not in run.found:
        run.found[key] = _made(run, rule) if is_told(run.plan, rule) else None
    found: Board | None = run.found[key]
    return found


def look_ahead(run: Run) -> None:
    """Begin to find the lists that turn on events alone; `board` waits for them."""
    rules = [rule for rule in run.plan.lists if is_told(run.plan, rule) and not _turns_on_answers(run.plan, rule)]
    if rules:
        run.found[_AHEAD] = meanwhile(partial(_rows_of_boards, run.another(), rules))


def _rows_of_boards(run: Run, rules: list[ListRule]) -> dict[object, object]:
    """What is found with these lists and is rows, which another run can read."""
    for rule in rules:
        board(run, rule)
    kept = [key for key in run.found if isinstance(key, tuple) and key[0] in _ROWS]
    return {key: run.found.pop(key) for key in kept}


def _turns_on_answers(plan: Plan, rule: ListRule) -> bool:
    """Whether anything of a list asks for the score, a grade or a list."""
    return any(isinstance(node, OWN_ANSWERS) for node in reached(plan, rule))


def boards_found(run: Run) -> list[Board]:
    """The lists that somebody has asked for on the day judged, as far as they are told."""
    found = [run.found.get(("board", rule.name)) for rule in run.plan.lists]
    return [each for each in found if each is not None]


def _made(run: Run, rule: ListRule) -> Board:
    terms = Terms(run, rule)
    begun = grounds(terms)
    found = stepped(terms, begun.opened)
    unusual = [begun.odd, found.odd, odd_decisions(run)]
    if not isinstance(rule.audience, Literal):
        unusual.append(found.lines)  # who may see a line turns on a decision that is no ground
    odd = pl.concat([each.select("party").cast(ODD) for each in unusual]).unique()
    entries = found.entries.join(odd, on="party", how="anti", maintain_order="left")
    return Board(rule, terms, entries, odd, begun.lines, found.lines)


def is_told(plan: Plan, rule: ListRule) -> bool:
    """Whether the entries of a list are told in columns at all."""
    if rule.review is not None or rule.law.as_of or rule.law.lenient:
        return False
    kind = rule.ground_kind
    if any(one in plan.admits and _moves(plan, one) for one in ("list_decision", kind)):
        return False
    pieces: list[object] = [rule.term, rule.audience]
    if rule.opens is not None:
        each = rule.opens.each
        if each is None or each.kind == "list_decision" or each.element is not None or each.per:
            return False
        pieces += [each.where, each.item_where, rule.opens.when, rule.opens.unless]
        if any(isinstance(node, OWN_ANSWERS) for node in walk(rule.opens)):
            return False
    if rule.repair is not None:
        pieces += [row for row in rule.repair.rows if row.span is not None]
        pieces += [row.condition for row in rule.repair.rows]
        if rule.repair.unless_new is not None:
            pieces.append(rule.repair.unless_new)
            if not _only_grows(plan, rule.repair.unless_new):
                return False
    nodes = [node for piece in pieces for node in walk(piece)]
    if any(isinstance(node, DecisionField) for node in nodes) or _waits(rule):
        return False
    return not any(lacking_in(plan, piece, rule.place, kind) for piece in pieces)


def _waits(rule: ListRule) -> bool:
    """Whether the term depends on the day judged, or on later events."""
    rows = rule.term.rows if rule.term is not None else ()
    spans = [row.span for row in rule.repair.rows if row.span is not None] if rule.repair is not None else []
    every = (*rows, *(row for span in spans for row in span.rows))
    return any(row.until_next is not None or row.or_while is not None or row.pauses is not None for row in every)


def _only_grows(plan: Plan, node: Selector) -> bool:
    """Whether of the events that a selector takes none is left out again on a later day."""
    if any(part is not None for part in (node.within, node.since, node.at, node.last, node.element)):
        return False
    if node.before or node.per or any(looks_around(piece, plan) for piece in (node.where, node.item_where, node.same)):
        return False
    return node.kind not in plan.admits or not _moves(plan, node.kind)


def _moves(plan: Plan, kind: str) -> bool:
    """Whether an event of a kind may take part on one day judged and not on another."""
    return looks_around(plan.admits[kind].where, plan)


# --- what conditions read -------------------------------------------------------------------------------------


def on_list(node: OnList, at: At) -> Val:
    """Whether the party is on a list on the day judged. Whoever could be on one that is not told is routed."""
    view, run = at.view, at.view.run
    rule = next(rule for rule in run.plan.lists if rule.name == node.list)
    found, open_ = board(run, rule), is_open_to_all(run, rule)
    if found is None:
        return always("bool", DOUBTFUL) if open_ else Val("bool", NO)
    listed = view.let(is_among(run, found.listed))
    if not open_:
        return Val("bool", listed)
    state = pl.when(listed).then(fixed(PLAIN, STATE)).otherwise(fixed(DOUBTFUL, STATE))
    return Val("bool", only_where(listed, listed), frozenset({PLAIN, DOUBTFUL}), state)


def is_open_to_all(run: Run, rule: ListRule) -> bool:
    """Whether anybody may be on the list on the day judged, by a decision or an event that stands unrecorded."""
    if rule.review is not None:
        hidden, day = run.hidden_until("list_decision"), start_of(REVIEWS[rule.review], run.as_of)
        return rule.needs_decision and hidden is not None and hidden >= day.toordinal()
    each = rule.opens.each if rule.opens is not None else None
    listed_by_rule = each is not None and not rule.needs_decision
    return could_be_hidden(run, "list_decision", (), rule.term) or (
        listed_by_rule and each is not None and could_be_hidden(run, each.kind, each.by, rule.term)
    )


def listed_day(_node: Listed, _at: At) -> Val:
    """The day on which the entry at hand was listed."""
    return missing_where_null("day", pl.col("listed").cast(DAY))


TABLE: dict[type[Node], Make] = {OnList: on_list, Listed: listed_day}

"""The grounds of a list, and the decisions on it: those of which all is known, and the parties with any other."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
from attrs import frozen

from credit_engine.assessing.spanning import could_reach
from credit_engine.assessing.steps import DECIDED_BY
from credit_engine.engines.columns.events import candidates, in_records, law_day
from credit_engine.engines.columns.listing_terms import BASE, Terms, is_in_force
from credit_engine.engines.columns.naming import Names, as_list, masked, merged, unknown_names
from credit_engine.engines.columns.shapes import CODE, NUMBER, Truths, any_of, both, fixed
from credit_engine.engines.columns.view import At, Run, View, build
from credit_engine.policy.nodes import Literal, Selector, Span
from credit_engine.policy.plan import Opens
from credit_engine.records import TAKES_PART

ODD = pl.Schema({"party": CODE})


def nobody() -> pl.DataFrame:
    """No parties."""
    return pl.DataFrame(schema=ODD)


def is_among(run: Run, parties: pl.DataFrame) -> pl.Expr:
    """Whether the party of a row is one of these: a look into an array of all places, for these are dense."""
    every = pl.zeros(len(run.store.party_ids), pl.Boolean, eager=True)
    return pl.lit(every.scatter(parties.get_column("party"), values=True)).gather(pl.col("party"))


@frozen(eq=False)
class Grounds:
    """What opens a list, or only may (not `sure`): the events `opened`, see `BASE`; `odd`: parties not told.

    `lines`: the events (`party`, `key`, `id`) that only may, with the `names` not known.
    """

    opened: pl.DataFrame
    odd: pl.DataFrame
    lines: pl.DataFrame


_LINES = {"party": CODE, "key": NUMBER, "id": CODE, "names": pl.List(pl.String())}


def grounds(terms: Terms) -> Grounds:
    """The events that open an entry on their day, and those that only may.

    Of these nothing is in force where a decision has to list, and does not: there is a line.
    """
    run, rule = terms.run, terms.rule
    if rule.opens is None or rule.opens.each is None:
        return Grounds(pl.DataFrame(schema=BASE), nobody(), pl.DataFrame(schema=_LINES))
    each, kind = rule.opens.each, rule.opens.each.kind
    events = candidates(run, kind, each.by, each.standing)
    rows = events.until_today(run).filter(in_records(run, kind, each.where))
    frame = rows.with_columns(law=law_day(run, rule.law, kind, pl.col("day")), by_day=pl.col("day"))
    view = View(run, frame, kind, kind)
    at = At(view)
    meant: list[Truths] = [build(each.where, at), build(rule.opens.when, at)]
    stops: Truths = build(rule.opens.unless, at)  # it stops only where it is true
    founded = any_of(is_in_force(run, (source,), pl.col("law")) for source in rule.foundation) & ~stops.holds
    sure = view.let(both(meant).holds & founded & ~pl.col("doubtful"))
    view.frame = view.frame.filter(both(meant).may & founded)
    has_lines = rule.needs_decision and isinstance(rule.audience, Literal)
    names = as_list(_names(rule.opens, each, at)) if has_lines else fixed(None, _LINES["names"])
    fields = [name for name in rows.collect_schema() if name.startswith("e.") and run.reads(name, terms.fields)]
    days = {"opened": pl.col("day"), "own_day": pl.col("day")}
    told = ["party", "key", "law", *fields]
    found = run.collect(view.frame.select(*told, sure=sure, ground=pl.col("e.id"), names=names, **days))
    odd = [] if events.undated is None else [run.collect(events.undated.select("party")).cast(ODD)]
    unsure = found.filter(~pl.col("sure"))
    lines = unsure.select("party", "key", "names", id="ground").select(_LINES.keys())
    if not has_lines:
        odd.append(unsure.select("party").cast(ODD))
        found, lines = found.filter("sure"), lines.clear()
    return Grounds(found.drop("names"), pl.concat([nobody(), *odd]).unique(), lines)


def _names(opens: Opens, each: Selector, at: At) -> Names:
    """The names that leave open whether an event opens an entry."""
    admits = at.view.run.plan.admits.get(each.kind)
    found = [unknown_names(each.where, at), unknown_names(opens.when, at)]
    if admits is not None:
        found.append(masked(unknown_names(admits.where, at), pl.col("doubtful")))
    return merged(found)


def could_be_hidden(run: Run, kind: str, by: tuple[str, ...], span: Span | None) -> bool:
    """Whether events of a kind could stand unrecorded whose span could hold on the day judged."""
    hidden = run.hidden_until(kind)
    if hidden is None:
        return False
    scene = SimpleNamespace(as_of=run.as_of, plan=run.plan)
    last = date.fromordinal(min(hidden, run.as_of.toordinal()))
    return could_reach(span, by, scene, last)  # type: ignore[arg-type]  # all that it reads of a scene


def decisions(run: Run) -> pl.DataFrame:
    """Every list decision that counts and is seen, in the order of each party; found once."""
    key = ("decisions",)
    if key not in run.found:
        rows = candidates(run, "list_decision", DECIDED_BY, TAKES_PART).until_today(run)
        run.found[key] = run.collect(rows).sort("party", "key")
    found: pl.DataFrame = run.found[key]
    return found


def odd_decisions(run: Run) -> pl.DataFrame:
    """The parties with a decision of which it is not known on which list it is, which step it takes, or when."""
    key = ("odd decisions",)
    if key not in run.found:
        known = pl.col("e.list").is_not_null() & pl.col("e.step").is_not_null() & ~pl.col("doubtful")
        odd = [decisions(run).filter(~known).select("party").cast(ODD)]
        undated = candidates(run, "list_decision", DECIDED_BY, TAKES_PART).undated
        if undated is not None:
            odd.append(run.collect(undated.select("party")).cast(ODD))
        run.found[key] = pl.concat(odd).unique()
    found: pl.DataFrame = run.found[key]
    return found


def of_no_list(run: Run) -> pl.DataFrame:
    """The decisions (`party`, `key`, `id`, `list`) on lists that the policy does not have, nor a row of recognition."""
    names = [*(rule.name for rule in run.plan.lists), *(row.id for row in run.plan.recognition)]
    known = pl.col("e.list").is_in([run.store.code(name) for name in names])
    rows = decisions(run).filter(~known.fill_null(value=True))
    return rows.select("party", "key", id="e.id", list="e.list")

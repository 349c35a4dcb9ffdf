"""Spread in bulk: all effects of one day over columns of relations and origins, the same as `spreading.spread` gives.

What columns cannot follow is put to the plain spread, with the part of the network that could be reached at all.
Recognition needs no network and is not made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from attrs import evolve, field, frozen

from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import TooWide
from credit_engine.engines.columns.relating import Linked
from credit_engine.engines.columns.shapes import CODE, fixed
from credit_engine.engines.columns.spreading_joint import PROOFS, of_together
from credit_engine.engines.columns.spreading_paths import TooManyError, Trails, certain_and_possible, start_of
from credit_engine.engines.columns.spreading_plain import plain_effects
from credit_engine.engines.columns.spreading_rows import (
    Asked,
    Found,
    coded_trails,
    no_effects,
    nothing,
    of_plain,
    of_trails,
    plain_codes,
)
from credit_engine.engines.columns.spreading_steps import Steps, fits
from credit_engine.engines.columns.spreading_told import with_paths
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import SpreadRule, ToNamed
from credit_engine.spreading.spread import TooManyError as PlainTooManyError

Runs = Sequence[tuple[Trails, bool]]
MOST_IN_TURN = 2  # steps in turn among which no party can stand in the way


@frozen(eq=False)
class Spread:
    """The effects of a day, in the order of rule, origin and target, and the rules that were ended.

    `effects` has the columns `spreading_rows.CODED`: `rule` (its place in the policy), `place` (that of the target
    among the parties; null: a person in no table), `origin_row` (that of the origin as it was given; null: several
    parties together), `audience` (a place in `AUDIENCES`), and the path: the relations `over` which (the smallest ids
    of parallel ones, as places; null where a person is named) and the parties `through` which it goes; null where
    several parties act, whose edges (`start`, `end`, `branch`) stand in `proofs`, by rule and round.

    `proofs` lacks the rules that were left to the plain spread (persons named who act together, more than 64 rounds,
    more than 62 sorts of origins, shares beyond 64 bits).
    """

    effects: pl.DataFrame
    too_wide: tuple[TooWide, ...]
    proofs: pl.DataFrame
    _found: tuple[Found, ...] = field(repr=False)

    def table(self) -> pl.DataFrame:
        """The same effects as rows of the table `effects` with paths as texts; columns `spreading_rows.EFFECTS`."""
        return pl.concat([no_effects(), *(found.tell() for found in self._found)])


def spread_in_bulk(
    links: Linked,
    origins: pl.DataFrame,
    plan: Plan,
    as_of: date,
    known_at: date | None = None,
    ranks: pl.Series | None = None,
) -> Spread:
    """All effects on a day, as known on a day, from `origins` (see `spreading_plain.ORIGINS`) in any order.

    `ranks`: for each party how closed its own answer is, a place in `AUDIENCES`; without an answer, and if none are
    given, as closed as can be.
    """
    if ranks is None:
        ranks = pl.repeat(len(AUDIENCES) - 1, len(links.party_ids), dtype=pl.UInt8, eager=True)
    asked = Asked(links, plan, as_of, known_at or as_of, ranks)
    keys = ["rule", "party", "kind", pl.col("id").fill_null("")]
    ordered = origins.with_row_index("origin_row").sort(keys, maintain_order=True)
    found, proofs = [nothing()], [pl.DataFrame(schema=PROOFS)]
    too_wide: list[TooWide] = []
    for place, rule in enumerate(plan.spread):
        own = ordered.filter(pl.col("rule") == place).drop("rule").with_row_index("origin")
        try:
            if rule.together:
                rows, proof = of_together(asked, rule, own)
                proofs.append(proof.select(fixed(place, CODE).alias("rule"), pl.all()))
            else:
                rows = _over_paths(asked, rule, own)
        except (TooManyError, PlainTooManyError):
            too_wide.append(TooWide(rule=rule.id, most=rule.most))
        else:
            found.append(rows)
    return Spread(pl.concat([each.coded for each in found]), tuple(too_wide), pl.concat(proofs), tuple(found))


def _over_paths(asked: Asked, rule: SpreadRule, origins: pl.DataFrame) -> Found:
    """The effects of a rule whose origins act each for itself; raises `TooManyError` beyond the rule's `most`."""
    if not len(origins):
        return nothing()
    left = _beyond_columns(asked.links, rule, origins)
    steps = Steps(asked.links, rule, origins, asked.as_of.toordinal(), asked.known_at.toordinal())
    start = start_of(origins.filter(~pl.col("origin").is_in(left.implode())))
    most = rule.most - (len(start) if rule.itself else 0)
    if most < 0:
        raise TooManyError
    runs = list(certain_and_possible(steps, start, most))
    left = pl.concat([left, *(trails.unfinished for trails, _ in runs)]).unique()
    coded = coded_trails(asked, rule, origins, runs)
    if len(left):
        return _with_plain(asked, steps, runs, left, coded)
    return Found(coded.drop("origin"), lambda: _told(asked, steps, runs))


def _told(asked: Asked, steps: Steps, runs: Runs) -> pl.DataFrame:
    """The effects of trails as rows of the table."""
    frames = []
    for trails, certain in runs:
        told = with_paths(steps, trails, asked.ranks)
        told = told if steps.rule.itself and certain else told[1:]
        frames += [rows.with_columns(certain=pl.lit(certain)) for rows in told]
    return of_trails(asked, steps.rule, steps.origins, pl.concat(frames)) if frames else no_effects()


def _beyond_columns(links: Linked, rule: SpreadRule, origins: pl.DataFrame) -> pl.Series:
    """The origins that columns cannot follow: those of a whole rule, or who name somebody who is in no table."""
    every = origins.get_column("origin")
    if _is_plain(links, rule):
        return every
    named = origins.select("origin", "named").explode("named", empty_as_null=True).unnest("named")
    named = named.filter(pl.col("person").is_not_null())
    return named.filter(links.places(named.get_column("person")).is_null()).get_column("origin").unique()


def _is_plain(links: Linked, rule: SpreadRule) -> bool:
    """Whether a rule is beyond columns.

    Three or more steps in turn, in which parties stand in each other's way; persons named in a step that is taken
    again, or in a choice with relations, for roles and ids would have to be ordered together; shares beyond 64 bits.
    """
    if not rule.again and len(rule.along) > MOST_IN_TURN:
        return True
    names = [branch for branch in rule.branches if isinstance(branch, ToNamed)]
    if names and (rule.again or len(names) < len(rule.along[0])):
        return True
    return not fits(links, rule)


def _with_plain(asked: Asked, steps: Steps, runs: Runs, left: pl.Series, coded: pl.DataFrame) -> Found:
    """The effects found in columns and those of the origins that are left, in order."""
    rule, origins = steps.rule, steps.origins
    bulk = coded.filter(~pl.col("origin").is_in(left.implode()))
    less = evolve(rule, most=rule.most - len(bulk))
    rest = origins.filter(pl.col("origin").is_in(left.implode()))
    effects = plain_effects(asked.links, less, rest, asked.plan, asked.as_of, asked.known_at, asked.ranks)
    plain = of_plain(asked, effects, rest)
    number = origins.select("origin_row", "origin")
    targets = pl.lit(asked.links.party_ids).gather(pl.col("place")).alias("target")
    beside = plain_codes(asked, rule, effects, plain).join(number, on="origin_row", maintain_order="left")
    every = pl.concat([bulk.with_columns(targets), beside.select(*bulk.columns, "target")]).sort("origin", "target")

    def tell() -> pl.DataFrame:
        rows = _told(asked, steps, runs).join(rest.select("origin_row"), on="origin_row", how="anti")
        rows = pl.concat([rows, plain]).join(number, on="origin_row", maintain_order="left")
        return rows.sort("origin_right", "target").drop("origin_right")

    return Found(every.drop("origin", "target"), tell)

"""Who is reached by several parties together, in columns: round by round, with every edge on which it rests.

The same as `spreading.together`, for a rule without persons named. Shares are whole numbers over one denominator.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from attrs import frozen

from credit_engine.engines.columns.shapes import CODE, fixed
from credit_engine.engines.columns.spreading_paths import MOST_ROUNDS, TooManyError
from credit_engine.engines.columns.spreading_steps import Steps, compared
from credit_engine.policy.plan_spreading import OverRelation

ROUND = pl.Int32()
_PARTY = {"party": CODE, "round": ROUND}
_EDGE = {"end": CODE, "round": ROUND, "branch": CODE, "start": CODE}


class TooLongError(Exception):
    """More rounds than are looked through in columns; not for callers of the library."""


@frozen(eq=False)
class Joined:
    """One run: `parties` (`party`, `round`; those of origins: 0) and `edges` (`end`, `round`, `branch`, `start`)."""

    parties: pl.DataFrame
    edges: pl.DataFrame


def joined(steps: Steps, *, possible: bool) -> Joined:
    """All parties that join; `possible` takes the upper ends of shares.

    Raises `TooManyError` beyond the rule's `most`, `TooLongError` where it takes too many rounds.
    """
    rule = steps.rule
    newest = steps.origins.select("party").unique().with_columns(round=fixed(0, ROUND))
    parties, edges = newest, pl.DataFrame(schema=_EDGE)
    rounds = _Rounds(steps, possible)
    most = rule.most + (0 if rule.itself else len(newest))  # the origins' parties are not reached
    number = 0
    while len(parties) <= most and len(newest) and (number == 0 or rule.again):
        number += 1
        if number > MOST_ROUNDS:
            raise TooLongError
        found = rounds.next(newest.get_column("party"), parties.select(end="party"))
        edges = pl.concat([edges, found.with_columns(round=fixed(number, ROUND)).select(list(_EDGE))])
        newest = found.select(party="end", round=fixed(number, ROUND)).unique("party")
        parties = pl.concat([parties, newest])
    if len(parties) > most:
        raise TooManyError
    return Joined(parties, edges)


class _Rounds:
    """What is held in parties that have not joined, by branch, added up from round to round."""

    def __init__(self, steps: Steps, possible: bool) -> None:  # noqa: FBT001  # of one caller
        self.steps = steps
        self.share = "greatest" if possible else "least"
        self.possible = possible
        self.held: dict[int, list[pl.DataFrame]] = {}
        self.sums: dict[int, pl.DataFrame] = {}

    def next(self, newest: pl.Series, inside: pl.DataFrame) -> pl.DataFrame:
        """The edges (`end`, `branch`, `start`) to the parties that join now."""
        steps = self.steps
        passing: list[pl.DataFrame] = []
        firsts: list[pl.DataFrame] = []
        for number, branch in steps.over_relations:
            near = steps.going_near(number, branch, newest, steps.as_of)
            near = near.filter(pl.col("start").is_in(newest.implode()))
            ahead = near.join(inside, on="end", how="anti")
            if branch.together:
                passing.append(self._adding(number, branch, ahead))
            else:
                first = self._first(branch, ahead).with_columns(branch=fixed(number, CODE))
                firsts.append(first)
                passing.append(first.select("end", "branch"))
        found = pl.concat(passing).group_by("end").agg(pl.col("branch").min())
        over = [rows.join(found, on=["end", "branch"], how="semi") for rows in firsts]
        over += [self._holding(number, found) for number in self.held]
        return pl.concat([each.select("end", "branch", "start") for each in over])

    def _adding(self, number: int, branch: OverRelation, ahead: pl.DataFrame) -> pl.DataFrame:
        """The parties in whom those who have joined hold enough now, with the branch."""
        whole = self.steps.links.whole
        pairs = ahead.group_by("start", "end").agg(pl.col(self.share).sum().clip(upper_bound=whole))
        self.held.setdefault(number, []).append(pairs.select("start", "end"))
        more = pairs.group_by("end").agg(pl.col(self.share).sum())
        before = self.sums.get(number, more.clear())
        total = pl.concat([before, more]).group_by("end").agg(pl.col(self.share).sum().clip(upper_bound=whole))
        self.sums[number] = total
        enough, _ = compared(branch.share, whole, pl.col(self.share), pl.col(self.share))
        now = total.join(more.select("end"), on="end", how="semi").filter(enough)
        return now.select("end", branch=fixed(number, CODE))

    def _first(self, branch: OverRelation, ahead: pl.DataFrame) -> pl.DataFrame:
        """The first of the newest parties that reaches each party."""
        if branch.share:
            whole = self.steps.links.whole
            shares = [pl.col(name).sum().clip(upper_bound=whole) for name in ("least", "greatest")]
            ahead = ahead.group_by("start", "end").agg(shares)
            certain, possible = compared(branch.share, whole, pl.col("least"), pl.col("greatest"))
            ahead = ahead.filter(possible if self.possible else certain)
        return ahead.group_by("end").agg(pl.col("start").min())

    def _holding(self, number: int, found: pl.DataFrame) -> pl.DataFrame:
        """Everyone who has joined and holds a share of those whom this branch lets in."""
        let_in = found.filter(pl.col("branch") == number)
        return pl.concat(self.held[number]).join(let_in, on="end")


def has_ranges(steps: Steps) -> bool:
    """Whether a share that the rule reads is not known exactly."""
    branches = [branch for branch in steps.rule.branches if isinstance(branch, OverRelation)]
    kinds = {kind for branch in branches for kind in branch.kinds}
    links = steps.links
    is_range = pl.col("share").is_null() | (
        pl.col("share_max").is_not_null() & (pl.col("share_max") != pl.col("share"))
    )
    rows = links.relations.filter(is_range)
    return bool(len(rows)) and bool(len(rows.filter(links.of_kinds(kinds) & links.known(steps.known_at))))


# --- what origins bring ---------------------------------------------------------------------------------------


def behind(run: Joined, kinds: pl.DataFrame, ranks: pl.Series) -> pl.DataFrame:
    """For each party that has joined: the `kinds` of origins behind it, a bit each, and the greatest `rank` so far.

    `kinds` has `party` and `bits` of each origin.
    """
    bits, rank = pl.col("bits").bitwise_or(), pl.col("rank").max()
    known = kinds.group_by("party").agg(bits).with_columns(_rank(ranks))
    layers = [known]
    for _, edges in sorted(_by_round(run.edges)):
        before = edges.join(pl.concat(layers), left_on="start", right_on="party")
        layer = before.group_by(pl.col("end").alias("party")).agg(bits, rank)
        layers.append(layer.with_columns(pl.max_horizontal("rank", _rank(ranks)).alias("rank")))
    return pl.concat(layers)


def _rank(ranks: pl.Series) -> pl.Expr:
    return pl.lit(ranks).gather(pl.col("party")).alias("rank")


def _by_round(edges: pl.DataFrame) -> list[tuple[int, pl.DataFrame]]:
    return [(int(key[0]), rows) for key, rows in edges.group_by("round")]


def proof_of(edges: pl.DataFrame, parties: Sequence[int]) -> pl.DataFrame:
    """Every edge of one run on which it rests that these parties joined."""
    found, waiting = [edges.clear()], pl.DataFrame({"end": parties}, schema={"end": CODE})
    done = waiting
    while len(waiting):
        rows = edges.join(waiting, on="end", how="semi")
        found.append(rows)
        waiting = rows.select(end="start").unique().join(done, on="end", how="anti")
        done = pl.concat([done, waiting])
    return pl.concat(found).sort("round", "end", "start", "branch")

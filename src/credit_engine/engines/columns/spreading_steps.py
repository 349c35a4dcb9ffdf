"""One step of a spread rule for many trails at once: which relations it may take, on which day, with what shares.

A trail is a row of a layer: `origin` (a row of the rule's origins), `party` (where it ends), `pos` (its place among all
trails of the layer in the order of the paths). The links that a step may take are rows with `origin`, `pos`, `end`,
`order` (of two links from one trail the lower one stands first) and `certain`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

import polars as pl
from attrs import define, field

from credit_engine.engines.columns.relating import MOST_WHOLE, Linked
from credit_engine.engines.columns.shapes import CODE, DAY, NUMBER, fixed
from credit_engine.policy.plan_spreading import Branch, OverRelation, SpreadRule, ToNamed

MOST_AT_ONCE = 10_000_000  # links that are laid out at a time
_FROM_BELOW = ("at_least", "above")


@define(eq=False)
class Steps:
    """The steps of one rule. `origins`: its origins in order, one row each, with `origin` counting them from 0.

    `near` has, for each branch, the relations that it has come near, and the parties at which they start.
    """

    links: Linked
    rule: SpreadRule
    origins: pl.DataFrame
    as_of: int
    known_at: int
    near: dict[int, tuple[pl.DataFrame, pl.Series]] = field(factory=dict, init=False)

    @property
    def over_relations(self) -> list[tuple[int, OverRelation]]:
        """The branches that go over relations, each with its number."""
        return [(place, branch) for place, branch in enumerate(self.rule.branches) if isinstance(branch, OverRelation)]

    def held_on(self, branch: int) -> pl.Series:
        """The day on which a branch's relations must be in force, by origin; null: not known."""
        return self.origins.get_column("held_on").list.get(branch, null_on_oob=True).cast(DAY)

    def one_day(self, branch: int) -> int | None:
        """That day if it is the same for all origins."""
        days = self.held_on(branch).unique()
        return None if len(days) != 1 else days[0]

    def links_from(self, step: int, layer: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The links that a step may take from the trails of a layer; in parts, each of whole origins, in order."""
        layer = layer.select("origin", "party", "pos")
        first = sum(len(branches) for branches in self.rule.along[:step])
        ways = [self._way(first + place, branch, layer) for place, branch in enumerate(self.rule.along[step])]
        for part in _parts(layer, ways):
            yield pl.concat([self._taken(number, branch, rows, part) for number, branch, rows in ways])

    def _way(self, number: int, branch: Branch, layer: pl.DataFrame) -> tuple[int, Branch, pl.DataFrame]:
        if isinstance(branch, ToNamed):
            return number, branch, self.named(number)
        day = self.one_day(number)
        rows = self.going_near(number, branch, layer.get_column("party").unique(), day)
        if day is not None:
            keys = ["start", "end"]
            rows = self._added(rows, branch, keys) if branch.share else rows.select(*keys, "id")
        return number, branch, rows

    def going_near(self, number: int, branch: OverRelation, parties: pl.Series, day: int | None) -> pl.DataFrame:
        """The relations near all parties that a branch has come to; in force on the day, if it is one for all."""
        before, done = self.near.get(number, (None, parties.clear()))
        new = parties.filter(~parties.is_in(done.implode()))
        rows = self.links.near(branch, new, self.known_at)
        if day is not None:
            rows = rows.filter(in_force(fixed(day, DAY), self.as_of))
        rows = rows if before is None else pl.concat([before, rows])
        self.near[number] = rows, pl.concat([done, new])
        return rows

    def _taken(self, number: int, branch: Branch, rows: pl.DataFrame, layer: pl.DataFrame) -> pl.DataFrame:
        """The rows of a branch laid out over the trails."""
        if isinstance(branch, ToNamed):
            taken = layer.join(rows, on="origin").with_columns(certain=pl.lit(value=True))
        else:
            taken = layer.join(rows, left_on="party", right_on="start")
            if self.one_day(number) is None:
                days = pl.lit(self.held_on(number)).gather(pl.col("origin"))
                taken = taken.filter(in_force(days, self.as_of))
                if branch.share:
                    taken = self._added(taken, branch, ["origin", "pos", "end"])
            if not branch.share:
                taken = taken.with_columns(certain=pl.lit(value=True))
        branches = len(self.rule.branches)
        order = pl.col("id").cast(NUMBER) * branches + number
        return taken.select("origin", "pos", "end", order.alias("order"), "certain")

    def _added(self, rows: pl.DataFrame, branch: OverRelation, keys: list[str]) -> pl.DataFrame:
        """Parallel relations as one, named by the smallest id, and whether its shares pass for certain."""
        whole = self.links.whole
        shares = [pl.col(name).sum().clip(upper_bound=whole) for name in ("least", "greatest")]
        added = rows.group_by(keys).agg(pl.col("id").min(), *shares)
        certain, possible = compared(branch.share, whole, pl.col("least"), pl.col("greatest"))
        return added.with_columns(certain=certain).filter(possible).drop("least", "greatest")

    def named(self, number: int) -> pl.DataFrame:
        """Whom a branch's persons are, by origin, with the rank of the role among all roles as `id`."""
        pairs = self.origins.select("origin", "named").explode("named", empty_as_null=True).unnest("named")
        pairs = pairs.filter(pl.col("branch") == number).unique().sort("origin", "role", "person")
        roles = self.roles
        ids = pairs.get_column("role").replace_strict(list(roles), list(range(len(roles))), return_dtype=CODE)
        end = self.links.places(pairs.get_column("person"))
        return pairs.select("origin", end=end, id=ids)

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles in which origins name somebody, in order."""
        pairs = self.origins.get_column("named").explode(empty_as_null=True).struct.unnest()
        return tuple(pairs.get_column("role").drop_nulls().unique().sort())


def _parts(layer: pl.DataFrame, ways: list[tuple[int, Branch, pl.DataFrame]]) -> Iterator[pl.DataFrame]:
    """The layer in parts that are not laid out too widely, each with all trails of its origins."""
    starts = [rows.get_column("start") for _, branch, rows in ways if isinstance(branch, OverRelation)]
    counts = pl.concat([layer.get_column("party").clear(), *(each.rename("party") for each in starts)])
    widths = counts.to_frame().group_by("party").agg(width=pl.len().cast(NUMBER))
    trails = layer.select("origin", "party").join(widths, on="party")
    if trails.get_column("width").sum() <= MOST_AT_ONCE:
        yield layer
        return
    places = trails.group_by("origin").agg(pl.col("width").sum()).sort("origin")
    places = places.select("origin", part=(pl.col("width").cum_sum() - pl.col("width")) // MOST_AT_ONCE)
    parted = layer.join(places, on="origin", how="left", maintain_order="left").with_columns(
        pl.col("part").fill_null(strategy="forward").fill_null(0)
    )
    for part in parted.get_column("part").unique().sort():
        yield parted.filter(pl.col("part") == part).drop("part")


def in_force(day: pl.Expr, as_of: int) -> pl.Expr:
    """Whether a relation is in force on a day, which is known, and has begun by the day judged."""
    begun = pl.min_horizontal(day, fixed(as_of, DAY))
    return (
        day.is_not_null()
        & (pl.col("since").is_null() | (pl.col("since") <= begun))
        & (pl.col("until").is_null() | (day < pl.col("until")))
    )


# --- shares -----------------------------------------------------------------------------------------------------


def scale(share: tuple[tuple[str, Fraction], ...]) -> int:
    """By what shares are multiplied so that every bound is whole too."""
    return lcm(*(bound.denominator for _, bound in share))


def fits(links: Linked, rule: SpreadRule) -> bool:
    """Whether all sums of shares that a rule compares stay within 64 bits."""
    shares = [branch.share for branch in rule.branches if isinstance(branch, OverRelation) and branch.share]
    if not shares:
        return True
    most = max(map(scale, shares)) * links.whole * (len(links.relations) + 1)
    return links.whole > 0 and most < MOST_WHOLE


def compared(
    share: tuple[tuple[str, Fraction], ...], whole: int, least: pl.Expr, greatest: pl.Expr
) -> tuple[pl.Expr, pl.Expr]:
    """Whether all comparisons hold for the whole range of a share, and whether for a part of it; see `links.compared`.

    `least` and `greatest` are numerators over `whole`.
    """
    times = scale(share)
    bounds = [(op, int(bound * whole * times)) for op, bound in share]
    low, high = least * times, greatest * times
    certain = pl.all_horizontal(_holds(op, bound, end) for op, bound in bounds for end in (low, high))
    return certain, certain | _may_hold(bounds, low, high)


def _holds(op: str, bound: int, value: pl.Expr) -> pl.Expr:
    if op == "at_least":
        return value >= bound
    if op == "above":
        return value > bound
    return value <= bound if op == "at_most" else value < bound


def _may_hold(bounds: list[tuple[str, int]], low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Whether some value from `low` to `high` satisfies all: what the lower bounds leave meets what the upper do."""
    lower = [(bound, op == "above") for op, bound in bounds if op in _FROM_BELOW]
    upper = [(bound, op != "below") for op, bound in bounds if op not in _FROM_BELOW]
    least, most = low, high
    is_open = pl.lit(value=False)  # whether an end that is met is itself outside
    if lower:
        bound, above = max(lower)
        least = pl.max_horizontal(low, fixed(bound, NUMBER))
        is_open |= pl.lit(above) & (low <= bound)
    if upper:
        bound, inside = min(upper)
        most = pl.min_horizontal(high, fixed(bound, NUMBER))
        is_open |= pl.lit(not inside) & (high >= bound)
    return (least < most) | ((least == most) & ~is_open)

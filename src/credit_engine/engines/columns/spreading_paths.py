"""The best paths of all origins of a rule at once: layers of trails, each of which says which trail it goes on from.

The same as `spreading.paths` for one origin. Of several links to a party the one whose trail stands first is taken,
then the one with the smallest id, then the first branch: as one whole number, so that the smallest is the best.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import polars as pl
from attrs import frozen

from credit_engine.engines.columns.shapes import CODE, NUMBER
from credit_engine.engines.columns.spreading_steps import Steps

MOST_ROUNDS = 64  # steps of a path beyond which an origin is followed in plain
_BITS = 63  # of a whole number that is not negative


class TooManyError(Exception):
    """More effects of a rule than its `most`; not for callers of the library."""


@frozen(eq=False)
class Trails:
    """Layers of trails: `origin`, `party`, `pos`, and but for the first `parent` (its `pos`), `start`, `id`, `branch`.

    `reached`: of each layer but the first those who are reached; `keys`: (origin, party) of these, as one number.
    `unfinished`: origins whose paths go on; `doubted`: those that met a link that is only possible.
    """

    layers: tuple[pl.DataFrame, ...]
    reached: tuple[pl.DataFrame, ...]
    keys: pl.Series
    unfinished: pl.Series
    doubted: pl.Series


def trails(steps: Steps, start: pl.DataFrame, known: Trails | None, most: int) -> Trails:
    """The trails from these origins, over certain links only, or over all where the certain trails are `known`.

    Whom a `known` trail has reached is not reached a second time. Raises `TooManyError` for more than `most`.
    """
    search = _again if steps.rule.again else _in_turn
    return search(_Search(steps, most, known), start)


@frozen(eq=False)
class _Search:
    steps: Steps
    most: int
    known: Trails | None

    def keys(self, rows: pl.DataFrame, party: str = "party") -> pl.Series:
        """Origin and party as one number."""
        parties = len(self.steps.links.party_ids)
        return rows.select((pl.col("origin").cast(NUMBER) * parties + pl.col(party)).alias("key")).get_column("key")

    def room(self, reached: list[pl.DataFrame]) -> int:
        """How many trails the next layer may have at most; some may lead to whom a known one has reached."""
        return self.most - sum(map(len, reached)) + (0 if self.known is None else len(self.known.keys))

    def step(
        self, place: int, layer: pl.DataFrame, seen: pl.Series | None, doubted: list[pl.Series], room: int | None = None
    ) -> pl.DataFrame:
        """The next layer: the best trail to each party that is not seen yet, or but for the origin to each.

        Raises `TooManyError` for more than `room`, before all are laid out.
        """
        found = []
        for links in self.steps.links_from(place, layer):
            rows = links
            if self.known is None:
                doubted.append(links.filter(~pl.col("certain")).get_column("origin").unique())
                rows = links.filter("certain")
            found.append(self._best(rows, seen, len(layer)))
            if room is not None and sum(map(len, found)) > room:
                raise TooManyError
        bits, branches = self._bits, len(self.steps.rule.branches)
        order = pl.col("best") % 2**bits
        parent = pl.col("best") // 2**bits
        return (
            pl.concat(found)
            .sort("best", "key")  # persons named in one role stand in the order of their ids
            .select(
                pl.lit(layer.get_column("origin")).gather(parent).alias("origin"),
                party=(pl.col("key") % len(self.steps.links.party_ids)).cast(CODE),
                pos=pl.int_range(pl.len(), dtype=NUMBER),
                parent=parent,
                start=pl.lit(layer.get_column("party")).gather(parent),
                id=(order // branches).cast(CODE),
                branch=(order % branches).cast(CODE),
            )
        )

    @property
    def _bits(self) -> int:
        ids = max(len(self.steps.links.relation_ids), len(self.steps.roles))
        return ((ids + 1) * len(self.steps.rule.branches)).bit_length()

    def _best(self, links: pl.DataFrame, seen: pl.Series | None, width: int) -> pl.DataFrame:
        if width.bit_length() + self._bits > _BITS:
            message = f"{width} paths of {self.steps.rule.id} at once are too many to be told apart"
            raise OverflowError(message)
        rows = links.with_columns(
            key=self.keys(links, "end"), best=pl.col("pos") * 2**self._bits + pl.col("order")
        ).select("key", "best", "origin", "end")
        if seen is None:
            own = self.steps.origins.get_column("party")
            rows = rows.filter(pl.col("end") != pl.lit(own).gather(pl.col("origin")))
        else:
            rows = rows.join(seen.to_frame("key"), on="key", how="anti")
        return rows.group_by("key").agg(pl.col("best").min())

    def new(self, layer: pl.DataFrame) -> pl.DataFrame:
        """Those of a layer who are reached now, and not by a trail known before."""
        if self.known is None:
            return layer
        keyed = layer.with_columns(self.keys(layer))
        return keyed.join(self.known.keys.to_frame("key"), on="key", how="anti", maintain_order="left").drop("key")

    def check(self, reached: list[pl.DataFrame]) -> None:
        if sum(map(len, reached)) > self.most:
            raise TooManyError

    def made(
        self, layers: list[pl.DataFrame], reached: list[pl.DataFrame], doubted: list[pl.Series], last: pl.DataFrame
    ) -> Trails:
        keys = [self.keys(rows) for rows in reached]
        none = layers[0].get_column("origin").clear()
        return Trails(
            tuple(layers),
            tuple(reached),
            pl.concat(keys) if keys else pl.Series("key", [], dtype=NUMBER),
            last.get_column("origin").unique(),
            pl.concat([none, *doubted]).unique(),
        )


def _again(search: _Search, start: pl.DataFrame) -> Trails:
    rule = search.steps.rule
    layers, reached, doubted = [start], list[pl.DataFrame](), list[pl.Series]()
    seen = search.keys(start)
    limit = _limit(rule.hops, rule.weight, rule.drop_below)
    rounds = MOST_ROUNDS if limit is None else min(limit, MOST_ROUNDS)
    while len(layers) <= rounds and len(layers[-1]):
        layers.append(search.step(0, layers[-1], seen, doubted, search.room(reached)))
        seen = pl.concat([seen, search.keys(layers[-1])])
        reached.append(search.new(layers[-1]))
        search.check(reached)
    is_over = limit is not None and limit <= MOST_ROUNDS
    return search.made(layers, reached, doubted, layers[-1].clear() if is_over else layers[-1])


def _limit(hops: int | None, weight: Fraction, drop_below: Fraction | None) -> int | None:
    """How many steps a path has at most; beyond `MOST_ROUNDS` it does not matter how many."""
    if drop_below is None or weight == 1:
        return hops
    steps, left = 0, weight
    while left >= drop_below and steps <= MOST_ROUNDS:
        steps, left = steps + 1, left * weight
    return steps if hops is None else min(hops, steps)


def _in_turn(search: _Search, start: pl.DataFrame) -> Trails:
    layers, doubted = [start], list[pl.Series]()
    for place in range(len(search.steps.rule.along)):
        is_last = place + 1 == len(search.steps.rule.along)
        layers.append(search.step(place, layers[-1], None, doubted, search.room([]) if is_last else None))
    reached = [layer.clear() for layer in layers[1:-1]] + [search.new(layer) for layer in layers[1:][-1:]]
    search.check(reached)
    return search.made(layers, reached, doubted, layers[-1].clear())


def start_of(origins: pl.DataFrame) -> pl.DataFrame:
    """The first layer: every origin with its party."""
    return origins.select("origin", "party").with_columns(pos=pl.int_range(pl.len(), dtype=NUMBER))


def certain_and_possible(steps: Steps, start: pl.DataFrame, most: int) -> Iterator[tuple[Trails, bool]]:
    """The certain trails, then those that are possible only; raises `TooManyError` as above."""
    certain = trails(steps, start, None, most)
    yield certain, True
    doubted = start.filter(pl.col("origin").is_in(certain.doubted.implode()))
    if len(doubted):
        count = sum(map(len, certain.reached))
        again = doubted.with_columns(pos=pl.int_range(pl.len(), dtype=NUMBER))
        yield trails(steps, again, certain, most - count), False

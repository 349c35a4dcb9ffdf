"""Relations in columns: whole numbers for ids, parties and shares, and the versions that are known on a day.

A share is a numerator over one denominator for all (`whole`), so that shares are added up and compared exactly. Ids of
relations and parties are places in the order of code points, so that numbers compare as the ids do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import lcm

import polars as pl
from attrs import frozen

from credit_engine.engines.columns.calendar import as_ordinal
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.shapes import CODE, DAY, FIRST_DAY, LAST_DAY, NUMBER, fixed, places_in
from credit_engine.policy.plan_spreading import OverRelation, SpreadRule, ToNamed
from credit_engine.quantities import read_share
from credit_engine.records import Relation

MOST_WHOLE = 2**62  # what shares of all relations may come to together, so that no sum leaves 64 bits
SCANS = 16  # times that all relations are looked through before they are put in order for being followed


@frozen(eq=False)
class Linked:
    """The relations between parties, one row for each version that is known on some day.

    Columns: `id`, `kind`, `source`, `target`, `share` and `share_max` (places in the dictionaries, null: not given),
    `least` and `greatest` (what the share may be, over `whole`), `since`, `until`, `known_from`, `known_until`
    (ordinals). `whole` is 0 where no denominator is small enough. `entities`: whether each party is an operator.
    """

    relations: pl.DataFrame
    relation_ids: pl.Series
    kinds: tuple[str, ...]
    shares: tuple[Fraction, ...]
    whole: int
    party_ids: pl.Series
    entities: pl.Series

    def known(self, known_at: int) -> pl.Expr:
        """Whether a version is the one known on a day."""
        return (pl.col("known_from") <= known_at) & (pl.col("known_until") > known_at)

    def of_kinds(self, kinds: Iterable[str]) -> pl.Expr:
        """Whether a relation is of one of these kinds."""
        wanted = [place for place, kind in enumerate(self.kinds) if kind in set(kinds)]
        return pl.col("kind").is_in(wanted)

    def near(self, branch: OverRelation, parties: pl.Series, known_at: int) -> pl.DataFrame:
        """The known relations that a branch may go over from these parties, with `start` and `end`."""
        start, end = ends(branch)
        found = [self.relations.clear()]
        for kind in branch.kinds:
            rows = self.by_kind.get(kind)
            if rows is not None:
                found.append(rows[rows.get_column(start).is_in(parties.implode()).arg_true()])
        return pl.concat(found).filter(self.known(known_at)).rename({start: "start", end: "end"})

    @cached_property
    def by_kind(self) -> Mapping[str, pl.DataFrame]:
        """The relations of each kind."""
        rows = self.relations if self.relations.get_column("kind").is_sorted() else self.relations.sort("kind")
        counts = rows.group_by("kind").len().sort("kind").rows()
        starts = accumulate((count for _, count in counts), initial=0)
        return {
            self.kinds[kind]: rows.slice(start, count) for start, (kind, count) in zip(starts, counts, strict=False)
        }

    def places(self, ids: pl.Series) -> pl.Series:
        """The places of some parties; null for whoever is in no table."""
        return places_in(self.party_ids, ids)


RELATIONS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "recorded": pl.Date(),
    "revision": NUMBER,
    "kind": pl.String(),
    "source": pl.String(),
    "target": pl.String(),
    "share": pl.String(),
    "share_max": pl.String(),
    "since": pl.Date(),
    "until": pl.Date(),
}


def relation_frame(relations: Iterable[Relation]) -> pl.DataFrame:
    """Records of relations as the table that `linked` takes."""
    rows = [[_cell(getattr(each, name)) for name in RELATIONS] for each in relations]
    return pl.DataFrame(rows, schema=RELATIONS, orient="row")


def _cell(value: object) -> object:
    return str(value) if isinstance(value, Fraction) else value


def ends(branch: OverRelation) -> tuple[str, str]:
    """The columns at which a branch starts and ends."""
    return ("source", "target") if branch.to == "target" else ("target", "source")


def linked(relations: pl.DataFrame, party_ids: pl.Series, entities: pl.Series) -> Linked:
    """The rows of a table of relations in columns.

    `relations` has the columns `RELATIONS`; the parties are in `party_ids`, which stand in the order of code points.
    """
    rows = _versions(relations).with_columns(as_ordinal(pl.col(name)).alias(name) for name in ("since", "until"))
    ends_ = [_places(rows.get_column(name), party_ids).alias(name) for name in ("source", "target")]
    return of_versions(rows.with_columns(ends_), party_ids, entities)


def of_versions(rows: pl.DataFrame, party_ids: pl.Series, entities: pl.Series) -> Linked:
    """The same of rows in which parties are places, days ordinals, and `known_from` and `known_until` are there."""
    ids = rows.get_column("id").unique().sort()
    kinds = rows.get_column("kind").unique().sort()
    shares = pl.concat([rows.get_column("share"), rows.get_column("share_max").rename("share")])
    texts = shares.cast(pl.String).drop_nulls().unique().sort()
    fractions = tuple(read_share(text) for text in texts)
    coded = rows.select(
        _places(rows.get_column("id"), ids).alias("id"),
        _places(rows.get_column("kind"), kinds).alias("kind"),
        pl.col("source", "target").cast(CODE),
        _places(rows.get_column("share").cast(pl.String), texts).alias("share"),
        _places(rows.get_column("share_max").cast(pl.String), texts).alias("share_max"),
        pl.col("since", "until", "known_from", "known_until").cast(DAY),
    )
    whole, ranges = in_wholes(coded.sort("kind", "id", "known_from"), fractions)
    return Linked(
        relations=ranges,
        relation_ids=ids,
        kinds=tuple(kinds),
        shares=fractions,
        whole=whole,
        party_ids=party_ids,
        entities=entities,
    )


def operators(store: Prepared) -> pl.Series:
    """Whether each party is an operator."""
    persons = store.parties.filter("is_person").select(pl.col("party").unique()).collect().to_series()
    return pl.repeat(value=True, n=len(store.party_ids), dtype=pl.Boolean, eager=True).scatter(persons, values=False)


def in_wholes(relations: pl.DataFrame, shares: Sequence[Fraction]) -> tuple[int, pl.DataFrame]:
    """The common denominator (0: none is small enough) and the relations with `least` and `greatest` over it."""
    whole = lcm(*(share.denominator for share in shares))
    if whole * (len(relations) + 1) >= MOST_WHOLE:
        return 0, relations.with_columns(least=fixed(0, NUMBER), greatest=fixed(0, NUMBER))
    numerators = pl.Series([int(share * whole) for share in shares] or [0], dtype=NUMBER)
    share, share_max = (pl.lit(numerators).gather(pl.col(name)) for name in ("share", "share_max"))
    exact = pl.when(pl.col("share").is_null()).then(whole).otherwise(share)
    return whole, relations.with_columns(
        least=share.fill_null(0).cast(NUMBER), greatest=share_max.fill_null(exact).cast(NUMBER)
    )


def _versions(relations: pl.DataFrame) -> pl.DataFrame:
    """Each version that is ever known, once, with the days `[known_from, known_until)`."""
    rows = (
        relations.with_columns(known_from=as_ordinal(pl.col("recorded")).fill_null(FIRST_DAY).cast(DAY))
        .unique(["id", "known_from", "revision"], keep="first", maintain_order=True)
        .sort("id", "known_from", "revision")
    )
    newer = pl.when(pl.col("id").shift(-1) == pl.col("id")).then(pl.col("known_from").shift(-1))
    rows = rows.with_columns(known_until=newer.fill_null(LAST_DAY + 1).cast(DAY))
    return rows.filter(pl.col("known_from") < pl.col("known_until"))


def _places(texts: pl.Series, dictionary: pl.Series) -> pl.Series:
    if not len(dictionary):
        return pl.Series(texts.name, [None] * len(texts), dtype=CODE)
    return texts.cast(pl.Enum(dictionary), strict=False).to_physical().cast(CODE)


# --- who can be reached at all ----------------------------------------------------------------------------------


def reachable(
    links: Linked, rules: Iterable[SpreadRule], starts: pl.Series, known_at: int, named: pl.Series | None = None
) -> pl.Series:
    """The parties whom any of these rules could reach from any of these: certainly wide, the starts among them.

    Looked at are kinds, directions and what is known; days and shares are not. `named`: persons whom the origins'
    events name, each of whom any first step to persons named may reach.
    """
    first = starts.rename("party").cast(CODE).unique()
    persons = first.clear() if named is None else named.rename("party").cast(CODE).unique()
    found = [first, *(layer for rule in rules for layer in _layers(links, rule, first, persons, known_at))]
    return pl.concat(found).unique().sort()


def _layers(
    links: Linked, rule: SpreadRule, starts: pl.Series, persons: pl.Series, known_at: int
) -> Iterator[pl.Series]:
    names = any(isinstance(branch, ToNamed) for branch in rule.branches)
    if rule.again or rule.together:
        branches = [branch for branch in rule.branches if isinstance(branch, OverRelation)]
        hops = rule.hops if rule.again else 1
        begin = pl.concat([starts, persons]).unique() if names else starts
        yield from _again(links, branches, begin, known_at, hops)
        return
    layer = starts
    for place, step in enumerate(rule.along):
        over = [branch for branch in step if isinstance(branch, OverRelation)]
        ahead = _ends(links, over, layer, known_at) if over else layer.clear()
        layer = pl.concat([ahead, persons]).unique() if names and place == 0 else ahead
        yield layer


def _ends(links: Linked, branches: Sequence[OverRelation], parties: pl.Series, known_at: int) -> pl.Series:
    found = [links.near(branch, parties, known_at).get_column("end") for branch in branches]
    return pl.concat([each.rename("party").cast(CODE) for each in found]).unique().sort()


def _again(
    links: Linked, branches: Sequence[OverRelation], starts: pl.Series, known_at: int, hops: int | None
) -> list[pl.Series]:
    layers, newest = [starts], starts
    while branches and len(newest) and (hops is None or len(layers) <= hops):
        if len(layers) > SCANS:
            return [*layers, _followed(links, branches, pl.concat(layers), known_at)]
        ends_ = _ends(links, branches, newest, known_at)
        newest = ends_.filter(~ends_.is_in(pl.concat(layers).unique().implode()))
        layers.append(newest)
    return layers


def _followed(links: Linked, branches: Sequence[OverRelation], starts: pl.Series, known_at: int) -> pl.Series:
    """The same to the end, over relations in order of where they start; for long chains."""
    pairs = []
    for branch in branches:
        start, end = ends(branch)
        rows = links.relations.filter(links.of_kinds(branch.kinds) & links.known(known_at))
        pairs.append(rows.select(start=pl.col(start), end=pl.col(end)))
    grouped = pl.concat(pairs).group_by("start").agg("end")
    following: dict[int, list[int]] = dict(zip(grouped["start"].to_list(), grouped["end"].to_list(), strict=True))
    waiting = starts.unique().to_list()
    seen = set(waiting)
    while waiting:
        new = [end for end in set(following.get(waiting.pop(), ())) if end not in seen]
        seen.update(new)
        waiting += new
    return pl.Series("party", sorted(seen), dtype=CODE)

"""How fast effects are found in bulk: three steps with paths, and shares added up with proofs, over a large network.

Run `python benchmarks/spread_bulk.py [PARTIES]`; five relations for every two parties, an origin for every two hundred.
Beside it, in the same run and with the same answers (compared first): plain column joins, which know no paths and no
proofs, and, where they are installed, rustworkx and scipy, which have to build their graph first and find no paths
either. In alternating rounds; times are seconds of the processor, of all threads together, which other processes
disturb little. networkx is run once, and on a tenth of the network, for the whole takes it minutes.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any, NamedTuple

import networkx as nx
import polars as pl
from attrs import define, field, frozen

from credit_engine.engines.columns.relating import Linked, in_wholes
from credit_engine.engines.columns.shapes import CODE, DAY, LAST_DAY, NUMBER
from credit_engine.engines.columns.spreading import Spread, spread_in_bulk
from credit_engine.engines.columns.spreading_plain import ORIGINS
from credit_engine.policy.load import load_policy_text
from credit_engine.policy.plan import Plan

AS_OF = date(2026, 6, 30)
TODAY = AS_OF.toordinal()
PARTIES = 2_000_000
HOPS = 3
ROUNDS = 5
SHARE = 10  # the network that networkx is given is a tenth
SEED = 20_260_630
KINDS = ("branch", "host", "legal_representative", "shareholder")
SHAREHOLDER = KINDS.index("shareholder")
HALF = 50  # per cent
POLICY = """
policy: bulk
title: {zh: 传导测量, en: Spread in bulk}
illustrative: true
spread:
  - {rule: near, from: {each: violation}, hops: 3, weight: 1/2, lasts: {from: decided}, most: 9000000, effect: alert,
     along: [{relation: [branch, host, legal_representative, shareholder], to: target}]}
  - {rule: control, from: {each: violation}, lasts: {from: decided}, most: 9000000, effect: alert, repeat: until_stable,
     along: [{relation: shareholder, to: target, share: {at_least: 50%}, together: true}]}
"""


@frozen(eq=False)
class World:
    """A network in columns, who is an origin, and the policy."""

    links: Linked
    starts: pl.Series
    plan: Plan

    def origins(self, rule: int) -> pl.DataFrame:
        """One entry of each origin party as an origin of a rule."""
        ids = pl.lit(self.links.party_ids).gather(pl.col("party"))
        parts = {
            "rule": pl.lit(rule),
            "kind": pl.lit("event"),
            "id": pl.format("V-{}", ids),
            "from_day": pl.lit(TODAY - 100),
            "law_day": pl.lit(TODAY - 100),
            "held_on": pl.lit([TODAY]),
            "named": pl.lit([], ORIGINS["named"]),
            "measures": pl.lit([], ORIGINS["measures"]),
            "basis": pl.lit([], ORIGINS["basis"]),
            "audience": pl.lit(0),
            "parameters": pl.lit([], ORIGINS["parameters"]),
        }
        columns = [
            (pl.col("party") if name == "party" else parts.get(name, pl.lit(None))).cast(type_).alias(name)
            for name, type_ in ORIGINS.items()
        ]
        return pl.DataFrame({"party": self.starts}).select(columns)

    def live(self, *kinds: int) -> pl.DataFrame:
        """The relations of these kinds that are known and in force on the day."""
        column = pl.col
        begun = column("since").is_null() | (column("since") <= TODAY)
        lasting = column("until").is_null() | (column("until") > TODAY)
        known = (column("known_from") <= TODAY) & (column("known_until") > TODAY)
        rows = self.links.relations.filter(column("kind").is_in(kinds) & known & begun & lasting)
        return rows.select("source", "target", "least")

    @cached_property
    def parties(self) -> int:
        return len(self.links.party_ids)


class Way(NamedTuple):
    """Something that finds the answers; `build` makes what it needs first. Answers are frames in any order."""

    name: str
    build: Callable[[World], object]
    near: Callable[[World, object], pl.DataFrame]
    control: Callable[[World, object], pl.DataFrame]


def main(arguments: list[str]) -> int:
    """Make the data, compare the answers, measure, print the tables; 1 if answers differ."""
    parties = int(arguments[0]) if arguments else PARTIES
    agreed = measured(parties, [way for way in ways() if way.name != ONCE], ROUNDS)
    return 0 if agreed and measured(parties // SHARE, ways(), 1) else 1


def measured(parties: int, those: list[Way], rounds: int) -> bool:
    """The tables of one size; whether all answers agreed."""
    world = made_up(parties)
    relations = len(world.links.relations)
    print(f"{world.parties:,} parties, {relations:,} relations, {len(world.starts):,} origins, {rounds} rounds\n")
    tasks = [Task("near", f"{HOPS} steps", those), Task("control", "shares added up", those)]
    if not all(task.agreed(world) for task in tasks):
        return False
    for _ in range(rounds):
        for task in tasks:
            task.round(world)
    for task in tasks:
        task.print()
    return True


@define(eq=False)
class Task:
    """One question put to every way, and how long each took."""

    part: str
    title: str
    ways: list[Way]
    times: dict[str, list[tuple[float, float]]] = field(factory=dict)
    rows: int = 0

    def agreed(self, world: World) -> bool:
        """Whether all ways give the same answers; networkx is timed here and not again."""
        wanted: pl.DataFrame | None = None
        for way in self.ways:
            found = answers(self.run(way, world))
            wanted = found if wanted is None else wanted
            if not found.equals(wanted):
                print(f"{way.name}: {self.title}: {len(found)} answers, not the {len(wanted)} of the columns engine")
                return False
            self.rows = len(found)
        self.times = {name: found if name == ONCE else [] for name, found in self.times.items()}
        return True

    def run(self, way: Way, world: World) -> pl.DataFrame:
        gc.collect()
        started = time.process_time()
        built = way.build(world)
        between = time.process_time()
        found: pl.DataFrame = getattr(way, self.part)(world, built)
        self.times.setdefault(way.name, []).append((between - started, time.process_time() - between))
        return found

    def round(self, world: World) -> None:
        """Every way once."""
        for way in self.ways:
            if way.name != ONCE:
                self.run(way, world)

    def print(self) -> None:
        """The medians, with build and without, and how often the columns engine goes into them."""
        whole = {name: median(build + walk for build, walk in found) for name, found in self.times.items()}
        print(f"{self.title}: {self.rows:,} answers")
        print(f"{'':<44}{'build s':>10}{'find s':>10}{'both s':>10}{'of joins':>10}{'of ours':>10}")
        for name, found in self.times.items():
            cells = [median(each[place] for each in found) for place in (0, 1)] + [whole[name]]
            ratios = [whole[name] / whole[base] for base in (JOINS, COLUMNS)]
            print(f"{name:<44}" + "".join(f"{cell:>10.3f}" for cell in cells) + "".join(f"{r:>10.2f}" for r in ratios))
        print()


def answers(found: pl.DataFrame) -> pl.DataFrame:
    """The answers in one order and one set of types."""
    return found.select(pl.all().cast(NUMBER)).sort(pl.all())


# --- ours -------------------------------------------------------------------------------------------------------

COLUMNS = "columns, with paths or proofs"
TOLD = "columns, and as rows of the table with texts"
JOINS = "plain column joins"
ONCE = "networkx (once)"


def near_in_columns(found: Spread) -> pl.DataFrame:
    """Origin, target and steps of the effects with their paths."""
    return found.effects.select(origin="origin_row", party="place", steps="steps")


def control_in_columns(found: Spread) -> pl.DataFrame:
    """The parties that are let in, and when; the proof is every edge."""
    rounds = found.proofs.select(party="end", round="round").unique()
    return found.effects.select(party="place").join(rounds, on="party", how="left")


def told(world: World, rule: int) -> Spread:
    """The effects, once their rows for the table have been made as well."""
    found = spread(world, rule)
    assert len(found.table()) == len(found.effects)
    return found


def spread(world: World, rule: int) -> Spread:
    ranks = pl.repeat(0, world.parties, dtype=pl.UInt8, eager=True)
    return spread_in_bulk(world.links, world.origins(rule), world.plan, AS_OF, ranks=ranks)


# --- plain column joins -----------------------------------------------------------------------------------------


def near_by_joins(world: World, _: object) -> pl.DataFrame:
    """Three joins of a frontier with the relations, each without those seen before."""
    relations = world.live(*range(len(KINDS))).lazy()
    front = pl.DataFrame({"origin": pl.int_range(len(world.starts), dtype=CODE, eager=True), "party": world.starts})
    key = pl.col("origin").cast(NUMBER) * world.parties + pl.col("party")
    seen, found = front.select(key=key), []
    for step in range(1, HOPS + 1):
        new = (
            front.lazy()
            .join(relations, left_on="party", right_on="source")
            .select("origin", party="target")
            .with_columns(key=key)
            .unique("key")
            .join(seen.lazy(), on="key", how="anti")
            .collect()
        )
        seen = pl.concat([seen, new.select("key")])
        front = new.select("origin", "party")
        found.append(front.with_columns(steps=pl.lit(step)))
    return pl.concat(found)


def control_by_joins(world: World, _: object) -> pl.DataFrame:
    """Rounds of joins that add up what the newest parties hold."""
    relations = world.live(SHAREHOLDER).lazy()
    newest = pl.DataFrame({"party": world.starts})
    inside, rounds = newest.with_columns(round=pl.lit(0)), 0
    held = pl.DataFrame(schema={"party": CODE, "least": NUMBER})
    while len(newest):
        rounds += 1
        more = relations.join(newest.lazy(), left_on="source", right_on="party").select("least", party="target")
        sums = pl.concat([held.lazy(), more.select("party", "least")]).group_by("party").agg(pl.col("least").sum())
        held = sums.join(inside.lazy(), on="party", how="anti").collect()
        newest = held.filter(pl.col("least") * 100 >= HALF * world.links.whole).select("party")
        inside = pl.concat([inside, newest.with_columns(round=pl.lit(rounds))])
    return inside.filter(pl.col("round") > 0)


# --- libraries for graphs ---------------------------------------------------------------------------------------

Successors = Callable[[int], Iterator[tuple[int, int]]]  # the parties ahead, each with the share held


def walk_near(world: World, successors: Successors) -> pl.DataFrame:
    """From each origin in turn, layer by layer."""
    found = []
    for origin, start in enumerate(world.starts.to_list()):
        seen, layer = {start}, [start]
        for step in range(1, HOPS + 1):
            following = []
            for party in layer:
                for end, _ in successors(party):
                    if end not in seen:
                        seen.add(end)
                        following.append(end)
                        found.append((origin, end, step))
            layer = following
    return pl.DataFrame(found, schema=["origin", "party", "steps"], orient="row")


def walk_control(world: World, successors: Successors) -> pl.DataFrame:
    """Round by round; every share is a number over one denominator."""
    joined = dict.fromkeys(world.starts.to_list(), 0)
    held: dict[int, int] = {}
    newest, rounds = list(joined), 0
    while newest:
        rounds += 1
        touched = set()
        for party in newest:
            for end, share in successors(party):
                if end not in joined:
                    held[end] = held.get(end, 0) + share
                    touched.add(end)
        newest = [party for party in touched if held[party] * 100 >= HALF * world.links.whole]
        joined.update(dict.fromkeys(newest, rounds))
    reached = [(party, number) for party, number in joined.items() if number]
    return pl.DataFrame(reached, schema=["party", "round"], orient="row")


def edges_of(world: World) -> Iterator[tuple[int, int, int, int]]:
    """Source, target, share and whether it is one of a shareholder, of each relation in force."""
    for kind in range(len(KINDS)):
        rows = world.live(kind)
        columns = [rows.get_column(name).to_list() for name in ("source", "target", "least")]
        yield from zip(*columns, [kind == SHAREHOLDER] * len(rows), strict=True)


def networkx_graph(world: World) -> object:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(world.parties))
    graph.add_edges_from((one, other, {"share": share * owns}) for one, other, share, owns in edges_of(world))
    return graph


def networkx_successors(graph: object) -> Successors:
    ahead = graph.adj  # type: ignore[attr-defined]  # a MultiDiGraph
    return lambda party: ((end, data["share"]) for end, held in ahead[party].items() for data in held.values())


def rustworkx_graph(world: World) -> object:
    rx: Any = import_module("rustworkx")  # Any: a library that may be missing, as below
    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(world.parties))
    graph.add_edges_from([(one, other, share * owns) for one, other, share, owns in edges_of(world)])
    return graph


def rustworkx_successors(graph: object) -> Successors:
    ahead = graph.out_edges  # type: ignore[attr-defined]  # a PyDiGraph
    return lambda party: ((end, share) for _, end, share in ahead(party))


def scipy_graph(world: World) -> object:
    """Who is ahead of whom as two sparse matrices: any relation, and shares held; numbers stay whole."""
    sparse: Any = import_module("scipy.sparse")
    found = []
    for kinds in (range(len(KINDS)), (SHAREHOLDER,)):
        rows = world.live(*kinds)
        ends = tuple(rows.get_column(name).to_numpy() for name in ("source", "target"))
        shape = (world.parties, world.parties)
        found.append(sparse.csr_matrix((rows.get_column("least").to_numpy(), ends), shape=shape))
    found[0].data[:] = 1
    return found


def near_in_scipy(world: World, built: object) -> pl.DataFrame:
    """Products of origins by parties with parties by parties."""
    np: Any = import_module("numpy")
    sparse: Any = import_module("scipy.sparse")
    ahead = built[0]  # type: ignore[index]  # two matrices
    starts = world.starts.to_numpy()
    ones = np.ones(len(starts), dtype=np.int64)
    layer = sparse.csr_matrix((ones, (np.arange(len(starts)), starts)), shape=(len(starts), world.parties))
    seen, found = layer.copy(), []
    for step in range(1, HOPS + 1):
        layer = layer @ ahead
        layer.data[:] = 1
        layer = layer - layer.multiply(seen)
        layer.eliminate_zeros()
        seen = seen + layer
        rows = layer.tocoo()
        found.append(pl.DataFrame({"origin": rows.row, "party": rows.col, "steps": np.full(len(rows.row), step)}))
    return pl.concat(found)


def control_in_scipy(world: World, built: object) -> pl.DataFrame:
    """Products of who has joined last with the shares held."""
    np: Any = import_module("numpy")
    ahead = built[1].T.tocsr()  # type: ignore[index]  # two matrices
    joined = np.full(world.parties, -1)
    joined[world.starts.to_numpy()] = 0
    held, rounds = np.zeros(world.parties, dtype=np.int64), 0
    newest = joined == 0
    while newest.any():
        rounds += 1
        held += ahead @ newest.astype(np.int64)
        newest = (joined < 0) & (held * 100 >= HALF * world.links.whole)
        joined[newest] = rounds
    reached = np.flatnonzero(joined > 0)
    return pl.DataFrame({"party": reached, "round": joined[reached]})


def nothing(_: World) -> None:
    """What those who work on the columns themselves build."""


def ways() -> list[Way]:
    """Every way whose library is installed."""
    found = [
        Way(
            COLUMNS,
            nothing,
            lambda world, _: near_in_columns(spread(world, 0)),
            lambda world, _: control_in_columns(spread(world, 1)),
        ),
        Way(
            TOLD,
            nothing,
            lambda world, _: near_in_columns(told(world, 0)),
            lambda world, _: control_in_columns(told(world, 1)),
        ),
        Way(JOINS, nothing, near_by_joins, control_by_joins),
        Way("scipy", scipy_graph, near_in_scipy, control_in_scipy),
        Way(
            "rustworkx",
            rustworkx_graph,
            lambda world, graph: walk_near(world, rustworkx_successors(graph)),
            lambda world, graph: walk_control(world, rustworkx_successors(graph)),
        ),
        Way(
            ONCE,
            networkx_graph,
            lambda world, graph: walk_near(world, networkx_successors(graph)),
            lambda world, graph: walk_control(world, networkx_successors(graph)),
        ),
    ]
    return [way for way in found if way.name not in ("scipy", "rustworkx") or find_spec(way.name)]


# --- made-up data -----------------------------------------------------------------------------------------------


def made_up(parties: int) -> World:
    """Heavy-tailed at both ends: a few parties stand in very many relations."""
    count = parties * 5 // 2
    rows = pl.select(
        id=pl.int_range(count, dtype=CODE),
        kind=drawn(count, 1, len(KINDS)).cast(CODE),
        source=heavy(count, 2, parties),
        target=pl.when(drawn(count, 8, 4) == 0)
        .then(heavy(count, 3, parties))
        .otherwise(drawn(count, 9, parties))
        .cast(CODE),
        share=drawn(count, 4, 100).cast(CODE),
        since=(TODAY - 3_000 + drawn(count, 5, 3_100)).cast(DAY),
        ends=drawn(count, 6, 10) == 0,
    )
    until = pl.when("ends").then(pl.col("since") + 700)
    lasting = {"known_from": pl.lit(1, DAY), "known_until": pl.lit(LAST_DAY + 1, DAY)}
    rows = rows.with_columns(pl.lit(None, CODE).alias("share_max"), until=until.cast(DAY), **lasting).drop("ends")
    shares = tuple(Fraction(number, 100) for number in range(1, 101))
    whole, rows = in_wholes(rows.filter(pl.col("source") != pl.col("target")).sort("kind", "id"), shares)
    links = Linked(
        relations=rows,
        relation_ids=numbered("R", count),
        kinds=KINDS,
        shares=shares,
        whole=whole,
        party_ids=numbered("OP", parties),
        entities=pl.repeat(value=True, n=parties, eager=True),
    )
    starts = pl.select(drawn(parties // 200, 7, parties).cast(CODE).alias("party").unique().sort()).to_series()
    return World(links, starts, load_policy_text(POLICY).plan)


def numbered(letter: str, count: int) -> pl.Series:
    return pl.select(pl.format("{}{}", pl.lit(letter), pl.int_range(count).cast(pl.String).str.zfill(16))).to_series()


def drawn(rows: int, stream: int, below: int) -> pl.Expr:
    return (pl.int_range(rows).hash(SEED + stream) % below).cast(NUMBER)


def heavy(rows: int, stream: int, below: int) -> pl.Expr:
    """Parties by chance, the first of a shuffled order far more often than the last: a whole number squared."""
    whole = 2**26
    part = drawn(rows, stream, whole)
    return shuffled(part * part // whole * below // whole, below)


def shuffled(place: pl.Expr, below: int) -> pl.Expr:
    return (place * 7_919).mod(below).cast(CODE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

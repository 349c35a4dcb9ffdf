"""The networkx graphs of a network: every version of everything, and what is in force on one day.

Attributes are plain: text, dates, fractions, whole numbers, truths and `None`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import networkx as nx

from credit_engine.assessing.assess import program_of
from credit_engine.dossiers import Regions, known, known_versions
from credit_engine.policy.load import Policy
from credit_engine.policy.plan_spreading import RecognitionRule
from credit_engine.records import Operator, Party, Person, Relation

_NO_TABLE = Regions()


def region_node(code: str) -> str:
    """The node of a region."""
    return f"region:{code}"


def whole_graph(
    operators: Sequence[Operator], persons: Sequence[Person], regions: Regions, relations: Sequence[Relation]
) -> nx.MultiDiGraph:
    """All parties, regions and relations in all their versions, frozen; a node has what its newest version says."""
    graph = nx.MultiDiGraph()
    for party, known_from, known_until in (*_versions(operators), *_versions(persons)):
        graph.add_node(party.id, **_of_party(party))
        _add_registered(graph, party, known_from, known_until)
    _add_regions(graph, regions)
    for relation, known_from, known_until in _versions(relations):
        graph.add_edge(
            relation.source,
            relation.target,
            key=_key(relation.id, known_from),
            kind=relation.kind,
            relation=relation.id,
            share=relation.share,
            share_max=relation.share_max,
            since=relation.since,
            until=relation.until,
            document=relation.document,
            known_from=known_from,
            known_until=known_until,
        )
    return nx.freeze(graph)


def _versions(records: Sequence[Any]) -> Iterator[tuple[Any, date | None, date | None]]:  # Any: one class of records
    """The versions that are ever known, with the days on which they are; `None` is from always, or still."""
    for _, group in groupby(records, key=lambda record: record.id):
        for version, known_from, known_until in known_versions(group):
            yield version, None if known_from == date.min else known_from, known_until


def _key(name: str, known_from: date | None) -> str:
    """What tells the edges between two nodes apart: the id and the day since when the version is known."""
    return f"{name}@{known_from or ''}"


def _of_party(party: Party) -> dict[str, object]:
    table = "operator" if isinstance(party, Operator) else "person"
    return {"table": table, "kind": party.kind, "name": party.name}


def _add_registered(graph: nx.MultiDiGraph, party: Party, known_from: date | None, known_until: date | None) -> None:
    if isinstance(party, Operator) and party.region:
        graph.add_edge(
            party.id,
            region_node(party.region),
            key=_key("registered", known_from),
            kind="registered",
            since=party.registered,
            until=party.closed,
            known_from=known_from,
            known_until=known_until,
        )


def _add_regions(graph: nx.MultiDiGraph, regions: Regions) -> None:
    """The regions of the table, and those that operators name, with all that lie above them."""
    named = {node.removeprefix("region:") for node in graph if "table" not in graph.nodes[node]}
    waiting = sorted({*regions.rows, *named}, reverse=True)
    done = set()
    while waiting:
        code = waiting.pop()
        if code in done:
            continue
        done.add(code)
        rows = regions.rows.get(code, ())
        name = next((row.name for row in reversed(rows) if row.name), None)
        graph.add_node(region_node(code), table="region", kind="region", name=name, code=code)
        for parent, since, until in _parents(code, regions):
            key = _key("parent", since)
            graph.add_edge(region_node(code), region_node(parent), key=key, kind="parent", since=since, until=until)
            waiting.append(parent)


def _parents(code: str, regions: Regions) -> Iterator[tuple[str, date | None, date | None]]:
    """What a code lies in, by the table; by its digits where the table does not have it."""
    rows = regions.rows.get(code, ())
    for row in rows:
        if row.parent is not None:
            yield row.parent, row.from_day, row.until
    above = _NO_TABLE.climb(code, date.max) if not rows else None
    if above is not None and len(above) > 1:
        yield above[1], None, None


# --- the graph of one day -------------------------------------------------------------------------------------


def view_on(
    graph: nx.MultiDiGraph,
    parties: Sequence[Party],
    regions: Regions,
    day: date,
    known_at: date,
    policy: Policy | None,
) -> nx.MultiDiGraph:
    """The edges in force on a day as they were known, among the nodes of all parties and regions; frozen.

    `parties`: their versions, those of one party together.
    """
    view = nx.MultiDiGraph()
    view.add_nodes_from((node, dict(data)) for node, data in graph.nodes(data=True))
    view.add_nodes_from(_as_known(parties, known_at))
    for source, target, key, data in graph.edges(keys=True, data=True):
        if is_known(data, known_at) and covers(data["since"], data["until"], day):
            view.add_edge(source, target, key=key, **data)
    if policy is not None:
        for host, origin, row in _recognised(policy, regions, day):
            for code in (host, origin):
                if region_node(code) not in view:
                    view.add_node(region_node(code), table="region", kind="region", name=None, code=code)
            inside = origin in row.origins_inside
            edge = {"kind": "recognises", "rule": row.id, "list": row.list, "mode": row.mode, "inside": inside}
            view.add_edge(region_node(host), region_node(origin), key=f"recognises@{row.id}", **edge)
    return nx.freeze(view)


def _as_known(parties: Sequence[Party], known_at: date) -> Iterator[tuple[str, dict[str, object]]]:
    """What a party's node has by the version known; of one that nobody knew yet only the table."""
    for party, group in groupby(parties, key=lambda record: record.id):
        versions = list(group)
        version = known(versions, known_at)
        yield party, _of_party(type(versions[0])(id=party) if version is None else version)


def is_known(data: dict[str, Any], known_at: date) -> bool:  # Any: the attributes of an edge
    """Whether the version of an edge is the one known on a day; regions are known from always."""
    known_from, known_until = data.get("known_from"), data.get("known_until")
    return (known_from is None or known_from <= known_at) and (known_until is None or known_at < known_until)


def covers(since: date | None, until: date | None, day: date) -> bool:
    """Whether `[since, until)` holds the day; `None` is open."""
    return (since is None or since <= day) and (until is None or day < until)


def _recognised(policy: Policy, regions: Regions, day: date) -> Iterator[tuple[str, str, RecognitionRule]]:
    """Host, region and row, for each row in force that takes something over from regions not its own.

    A row without origins takes over from every region of the policy and from the other hosts.
    """
    plan, program = policy.plan, program_of(policy)
    for row in plan.recognition:
        if row.mode == "none" or not program.rule_in_force(row.basis, day):
            continue
        any_region = tuple(dict.fromkeys((*plan.regions, *row.hosts)))
        for host in row.hosts:
            for origin in (*row.origins, *row.origins_inside) or any_region:
                if not _overlap(host, origin, regions, day):
                    yield host, origin, row


def _overlap(one: str, other: str, regions: Regions, day: date) -> bool:
    """Whether one region lies inside the other."""
    return one in _above(other, regions, day) or other in _above(one, regions, day)


def _above(code: str, regions: Regions, day: date) -> Iterable[str]:
    return regions.climb(code, day) or (code,)

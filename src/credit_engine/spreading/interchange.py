"""Relations and effects for other programs: FollowTheMoney-style entities, and GraphML through networkx.

Ids are made of our own ids and of nothing else, so the same input gives the same entities: a party has its own id
(after `party:` where it would look like another sort's), all others stand after the name of their sort. Shares are
exact texts, days ISO texts. Names are left out unless they are asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import networkx as nx

from credit_engine.assessing.effects import Effect, Effects
from credit_engine.assessing.explaining.paths import is_restrictive
from credit_engine.dossiers import known
from credit_engine.quantities import decimal_text, share_text
from credit_engine.records import Operator, Person, Relation
from credit_engine.spreading.graphs import region_node
from credit_engine.spreading.network import Network

DATASET = "credit_engine"
# The schema of each kind of relation, and its properties for source and target; `role` then has the kind itself.
SCHEMAS = {
    "shareholder": ("Ownership", "owner", "asset"),
    "actual_controller": ("Ownership", "owner", "asset"),
    "legal_representative": ("Directorship", "director", "organization"),
    "principal": ("Directorship", "director", "organization"),
    "responsible": ("Representation", "agent", "client"),
    "employee": ("Employment", "employee", "employer"),
    "successor": ("Succession", "successor", "predecessor"),
}
OTHER = ("UnknownLink", "subject", "object")
COMPANIES = frozenset({"enterprise", "registered_entity"})
SORTS = ("party:", "relation:", "effect:", region_node(""))  # what ids of one sort begin with
Entity = dict[str, Any]  # Any: an id, a schema, and lists of texts by property


def entities(network: Network, effects: Effects, *, named: bool = False) -> Iterator[Entity]:
    """Each party, region, relation and effect as one entity, as it was known on the day, in the order of the ids.

    A party is a `Company`, `LegalEntity` or `Person`, a region a `PublicBody`; a relation `Ownership`, `Directorship`,
    ... or `UnknownLink`. An effect that restricts is a `Sanction`, any other one a `Note`.
    """
    groups: dict[str, list[Operator | Person]] = {}
    versions: tuple[Operator | Person, ...] = (*network.operators, *network.persons)
    for version in versions:
        groups.setdefault(version.id, []).append(version)
    for id_ in sorted({*groups, *_named_only(effects)}):
        party = known(groups.get(id_, ()), effects.known_at)
        yield _entity(_party_id(id_), "Person", ()) if party is None else _party(party, named=named)
    for code in sorted({effect.target for effect in effects if effect.is_region}):
        row = network.regions.on(code, effects.as_of)
        yield _entity(region_node(code), "PublicBody", (("name", row.name if row else None), ("idNumber", code)))
    for relation in _relations(network, effects.known_at):
        yield _relation(relation)
    for effect in effects:
        yield _effect(effect)


def graphml(network: Network, effects: Effects, *, named: bool = False) -> Iterator[str]:
    """The lines of a GraphML file: parties and regions as nodes, relations and effects as edges."""
    graph = nx.MultiDiGraph()
    for one in entities(network, effects, named=named):
        properties = {name: _printable("; ".join(texts)) for name, texts in one["properties"].items()}
        ends = _ends(one)
        if ends is None:
            graph.add_node(one["id"], schema=one["schema"], **properties)
        else:
            source, target = ends
            graph.add_edge(source, target, key=one["id"], schema=one["schema"], **properties)
    yield from nx.generate_graphml(graph)


def _printable(text: str) -> str:
    """Without what XML cannot hold: controls, halves of pairs, and the two that are no characters."""
    kept = (letter not in "\ufffe\uffff" and unicodedata.category(letter) not in ("Cc", "Cs") for letter in text)
    return "".join(letter if keep else " " for letter, keep in zip(text, kept, strict=True))


def _ends(one: Entity) -> tuple[str, str] | None:
    """From where to where an entity goes; nowhere where it is a party or region."""
    properties = one["properties"]
    if one["schema"] in ("Sanction", "Note"):
        target = properties["entity"][0]
        return properties.get("sourceEntity", [target])[0], target
    for schema, source, target in (*SCHEMAS.values(), OTHER):
        if schema == one["schema"]:
            return properties[source][0], properties[target][0]
    return None


def _named_only(effects: Iterable[Effect]) -> set[str]:
    """Who is reached without standing in a table: persons named in decisions."""
    return {edge.end for effect in effects for edge in effect.path if edge.to == "named"}


# --- entities -------------------------------------------------------------------------------------------------


def _entity(id_: str, schema: str, properties: Iterable[tuple[str, object]]) -> Entity:
    """Properties are lists of texts; unknown ones are left out."""
    found = {name: [_text(value)] for name, value in properties if value is not None and value != ""}
    return {"id": id_, "schema": schema, "datasets": [DATASET], "properties": found}


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _party_id(party: str) -> str:
    """The id of a party among those of relations, effects and regions: no two are ever the same."""
    return f"party:{party}" if party.startswith(SORTS) else party


def _party(party: Operator | Person, *, named: bool) -> Entity:
    name = party.name if named else None
    if isinstance(party, Person):
        return _entity(_party_id(party.id), "Person", (("name", name),))
    properties = (
        ("name", name),
        ("legalForm", party.kind),
        ("jurisdiction", party.region),
        ("uscCode", party.credit_code),
        ("incorporationDate", party.registered),
        ("dissolutionDate", party.closed),
    )
    return _entity(_party_id(party.id), "Company" if party.kind in COMPANIES else "LegalEntity", properties)


def _relations(network: Network, known_at: date) -> Iterator[Relation]:
    groups: dict[str, list[Relation]] = {}
    for relation in network.relations:
        groups.setdefault(relation.id, []).append(relation)
    for _, versions in sorted(groups.items()):
        found = known(versions, known_at)
        if found is not None:
            yield found


def _relation(relation: Relation) -> Entity:
    schema, source, target = SCHEMAS.get(relation.kind, OTHER)
    low, high = (None if share is None else share_text(share) for share in (relation.share, relation.share_max))
    properties = (
        (source, _party_id(relation.source)),
        (target, _party_id(relation.target)),
        ("role", relation.kind),
        ("percentage", low if high is None else f"{low or '0%'}-{high}"),
        ("startDate", relation.since),
        ("endDate", relation.until),
        ("recordId", relation.document),
    )
    return _entity(f"relation:{relation.id}", schema, properties)


def _effect(effect: Effect) -> Entity:
    target = region_node(effect.target) if effect.is_region else _party_id(effect.target)
    properties = (
        ("entity", target),
        ("sourceEntity", None if effect.origin_party is None else _party_id(effect.origin_party)),
        ("program", effect.rule),
        ("provisions", effect.effect),
        ("status", None if effect.certain else "possible"),
        ("reason", effect.origin),
        ("startDate", effect.from_day),
        ("endDate", effect.until),
        ("points", None if effect.points is None else decimal_text(effect.points)),
        ("measures", "; ".join(effect.measures)),
        ("path", "; ".join(effect.path_ids) or "; ".join(f"{one.start} {one.id} {one.end}" for one in effect.path)),
        ("basis", "; ".join(effect.basis)),
    )
    parts = (effect.rule, effect.origin_party or "", effect.origin_kind or "", effect.origin or "", target)
    key = (part.replace("~", "~0").replace("/", "~1") for part in parts)
    restricts = is_restrictive(effect) or (effect.is_region and effect.effect == "mirror")
    return _entity(f"effect:{'/'.join(key)}", "Sanction" if restricts else "Note", properties)

"""The second reading of shares added up: a naive fixed point, everybody asked anew in each round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from credit_engine.records import Relation
from properties.network_facts import Facts, Start, Written
from properties.path_oracle import (
    WHOLE,
    Path,
    Reached,
    choices,
    measures,
    neighbours,
    points,
    steps_from,
)
from properties.path_oracle import compare as share_as_asked

Proof = tuple[Path, tuple[tuple[str, ...], ...]]


def adds_up(rule: Written) -> bool:
    """Whether the rule adds up the shares of all parties that it reaches."""
    return any(branch.get("together") for step in rule.get("along", ()) for branch in choices(step))


def together(known: Facts, rule: Written, origins: list[Start]) -> Iterator[Reached]:
    """The effects of a rule that adds up, by target; first what is certain, then what is possible besides."""
    certain = fixed_point(known, rule, origins, possible=False)
    possible = fixed_point(known, rule, origins, possible=True)
    for target in sorted({**possible, **certain}):
        is_origin = target in {one.party for one in origins}
        proofs = certain if target in certain else possible
        path, carried_by = proofs[target]
        behind = _parties_behind(target, proofs)
        bringing = [one for one in origins if one.party in behind]
        if is_origin and not rule.get("itself"):
            continue
        yield Reached(
            rule["rule"],
            rule["effect"],
            None,
            None,
            None,
            target,
            target in certain,
            WHOLE,
            points(rule, WHOLE),
            path,
            carried_by,
            (None, None),
            _only([one.list for one in bringing]),
            _in_catalogue_order(known, measures(known, rule, bringing, target)),
            "internal" if behind - known.parties else rule.get("audience", "public"),
        )


def _parties_behind(target: str, proofs: Mapping[str, Proof]) -> set[str]:
    """The target and everyone on whose shares it rests that it is reached."""
    behind = {target}
    while True:
        more = {edge[0] for party in behind for edge in proofs[party][0]} - behind
        if not more:
            return behind
        behind |= more


def _in_catalogue_order(known: Facts, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one["id"] for one in known.written["measures"] if one["id"] in names)


def _only(lists: list[str | None]) -> str | None:
    """The list, if all origins are entries of one."""
    return lists[0] if len(set(lists)) == 1 else None


def fixed_point(known: Facts, rule: Written, origins: Iterable[Start], *, possible: bool) -> Mapping[str, Proof]:
    """Everyone reached in rounds, and over which edges; those that the rule starts from have none."""
    reached: dict[str, Proof] = {one.party: ((), ()) for one in origins}
    while True:
        new = {
            target: proof
            for target in known.parties - reached.keys()
            if (proof := _joins(known, rule, frozenset(reached), target, possible=possible)) is not None
        }
        reached.update(new)
        if not new or "repeat" not in rule:
            return reached


def _joins(known: Facts, rule: Written, reached: frozenset[str], target: str, *, possible: bool) -> Proof | None:
    """The edges over which a party joins those reached, by the first branch that lets it."""
    for branch in choices(rule["along"][0]):
        edges = []
        total = Fraction(0)
        for party in sorted(reached):
            if branch.get("together"):
                held = neighbours(known, branch, party, known.as_of).get(target, [])
                total += sum((_end(one, possible=possible) for one in held), Fraction(0))
                ids = tuple(sorted(one.id for one in held))
                edges += [((party, ids[0], target), ids)] if ids else []
            else:
                nobody = Start(party, "answer", None, None)
                edges += [
                    ((party, one.id, target), one.relations)
                    for one in steps_from(known, branch, nobody, party)
                    if one.end == target and (one.certain or possible)
                ]
        if edges and not branch.get("together"):
            edges = [min(edges)]
        elif edges and share_as_asked(branch["share"], min(total, WHOLE), min(total, WHOLE)) is not True:
            edges = []
        if edges:
            return tuple(edge for edge, _ in edges), tuple(ids for _, ids in edges)
    return None


def _end(one: Relation, *, possible: bool) -> Fraction:
    """The lower end of a share, or the upper one."""
    if not possible:
        return one.share or Fraction(0)
    upper = one.share_max if one.share_max is not None else one.share
    return WHOLE if upper is None else upper

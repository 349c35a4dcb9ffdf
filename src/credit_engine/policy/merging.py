"""How a policy is laid over the one that it extends: one table of positions, and the merge that reads it.

What stands at a position is replaced whole unless the table says otherwise: conditions, selectors, values, spans and
tables are never mixed from two policies. Every key keeps the place where it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import field, frozen

from credit_engine.errors import Place, Problem
from credit_engine.policy.catalogue import by_id
from credit_engine.policy.places import Content, Items, Key, Map, did_you_mean, place_of, shown

Report = Callable[[Problem], None]


@frozen
class Whole:
    """The later one replaces the earlier one."""


@frozen
class Parts:
    """A mapping whose own keys merge; `parts` says how, and keys it does not name are replaced whole."""

    parts: Mapping[str, Position] = field(factory=dict)


@frozen
class Named:
    """A mapping of named things: things of one name merge as `thing` says; null or `remove: true` removes one."""

    thing: Position = field(factory=Whole)


@frozen
class Rules:
    """A list of rules: those of one `rule` merge key by key where the earlier stands, new ones follow at the end."""


@frozen
class OneOrNamed:
    """One thing, told by its `marks`, or several by name; the two shapes do not mix."""

    thing: Parts
    marks: frozenset[str]


@frozen
class Catalogue:
    """Named things, written as a mapping or as a list of rows with `id`."""


@frozen
class Added:
    """A list to which the later one adds; nothing in it is replaced or removed."""


Position = Whole | Parts | Named | Rules | OneOrNamed | Catalogue | Added

_SCALE = Parts({"titles": Named(), "adjust": Rules()})
_SCALE_MARKS = frozenset({"order", "outside", "rows", "titles", "adjust", "review", "audience"})

POSITIONS = Parts(
    {
        "sources": Named(),
        "kinds": Named(),
        "relations": Named(),
        "fields": Named(Named()),
        "parameters": Named(),
        "admits": Named(),
        "indicators": Named(),
        "score": Parts({"groups": Named(), "rules": Rules()}),
        "grades": OneOrNamed(_SCALE, _SCALE_MARKS),
        "lists": Named(Parts()),
        "measures": Catalogue(),
        "spread": Rules(),
        "recognition": Rules(),
        "findings": Rules(),
        "obligations": Rules(),
        "supervision": Rules(),
        "gaps": Added(),
    }
)
"""Where named things, rules and mergeable keys stand in a policy; everything else is replaced whole."""


def merge_policies(earlier: Map, later: Map, report: Report) -> Map:
    """`later` laid over `earlier`; neither is changed."""
    return _keys(earlier, later, POSITIONS, report)


def _merge(earlier: Content, later: Content, position: Position, report: Report) -> Content:
    """What stands at a position in the end; what has nothing earlier is merged with nothing, to find vain removals."""
    if isinstance(position, Catalogue):
        earlier, later = (by_id(side, report) if isinstance(side, Items) else side for side in (earlier, later))
        position = Named()
    if earlier is None and isinstance(later, Map | Items):
        earlier = type(later)()
    if isinstance(earlier, Map) and isinstance(later, Map):
        if isinstance(position, OneOrNamed):
            return _one_or_named(earlier, later, position, report)
        if isinstance(position, Parts | Named):
            return _keys(earlier, later, position, report)
    if isinstance(earlier, Items) and isinstance(later, Items) and isinstance(position, Rules):
        return _rules(earlier, later, report)
    if isinstance(earlier, Items) and isinstance(later, Items) and isinstance(position, Added):
        return _both(earlier, later)
    return later


def _both(earlier: Items, later: Items) -> Items:
    """All elements of two lists."""
    both = Items(place=later.place)
    for items in (earlier, later):
        for index, element in enumerate(items):
            both.add(element, place_of(items, index))
    return both


def _keys(earlier: Map, later: Map, position: Parts | Named, report: Report) -> Map:
    merged = earlier.copy()
    merged.place = later.place
    for key, value in later.items():
        if value is None or (isinstance(position, Named) and _is_removal(value)):
            _remove(merged, key, place_of(later, key), report)
        else:
            below = position.thing if isinstance(position, Named) else position.parts.get(str(key), Whole())
            merged.take_from(later, key)
            merged[key] = _merge(earlier.get(key), value, below, report)
    return merged


def _one_or_named(earlier: Map, later: Map, position: OneOrNamed, report: Report) -> Map:
    one = [not position.marks.isdisjoint(str(key) for key in side) for side in (earlier or later, later)]
    if one[0] != one[1]:
        words = ("one scale", "several by name") if one[0] else ("several scales by name", "one")
        hint = f"write it in the shape of the policy that is extended, at {earlier.place}"
        report(Problem("wrong_type", f"the extended policy has {words[0]}, this has {words[1]}", later.place, hint))
        return later
    return _keys(earlier, later, position.thing if one[0] else Named(position.thing), report)


def _rules(earlier: Items, later: Items, report: Report) -> Items:
    merged = Items(place=later.place)
    standing, overlays = _by_name(earlier, report), _by_name(later, report)
    for index, rule in enumerate(earlier):
        over = overlays.get(_name(rule))
        if over is None:
            merged.add(rule, place_of(earlier, index))
        elif not _is_removal(later[over]):
            merged.add(_keys(rule, later[over], Parts(), report), place_of(later, over))
    for index, rule in enumerate(later):
        place = place_of(later, index)
        if _name(rule) in standing:
            continue
        if _is_removal(rule):
            _not_there(_name(rule), standing, place, report)
        else:
            merged.add(_merge(None, rule, Parts(), report), place)
    return merged


def _by_name(rules: Items, report: Report) -> dict[str | None, int]:
    """The index of each named rule; of two of one name the first, and a problem."""
    found: dict[str | None, int] = {}
    for index, rule in enumerate(rules):
        name = _name(rule)
        if name is None:
            continue
        if name in found:
            first = place_of(rules, found[name])
            message = f"the rule {shown(name)} stands twice, first at {first}"
            report(Problem("duplicate_rule", message, place_of(rules, index), "give each rule a name of its own"))
        found.setdefault(name, index)
    return found


def _name(rule: Content) -> str | None:
    name = rule.get("rule") if isinstance(rule, Map) else None
    return name if isinstance(name, str) else None


def _is_removal(value: Content) -> bool:
    return isinstance(value, Map) and value.get("remove") is True


def _remove(merged: Map, key: Key, place: Place, report: Report) -> None:
    if key in merged:
        merged.drop(key)
    else:
        _not_there(key, merged, place, report)


def _not_there(name: object, known: Iterable[object], place: Place, report: Report) -> None:
    message = f"nothing to remove: no {shown(name)} in the policies that this one extends"
    report(Problem("not_found", message, place, did_you_mean(name, known)))

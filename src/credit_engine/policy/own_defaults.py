"""What a policy says once for all its rules, written into those rules before another policy is laid over it.

Only what a policy introduces gets its `law_of` and `audience`: a rule that it merely changes keeps those of the policy
that it comes from, unless the change names others. Nothing is written where the final policy says the same anyway.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from credit_engine.policy.places import Content, Items, Key, Map, is_quoted, place_of
from credit_engine.records import DEFAULT_ANCHORS

DEFAULT_AUDIENCE = "public"
WRITTEN = ("law_of", "audience")


@frozen
class Section:
    """Where entries stand, which keys are written into them, and under which key their `each` is (empty: their own).

    `without`: what counts as that key's value where it is not written.
    """

    path: tuple[str, ...]
    keys: tuple[str, ...] = WRITTEN
    event: str = ""
    without: Content = None


SECTIONS = (
    Section(("score", "rules"), keys=("law_of",)),
    Section(("lists",), event="opens", without=Map({"each": "list_decision"})),  # only decisions open its entries
    Section(("spread",), event="from"),
    Section(("findings",)),
    Section(("obligations",), keys=("law_of",)),
)
"""Every place where rules, lists and findings have a law day or an audience of their own."""


@frozen
class _Writing:
    """One policy being written into: its own defaults, those of the final policy, and the kinds with their anchors."""

    own: Map
    final: Map
    kinds: Mapping[Key, Content]

    def entry(self, entry: Map, section: Section) -> Map:
        """The entry with the defaults that it needs to keep its meaning."""
        result = entry.copy()
        for key in section.keys:
            value = self.law(entry, section) if key == "law_of" else self.audience()
            if key not in entry and value is not None:
                result.put(key, value, place_of(self.own if key in self.own else entry, key))
        return result

    def audience(self) -> Content:
        """The audience to write; none where the final policy has the same."""
        own, final = (side.get("audience") or DEFAULT_AUDIENCE for side in (self.own, self.final))
        return None if own == final else own

    def law(self, entry: Map, section: Section) -> Content:
        """The law to write: the policy's, else the event's own day; none without an event, or where it is the same."""
        rule = entry.get(section.event, section.without) if section.event else entry
        own, final = self.own.get("law_of"), self.final.get("law_of")
        if own == final or not isinstance(rule, Map) or "each" not in rule:
            return None
        return own if own is not None else self.anchor(rule)

    def anchor(self, rule: Map) -> Content:
        """The `by` day of a rule's event; none where its kind is unknown, which is reported elsewhere."""
        each = rule["each"]
        if isinstance(each, Map):
            return self.anchor(each) if "each" in each else each.get("by")
        kind = each.split(".")[0] if isinstance(each, str) else None
        return rule.get("by") or self.kinds.get(kind or "")


def with_own_defaults(policy: Map, own: Map, final: Map, so_far: Map) -> Map:
    """A copy of a policy whose new entries name their law and audience where `final` would give them others.

    `so_far`: the policies that it extends, merged; what stands there already is not new.
    """
    kinds: dict[Key, Content] = {}
    kinds.update(DEFAULT_ANCHORS.items())
    for declared in (so_far, policy):
        kinds.update(_mapping(declared.get("kinds")))
    writing = _Writing(own, final, kinds)
    result = policy.copy()
    for section in SECTIONS:
        _rewrite(result, section.path, so_far, section, writing)
    return result


def _rewrite(holder: Map, path: tuple[str, ...], so_far: Content, section: Section, writing: _Writing) -> None:
    """Replace what stands at a path below `holder` (a copy) by a copy with the defaults written."""
    key, *rest = path
    inside, before = holder.get(key), _mapping(so_far).get(key)
    if rest and isinstance(inside, Map):
        holder[key] = inside.copy()
        _rewrite(holder[key], tuple(rest), before, section, writing)
    elif not rest and isinstance(inside, Map | Items):
        holder[key] = _entries(inside, _names(before), section, writing)


def _entries(entries: Map | Items, known: frozenset[Content], section: Section, writing: _Writing) -> Map | Items:
    if isinstance(entries, Map):
        result = entries.copy()
        for name, entry in entries.items():
            if isinstance(entry, Map) and name not in known:
                result[name] = writing.entry(entry, section)
        return result
    copies = Items(place=entries.place)
    for index, rule in enumerate(entries):
        is_new = isinstance(rule, Map) and rule.get("rule") not in known
        written = writing.entry(rule, section) if is_new else rule
        copies.add(written, place_of(entries, index), quoted=is_quoted(entries, index))
    return copies


def _names(entries: Content) -> frozenset[Content]:
    if isinstance(entries, Map):
        return frozenset(entries)
    rules = entries if isinstance(entries, Items) else ()
    names = (rule.get("rule") for rule in rules if isinstance(rule, Map))
    return frozenset(name for name in names if isinstance(name, str))


def _mapping(value: Content) -> Map:
    return value if isinstance(value, Map) else Map()

"""A policy laid over the policies that it extends: parents in order, then the policy; the later one wins.

* Every policy is laid on once, its own parents before it, however many paths lead to it.
* `law_of` and `audience` of a policy are first written into the rules, lists and findings that it introduces, so that
  extending a policy never changes the law or the audience of what it already said.
* `policy` and `extends` are a policy's own and never inherited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from attrs import define, field, frozen

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.folders import HEAD, read_folder
from credit_engine.policy.merging import merge_policies
from credit_engine.policy.own_defaults import WRITTEN, with_own_defaults
from credit_engine.policy.places import Items, Map, did_you_mean, kind_of, place_of, shown, value_place_of

FindParent = Callable[[str, Path], Path | None]
"""From the name of a policy and the folder of the policy that extends it to the parent's folder."""

MOST_POLICIES = 64
NEVER_INHERITED = ("policy", "extends")


def merged(folder: Path | str, find_parent: FindParent, known: Iterable[str] = ()) -> Map:
    """The policy of a folder with all that it extends, as one mapping in which every key keeps its place.

    `known`: names of policies that lie elsewhere, for hints. All problems of all the policies are raised at once.
    """
    folder = Path(folder)
    return merged_over(read_folder(folder), folder, find_parent, known)


def merged_over(policy: Map, folder: Path, find_parent: FindParent, known: Iterable[str] = ()) -> Map:
    """The same for a policy that is read already; `folder` is where its parents are looked for."""
    lineage = _Lineage(find_parent, tuple(known))
    own = lineage.follow(policy, folder, ())
    if not lineage.problems and len(lineage.policies) > 1:
        policy = _folded(lineage.policies, own, lineage.problems)
    if lineage.problems:
        raise PolicyError(lineage.problems)
    return policy


@frozen
class _Told:
    """A policy as written, with the `law_of` and `audience` that hold in it."""

    content: Map
    defaults: Map


@define
class _Lineage:
    """The policies that a policy extends, each before those that extend it, each once."""

    find_parent: FindParent
    known: tuple[str, ...]
    policies: list[_Told] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    _seen: dict[Path, _Told | None] = field(factory=dict, init=False)

    def follow(self, policy: Map, folder: Path, trail: tuple[str, ...]) -> _Told:
        """Add a policy after all that it extends; `trail` names the policies that led here."""
        trail = (*trail, str(policy.get("policy", folder.name)))
        here = folder.resolve()
        self._seen[here] = None  # being followed
        defaults = Map()
        for name, place in self._names(policy):
            parent = self._parent(name, place, folder, trail)
            if parent is not None:
                _take(parent.defaults, defaults)
        _take(policy, defaults)
        told = _Told(policy, defaults)
        self._seen[here] = told
        self.policies.append(told)
        return told

    def _names(self, policy: Map) -> list[tuple[str, Place]]:
        extends = policy.get("extends")
        if extends is None:
            return []
        if not isinstance(extends, Items):
            message = f"`extends`: expected a list of policies, this is {kind_of(extends)}"
            self._problem("wrong_type", message, value_place_of(policy, "extends"), f"write [{extends}]")
            return []
        names = []
        for index, name in enumerate(extends):
            place = place_of(extends, index)
            if isinstance(name, str):
                names.append((name, place))
            else:
                message = f"`extends`: expected the name of a policy, this is {kind_of(name)}"
                self._problem("wrong_type", message, place, "write the name of the policy's folder")
        return names

    def _parent(self, name: str, place: Place, folder: Path, trail: tuple[str, ...]) -> _Told | None:
        parent = self.find_parent(name, folder)
        if parent is None:
            hint = (
                did_you_mean(name, {*self.known, *_siblings(folder)}) or "parents lie beside the policy, or are shipped"
            )
            self._problem("not_found", f"there is no policy {shown(name)} to extend", place, hint)
            return None
        here = parent.resolve()
        if here in self._seen:
            told = self._seen[here]
            if told is None:
                message = f"the policy extends itself: {' > '.join((*trail, name))}"
                self._problem("extends_circle", message, place, "remove one of these `extends`")
            return told
        if len(self._seen) >= MOST_POLICIES:
            self._problem(
                "too_deep", f"more than {MOST_POLICIES} policies extend one another", place, "merge some of them"
            )
            return None
        return self._read(parent, trail)

    def _read(self, parent: Path, trail: tuple[str, ...]) -> _Told | None:
        try:
            return self.follow(read_folder(parent), parent, trail)
        except PolicyError as error:
            self.problems.extend(error.problems)
            self._seen[parent.resolve()] = _Told(Map(), Map())
            return None

    def _problem(self, code: str, message: str, place: Place, hint: str) -> None:
        self.problems.append(Problem(code, message, place, hint))


def _take(source: Map, defaults: Map) -> None:
    for key in WRITTEN:
        if key in source:
            defaults.take_from(source, key)


def _siblings(folder: Path) -> list[str]:
    return sorted(head.parent.name for head in folder.resolve().parent.glob(f"*/{HEAD}"))


def _folded(policies: Iterable[_Told], last: _Told, problems: list[Problem]) -> Map:
    """All the policies laid over one another."""
    result = Map()
    for told in policies:
        content = with_own_defaults(told.content, told.defaults, last.defaults, result)
        if told is not last:
            for key in NEVER_INHERITED:
                content.drop(key)
        result = merge_policies(result, content, problems.append)
    return result

"""Codes of regions in a policy that can be no code of GB/T 2260: a slip there only shows as nobody being judged."""

from __future__ import annotations

from collections.abc import Iterator

from credit_engine.errors import Place, Problem
from credit_engine.identifiers import impossible_region
from credit_engine.policy.places import Items, Map, place_of, shown, value_place_of


def check_regions(written: Map) -> Iterator[Problem]:
    """A warning for each such code among `regions`, `hosts`, `origin` and `inside`; `written` is the policy."""
    found = [*_codes(written, "regions"), *_inside(written)]
    for row in written.get("recognition") or ():
        if isinstance(row, Map):
            found += [*_codes(row, "hosts"), *_codes(row, "origin")]
    for code, place in found:
        why = impossible_region(code)
        if why is not None:
            hint = 'GB/T 2260 has six digits, as "310000"; a region of your own has a letter in its code'
            yield Problem("impossible_region", f"the region {shown(code)} {why}", place, hint)


def _inside(written: object) -> Iterator[tuple[str, Place]]:
    """The codes behind every `inside`, wherever it stands."""
    if isinstance(written, Map):
        yield from _codes(written, "inside")
        for value in written.values():
            yield from _inside(value)
    elif isinstance(written, Items):
        for element in written:
            yield from _inside(element)


def _codes(written: Map, key: str) -> Iterator[tuple[str, Place]]:
    """The text behind a key, or the texts in the list that stands there, each with its place."""
    value = written.get(key)
    if isinstance(value, str):
        yield value, value_place_of(written, key)
    elif isinstance(value, Items):
        yield from ((code, place_of(value, index)) for index, code in enumerate(value) if isinstance(code, str))

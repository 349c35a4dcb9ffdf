"""The laws by name, those that `laws.every` proposes for a policy, and why it leaves others out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from credit_engine.policy.load import Policy
from credit_engine.policy.places import did_you_mean
from credit_engine.testing.laws import (
    adding,
    answers,
    days,
    labels,
    listing,
    moving,
    records,
    shapes,
    spreading,
    unknown,
)
from credit_engine.testing.laws.law import Applies, Law, law_error

Maker = Callable[..., Law]


def _plain(make: Callable[[], Law]) -> Maker:
    """A law without arguments, made like the others: of a policy."""

    def made(policy: Policy) -> Law:
        del policy
        return make()

    made.__doc__ = make.__doc__
    return made


MAKERS: Mapping[str, Maker] = {
    "order_is_irrelevant": _plain(records.order_is_irrelevant),
    "repeated_rows_count_once": _plain(records.repeated_rows_count_once),
    "no_future": _plain(records.no_future),
    "nothing_known_later": _plain(records.nothing_known_later),
    "withdrawing_equals_never_recorded": _plain(records.withdrawing_equals_never_recorded),
    "labels_are_labels": _plain(labels.labels_are_labels),
    "event_sees_its_day": _plain(labels.event_sees_its_day),
    "reasons_add_up": _plain(answers.reasons_add_up),
    "answers_are_slices": _plain(days.answers_are_slices),
    "next_change_is_right": _plain(days.next_change_is_right),
    "ended_spreads_nothing": _plain(spreading.ended_spreads_nothing),
    "spread_ends": _plain(spreading.spread_ends),
    "engines_agree": answers.engines_agree,
    "bounded_by": answers.bounded_by,
    "always_graded": _plain(answers.always_graded),
    "unknown_stays_open": unknown.unknown_stays_open,
    "never_better_with": adding.never_better_with,
    "never_worse_with": adding.never_worse_with,
    "monotone_in": moving.monotone_in,
    "no_cliff": moving.no_cliff,
    "independent_of": moving.independent_of,
    "listed_only_if": listing.listed_only_if,
    "holds": answers.holds,
}


def _any_shape(_policy: Policy) -> str | None:
    return None


@frozen
class Usual:
    """A law that `every` proposes, with its arguments; `shape` says why a policy need not keep it."""

    name: str
    arguments: tuple[Any, ...] = ()  # Any: as the maker takes them
    shape: Applies = _any_shape


USUAL = (
    *(Usual(name) for name in list(MAKERS)[: list(MAKERS).index("unknown_stays_open")]),
    Usual("unknown_stays_open", shape=shapes.asks_no_absence),
    Usual("never_better_with", ("violation",), shape=shapes.only_worse),
    Usual("independent_of", ("operator.name",)),
    Usual("independent_of", ("ids",), shape=shapes.has_no_ties),
)


def law(name: str, policy: Policy, *arguments: Any, **named: Any) -> Law:  # Any: as the maker takes them
    """The law of this name for a policy. Raises `LawError` where there is none, or it takes other arguments."""
    if name not in MAKERS:
        hint = did_you_mean(name, MAKERS) or f"one of {', '.join(MAKERS)}"
        raise law_error("unknown_law", f"there is no law {name!r}", hint)
    make = MAKERS[name]
    try:
        inspect.signature(make).bind(policy, *arguments, **named)
    except TypeError as error:
        takes = ", ".join(list(inspect.signature(make).parameters)[1:]) or "nothing"
        raise law_error("bad_argument", f"{name}: {error}", f"it takes: {takes}") from None
    return make(policy, *arguments, **named)


def proposed(policy: Policy) -> tuple[list[Law], dict[str, str]]:
    """The laws that a policy has to keep, in order; and of the others why it need not, by the law as text."""
    asked: list[Law] = []
    left: dict[str, str] = {}
    for usual in USUAL:
        one = law(usual.name, policy, *usual.arguments)
        reason = one.applies(policy) or usual.shape(policy)
        if reason is None:
            asked.append(one)
        else:
            left[str(one)] = reason
    return asked, left


def every(policy: Policy) -> list[Law]:
    """The laws that a policy has to keep, for `pytest.mark.parametrize("law", laws.every(policy), ids=str)`."""
    return proposed(policy)[0]

"""What a draft says already: values read from it, as far as they are written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from credit_engine.days import Period, add
from credit_engine.policy import nodes as n
from credit_engine.testing.drafts import Draft, Scope
from credit_engine.testing.drawn_records import ONE_DAY

_ABOUT = {"d": 1.0, "wd": 1.45, "m": 30.4, "y": 365.25}  # days


def read(draft: Draft, value: n.Value | n.Selector, scope: Scope) -> Any:  # Any: a value of any type
    """What a value is in the draft so far, or `None` where it is not written down."""
    reader = _READERS.get(type(value))
    return reader(draft, value, scope) if reader is not None else None


def _read_parameter(draft: Draft, value: n.Parameter, scope: Scope) -> Any:  # Any: as above
    steps = [step for step in draft.plan.parameters[value.name].values if step.value is not None]
    now = [step for step in steps if step.since <= scope.day]
    return (now[-1] if now else steps[0]).value if steps else None


def _read_table(draft: Draft, value: n.LookUp, scope: Scope) -> Any:  # Any: as above
    table = _read_parameter(draft, n.Parameter(value.parameter), scope)
    if not isinstance(table, Mapping):
        return None
    return table.get(read(draft, value.by, scope), next(iter(table.values()), None))


def _read_later(draft: Draft, value: n.DayAfter, scope: Scope) -> Any:  # Any: as above
    day, period = read(draft, value.day, scope), read(draft, value.period, scope)
    return add(day, period) if isinstance(day, date) and isinstance(period, Period) else None


def _read_scaled(draft: Draft, value: n.Scaled, scope: Scope) -> Any:  # Any: as above
    number, factor = read(draft, value.value, scope), read(draft, value.factor, scope)
    return number * factor if isinstance(number, int) and isinstance(factor, int | Fraction) else None


def _read_province(draft: Draft, value: n.Province, scope: Scope) -> Any:  # Any: as above
    code = read(draft, value.region, scope)
    return f"{code[:2]}0000" if isinstance(code, str) and code.isdigit() else code


_READERS: Mapping[type, Callable[..., Any]] = {  # Any: as above
    n.Literal: lambda _draft, value, _scope: value.value,
    n.Parameter: _read_parameter,
    n.LookUp: _read_table,
    n.EventField: lambda _draft, value, scope: scope.event.values.get(value.name) if scope.event else None,
    n.OperatorField: lambda draft, value, scope: draft.parties[scope.party].get(value.name),
    n.Item: lambda _draft, value, scope: (scope.item or {}).get(value.field),
    n.ViewDay: lambda _draft, _value, scope: scope.day,
    n.DayAfter: _read_later,
    n.Province: _read_province,
    n.Scaled: _read_scaled,
    n.DecisionField: lambda _draft, value, scope: scope.decision.values.get(value.name) if scope.decision else None,
    n.Listed: lambda _draft, _value, scope: scope.decision.values.get("decided") if scope.decision else None,
    n.Otherwise: lambda draft, value, scope: read(draft, value.value, scope),
}


def back(day: date, period: Period) -> date:
    """About so long before a day: the latest day from which the period reaches it, where the calendar allows."""
    found = day - timedelta(days=round(period.count * _ABOUT[period.unit]))
    for shift in (0, 1, -1, 2, -2, 3, -3, 4, -4):
        if add(found + ONE_DAY * shift, period) == day:
            return found + ONE_DAY * shift
    return found

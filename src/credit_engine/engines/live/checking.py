"""What a session is given, looked at before anything happens: of the sort asked for, and what a snapshot can keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from credit_engine.engines.live.snapshot import EVENTS, check_extra
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import Policy
from credit_engine.records import Event, Operator, Person, Relation
from credit_engine.spreading.network import Network

_HINTS: Mapping[object, str] = {
    Event: "give a record: Violation, Inspection, ListDecision, ..., or OtherEvent for a kind of the policy",
    Relation: "give a record: Relation",
    (Operator, Person): "give a record: Operator or Person",
    date: "give a datetime.date, such as date(2026, 6, 30)",
    str: "give a text",
}


def check_arguments(
    policy: object, network: object, day: object, matcher: object, coverage: object, answers_kept: object
) -> None:
    """Refuse what no session can be made of; raises `QuestionError`."""
    wrong = [
        Problem("bad_question", f"{name} is {type(value).__name__}, not {sort}", hint=hint)
        for name, value, sort, hint, fits in (
            ("policy", policy, "a Policy", "give what load_policy returns", isinstance(policy, Policy)),
            ("network", network, "a Network", "give a Network, or none", network is None or type(network) is Network),
            ("day", day, "a date", _HINTS[date], type(day) is date),
            (
                "coverage",
                coverage,
                "a mapping",
                'give kinds with a day or "absent", or none',
                coverage is None or isinstance(coverage, Mapping),
            ),
            (
                "answers_kept",
                answers_kept,
                "a whole number, 0 or more",
                "give how many own answers to keep ready",
                type(answers_kept) is int and answers_kept >= 0,
            ),
        )
        if not fits
    ]
    if matcher not in ("both", "durable", "plain"):
        message = f"matcher is {matcher!r}, which is none"
        wrong.append(Problem("bad_question", message, hint='give "both", "durable" or "plain"'))
    if wrong:
        raise QuestionError(wrong)


def check_class(given: object, classes: type | tuple[type, ...], sort: str) -> None:
    """Refuse what is no record or day of the sort asked for; raises `QuestionError`."""
    if not isinstance(given, classes) or (classes is date and type(given) is not date):
        message = f"this is {type(given).__name__}, not {sort}"
        raise QuestionError(Problem("bad_question", message, hint=_HINTS.get(classes, "")))
    if isinstance(given, Operator | Person):
        check_extra(given)


def check_events(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events, each of which is one; raises `QuestionError`, and `RecordError` for what no snapshot could keep."""
    if not isinstance(events, Iterable) or isinstance(events, str | bytes | Mapping):
        message = f"this is {type(events).__name__}, not several events"
        raise QuestionError(Problem("bad_question", message, hint="give a list of records"))
    found = tuple(events)
    for event in found:
        check_class(event, Event, "an event")
        if type(event) not in EVENTS:
            message = f"{event.id!r} is of class {type(event).__name__}, which no snapshot could keep"
            raise QuestionError(Problem("bad_question", message, event.place, "put what is new into `extra`"))
        check_extra(event)
    return found


def check_subscriber(subscriber: object) -> None:
    """Refuse what cannot be told of changes; raises `QuestionError`."""
    if not callable(subscriber):
        message = f"this is {type(subscriber).__name__}, which cannot be called"
        raise QuestionError(Problem("bad_question", message, hint="give a function that takes a Change"))

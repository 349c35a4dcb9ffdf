"""Laws of what a field may move: more of it, a single step of it, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from attrs import evolve

from credit_engine.errors import RecordError
from credit_engine.files.cells import CellForm, CellReader
from credit_engine.policy.load import Policy
from credit_engine.policy.places import did_you_mean
from credit_engine.quantities import FieldType, Thousandths
from credit_engine.records import IMPLIED, ListDecision, Operator, Party
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import drawn_value, pen_for, value_of
from credit_engine.testing.edges import OPERATOR, edges_of
from credit_engine.testing.laws.adding import COMPLETE, better, judged, worse
from credit_engine.testing.laws.answers import has_score
from credit_engine.testing.laws.differing import differences, lower, said, upper
from credit_engine.testing.laws.law import Asked, Law, Vary, law_error
from credit_engine.testing.question import Question
from credit_engine.testing.variations import relabelled, with_fields

ORDERED = ("int", "money", "decimal", "date")
_SMALL_STEPS: dict[str, Any] = {"int": 1, "money": 100, "decimal": Thousandths(1000), "date": 1}  # Any: of each type


# --- a field --------------------------------------------------------------------------------------------------


def monotone_in(policy: Policy, field: str, direction: str = "worse") -> Law:
    """A greater value of a field (`violation.fine`, `operator.staff`) never moves the score the other way.

    `direction`: `worse` (default) if more is worse, `better` if more is better.
    """
    if direction not in ("worse", "better"):
        raise law_error("bad_argument", f"monotone_in goes `worse` or `better`, not {direction!r}")
    kind, name, type_ = _ordered_field(policy, field, "monotone_in")
    sentence = f"More of {field} never makes the score {'better' if direction == 'worse' else 'worse'}."

    def greater(choose: Chooser, question: Question, old: Any) -> Any:  # Any: a value of the field
        pen = pen_for(choose, edges_of(question.policy), COMPLETE)
        values_of = f"operator.{name}" if kind == OPERATOR else ""
        new = drawn_value(pen, name, type_, values_of)
        return max(old, new)

    judge = judged(better if direction == "worse" else worse)
    arguments = {"field": field} | ({"direction": direction} if direction != "worse" else {})
    return Law("monotone_in", sentence, judge, _changing(kind, name, greater), has_score, arguments)


def no_cliff(policy: Policy, field: str, by: Any, step: Any = None) -> Law:  # Any: numbers as written
    """One step of a field moves the score by at most `by` points.

    `step`: 1, for money 1 yuan, for a date a day, unless another one is given (`"1000 yuan"`, `5`).
    """
    kind, name, type_ = _ordered_field(policy, field, "no_cliff")
    most, size = _number(by, "by"), _step(type_, step)
    shown = step if step is not None else {"money": "1 yuan", "date": "1 day"}.get(type_.name, "1")
    sentence = f"A step of {shown} of {field} moves the score by at most {said(most)}."

    def one_step(_choose: Chooser, _question: Question, old: Any) -> Any:  # Any: a value of the field
        if type_.name == "date":
            return old + timedelta(days=size)
        return Thousandths(old + size) if type_.name == "decimal" else old + size

    def judge(first: Asked, other: Asked) -> list[str]:
        before, after = first.answer.score, other.answer.score
        if before is None or after is None:
            return []
        pairs = ((lower(before), lower(after)), (upper(before), upper(after)))
        far = [abs(new - old) for old, new in pairs if old is not None and new is not None]
        if max(far, default=0) <= most:
            return []
        return [f"the score moves by {said(max(far))}, from {said(before)} to {said(after)}"]

    arguments = {"field": field, "by": by} | ({"step": step} if step is not None else {})
    return Law("no_cliff", sentence, judge, _changing(kind, name, one_step), has_score, arguments)


def independent_of(policy: Policy, field: str) -> Law:
    """Another value of a field changes nothing but that value; `ids`: other ids change nothing but the ids."""
    sentence = f"The answer does not depend on {field}."
    if field == "ids":
        return Law("independent_of", sentence, _same_outcome, _other_ids, arguments={"field": field})
    kind, name, type_ = _field(policy, field)

    def another(choose: Chooser, question: Question, _old: Any) -> Any:  # Any: a value of the field
        pen = pen_for(choose, edges_of(question.policy), COMPLETE)
        return drawn_value(pen, name, type_, f"operator.{name}" if kind == OPERATOR else "")

    return Law("independent_of", sentence, _same_outcome, _changing(kind, name, another), arguments={"field": field})


OUTCOME = ("outside_policy", "score", "grades", "on_list")


def _same_outcome(first: Asked, other: Asked) -> list[str]:
    return differences(first.answer, other.answer, OUTCOME)


def _other_ids(choose: Chooser, question: Question) -> Question | None:
    """The ids of the party's events given to each other; whatever names them goes along.

    Steps of a list keep theirs: ids order those of one day.
    """
    events = question.dossier.events
    steps = {each.id for each in events if isinstance(each, ListDecision)}
    ids = sorted({each.id for each in events} - steps)
    if len(ids) < 2 or question.event is not None or question.others:
        return None
    names = dict(zip(ids, choose.shuffled(ids), strict=True)) | {name: name for name in steps}
    return evolve(question, dossier=relabelled(question.dossier, names))


# --- fields ---------------------------------------------------------------------------------------------------

Change = Callable[[Chooser, Question, Any], Any]  # Any: values of the field


def _changing(kind: str, name: str, change: Change) -> Vary:
    """The question in which a field of one event, or of the operator, has another value; it must have one."""

    def vary(choose: Chooser, question: Question) -> Question | None:
        dossier = question.dossier
        if kind == OPERATOR:
            versions = tuple(_changed_party(choose, question, each, name, change) for each in dossier.party_versions)
            same = versions == dossier.party_versions
            return None if same else evolve(question, dossier=evolve(dossier, party_versions=versions))
        places = [
            place
            for place, each in enumerate(dossier.events)
            if each.kind == kind and value_of(each, name) is not None and not _denied(each, name)
        ]
        if not places:
            return None
        place = choose.one(places)
        old = dossier.events[place]
        new = change(choose, question, value_of(old, name))
        if new == value_of(old, name):
            return None
        events = (*dossier.events[:place], with_fields(old, {name: new}), *dossier.events[place + 1 :])
        return evolve(question, dossier=evolve(dossier, events=events))

    return vary


def _denied(each: Any, name: str) -> bool:  # Any: an event
    """Whether the codes of an event say that it has no such value: no fine among the penalties."""
    codes, _ = IMPLIED.get((each.kind, name), (None, None))
    given = getattr(each, "penalties", None)
    return codes is not None and given is not None and not given & codes


def _changed_party(choose: Chooser, question: Question, party: Party, name: str, change: Change) -> Party:
    if not isinstance(party, Operator):
        return party
    declared = not hasattr(party, name)
    old = party.extra.get(name) if declared else getattr(party, name)
    if old is None:
        return party
    new = change(choose, question, old)
    return evolve(party, extra={**party.extra, name: new}) if declared else evolve(party, **{name: new})


def _field(policy: Policy, field: str) -> tuple[str, str, FieldType]:
    """The kind, the name and the type of a field written `KIND.NAME`."""
    kind, _, name = field.partition(".")
    types = policy.plan.field_types.get(kind, {})
    if name in types:
        return kind, name, types[name]
    known = [f"{each}.{one}" for each in policy.plan.field_types for one in policy.plan.field_types[each]]
    message = f"the policy {policy.name} has no field {field!r}"
    raise law_error("unknown_field", message, did_you_mean(field, known) or "write KIND.FIELD, as violation.fine")


def _ordered_field(policy: Policy, field: str, law: str) -> tuple[str, str, FieldType]:
    kind, name, type_ = _field(policy, field)
    if type_.name not in ORDERED:
        hint = "numbers, money and dates have one"
        raise law_error("bad_argument", f"{law} needs a field with an order, and {field} is {type_}", hint)
    return kind, name, type_


def _number(given: Any, name: str) -> int:  # Any: a number as written
    try:
        return int(Thousandths.read(given))
    except RecordError:
        raise law_error("bad_argument", f"{name} is {given!r}, not a number of points", f"{name}: 10") from None


def _step(type_: FieldType, given: Any) -> Any:  # Any: a step as written, and as the field has it
    if given is None:
        return _SMALL_STEPS[type_.name]
    try:
        step = CellReader(FieldType("int") if type_.name == "date" else type_, CellForm())(given)
    except RecordError:
        step = None
    if not step or isinstance(step, date) or step <= 0:
        raise law_error("bad_argument", f"step is {given!r}, not a step of {type_}", 'step: 5, step: "1000 yuan"')
    return step

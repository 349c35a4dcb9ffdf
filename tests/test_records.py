"""Records: frozen, hashable, picklable; what cannot be is refused with a code, and None stays unknown."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from credit_engine.errors import Place, RecordError
from credit_engine.quantities import Thousandths
from credit_engine.records import (
    DEFAULT_ANCHORS,
    EVENT_CLASSES,
    IMPLIED,
    PENALTIES,
    CaseTransfer,
    Event,
    Honour,
    Inspection,
    ListDecision,
    Operator,
    OtherEvent,
    Person,
    RecordSource,
    Rectification,
    Region,
    Relation,
    Violation,
    field_types,
    kind_fields,
)

DAY = date(2024, 2, 29)


def new(class_: Any, **fields: Any) -> Any:  # Any: any class, with parts in any form its converters take
    return class_(**fields)


FULL: tuple[Any, ...] = (  # Any: records of every class
    new(Operator, id="P1", kind="enterprise", registered=DAY, licences=("SC10831011500017",), extra={"seats": 40}),
    new(Person, id="N1", name="甲", recorded=DAY, revision=2),
    new(Region, code="310115", parent="310000", from_day=DAY),
    new(Relation, id="R1", kind="shareholder", source="P1", target="P2", share="33.4%", share_max="1/2", since=DAY),
    new(
        Violation,
        id="V1",
        party="P1",
        decided=DAY,
        acts=["a", "b"],
        penalties=["fine", "warning"],
        fine=500000,
        responsible=[{"person": "N1", "role": "manager"}],
        read_from=RecordSource("violations.csv", 12),
    ),
    new(Inspection, id="I1", party="P1", occurred=DAY, score="9.5", result="pass", items_failed=0),
    new(CaseTransfer, id="T1", party="P1", received=DAY, direction="criminal", responsible=()),
    new(Rectification, id="C1", party="P1", occurred=DAY, of="V1", harm_removed=True),
    new(Honour, id="H1", party="P1", decided=DAY, type="HACCP", until=DAY),
    new(ListDecision, id="L1", party="P1", decided=DAY, list="severe", step="list", grounds=["V1"]),
    new(OtherEvent, id="F1", kind="complaint", party="P1", occurred=DAY, extra={"risk": "high", "tags": ("a", "b")}),
)


def refused(class_: Any, **fields: Any) -> tuple[str, ...]:  # Any: any class with any wrong part
    with pytest.raises(RecordError) as caught:
        class_(**fields)
    return caught.value.codes


# --- laws -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", FULL, ids=lambda record: type(record).__name__)
def test_every_record_survives_pickling_can_be_hashed_and_equals_its_copy(record: Any) -> None:  # Any: every class
    again = pickle.loads(pickle.dumps(record))  # noqa: S301  # our own bytes
    assert again == record == attrs.evolve(record)
    assert len({again, record, attrs.evolve(record)}) == 1


@pytest.mark.parametrize("record", FULL, ids=lambda record: type(record).__name__)
def test_no_record_can_be_changed_or_given_new_parts(record: Any) -> None:  # Any: every class
    for name in (*field_types(type(record)), "something_new"):
        with pytest.raises((FrozenInstanceError, AttributeError)):
            setattr(record, name, None)


@pytest.mark.parametrize("record", FULL, ids=lambda record: type(record).__name__)
def test_every_optional_part_may_be_unknown_and_every_needed_one_may_not(record: Any) -> None:  # Any: every class
    for attribute in attrs.fields(type(record)):
        if "type" not in attribute.metadata:
            continue
        if attribute.default is attrs.NOTHING:
            for nothing in (None, ""):
                with pytest.raises(RecordError):
                    attrs.evolve(record, **{attribute.name: nothing})
        else:
            changed = getattr(attrs.evolve(record, **{attribute.name: None}), attribute.name)
            assert changed in {attribute.default, None}
            assert attribute.default is None or changed == attribute.default


@pytest.mark.parametrize("record", FULL, ids=lambda record: type(record).__name__)
def test_no_part_takes_a_value_of_a_foreign_type(record: Any) -> None:  # Any: every class
    for name in field_types(type(record)):
        for foreign in (object(), 1.5, datetime(2024, 1, 1)):  # noqa: DTZ001  # a moment is no day, whatever its zone
            with pytest.raises(RecordError):
                attrs.evolve(record, **{name: foreign})


def test_where_a_record_was_read_does_not_make_it_another() -> None:
    one, other = (Person(id="N1", read_from=RecordSource("persons.csv", row)) for row in (1, 2))
    assert one == other
    assert len({one, other}) == 1


# --- parts ----------------------------------------------------------------------------------------------------


def test_parts_are_held_in_their_exact_form() -> None:
    violation = new(Violation, id="V1", party="P1", acts=["b", "a"], penalties=("fine", "fine"))
    assert violation.acts == ("b", "a")
    assert violation.penalties == frozenset({"fine"})
    assert new(Inspection, id="I1", party="P1", score=Decimal("9.5")).score == Thousandths(9500)
    assert new(Relation, id="R1", kind="branch", source="P1", target="P2", share="1/3").share == Fraction(1, 3)


def test_empty_is_known_and_none_is_not() -> None:
    violation = new(Violation, id="V1", party="P1", acts=[], penalties=set())
    assert (violation.acts, violation.penalties) == ((), frozenset())
    assert (new(Violation, id="V1", party="P1").acts, new(Violation, id="V1", party="P1").penalties) == (None, None)


def test_an_empty_standing_is_found_and_an_empty_sequence_or_revision_is_zero() -> None:
    for nothing in (None, ""):
        assert new(Violation, id="V1", party="P1", standing=nothing).standing == "found"
    violation = new(Violation, id="V1", party="P1", sequence=None, revision=None)
    assert (violation.sequence, violation.revision) == (0, 0)


def test_what_the_caller_changes_afterwards_does_not_reach_the_record() -> None:
    person, extra, acts = {"person": "N1", "role": "manager"}, {"seats": 1}, ["a"]
    violation = new(Violation, id="V1", party="P1", responsible=[person], extra=extra, acts=acts)
    person["person"], extra["seats"] = "N2", 2
    acts.append("b")
    assert violation.responsible == ({"person": "N1", "role": "manager"},)
    assert violation.extra == {"seats": 1}
    assert violation.acts == ("a",)


@pytest.mark.parametrize(
    "fields",
    [
        {"acts": {"a", "b"}},  # a set has no order
        {"acts": "a"},
        {"acts": ["a", None]},
        {"penalties": "fine"},
        {"penalties": ["fined"]},
        {"penalties": [{"fine": 1}]},
        {"penalties": [None]},
        {"severity": "Severe"},
        {"standing": "proven"},
        {"fine": Thousandths(5000)},
        {"fine": True},
        {"fine": "500 yuan"},
        {"heavier": 1},
        {"decided": "2024-01-01"},
        {"decided": datetime(2024, 1, 1)},  # noqa: DTZ001  # a moment is no day, whatever its zone
        {"responsible": [{"name": "甲"}]},
        {"responsible": {"person": "N1"}},
        {"revision": True},
    ],
)
def test_a_violation_with_a_wrong_part_is_refused(fields: dict[str, object]) -> None:
    assert refused(Violation, id="V1", party="P1", **fields) == ("bad_field",)


@pytest.mark.parametrize("name", ["fine", "confiscated", "goods_value", "revision"])
def test_amounts_and_revisions_are_never_negative(name: str) -> None:
    assert refused(Violation, id="V1", party="P1", **{name: -1}) == ("negative",)
    assert getattr(new(Violation, id="V1", party="P1", **{name: 0}), name) == 0


def test_a_refusal_names_the_record_and_the_part() -> None:
    with pytest.raises(RecordError, match="Violation 'V1': severity is 'grave', not one of minor, general, severe"):
        new(Violation, id="V1", party="P1", severity="grave")


def test_a_relation_is_between_two_and_its_range_does_not_run_backwards() -> None:
    both = {"id": "R1", "kind": "shareholder", "source": "P1"}
    assert refused(Relation, **both, target="P1") == ("relation_to_itself",)
    assert refused(Relation, **both, target="P2", share="51%", share_max="50%") == ("bad_share",)
    assert new(Relation, **both, target="P2", share="50%", share_max="50%").share_max == Fraction(1, 2)
    assert new(Relation, **both, target="P2", share_max="50%").share is None


def test_an_operator_is_no_natural_person() -> None:
    assert refused(Operator, id="P1", kind="person") == ("person_as_operator",)
    assert new(Operator, id="P1").kind is None


@pytest.mark.parametrize("kind", EVENT_CLASSES)
def test_a_declared_event_cannot_take_the_name_of_a_built_in_kind(kind: str) -> None:
    assert refused(OtherEvent, id="F1", kind=kind, party="P1") == ("built_in_kind",)


def test_a_region_is_valid_from_its_first_day_to_the_day_before_its_last() -> None:
    region = new(Region, code="330102", from_day=date(2000, 1, 1), until=date(2021, 3, 11))
    days = (date(1999, 12, 31), date(2000, 1, 1), date(2021, 3, 10), date(2021, 3, 11))
    assert [region.valid_on(day) for day in days] == [False, True, True, False]
    assert new(Region, code="330000").valid_on(date.min)


# --- the tables about the classes -----------------------------------------------------------------------------


def test_every_kind_of_event_has_a_class_and_a_default_anchor_among_its_days() -> None:
    assert set(EVENT_CLASSES) == set(DEFAULT_ANCHORS)
    for kind, class_ in EVENT_CLASSES.items():
        assert class_.kind == kind
        assert kind_fields(kind)[DEFAULT_ANCHORS[kind]].name == "date"
        assert kind_fields(kind) == field_types(class_)


def test_a_declared_kind_has_the_fields_that_every_event_has() -> None:
    assert kind_fields("complaint") == field_types(Event)
    assert set(kind_fields("complaint")) < set(kind_fields("violation"))


def test_implied_values_speak_of_fields_and_penalties_that_exist() -> None:
    for (kind, name), (codes, value) in IMPLIED.items():
        assert name in kind_fields(kind)
        assert codes <= set(PENALTIES)
        assert value in {0, None}


def test_a_record_knows_its_place() -> None:
    assert FULL[4].place == Place("violations.csv", 12)
    assert str(FULL[4].read_from) == "violations.csv:12"
    assert FULL[0].place == Place(path="P1")
    assert (FULL[1].kind, FULL[10].kind) == ("person", "complaint")


@pytest.mark.parametrize(
    ("cls", "field", "given", "message", "hint"),
    [
        (Violation, "decided", "2026-03-02", "decided is '2026-03-02'", "datetime.date"),
        (Violation, "decided", datetime(2026, 3, 2, tzinfo=UTC), "decided is 2026-03-02 00:00:00", "datetime.date"),
        (Violation, "fine", 5.5, "fine is 5.5", "whole fen"),
        (Violation, "penalties", "fine", "penalties is 'fine'", 'a set, such as {"fine"}'),
        (Violation, "penalties", ["fined"], "penalties is ['fined']", "did you mean 'fine'?"),
        (Inspection, "score", 92.5, "Inspection 'V1': score: 92.5 is not", "as text"),
        (Relation, "share", "50", "Relation 'V1': share: '50'", "50%"),
        (Operator, "region", 310115, "region is 310115", "quotes"),
    ],
)
def test_a_field_that_cannot_be_names_its_record_and_says_what_to_give(
    cls: Any, field: str, given: Any, message: str, hint: str
) -> None:
    ends = {Operator: {}, Relation: {"kind": "shareholder", "source": "A", "target": "B"}}.get(cls, {"party": "P1"})
    with pytest.raises(RecordError) as caught:
        cls(id="V1", **ends, **{field: given})
    (problem,) = caught.value.problems
    assert message in problem.message
    assert "'V1'" in problem.message
    assert hint in problem.hint


def test_a_record_in_place_of_an_id_is_refused_without_its_name() -> None:
    with pytest.raises(RecordError) as caught:
        Relation(id="R1", kind="branch", source=Operator(id="P1", name="Somebody"), target="P2")  # type: ignore[arg-type]
    assert str(caught.value).startswith("bad_field: Relation 'R1': source is of class Operator, not party")

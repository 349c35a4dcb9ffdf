"""The tables of an input folder: what each is called, which record it holds, and the columns it may have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import field, frozen

from credit_engine.quantities import INT, TEXT, FieldType
from credit_engine.records import (
    EVENT_CLASSES,
    Event,
    Operator,
    OtherEvent,
    Person,
    RecordSource,
    Region,
    Relation,
    Versioned,
    field_types,
    kind_fields,
)

FieldTypes = Mapping[str, Mapping[str, FieldType]]
TableRecord = Versioned | Region

PARTY_TABLES: Mapping[str, str] = {"operators": "operator", "persons": "person"}
# Where a record was first read, in tables that this library wrote itself.
ORIGIN: Mapping[str, FieldType] = {"from_file": TEXT, "from_record": INT}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "operators": ("id",),
    "persons": ("id",),
    "regions": ("code",),
    "relations": ("id", "kind", "source", "target"),
}
_RENAMED = {"from": "from_day"}


@frozen
class Shape:
    """One table: the record class, its own columns, those that the policy declares, and those that must be filled."""

    table: str
    record: type[TableRecord]
    own: Mapping[str, FieldType] = field(hash=False)
    declared: Mapping[str, FieldType] = field(hash=False)
    required: tuple[str, ...] = ("id", "party")

    @property
    def columns(self) -> Mapping[str, FieldType]:
        """All columns and their types, in order."""
        return {**self.own, **self.declared}

    @property
    def is_event(self) -> bool:
        """Whether the table holds a kind of event; it is then called after it."""
        return issubclass(self.record, Event)

    @property
    def key(self) -> str:
        """The column that names a record."""
        return "code" if self.record is Region else "id"

    # Any: values of the columns' types
    def build(self, values: Mapping[str, Any], read_from: RecordSource) -> TableRecord:
        """The record of these values; raises `RecordError` where they contradict each other."""
        own = {_RENAMED.get(name, name): value for name, value in values.items() if name in self.own}
        extra = {name: value for name, value in values.items() if name in self.declared}
        if self.record is Region:
            return Region(**own)
        if self.record is Relation:
            return Relation(**own, read_from=read_from)
        if self.record is OtherEvent:
            own["kind"] = self.table
        return self.record(**own, extra=extra, read_from=read_from)  # type: ignore[call-arg]  # parties and events have both

    def cells(self, record: TableRecord) -> Mapping[str, Any]:  # Any: as above
        """The values of a record by column, as `build` takes them; unknown ones are `None`."""
        extra = getattr(record, "extra", {})
        own = {name: getattr(record, _RENAMED.get(name, name)) for name in self.own}
        return {**own, **{name: extra.get(name) for name in self.declared}}


def shapes(declared: FieldTypes, kinds: Collection[str]) -> Mapping[str, Shape]:
    """Every table by name: parties, regions, relations, and one for each kind of event.

    `declared` are the field types of a policy by `operator`, `person` or kind of event (built-in ones may be among
    them), `kinds` the kinds it knows; the built-in kinds are always there.
    """
    of_party = {**declared.get("operator", {}), **declared.get("person", {})}
    tables = [
        _shape("operators", Operator, field_types(Operator), of_party),
        _shape("persons", Person, field_types(Person), of_party, hidden=field_types(Operator)),
        _shape("regions", Region, {_column(name): type_ for name, type_ in field_types(Region).items()}, {}),
        _shape("relations", Relation, field_types(Relation), {}),
    ]
    tables += [
        _shape(kind, EVENT_CLASSES.get(kind, OtherEvent), kind_fields(kind), declared.get(kind, {}))
        for kind in sorted({*EVENT_CLASSES, *kinds})
    ]
    return {shape.table: shape for shape in tables}


def _column(attribute: str) -> str:
    return next((column for column, name in _RENAMED.items() if name == attribute), attribute)


def _shape(
    table: str,
    record: type[TableRecord],
    own: Mapping[str, FieldType],
    declared: Mapping[str, FieldType],
    hidden: Collection[str] = (),
) -> Shape:
    extra = {name: type_ for name, type_ in declared.items() if name not in own and name not in hidden}
    return Shape(table, record, own, extra, _REQUIRED.get(table, ("id", "party")))


def file_names(shape: Shape) -> tuple[str, ...]:
    """The names (without ending) that a table's file may have: a kind of event also stands in its plural."""
    return (f"{shape.table}s", shape.table) if shape.is_event else (shape.table,)

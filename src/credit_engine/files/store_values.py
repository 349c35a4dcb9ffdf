"""Values as cells of a store and back: texts, whole numbers, days and truth values; lists and records as JSON text.

One value has one cell: sets are sorted, shares are lowest terms, decimals whole thousandths. So two cells are equal
where their values are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Literal

from credit_engine.days import Period
from credit_engine.files.cells import CellForm, CellReader
from credit_engine.files.shapes import Shape
from credit_engine.quantities import FieldType, Thousandths

CellType = Literal["text", "int", "date", "bool"]
_NATIVE: Mapping[str, CellType] = {"int": "int", "money": "int", "decimal": "int", "date": "date", "bool": "bool"}
DEFAULTS: Mapping[str, str | int] = {"standing": "found", "sequence": 0, "revision": 0}  # what an empty cell means


def cell_type(type_: FieldType) -> CellType:
    """How a value of this type stands in a column of a store."""
    return _NATIVE.get(type_.name, "text")


# Any: a value of the type
def cell_writer(type_: FieldType) -> Callable[[Any], object]:
    """What turns a value of the type (none of them unknown) into its cell."""
    if type_.of is not None:
        return (lambda value: _json(sorted(map(_element, value)))) if type_.name == "set" else _listed
    if type_.name == "decimal":
        return int
    return (lambda value: value) if type_.name in _NATIVE or type_.name in ("text", "party") else str


def cell_reader(type_: FieldType) -> Callable[[Any], Any]:  # Any: a cell, and a value of the type
    """What turns a cell that `cell_writer` made into its value; a list may also be given as one."""
    if type_.of is not None:
        read = CellReader(type_, CellForm())
        return lambda cell: read(json.loads(cell) if isinstance(cell, str) else cell)
    readers: Mapping[str, Callable[[Any], Any]] = {  # Any: as above
        "decimal": Thousandths,
        "share": Fraction,
        "period": Period.read,
    }
    return readers.get(type_.name, lambda cell: cell)


def values_reader(shape: Shape) -> Callable[[Mapping[str, Any]], dict[str, Any]]:  # Any: cells, and values
    """What turns the cells of a row, by column, into values as `Shape.build` takes them; unknown ones are left out."""
    readers = {name: cell_reader(type_) for name, type_ in shape.columns.items()}

    def values(cells: Mapping[str, Any]) -> dict[str, Any]:  # Any: as above
        return {name: read(cells[name]) for name, read in readers.items() if cells.get(name) is not None}

    return values


def _listed(value: Any) -> str:  # Any: a tuple of values
    return _json([_plain(each) if isinstance(each, Mapping) else _element(each) for each in value])


def _plain(record: Mapping[str, object]) -> Mapping[str, object]:
    return {name: _element(value) for name, value in sorted(record.items())}


def _element(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _json(items: object) -> str:
    return json.dumps(items, ensure_ascii=False, separators=(",", ":"))

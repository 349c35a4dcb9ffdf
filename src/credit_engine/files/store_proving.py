"""Whole columns as cells of a store, with the rows for which this is certainly what the row reader would say.

Nothing is decided here: whatever is not plainly good is left to the row reader. A column either has a native type
whose range is checked, or its distinct values are put to the row reader's own `CellReader`. Texts that hardly repeat,
alone or in lists, are taken as they are where they are plain.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.errors import RecordError
from credit_engine.files.cells import CellReader
from credit_engine.files.rows import LONGEST_CELL
from credit_engine.files.store_layout import CELLS
from credit_engine.files.store_values import cell_type, cell_writer
from credit_engine.quantities import MOST, FieldType
from credit_engine.records import IDS, NEVER_NEGATIVE

# Blanks at an end, as either Python or Rust counts them: such a text is not yet what it means. NUL is in no good row.
_BLANK_ENDS = r"^[\s\x00-\x20\x7f]|[\s\x00-\x20\x7f]$|\x00"
_PRINTABLE = r"^[!-~](?:[ -~]*[!-~])?$"
_NOT_PLAIN = r"[^!#-\[\]-~]"  # in an element of a list: a blank, a mark that JSON writes in another way, ...
_FEW = 1_000  # distinct texts that are read one by one sooner than all rows are looked through
_LOOKED_AT = 2_000  # rows from which it is told whether texts repeat
_LAST_YEAR = 9999
_SCALARS = (pl.String, pl.Boolean, pl.Date, pl.Decimal)


@frozen
class Field:
    """One column to prove: its name, its type, the row reader's reader of its cells."""

    name: str
    type_: FieldType
    read: CellReader


@frozen(eq=False)
class Proven:
    """The cells of a column as a store has them, and on which rows they are certain (`None`: on all)."""

    cells: pl.Series
    certain: pl.Series | None = None


def proven(column: pl.Series, field: Field) -> Proven:
    """The cells of a raw column."""
    dtype = CELLS[cell_type(field.type_)]
    if column.null_count() == len(column):
        return Proven(pl.Series(field.name, [None], dtype).new_from_index(0, len(column)))
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    name = field.type_.name
    if name in ("text", "party") and not field.type_.codes and column.dtype == pl.String:
        return _free_texts(column, field)
    if name in ("int", "money") and column.dtype.is_integer() and not column.dtype.is_(pl.Int128()):
        return _whole_numbers(column, field)
    if name == "date" and column.dtype == pl.Date:
        return Proven(column, column.is_null() | column.dt.year().is_between(1, _LAST_YEAR))
    if name == "bool" and column.dtype == pl.Boolean:
        return Proven(column)
    if column.dtype == pl.List(pl.String) and field.type_.of is not None and not field.type_.of.fields:
        return _lists(column, field)
    if isinstance(column.dtype, _SCALARS) or column.dtype.is_integer():
        return each_once(column, field)
    return Proven(pl.Series(field.name, [None], dtype).new_from_index(0, len(column)), column.is_null())


def _whole_numbers(column: pl.Series, field: Field) -> Proven:
    lowest = 0 if field.name in NEVER_NEGATIVE else 1 - MOST
    cells = column.cast(pl.Int64, strict=False)  # what does not fit becomes empty
    certain = cells.is_between(lowest, MOST - 1).fill_null(value=False) | column.is_null()
    return Proven(cells, certain)


def _free_texts(column: pl.Series, field: Field) -> Proven:
    distinct = _few(column)
    if distinct is not None:
        return each_once(column, field, distinct)
    as_it_is = column.str.len_bytes().is_between(1, LONGEST_CELL)
    as_it_is &= column.str.contains(_PRINTABLE) if field.name in IDS else ~column.str.contains(_BLANK_ENDS)
    as_it_is |= column.is_null()
    if as_it_is.all():
        return Proven(column)
    rest = each_once(column.filter(~as_it_is), field)
    at = (~as_it_is).arg_true()
    cells = column.clone().scatter(at, rest.cells)
    return Proven(cells, None if rest.certain is None else as_it_is.clone().scatter(at, rest.certain))


def _few(texts: pl.Series) -> pl.Series | None:
    """The distinct texts where they are few."""
    if texts.gather_every(max(len(texts) // _LOOKED_AT, 1)).n_unique() > _FEW:
        return None
    distinct = texts.drop_nulls().unique()
    return distinct.sort() if len(distinct) <= _FEW else None


def each_once(column: pl.Series, field: Field, distinct: pl.Series | None = None) -> Proven:
    """Every distinct value read once, by the row reader's own reader."""
    if distinct is None:
        distinct = column.drop_nulls().unique().sort()
    cells, certain = _read(distinct.to_list(), field)
    if all(certain) and distinct.dtype == pl.String and cells == distinct.to_list():
        return Proven(column)
    told = pl.DataFrame(
        {
            "raw": distinct,
            "cell": pl.Series(cells, dtype=CELLS[cell_type(field.type_)], strict=True),
            "certain": pl.Series(certain, dtype=pl.Boolean),
        }
    )
    found = column.alias("raw").to_frame().join(told, on="raw", how="left", maintain_order="left")
    mask = None if all(certain) else found.get_column("certain").fill_null(value=True)
    return Proven(found.get_column("cell").alias(field.name), mask)


# Any: cells as the column says
def _read(values: Sequence[Any], field: Field) -> tuple[list[Any], list[bool]]:
    write = cell_writer(field.type_)
    cells: list[Any] = []  # Any: as above
    certain: list[bool] = []
    for value in values:
        try:
            read = field.read(value)
        except RecordError:
            cells.append(None)
            certain.append(False)
            continue
        cells.append(None if read is None else write(read))
        certain.append(is_allowed(read, field.name) and not (isinstance(value, str) and "\0" in value))
    return cells, certain


def is_allowed(value: Any, name: str) -> bool:  # Any: a value of the field
    """What records ask of a field beyond its type."""
    if value is None:
        return True
    if name in IDS:
        return bool(value.isprintable())
    return not (name in NEVER_NEGATIVE and value < 0)


def _lists(column: pl.Series, field: Field) -> Proven:
    """Lists of texts. Each distinct list is read once, as the JSON text that its elements make.

    Elements whose text JSON would write in another way may make the text of another list: they are left alone.
    """
    if _few(texts := _as_json(column)) is None and _are_plain(column, field):
        in_order = column if field.type_.name == "list" else column.list.unique().list.sort()
        return Proven(_as_json(in_order).alias(field.name), column.is_null() | texts.is_not_null())
    distinct = texts.drop_nulls().unique().sort()
    told = [_read_list(text, field) for text in distinct]
    cells = pl.Series([cell for cell, _length in told], dtype=pl.String)
    lengths = pl.Series([length for _cell, length in told], dtype=pl.UInt32)
    places = texts.cast(pl.Enum(distinct)).to_physical()
    is_it = (lengths.gather(places) == column.list.len()).fill_null(value=False) | column.is_null()
    return Proven((texts if cells.equals(distinct) else cells.gather(places)).alias(field.name), is_it)


def _as_json(lists: pl.Series) -> pl.Series:
    """The text of each list; none where it or an element is unknown."""
    joined = pl.format('["{}"]', pl.col("raw").list.join('","', ignore_nulls=False))
    text = pl.when(pl.col("raw").list.len() == 0).then(pl.lit("[]")).otherwise(joined)
    return lists.alias("raw").to_frame().select(text).to_series()


def _are_plain(lists: pl.Series, field: Field) -> bool:
    """Whether every element stands for itself, and JSON writes it as it is."""
    element = field.type_.of
    if element is None or element.name != "text" or element.codes:
        return False
    texts = lists.explode(empty_as_null=False).drop_nulls()
    return bool(texts.str.len_bytes().is_between(1, LONGEST_CELL).all() and not texts.str.contains(_NOT_PLAIN).any())


def _read_list(text: str, field: Field) -> tuple[str | None, int | None]:
    """The cell of the list that makes this text, and how long it is; nothing where it is not certain."""
    try:
        elements = json.loads(text)
        value = field.read(elements)
    except (ValueError, RecordError):
        return None, None
    if value is None or text != ('["' + '","'.join(elements) + '"]' if elements else "[]"):
        return None, None
    return cell_writer(field.type_)(value), len(elements)  # type: ignore[return-value]  # lists are texts

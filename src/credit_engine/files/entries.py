"""What a mapping says, as frozen data: which file fills which table, and how its cells are written.

A plain folder is read by the same entries, made from the names of its files.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from credit_engine.files.cells import ISO, DateForm

NOTHING: Mapping[str, object] = MappingProxyType({})


@frozen
class Column:
    """The cell of one column of the file."""

    name: str


@frozen
class Joined:
    """Several parts as one id, joined by `/` (a `/` inside a part is written `~1`, a `~` as `~0`)."""

    parts: tuple[ColumnSource, ...]


@frozen
class FirstOf:
    """The first part that is not empty."""

    parts: tuple[ColumnSource, ...]


@frozen
class Line:
    """The number of the record in its file."""


@frozen
class Piece:
    """The number of the item within its cell, where each packed item is a record of its own."""


ColumnSource = Column | Joined | FirstOf | Line | Piece


@frozen
class Skip:
    """Rows that are no record here, and why: the column is (`unless`: is not) one of `values`; `""` is empty."""

    column: str
    values: frozenset[str]
    reason: str
    unless: bool = False


@frozen
class Packed:
    """Several findings in one cell: `items` and `parts` separate them, `names` become columns, `count` too."""

    column: str
    items: tuple[str, ...]
    parts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    count: str = ""
    each: bool = False

    def columns(self) -> tuple[str, ...]:
        """The columns that it makes, in order."""
        return (*self.names, self.count) if self.count else self.names


@frozen
class Labelled:
    """A cell that may hold `LABEL: text` several times: `labels` to the column each becomes; `otherwise`: no label."""

    column: str
    labels: Mapping[str, str] = field(hash=False)
    otherwise: str

    def columns(self) -> tuple[str, ...]:
        """The columns that it makes, in order."""
        return tuple(dict.fromkeys((*self.labels.values(), self.otherwise)))


@frozen
class Entry:
    """How one file fills one table. `sources` is `None` in a plain folder: the columns have our own names.

    `repeats`: rows with equal id parts are different records, numbered. `only_new`: rows whose id an earlier entry
    of the table has are left out. `one_per_id`: of rows with equal ids one stands, whatever their order. `may_lack`:
    columns that read as empty where the file does not have them.
    """

    table: str
    file: str
    sources: Mapping[str, ColumnSource] | None = field(default=None, hash=False)
    constants: Mapping[str, str] = field(default=NOTHING, hash=False)
    prefixes: Mapping[str, str] = field(default=NOTHING, hash=False)
    codes: Mapping[str, Mapping[str, str | None]] = field(default=NOTHING, hash=False)
    separators: Mapping[str, tuple[str, ...]] = field(default=NOTHING, hash=False)
    nulls: frozenset[str] = frozenset()
    field_nulls: Mapping[str, frozenset[str]] = field(default=NOTHING, hash=False)
    money: str = "fen"
    dates: tuple[DateForm, ...] = ISO
    aliases: Mapping[str, tuple[str, ...]] = field(default=NOTHING, hash=False)
    tidy: tuple[str, ...] = ()
    may_lack: tuple[str, ...] = ()
    skip: tuple[Skip, ...] = ()
    packed: Packed | None = None
    labelled: Labelled | None = None
    repeats: bool = False
    only_new: bool = False
    one_per_id: bool = False
    optional: bool = False
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    header_line: int = 1

    def columns(self) -> frozenset[str]:
        """The columns that it reads, as it names them; those that it makes itself (`packed`, `labelled`) left out."""
        sources = list((self.sources or {}).values())
        names = {skip.column for skip in self.skip} | set(self.tidy)
        made: set[str] = set()
        for unpacked in (self.packed, self.labelled):
            if unpacked is not None:
                names.add(unpacked.column)
                made |= set(unpacked.columns())
        while sources:
            source = sources.pop()
            if isinstance(source, Column):
                names.add(source.name)
            elif isinstance(source, Joined | FirstOf):
                sources.extend(source.parts)
        return frozenset(names - made)


@frozen
class InputMapping:
    """A mapping by name, with its entries in order."""

    name: str
    title: Mapping[str, str] = field(hash=False)
    entries: tuple[Entry, ...]

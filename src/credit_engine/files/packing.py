"""Several things in one cell: packed findings, and labelled names. They become further columns of the row.

A sampling table packs `item║value║limit` into one cell, several of them separated by `;`; a maker's cell may hold
`委托方：...；受托方：...`, two parties.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.entries import Entry, Labelled, Packed
from credit_engine.policy.places import did_you_mean

Cells = Sequence[object]
Spread = Callable[[Cells], Iterator[Cells | None]]


def virtual_columns(entry: Entry, header: Sequence[str], file: str) -> tuple[Spread | None, tuple[str, ...]]:
    """What turns a row into one or more rows with further columns, and the names of these columns.

    A row that packs nothing, where each item would be a record, gives `None` once.
    """
    packed, labelled = entry.packed, entry.labelled
    if packed is None and labelled is None:
        return None, ()
    unpack = _unpacker(packed, _at(entry, packed.column, header, file)) if packed else None
    label = _labeller(labelled, _at(entry, labelled.column, header, file)) if labelled else None

    def spread(cells: Cells) -> Iterator[Cells | None]:
        names = label(cells) if label else []
        for more in unpack(cells) if unpack else ([],):
            yield None if more is None else [*cells, *names, *more]

    return spread, (*(labelled.columns() if labelled else ()), *(packed.columns() if packed else ()))


def _at(entry: Entry, column: str, header: Sequence[str], file: str) -> int:
    for name in (column, *entry.aliases.get(column, ())):
        if name in header:
            return list(header).index(name)
    raise InputError(Problem("missing_column", f"no column {column!r}", Place(file), did_you_mean(column, header)))


def _pieces(text: str, separators: Sequence[str]) -> list[str]:
    if not separators:
        return [text.strip()]
    return [piece.strip() for piece in re.split("|".join(map(re.escape, separators)), text)]


def _unpacker(packed: Packed, at: int) -> Callable[[Cells], list[list[str] | None]]:
    width = len(packed.names)

    def unpack(cells: Cells) -> list[list[str] | None]:
        items = [item for item in _pieces(str(cells[at] or ""), packed.items) if item]
        parts = [[*_pieces(item, packed.parts), *[""] * width][:width] for item in items]
        count = [str(len(items))] if packed.count else []
        if packed.each:
            return [[*part, *count] for part in parts] or [None]
        together = [";".join(filter(None, (part[name] for part in parts))) for name in range(width)]
        return [[*together, *count]]

    return unpack


def _labeller(labelled: Labelled, at: int) -> Callable[[Cells], list[str]]:
    columns = labelled.columns()
    words = "|".join(re.escape(label) for label in sorted(labelled.labels, key=len, reverse=True))
    pattern = re.compile(rf"({words})\s*[:：]\s*")

    def label(cells: Cells) -> list[str]:
        text = str(cells[at] or "").strip()
        found = dict.fromkeys(columns, "")
        _before, *labels_and_texts = pattern.split(text)
        if not labels_and_texts:
            found[labelled.otherwise] = text
        for word, name in zip(labels_and_texts[::2], labels_and_texts[1::2], strict=True):
            found[labelled.labels[word]] = name.strip(" ;；,，、\n")
        return list(found.values())

    return label

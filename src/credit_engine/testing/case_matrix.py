"""A case with a `matrix` is read once for each row: `"{fine}"` stands for the value that the row has for `fine`.

* A text that is exactly one placeholder becomes the value itself, of whatever type; inside longer text, and in a name,
  the value is written out. `{{` and `}}` are braces.
* Every placeholder has a column, every column is used, and every row has all columns. Whatever is wrong has its place.
* What comes out is bounded, however many rows and placeholders a hostile file has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, field

from credit_engine.errors import Place, Problem
from credit_engine.policy.files import Items, Map, did_you_mean, is_quoted, place_of, shown, value_place_of
from credit_engine.testing.comparing import shown as flow

MOST_NODES = 200_000  # keys, values and elements of all cases that one matrix makes
MOST_CHARACTERS = 10_000  # of what is filled into one text
HINT = "matrix: [{fine: 49999, score: 100}, {fine: 50000, score: 80}]"

_PIECE = re.compile(r"\{\{|\}\}|\{([^\W\d][\w.-]*)\}")


def rows_of(case: Map, problems: list[Problem]) -> Iterator[tuple[Map, Place]]:
    """Each case that a case with `matrix` stands for, with the place of its row; what is wrong goes to `problems`."""
    matrix = case["matrix"]
    if not isinstance(matrix, Items) or not matrix or not all(isinstance(row, Map) and row for row in matrix):
        place = value_place_of(case, "matrix")
        problems.append(Problem("wrong_type", "matrix is a list of rows, each a mapping of values", place, HINT))
        return
    template = case.copy()
    template.drop("matrix")
    if len(matrix) * _nodes(template, matrix) > MOST_NODES:
        message = f"the matrix makes more than {MOST_NODES:,} keys and values"
        problems.append(Problem("too_big", message, value_place_of(case, "matrix"), "use fewer rows"))
        return
    used: set[str] = set()
    for row in matrix:
        filling = _Filling(row, problems, used)
        yield filling.mapping(template), row.place
    if not problems:  # a misspelt placeholder would leave its column unused, too
        problems += _unused(matrix, used)


def _nodes(template: Map, matrix: Items) -> int:
    """At most so many keys, values and elements come out of one row."""
    widest = max(_count(value) for row in matrix for value in row.values())
    return _count(template, widest)


def _count(content: Any, of_a_placeholder: int = 1) -> int:  # Any: as written
    total, waiting = 0, [content]
    while waiting:
        part = waiting.pop()
        total += of_a_placeholder + len(part) // 100 if isinstance(part, str) else 1
        waiting += [*part, *part.values()] if isinstance(part, Map) else part if isinstance(part, Items) else ()
    return total


def _unused(matrix: Items, used: set[str]) -> Iterator[Problem]:
    told: set[object] = set()
    for row in matrix:
        for column in row:
            if column not in used and column not in told:
                told.add(column)
                message = f"no text of the case has the column {shown(column)}"
                hint = f'write "{{{column}}}", in quotes, where the value belongs, or remove the column'
                yield Problem("unused_column", message, place_of(row, column), hint)


@define
class _Filling:
    """One row on its way into a case."""

    row: Map
    problems: list[Problem]
    used: set[str] = field(factory=set)

    def mapping(self, content: Map) -> Map:
        """The mapping with the row's values; names of cases are text."""
        made = Map(place=content.place)
        for key in content:
            new = self.text(key, place_of(content, key)) if isinstance(key, str) else key
            if new in made:
                self.wrong("duplicate_key", f"the key {shown(new)} stands twice", place_of(content, key), "keep one")
            put = self._putting(made, new, place_of(content, key))
            self._fill(content, key, put, is_name=key == "name")
        return made

    def items(self, content: Items) -> Items:
        """The list with the row's values."""
        made = Items(place=content.place)
        for index in range(len(content)):
            self._fill(content, index, lambda value, place, quoted: made.add(value, place, quoted=quoted))
        return made

    def _putting(self, made: Map, key: Any, place: Place) -> Callable[[Any, Place, bool], None]:  # Any: as written
        return lambda value, value_place, quoted: made.put(key, value, place, value_place, quoted=quoted)

    def _fill(
        self, content: Map | Items, step: Any, put: Callable[[Any, Place, bool], None], *, is_name: bool = False
    ) -> None:  # Any: a key or index; a value as written
        value, place, quoted = content[step], value_place_of(content, step), is_quoted(content, step)
        if isinstance(value, str):
            whole = _PIECE.fullmatch(value)
            column = whole[1] if whole else None
            if column is None or is_name:
                put(self.text(value, place), place, quoted)
            elif self._has(column, place):
                put(self.row[column], value_place_of(self.row, column), is_quoted(self.row, column))
        elif isinstance(value, Map):
            self._unquoted(value)
            put(self.mapping(value), place, quoted)
        elif isinstance(value, Items):
            put(self.items(value), place, quoted)
        else:
            put(value, place, quoted)

    def _unquoted(self, value: Map) -> None:
        """A placeholder without quotes is a mapping with a key and nothing behind it."""
        for column in value:
            if len(value) == 1 and value[column] is None and column in self.row:
                self.used.add(str(column))
                message = f"{{{column}}} without quotes is a mapping, no placeholder"
                self.wrong("wrong_type", message, value.place, f'write "{{{column}}}"')

    def text(self, text: str, place: Place) -> str:
        """The text with the row's values written out."""
        pieces: list[str] = []
        end = size = 0
        for piece in _PIECE.finditer(text):
            pieces += [text[end : piece.start()], self._written(piece, place)]
            end, size = piece.end(), size + len(pieces[-1])
            if size > MOST_CHARACTERS:
                message = f"more than {MOST_CHARACTERS:,} characters are filled into this text"
                self.wrong("too_big", message, place, "write shorter values")
                return ""
        return "".join([*pieces, text[end:]])

    def _written(self, piece: re.Match[str], place: Place) -> str:
        column = piece[1]
        if column is None:
            return piece[0][0]
        if not self._has(column, place):
            return ""
        value = self.row[column]
        return value if isinstance(value, str) else flow(value)

    def _has(self, column: str, place: Place) -> bool:
        self.used.add(column)
        if column in self.row:
            return True
        columns = [str(name) for name in self.row]
        hint = did_you_mean(column, columns) or f"columns: {', '.join(columns)}"
        message = f"a row of the matrix has no {shown(column)} (the row at {self.row.place})"
        self.wrong("unknown_placeholder", message, place, f"{hint}; write {{{{ and }}}} for braces")
        return False

    def wrong(self, code: str, message: str, place: Place, hint: str) -> None:
        """Tell of a problem."""
        self.problems.append(Problem(code, message, place, hint))

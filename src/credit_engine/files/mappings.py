"""Mappings: YAML that says how files that look different fill our tables. Reading finds all problems at once.

Shipped mappings go by their names, others by the path of their file. `docs/reference/mappings.md` lists every key.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from credit_engine.errors import InputError, PolicyError, Problem, RecordError
from credit_engine.files.cells import DateForm
from credit_engine.files.entries import (
    Column,
    ColumnSource,
    Entry,
    FirstOf,
    InputMapping,
    Joined,
    Labelled,
    Line,
    Packed,
    Piece,
    Skip,
)
from credit_engine.files.pieces import Pieces
from credit_engine.policy.files import (
    Items,
    Map,
    did_you_mean,
    kind_of,
    place_of,
    read_text,
    read_yaml,
    shown,
    value_place_of,
)

SHIPPED = Path(__file__).parent.parent / "mappings"
_UNITS = ("fen", "分", "yuan", "元", "wan", "万元")
_ENCODING_OF = {"utf-8": "utf-8-sig", "utf8": "utf-8-sig"}


def shipped_mappings() -> tuple[str, ...]:
    """The names of the mappings that come with the library."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def load_mapping(name_or_path: Path | str) -> InputMapping:
    """The mapping of a shipped name or a path; raises `InputError` with all problems."""
    text = str(name_or_path)
    if text in shipped_mappings():
        return _load(lambda: read_yaml(SHIPPED / f"{text}.yaml"))
    if not Path(text).is_file():
        hint = did_you_mean(text, shipped_mappings())
        raise InputError(Problem("not_found", f"no mapping {text!r}: neither a shipped name nor a file", hint=hint))
    return _load(lambda: read_yaml(text))


def load_mapping_text(text: str, name: str = "mapping.yaml") -> InputMapping:
    """The mapping that a text says; `name` stands for the file in messages."""
    return _load(lambda: read_text(text, name))


def _load(read: Callable[[], Map]) -> InputMapping:
    try:
        content = read()
    except PolicyError as error:
        raise InputError(error.problems) from error
    reader = _Reader()
    mapping = reader.mapping(content)
    if reader.problems:
        raise InputError(reader.problems)
    return mapping


class _Reader(Pieces):
    """Reads a mapping, and collects what is wrong with it."""

    def mapping(self, data: Map) -> InputMapping:
        self.keys(data, ("mapping", "title", "tables"), ("mapping", "tables"))
        tables = data.get("tables")
        if not isinstance(tables, Items) or not tables:
            self.wrong("wrong_type", "`tables` is a list of tables", place_of(data, "tables"))
            tables = Items()
        entries = []
        for index, table in enumerate(tables):
            if isinstance(table, Map):
                entries.append(self.entry(table))
            else:
                self.wrong("wrong_type", f"a table is a mapping, this is {kind_of(table)}", tables.places[index])
        return InputMapping(self.text(data, "mapping"), self.text_map(data, "title"), tuple(entries))

    def entry(self, data: Map) -> Entry:
        self.keys(data, ENTRY_KEYS, ("table", "file", "id"))
        return Entry(
            table=self.text(data, "table"),
            file=self.text(data, "file"),
            sources=self.sources(data),
            constants=self.text_map(data, "constants"),
            prefixes=self.text_map(data, "prefixes"),
            codes={str(name): self.codes(self.map(data, "codes"), name) for name in self.map(data, "codes")},
            separators=self.list_map(data, "separators"),
            **self.nulls(data),
            money=self.unit(data),
            dates=self.dates(data),
            aliases=self.list_map(data, "aliases"),
            tidy=self.texts(data, "tidy"),
            may_lack=self.texts(data, "may_lack"),
            skip=self.skips(data),
            packed=self.packed(self.map(data, "packed")) if "packed" in data else None,
            labelled=self.labelled(self.map(data, "labelled")) if "labelled" in data else None,
            repeats=self.flag(data, "repeats"),
            only_new=self.flag(data, "only_new"),
            one_per_id=self.flag(data, "one_per_id"),
            optional=self.flag(data, "optional"),
            encoding=self.encoding(data),
            delimiter=self.delimiter(data),
            header_line=self.header_line(data),
        )

    def sources(self, data: Map) -> Mapping[str, ColumnSource]:
        columns = self.map(data, "columns")
        sources = {str(name): self.source(columns, name) for name in columns}
        key = "code" if data.get("table") == "regions" else "id"
        named = data.get("id")
        if named == "line":
            return {key: Line(), **sources}
        if isinstance(named, Items) and len(named) == 1:
            return {key: self.source(named, 0), **sources}
        return {key: self.source(data, "id"), **sources} if "id" in data else sources

    def source(self, data: Map | Items, step: Any) -> ColumnSource:  # Any: a key or an index
        value = data[step]
        if isinstance(value, Items):
            return Joined(tuple(self.source(value, index) for index in range(len(value))))
        if isinstance(value, Map):
            self.keys(value, ("first",), ("first",))
            first = value.get("first")
            if isinstance(first, Items):
                return FirstOf(tuple(self.source(first, index) for index in range(len(first))))
            self.wrong("wrong_type", "`first` is a list of columns", value.place)
            return Line()
        name = self.text(data, step)
        return _PSEUDO_COLUMNS.get(name) or Column(name)

    def codes(self, tables: Map, name: Any) -> Mapping[str, str | None]:  # Any: a key
        table = self.map(tables, name)
        return {_written(key): None if table[key] is None else self.text(table, key) for key in table}

    def nulls(self, data: Map) -> Mapping[str, Any]:  # Any: two arguments of `Entry`
        if isinstance(data.get("nulls"), Map):
            by_field = {name: frozenset(marks) for name, marks in self.list_map(data, "nulls").items()}
            return {"nulls": by_field.pop("*", frozenset()), "field_nulls": by_field}
        return {"nulls": frozenset(self.texts(data, "nulls"))}

    def unit(self, data: Map) -> str:
        unit = self.text(data, "money", "fen")
        if unit not in _UNITS:
            hint = f"one of {', '.join(_UNITS)}"
            self.wrong("bad_money", f"no unit of money: {shown(unit)}", value_place_of(data, "money"), hint)
        return unit

    def dates(self, data: Map) -> tuple[DateForm, ...]:
        forms = []
        for text in self.texts(data, "dates") or ("yyyy-MM-dd",):
            try:
                forms.append(DateForm.read(text))
            except RecordError as error:
                problem = error.problems[0]
                self.wrong(problem.code, problem.message, value_place_of(data, "dates"), problem.hint)
        return tuple(forms)

    def skips(self, data: Map) -> tuple[Skip, ...]:
        items = data.get("skip", Items())
        if not isinstance(items, Items) or not all(isinstance(item, Map) for item in items):
            self.wrong("wrong_type", "`skip` is a list of {column, is | not | empty, reason}", place_of(data, "skip"))
            return ()
        return tuple(self.skip(item) for item in items)

    def skip(self, data: Map) -> Skip:
        self.keys(data, ("column", "is", "not", "empty", "reason"), ("column", "reason"))
        if len({"is", "not", "empty"} & set(map(str, data))) != 1:
            self.wrong("missing_key", "say one of `is`, `not` or `empty`", data.place)
        column, reason = self.text(data, "column"), self.text(data, "reason")
        if "empty" in data:
            return Skip(column, frozenset({""}), reason, unless=not self.flag(data, "empty"))
        values = frozenset(self.texts(data, "is") or self.texts(data, "not"))
        return Skip(column, values, reason, unless="not" in data)

    def packed(self, data: Map) -> Packed:
        self.keys(data, ("column", "items", "parts", "names", "count", "each"), ("column", "items"))
        return Packed(
            column=self.text(data, "column"),
            items=self.texts(data, "items"),
            parts=self.texts(data, "parts"),
            names=self.texts(data, "names"),
            count=self.text(data, "count"),
            each=self.flag(data, "each"),
        )

    def labelled(self, data: Map) -> Labelled:
        self.keys(data, ("column", "labels", "otherwise"), ("column", "labels", "otherwise"))
        return Labelled(self.text(data, "column"), self.text_map(data, "labels"), self.text(data, "otherwise"))

    def encoding(self, data: Map) -> str:
        name = self.text(data, "encoding", "utf-8").lower()
        try:
            codecs.lookup(name)
        except LookupError:
            hint = "utf-8, gb18030, or another that Python knows"
            self.wrong("bad_encoding", f"no encoding {shown(name)}", value_place_of(data, "encoding"), hint)
        return _ENCODING_OF.get(name, name)

    def delimiter(self, data: Map) -> str:
        text = self.text(data, "delimiter", ",")
        if len(text) != 1 or text in '"\r\n':
            self.wrong("wrong_type", "a delimiter is one character", value_place_of(data, "delimiter"))
            return ","
        return text

    def header_line(self, data: Map) -> int:
        value = data.get("header_line", 1)
        if type(value) is not int or not 1 <= value <= MOST_HEADER_LINE:
            place = value_place_of(data, "header_line")
            self.wrong("wrong_type", f"`header_line` is the number of a line, from 1 to {MOST_HEADER_LINE}", place)
            return 1
        return value


MOST_HEADER_LINE = 1000  # nobody writes more above a table
_PSEUDO_COLUMNS: Mapping[str, ColumnSource] = MappingProxyType({"$line": Line(), "$piece": Piece()})
ENTRY_KEYS = (
    "table",
    "file",
    "id",
    "columns",
    "constants",
    "prefixes",
    "codes",
    "separators",
    "nulls",
    "money",
    "dates",
    "aliases",
    "tidy",
    "may_lack",
    "skip",
    "packed",
    "labelled",
    "repeats",
    "only_new",
    "one_per_id",
    "optional",
    "encoding",
    "delimiter",
    "header_line",
)


def _written(key: object) -> str:
    """A key as the files have it: YAML reads some of them as numbers or truth values."""
    return str(key).lower() if isinstance(key, bool) else str(key)

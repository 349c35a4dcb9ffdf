"""YAML files of a policy as data with places. Nothing in a file is ever run, and no text can break the reader.

* A text gives data or a `PolicyError` with all problems found, in bounded time and memory; never anything else.
* Every key, value and element remembers `file:line:column` (`places.py`); no number is a float (`scalars.py`).
* What a policy must not hold is refused with its place (`building.py`).
"""

from __future__ import annotations

import codecs
from pathlib import Path

from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.building import MOST_NODES, Builder, StopReading
from credit_engine.policy.parsing import events
from credit_engine.policy.places import (
    Content,
    Items,
    Key,
    Map,
    Scalar,
    did_you_mean,
    is_quoted,
    kind_of,
    place_of,
    shown,
    value_place_of,
)
from credit_engine.policy.scalars import MOST_CHARACTER_PROBLEMS, character_problems
from credit_engine.policy.syntax import in_our_words

__all__ = [
    "Content",
    "Items",
    "Key",
    "Map",
    "Scalar",
    "did_you_mean",
    "is_quoted",
    "kind_of",
    "place_of",
    "read_documents",
    "read_text",
    "read_yaml",
    "shown",
    "text_of",
    "value_place_of",
]

MOST_BYTES = 2_000_000


def read_yaml(path: Path | str) -> Map:
    """The mapping that a file holds."""
    return read_text(text_of(path), str(path))


def read_text(text: str, name: str) -> Map:
    """The mapping that a text holds; `name` stands for the file in places."""
    documents, problems = _read(text, name, most_documents=1)
    content = documents[0] if documents else None
    if isinstance(content, Map) and not problems:
        return content
    raise PolicyError(problems or _not_a_mapping(content, name))


def read_documents(text: str, name: str) -> tuple[Content, ...]:
    """Every document of a text (they are separated by `---`), of whatever kind; none for an empty text."""
    documents, problems = _read(text, name, most_documents=MOST_NODES)
    if problems:
        raise PolicyError(problems)
    return tuple(documents)


def text_of(path: Path | str) -> str:
    """The text of a UTF-8 file, with or without a byte order mark."""
    name = str(path)
    try:
        path = Path(path)
        if not path.is_file():
            what = "this is a folder" if path.is_dir() else "there is no such file"
            raise PolicyError(Problem("not_found", f"{what}; expected a YAML file", Place(name), "check the path"))
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: NUL in a path
        reason = getattr(error, "strerror", None) or str(error)
        message = f"the file cannot be read: {reason}"
        raise PolicyError(Problem("unreadable", message, Place(name), "check path and permissions")) from error
    if len(data) > MOST_BYTES:
        raise PolicyError(_too_big(name))
    return _decoded(data, name)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        data = data.removeprefix(codecs.BOM_UTF8)
        before = data[: error.start].decode("utf-8", "replace")
        place = Place(name, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise PolicyError(Problem("bad_encoding", message, place, _encoding_hint(data))) from error


def _encoding_hint(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "the file is UTF-16; save it as UTF-8"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return "save the file as UTF-8; if it is no text at all, remove it"
    return "the file may be GB18030 (GBK); save it as UTF-8"


def _too_big(name: str) -> Problem:
    message = f"the file has more than {MOST_BYTES:,} bytes"
    return Problem("too_big", message, Place(name), "split the policy; leave out what is no policy")


def _not_a_mapping(content: Content, name: str) -> Problem:
    if content is None:
        return Problem("empty_file", "the file says nothing", Place(name, 1, 1), "write at least one `key: value`")
    place = content.place if isinstance(content, Items) else Place(name, 1, 1)
    message = f"expected keys with values, this is {kind_of(content)}"
    return Problem("wrong_type", message, place, "write `key: value` lines, with a space after the colon")


def _read(text: str, name: str, *, most_documents: int) -> tuple[list[Content], list[Problem]]:
    """What a text holds as far as it could be read, and everything wrong with it."""
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return [], [_too_big(name)]
    clean, problems = character_problems(text.removeprefix("\ufeff"), name)
    if len(problems) >= MOST_CHARACTER_PROBLEMS:
        return [], problems
    builder = Builder(name, most_documents, problems)
    try:
        for event in events(clean):
            _pass_on(event, builder)
    except StopReading:
        pass  # the bound that was reached is the last problem in the list
    except YAMLError as error:
        problems.append(_syntax_problem(error, name))
    return builder.documents, problems


def _pass_on(event: yaml_events.Event, builder: Builder) -> None:
    """Tell the builder of one event."""
    mark = event.start_mark
    place = Place(builder.name, mark.line + 1, mark.column + 1)
    if isinstance(event, yaml_events.ScalarEvent):
        builder.scalar(event.value, place, quoted=bool(event.style), anchor=event.anchor, tag=event.tag)
    elif isinstance(event, yaml_events.MappingStartEvent):
        builder.open(Map(place=place), anchor=event.anchor, tag=event.tag)
    elif isinstance(event, yaml_events.SequenceStartEvent):
        builder.open(Items(place=place), anchor=event.anchor, tag=event.tag)
    elif isinstance(event, yaml_events.CollectionEndEvent):
        builder.close()
    elif isinstance(event, yaml_events.AliasEvent):
        builder.alias(event.anchor, place)
    elif isinstance(event, yaml_events.DocumentStartEvent):
        builder.document(place, directives=bool(event.version or event.tags))


def _syntax_problem(error: YAMLError, name: str) -> Problem:
    """The parser's complaint in our words; its own mark is where it noticed, its context where the trouble began."""
    if not isinstance(error, MarkedYAMLError):
        return Problem("bad_yaml", str(error).split("\n", 1)[0], Place(name), "remove `%` lines and `\\U` escapes")
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    message, hint = in_our_words(f"{error.context or ''} {error.problem or ''}".strip())
    if mark is None:
        return Problem("bad_yaml", message, Place(name), hint)
    if begun is not None and begun.line != mark.line:
        hint = f"{hint} (it began at line {begun.line + 1}, column {begun.column + 1})"
    return Problem("bad_yaml", message, Place(name, mark.line + 1, mark.column + 1), hint)

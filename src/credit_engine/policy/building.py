"""From the events of a YAML text to data with places, under bounds, one event at a time and without recursion.

Everything that a policy must not hold is refused here with its place: tags, merge keys, keys that are no names, keys
and anchors given twice, aliases that multiply or turn in circles, depth and size without end.
"""

from __future__ import annotations

from datetime import date

from attrs import define, field, frozen

from credit_engine.errors import Place, Problem
from credit_engine.policy.places import Content, Items, Map, did_you_mean, kind_of, place_of, shown
from credit_engine.policy.scalars import character_problems, read_word

MOST_DEPTH = 64
MOST_NODES = 100_000  # keys, values and elements, each alias counted with all that it stands for
MOST_PROBLEMS = 100

_NO_KEY = object()  # the next node of the mapping is a key
_READING_KEY = object()  # a mapping or list stands as key: refused, but read to its end
_REFUSED = object()  # the key was refused: its value is read and dropped


class StopReading(Exception):  # noqa: N818  # no error: the problem that stopped the reading is in the list
    """A bound is reached; what was found so far is all there will be."""


@frozen
class _Known:
    """What an anchor stands for: its value, the nodes it holds, how deep it is; `is_open` while it is being read."""

    value: Content = None
    nodes: int = 1
    height: int = 0
    is_open: bool = False
    quoted: bool = False


@define
class _Open:
    """A mapping or list that is being read."""

    data: Map | Items
    anchor: str | None
    nodes: int = 1
    height: int = 1
    key: object = _NO_KEY
    key_place: Place = field(factory=Place)


@define
class Builder:
    """`documents` as far as they are read; every mistake is appended to `problems`."""

    name: str
    most_documents: int
    problems: list[Problem]
    documents: list[Content] = field(factory=list)
    _stack: list[_Open] = field(factory=list, init=False)
    _anchors: dict[str, _Known] = field(factory=dict, init=False)
    _nodes: int = field(default=0, init=False)

    def document(self, place: Place, *, directives: bool) -> None:
        """A document begins."""
        if directives:
            self._problem("bad_yaml", "a line that begins with `%` stands before", place, "remove it")
        if len(self.documents) >= self.most_documents:
            hint = "one file holds one policy; remove what follows, or split the file"
            self._stop("several_documents", "a second document begins here", place, hint)
        self._anchors.clear()

    def scalar(self, text: str, place: Place, *, quoted: bool, anchor: str | None, tag: str | None) -> None:
        """A word or text, as key, value or element."""
        self._count(1, place)
        self._refuse_tag(tag, place)
        value = self._value(text, place, quoted=quoted)
        if anchor is not None:
            self._remember(anchor, _Known(value, quoted=quoted), place)
        if self._key_is_next():
            self._key(value, place, merge=text == "<<" and not quoted)
        else:
            self._attach(value, place, quoted=quoted)

    def alias(self, name: str, place: Place) -> None:
        """A reference to an earlier anchor."""
        known = self._anchors.get(name)
        if self._key_is_next():
            self._refuse_key("an alias", place)
        elif known is None:
            hint = did_you_mean(name, self._anchors) or "put text that begins with `*` in quotes"
            self._problem("not_found", f"no anchor {shown('&' + name)} stands before this alias", place, hint)
            self._attach(None, place)
        elif known.is_open:
            message = f"the alias {shown('*' + name)} stands inside its own anchor"
            self._problem("alias_circle", message, place, "write it out")
            self._attach(None, place)
        else:
            self._count(known.nodes, place, code="alias_bomb")
            self._check_depth(known.height, place)
            self._attach(known.value, place, known.nodes, known.height, quoted=known.quoted)

    def open(self, data: Map | Items, *, anchor: str | None, tag: str | None) -> None:
        """A mapping or list begins; `data` is empty and knows its place."""
        self._count(1, data.place)
        self._refuse_tag(tag, data.place)
        if self._key_is_next():
            self._refuse_key(kind_of(data), data.place)
            self._stack[-1].key = _READING_KEY
        if anchor is not None:
            self._remember(anchor, _Known(is_open=True), data.place)
        self._stack.append(_Open(data, anchor))
        self._check_depth(0, data.place)

    def close(self) -> None:
        """The mapping or list opened last ends."""
        closed = self._stack.pop()
        if closed.anchor is not None:
            self._anchors[closed.anchor] = _Known(closed.data, closed.nodes, closed.height)
        if self._stack and self._stack[-1].key is _READING_KEY:
            self._stack[-1].key = _REFUSED
        else:
            self._attach(closed.data, closed.data.place, closed.nodes, closed.height)

    def _attach(self, value: Content, place: Place, nodes: int = 1, height: int = 0, *, quoted: bool = False) -> None:
        """Put a finished node where it belongs: into the innermost open mapping or list, or as a document."""
        if not self._stack:
            self.documents.append(value)
            return
        holder = self._stack[-1]
        holder.nodes += nodes
        holder.height = max(holder.height, height + 1)
        if isinstance(holder.data, Items):
            holder.data.add(value, place, quoted=quoted)
            return
        if holder.key is not _REFUSED:
            holder.data.put(holder.key, value, holder.key_place, place, quoted=quoted)  # type: ignore[arg-type]  # a Key
        holder.key = _NO_KEY

    def _key_is_next(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].data, Map) and self._stack[-1].key is _NO_KEY

    def _key(self, value: Content, place: Place, *, merge: bool) -> None:
        holder = self._stack[-1]
        holder.nodes += 1
        if merge:
            self._problem(
                "merge_key", "the merge key `<<` is not allowed", place, "write the keys out, or use `extends`"
            )
        elif isinstance(value, bool) or not isinstance(value, str | int | date):
            self._refuse_key(kind_of(value), place)
        elif value in holder.data:
            first = place_of(holder.data, value)
            message = f"the key {shown(value)} stands twice, first at line {first.line}"
            self._problem("duplicate_key", message, place, "keep one")
        else:
            holder.key, holder.key_place = value, place
            return
        holder.key = _REFUSED

    def _refuse_key(self, kind: str, place: Place) -> None:
        hint = "a key is text, a whole number or a date; put other text in quotes"
        self._problem("bad_key", f"a key cannot be {kind}", place, hint)
        self._stack[-1].key = _REFUSED

    def _value(self, text: str, place: Place, *, quoted: bool) -> Content:
        """The value of a word; text of a word that is refused, so that reading can go on."""
        value = text if quoted else read_word(text)
        if isinstance(value, Problem):
            self._problem(value.code, value.message, place, value.hint)
            return text
        if quoted:
            for problem in character_problems(text, self.name)[1][:1]:  # from an escape, as "\0"
                self._problem(problem.code, problem.message, place, problem.hint)
        return value

    def _refuse_tag(self, tag: str | None, place: Place) -> None:
        if tag is not None:
            as_written = tag.replace("tag:yaml.org,2002:", "!!", 1)
            hint = "a policy is data only: remove the word that begins with `!`, or put the text in quotes"
            self._problem("tag_refused", f"the tag {shown(as_written)} is not allowed", place, hint)

    def _remember(self, anchor: str, known: _Known, place: Place) -> None:
        if anchor in self._anchors:
            message = f"the anchor {shown('&' + anchor)} stands twice"
            self._problem("duplicate_key", message, place, "give each its own name")
        self._anchors[anchor] = known

    def _count(self, nodes: int, place: Place, code: str = "too_big") -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            what = "its aliases written out, the file" if code == "alias_bomb" else "the file"
            hint = "a policy is small; split it, and use aliases sparingly"
            self._stop(code, f"{what} has more than {MOST_NODES:,} keys, values and elements", place, hint)

    def _check_depth(self, height: int, place: Place) -> None:
        if len(self._stack) + height > MOST_DEPTH:
            message = f"more than {MOST_DEPTH} mappings and lists inside one another"
            self._stop("too_deep", message, place, "write it flatter")

    def _problem(self, code: str, message: str, place: Place, hint: str) -> None:
        self.problems.append(Problem(code, message, place, hint))
        if len(self.problems) >= MOST_PROBLEMS:
            self.problems.append(Problem("too_many_problems", "the file is read no further", place, "mend these first"))
            raise StopReading

    def _stop(self, code: str, message: str, place: Place, hint: str) -> None:
        self._problem(code, message, place, hint)
        raise StopReading

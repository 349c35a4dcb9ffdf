"""A policy folder as one mapping: `policy.yaml`, and beside it files that hold whole sections.

* A section file has the section's name (`parameters.yaml`) and holds either top-level keys, its own among them, or
  the content of the section itself. `measures: catalogue.yaml` in `policy.yaml` takes that file's content.
* A key that stands in two files is refused with both places. So is a file whose name is no section: a slip of the pen
  in a file's name must not silently drop rules.
"""

from __future__ import annotations

from pathlib import Path

from attrs import define, field

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.files import read_documents, text_of
from credit_engine.policy.places import Content, Items, Key, Map, did_you_mean, kind_of, shown, value_place_of

HEAD = "policy.yaml"

SECTIONS = (
    "policy",
    "title",
    "illustrative",
    "regions",
    "audience",
    "extends",
    "sources",
    "kinds",
    "relations",
    "fields",
    "parameters",
    "law_of",
    "admits",
    "indicators",
    "score",
    "grades",
    "lists",
    "measures",
    "spread",
    "recognition",
    "findings",
    "obligations",
    "supervision",
    "gaps",
)
"""Every top-level key of a policy, in the order in which a policy is read aloud."""

BESIDE = frozenset({"tests", "README.md", "LICENSE", "mapping.yaml"})
"""What may lie in a policy's folder without being part of it; hidden files may too."""


def read_folder(folder: Path | str) -> Map:
    """The policy that a folder holds, as one mapping with places; all problems of all its files at once."""
    folder = Path(folder)
    if not (folder / HEAD).is_file():
        what = f"the folder has no {HEAD}" if folder.is_dir() else "there is no such folder"
        hint = f"a policy is a folder with a {HEAD}"
        raise PolicyError(Problem("not_found", what, Place(str(folder)), hint))
    reading = _Reading(folder)
    reading.head()
    reading.sections()
    if reading.problems:
        raise PolicyError(reading.problems)
    return reading.policy


@define
class _Reading:
    """A folder while it is read."""

    folder: Path
    policy: Map = field(factory=Map)
    problems: list[Problem] = field(factory=list)
    used: set[str] = field(factory=set)

    def head(self) -> None:
        """Read `policy.yaml`."""
        self.used.add(HEAD)
        content = self._content(HEAD)
        if isinstance(content, Map):
            self.policy.place = content.place
            named = {key: content[key] for key in content if key in SECTIONS and _is_file_name(content[key])}
            self._take_keys(content, leave_out=frozenset(named))
            for key, name in named.items():
                self._named(str(key), name, value_place_of(content, key))

    def sections(self) -> None:
        """Read every section file that no key named, and refuse the rest."""
        for path in sorted(self.folder.iterdir()):
            name, stem = path.name, path.stem
            if name in self.used or name in BESIDE or name.startswith("."):
                continue
            if path.suffix == ".yaml" and stem in SECTIONS:
                self._section(name, stem)
            else:
                known = [f"{section}.yaml" for section in SECTIONS]
                hint = did_you_mean(name, known) or "name it after a top-level key, or move it out of the folder"
                self._problem("unknown_file", f"{shown(name)} is no part of a policy", Place(str(path)), hint)

    def _content(self, name: str) -> Content:
        """What one file holds; a mapping or a list, else nothing and a problem."""
        path = str(self.folder / name)
        self.used.add(name)
        try:
            documents = read_documents(text_of(path), path)
        except PolicyError as error:
            self.problems.extend(error.problems)
            return None
        content = documents[0] if documents else None
        if len(documents) > 1:
            hint = "one file holds one policy or section; remove the `---`, or split the file"
            self._problem("several_documents", f"{len(documents)} documents in one file", Place(path), hint)
        elif content is None:
            self._problem("empty_file", "the file says nothing", Place(path, 1, 1), "fill it, or remove it")
        elif not isinstance(content, Map) and (name == HEAD or not isinstance(content, Items)):
            message = f"expected keys with values, this is {kind_of(content)}"
            self._problem("wrong_type", message, Place(path, 1, 1), "write `key: value` lines")
        else:
            return content
        return None

    def _section(self, name: str, key: str) -> None:
        """Take a section file: keys if its own key is among them, else the section's content."""
        content = self._content(name)
        if isinstance(content, Map) and key in content:
            self._take_keys(content)
        elif content is not None:
            place = Place(str(self.folder / name), 1, 1)
            self._take(key, content, place, place)

    def _take_keys(self, content: Map, leave_out: frozenset[Key] = frozenset()) -> None:
        for key in content:
            if key in leave_out:
                continue
            if key in self.policy:
                self._twice(str(key), content.places[key])
            else:
                self.policy.take_from(content, key)

    def _named(self, key: str, name: str, place: Place) -> None:
        """Take the file that a key names."""
        if Path(name).name == name and (self.folder / name).is_file() and name != HEAD:
            if name in self.used:
                self._problem("duplicate_key", f"the file {shown(name)} is taken twice", place, "name it once")
            else:
                self._section(name, key)
        else:
            files = (path.name for path in self.folder.glob("*.yaml"))
            hint = did_you_mean(name, files) or "put the file beside this one"
            self._problem("not_found", f"no file {shown(name)} in this folder", place, hint)

    def _take(self, key: str, value: Content, place: Place, value_place: Place) -> None:
        if key in self.policy:
            self._twice(key, place)
        else:
            self.policy.put(key, value, place, value_place)

    def _twice(self, key: str, place: Place) -> None:
        first = self.policy.places[key]
        message = f"the key {shown(key)} stands twice, first at {first}"
        self._problem("duplicate_key", message, place, "keep one")

    def _problem(self, code: str, message: str, place: Place, hint: str) -> None:
        self.problems.append(Problem(code, message, place, hint))


def _is_file_name(value: object) -> bool:
    return isinstance(value, str) and value.endswith(".yaml")

"""The pages of docs/ are run as they stand, and the reference names everything that the source knows.

How a block is run stands in docs/README.md ("How these pages stay true"). With CREDIT_ENGINE_RECORD=1 in the environment
the outputs shown are written anew instead of compared; look at the difference before you keep it.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import attrs
import pytest

import credit_engine
from credit_engine.cli import main
from credit_engine.dossiers import Regions
from credit_engine.engines.batch import score_folder
from credit_engine.engines.rows import tables
from credit_engine.errors import PolicyError
from credit_engine.files.input import Input, TableCount
from credit_engine.files.mappings import load_mapping_text
from credit_engine.files.panels import COLUMNS as PANEL_COLUMNS
from credit_engine.files.results import rejects_table
from credit_engine.files.shapes import shapes
from credit_engine.policy import folders, model, resolving, written
from credit_engine.policy.files import Items, Map, read_text
from credit_engine.policy.load import load_policy, read_policy
from credit_engine.records import DEFAULT_ANCHORS, RELATION_KINDS, STANDINGS
from credit_engine.testing import cases

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
SOURCE = ROOT / "src" / "credit_engine"
PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
RECORDING = bool(os.environ.get("CREDIT_ENGINE_RECORD"))

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))


# --- pages are run --------------------------------------------------------------------------------------------


@each_page
def test_every_block_does_what_the_page_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    text = page.read_text(encoding="utf-8")
    played = Player(tmp_path).page(text)
    if RECORDING:
        page.write_text(played, encoding="utf-8")
    assert RECORDING or played == text


class Player:
    """Runs the blocks of one page in order, in one folder and one Python namespace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, object] = {}
        self.printed: str | None = None  # by the last block, if that was Python
        self.status = 0

    def page(self, text: str) -> str:
        """The page with the outputs that came out."""
        return BLOCK.sub(lambda block: f"```{block['info']}\n{self.block(block['info'], block['text'])}```", text)

    def block(self, info: str, text: str) -> str:
        """The text of one block as it came out."""
        language, *words = info.split() or [""]
        options = dict(word.partition("=")[::2] for word in words)
        printed, self.printed = self.printed, None
        if "file" in options:
            self.write(options["file"], text)
        elif language == "console":
            return self.console(text)
        elif language == "python":
            self.printed = printing(lambda: exec(compile(text, "page", "exec"), self.names))  # noqa: S102  # our own pages
        elif language == "text" and printed is not None:
            return printed
        elif "piece" in options:
            read_piece(text, options.get("problem"))
        elif language == "yaml":
            read = load_mapping_text if text.startswith("mapping:") else read_text
            read(text, "page")
        else:
            assert language in {"text", "sh"}, f"a block that nobody runs: {info}"
        return text

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def console(self, text: str) -> str:
        """Each command with what it prints."""
        commands = [line for line in text.splitlines() if line.startswith("$ ")]
        return "".join(f"{command}\n{self.run(command[2:])}" for command in commands)

    def run(self, command: str) -> str:
        if command == "echo $?":
            return f"{self.status}\n"
        if command.startswith("credit-engine "):
            words = shlex.split(command)
            printed = printing(lambda: self.ours(words)).replace(f"{self.folder}/", "")
            if words[-2:-1] == [">"]:
                self.write(words[-1], printed)
                return ""
            return printed
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
        self.status = done.returncode
        return done.stdout + done.stderr

    def ours(self, words: list[str]) -> None:
        """Our own command, in this process."""
        before, sys.argv = sys.argv, words[:-2] if words[-2:-1] == [">"] else words
        try:
            main()
        except SystemExit as done:
            self.status = done.code if isinstance(done.code, int) else 0
        finally:
            sys.argv = before


def printing(act: Callable[[], object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        act()
    return out.getvalue()


def read_piece(text: str, problem: str | None) -> None:
    """Read a piece of a policy, with what every policy needs filled in; see that it has just the problem named."""
    content = read_text(text, "page")
    for key, value in (("policy", "piece"), ("title", Map({"zh": "例", "en": "piece"}))):
        content.setdefault(key, value)
    law = Map({"title": "Law", "rank": "law"})
    content.setdefault("sources", Map({"law": law}))
    rules = (content.get("score") or {}).get("rules", ())
    for rule in rules:
        rule.setdefault("basis", Items(["law"]))
    if problem is None:
        read_policy(content)
        return
    with pytest.raises(PolicyError) as refused:
        read_policy(content)
    assert set(refused.value.codes) == {problem}


# --- links ----------------------------------------------------------------------------------------------------


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not heading or heading in headings(there), target


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    lines = re.findall(r"^#+ (.*)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-") for line in lines}


def test_the_index_leads_to_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    missing = [page for page in PAGES if f"({page.relative_to(DOCS)}" not in index and page.name != "README.md"]
    assert not [page for page in missing if page.parent.name != "decisions"]


# --- the policy language --------------------------------------------------------------------------------------


def words_of(page: str) -> set[str]:
    """The words of a page's code spans, outside of its blocks."""
    text = BLOCK.sub("", (REFERENCE / page).read_text(encoding="utf-8"))
    words = {word for span in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"[A-Za-z_0-9.]+", span)}
    return words | {part for word in words for part in word.split(".")}


def known_keys() -> Iterator[tuple[str, Iterable[str]]]:
    """Every list of keys and words that reading a policy knows."""
    for thing in vars(written).values():
        if isinstance(thing, type) and issubclass(thing, written.Written):
            names = (name.removesuffix("_") for name in attrs.fields_dict(thing) if name not in written.NOT_WRITTEN)
            yield thing.__name__, ("grades" if name == "scales" else name for name in names)
    yield "sections", folders.SECTIONS
    yield "sections to come", model.SECTIONS_TO_COME
    for home in pkgutil.iter_modules(resolving.__path__):
        for name, value in vars(import_module(f"{resolving.__name__}.{home.name}")).items():
            if name.isupper() and isinstance(value, Collection) and all(isinstance(word, str) for word in value):
                yield name, () if isinstance(value, str) else value
    yield "standings", STANDINGS
    yield "kinds", DEFAULT_ANCHORS
    yield "kinds of relations", RELATION_KINDS
    yield "keys of a test", cases.KEYS
    yield "expectations of a test", cases.EXPECTED


def test_the_language_reference_names_every_key() -> None:
    named = words_of("policy-language.md") | words_of("input.md")
    missing = {what: words for what, names in known_keys() if (words := set(names) - named)}
    assert not missing


def test_the_language_reference_names_every_field_of_every_record() -> None:
    text = words_of("policy-language.md") | words_of("input.md")
    for table, shape in shapes({}, ()).items():
        assert not {table, *shape.columns} - text, table
    assert not set(PANEL_COLUMNS) - text


# --- problems -------------------------------------------------------------------------------------------------

MAKERS = frozenset(
    "Problem refuse refuse_name tell wrong _problem Misfit _refused _quoted BadRow reject unusable Flag Reject".split()
)
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+|circle|gap|negative|truncated|unreadable|unsupported")
BY_PREFIX = {"credit_code_*", "licence_*"}  # soft checks, made of what is checked and what is wrong


def codes_in_source() -> set[str]:
    """Every problem code that the source can make; a code with a part filled in ends with `*`."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py")))
    return BY_PREFIX.union(*(codes_of(piece) for tree in trees for node in ast.walk(tree) for piece in pieces(node)))


def pieces(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in which a node may hold a code."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKERS:
        yield from node.args[:3]
    elif isinstance(node, ast.keyword) and node.arg == "code":
        yield node.value
    elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "code" for one in node.targets):
        yield node.value
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and _is_sentence(node.elts[1]):
        yield node.elts[0]


def _is_sentence(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) and any(" " in getattr(part, "value", "") for part in constants(node))


def constants(node: ast.JoinedStr) -> list[ast.Constant]:
    return [part for part in node.values if isinstance(part, ast.Constant)]


def codes_of(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return codes_of(node.body) | codes_of(node.orelse)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        start = str(node.values[0].value)
        return {f"{start}*"} if re.fullmatch("[a-z]+_", start) else set()
    return set()


def test_the_reference_explains_every_problem_code_and_no_other() -> None:
    text = (REFERENCE / "problems.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z0-9_*]+)` \|", text, re.MULTILINE)) == codes_in_source()


# --- results --------------------------------------------------------------------------------------------------


def section(page: str, heading: str) -> str:
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return re.split(r"^## ", text.split(f"\n## {heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text whose first cell is code."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line] for line in lines]


def test_the_reference_names_every_column_of_every_result_table_with_its_type() -> None:
    for name, columns in result_tables().items():
        assert [tuple(row[:2]) for row in rows(section("results.md", name))] == columns, name


def result_tables() -> dict[str, list[tuple[str, str]]]:
    """The columns of every result table; scales, lists and indicators under the names that the page gives them."""
    scale = {"order": ["a"], "rows": [{"grade": "a"}]}
    content = {
        "indicators": {"name": {"count": "violation"}},
        "grades": {"first": scale, "SCALE": scale},
        "lists": {"name": {"polarity": "neutral", "foundation": "law"}},
        "sources": {"law": {"title": "Law", "rank": "law"}},
    }
    plan = read_policy(read_text(json.dumps({"policy": "p", "title": {}, **content}), "p")).plan
    made = [*tables(plan, ()), rejects_table(Input({}, Regions(), (), {}, {}, (), (), {}, {}, 0))]
    return {
        table.name: [(re.sub(r"\.name$", ".NAME", name), type_) for name, type_ in table.columns] for table in made
    }


def test_the_reference_names_every_key_of_the_manifest(tmp_path: Path) -> None:
    score_folder(ROOT / "fixtures" / "delta", load_policy("delta-food"), date(2026, 6, 30), out=tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    keys = {row[0] for row in rows(section("results.md", "manifest.json"))}
    assert keys == {*manifest, *(f"counts.{key}" for key in manifest["counts"]), *(f"input.{key}" for key in manifest["input"])}
    assert not {one.name for one in attrs.fields(TableCount)} - words_of("results.md")


# --- Python ---------------------------------------------------------------------------------------------------


def test_the_reference_names_every_public_name_and_no_other() -> None:
    named = rows(section("python.md", "Public names"))
    assert sorted(row[0] for row in named) == credit_engine.__all__

"""The reference in docs/ names everything that the source knows: keys, fields, columns, problem codes, public names."""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest
import typer

import credit_engine
from credit_engine.cli import app
from credit_engine.engines.batch import score_folder
from credit_engine.engines.rows import tables
from credit_engine.files.input import TableCount
from credit_engine.files.panels import COLUMNS as PANEL_COLUMNS
from credit_engine.files.results import rejects_table
from credit_engine.files.shapes import shapes
from credit_engine.policy import folders, resolving
from credit_engine.policy.files import read_text
from credit_engine.policy.load import load_policy, read_policy
from credit_engine.policy.written import PolicyWritten
from credit_engine.records import DEFAULT_ANCHORS, EVENT_CLASSES, RELATION_KINDS, STANDINGS, Event, field_types
from credit_engine.testing import cases

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "credit_engine"
REFERENCE = ROOT / "docs" / "reference"
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """A page of the reference without its blocks."""
    return BLOCK.sub("", (REFERENCE / name).read_text(encoding="utf-8"))


def section(name: str, heading: str) -> str:
    """What stands below a heading of a page."""
    return re.split(r"^## ", page(name).split(f"\n## {heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[tuple[str, ...]]:
    """The rows of tables whose first cell is code, the ticks left out."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip().strip("`") for cell in line) for line in lines]


def words(name: str) -> set[str]:
    """The words of a page's code spans."""
    spans = re.findall(r"`([^`\n]+)`", page(name))
    found = {word for span in spans for word in re.findall(r"[A-Za-z_0-9.]+", span)}
    return found | {part for word in found for part in word.split(".")}


# --- the policy language --------------------------------------------------------------------------------------


def known_words() -> Iterator[tuple[str, Iterable[str]]]:
    """Every list of keys and words that reading a policy knows, with its name."""
    parts: list[type] = PolicyWritten.__mro__[1].__subclasses__()
    for part in parts:  # of a policy as written
        keys = [name.removesuffix("_") for name in attrs.fields_dict(part) if name not in ("raw", "refused", "broken")]
        yield part.__name__, ("grades" if key == "scales" else key for key in keys)
    for home in pkgutil.iter_modules(resolving.__path__):
        for name, value in vars(import_module(f"{resolving.__name__}.{home.name}")).items():
            if name.isupper() and isinstance(value, Collection) and not isinstance(value, str):
                yield name, (word for word in value if isinstance(word, str))
    yield "sections", folders.SECTIONS
    yield "records", (*STANDINGS, *DEFAULT_ANCHORS, *RELATION_KINDS)
    yield "policy tests", cases.KEYS | cases.EXPECTED


def test_the_language_names_every_key_and_word_that_reading_a_policy_knows() -> None:
    named = words("policy-language.md") | words("input.md")
    missing = {what: left for what, known in known_words() if (left := set(known) - named)}
    assert not missing


# --- input and results ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["operators", "persons", "regions", "relations", *EVENT_CLASSES])
def test_the_input_page_names_every_column_with_its_type(table: str) -> None:
    shared = [*field_types(Event)] if table in EVENT_CLASSES else []
    columns = {name: str(type_) for name, type_ in shapes({}, ())[table].columns.items()}
    named = [row[:2] for row in rows(section("input.md", table))]
    assert named == [(name, type_) for name, type_ in columns.items() if name not in shared]
    if shared:
        assert [row[:2] for row in rows(section("input.md", "Every event"))] == [(one, columns[one]) for one in shared]


def test_the_input_page_names_the_columns_of_a_panel() -> None:
    assert [row[:2] for row in rows(section("input.md", "Panels"))] == [
        (name, str(type_)) for name, type_ in PANEL_COLUMNS.items()
    ]


def test_the_results_page_names_every_column_of_every_table_with_its_type() -> None:
    for name, columns in result_tables().items():
        assert [row[:2] for row in rows(section("results.md", name))] == columns, name


STEP = {"relation": "branch", "to": "source"}


def result_tables() -> dict[str, list[tuple[str, str]]]:
    """The columns of every table; scales, lists and indicators under the names that the page gives them."""
    scale = {"order": ["a"], "rows": [{"grade": "a"}]}
    content = {
        "policy": "p",
        "title": {},
        "sources": {"law": {"title": "Law", "rank": "law"}},
        "indicators": {"name": {"count": "violation"}},
        "grades": {"first": scale, "SCALE": scale},
        "lists": {"name": {"polarity": "neutral", "foundation": "law"}},
        "spread": [{"rule": "r", "from": {"list": "name"}, "along": [STEP], "effect": "alert"}],
    }
    plan = read_policy(read_text(json.dumps(content), "p")).plan
    made = [*tables(plan, ()), rejects_table(())]
    return {one.name: [(re.sub(r"\.name$", ".NAME", name), type_) for name, type_ in one.columns] for one in made}


def test_the_results_page_names_every_key_of_the_manifest(tmp_path: Path) -> None:
    score_folder(ROOT / "fixtures" / "delta", load_policy("delta-food"), date(2026, 6, 30), out=tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    keys = {*manifest, *(f"{part}.{key}" for part in ("counts", "input") for key in manifest[part])}
    assert {row[0] for row in rows(section("results.md", "manifest.json"))} == keys
    assert not {one.name for one in attrs.fields(TableCount)} - words("results.md")


# --- problems -------------------------------------------------------------------------------------------------

MAKERS = frozenset(
    [
        "BadRow",
        "Flag",
        "Misfit",
        "Problem",
        "Reject",
        "_problem",
        "_quoted",
        "_refused",
        "refuse",
        "refuse_name",
        "reject",
        "tell",
        "unusable",
        "wrong",
        "law_error",
    ]
)
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+|circle|gap|negative|truncated|unreadable|unsupported")
FLAGS = {"credit_code_*", "licence_*"}  # made of what is checked and what is wrong with it


def test_the_problems_page_explains_every_code_and_no_other() -> None:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py")))
    made = FLAGS.union(*(codes(piece) for tree in trees for node in ast.walk(tree) for piece in pieces(node)))
    assert {row[0] for row in rows(page("problems.md"))} == made


def pieces(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in which a node may hold a code."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKERS:
        yield from node.args[:3]
    elif isinstance(node, ast.keyword):
        yield from [node.value] if node.arg == "code" else []
    elif isinstance(node, ast.Assign):
        yield from [node.value] if any(getattr(one, "id", "") == "code" for one in node.targets) else []
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and is_sentence(node.elts[1]):
        yield node.elts[0]


def is_sentence(node: ast.expr) -> bool:
    """Whether this is a message with something filled in."""
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return any(isinstance(part, ast.Constant) and " " in str(part.value) for part in parts)


def codes(node: ast.expr) -> set[str]:
    """The codes that an expression can be; one with a part filled in ends with `*`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return codes(node.body) | codes(node.orelse)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        start = str(node.values[0].value)
        return {f"{start}*"} if re.fullmatch("[a-z]+_", start) else set()
    return set()


# --- commands and Python --------------------------------------------------------------------------------------


def test_the_commands_page_names_every_option_of_every_command() -> None:
    for path, command in commands("credit-engine", typer.main.get_command(app)):
        parts = (part.name.upper() for part in command.params if part.param_type_name == "argument")
        heading = " ".join((path, *parts)).replace("FOLDER", "DIR")
        options = [part.opts[0] for part in command.params if part.param_type_name == "option"]
        assert [row[0] for row in rows(section("commands.md", heading))] == options, path


def commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:  # Any: the command line library's own classes
    """Every command that does something, with the words that call it."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(f"{path} {name}", inner)
    if not hasattr(command, "commands"):
        yield path, command


def test_the_python_page_names_every_public_name_and_no_other() -> None:
    assert sorted(row[0] for row in rows(section("python.md", "Public names"))) == credit_engine.__all__


def test_the_python_page_shows_the_parameters_of_every_public_function() -> None:
    shown = (REFERENCE / "python.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    functions = [name for name in credit_engine.__all__ if inspect.isfunction(getattr(credit_engine, name))]
    for name in (*functions, "Dossier"):
        call = shown.split(f"{name}(")[1].split("\n\n")[0]
        parameters = inspect.signature(getattr(credit_engine, name)).parameters
        assert re.findall(r"(?:^|[(,]\s*)(?:\*, )?(\w+)(?=[:=])", call, re.MULTILINE) == list(parameters), name

"""Who may import whom, where heavy libraries live, and what the library never does, read from the source itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import credit_engine

SOURCE = Path(credit_engine.__file__).parent
PACKAGE = "credit_engine"

# From the lowest to the highest; a module imports from its own group or from lower ones. A group that is one module of
# a floor stands on its own step where others of the floor need it (a quantity may be a period; an identifier check
# looks at a dossier). `files` stands beside `assessing`: see NEIGHBOURS.
FLOORS = (
    ("errors",),
    ("days",),
    ("quantities",),
    ("records",),
    ("dossiers",),
    ("identifiers",),
    ("policy",),
    ("assessing", "files"),
    ("spreading",),  # over the answers that assessing gives
    ("engines",),
    ("testing", "rendering", "showing", "documenting"),
    (
        "printing",
        "policy_commands",
        "cli",
    ),  # prints what `rendering` and `showing` draw, and runs the cases of `testing`
)
NEIGHBOURS = (("assessing", "files"), ("rendering", "showing"), ("testing", "rendering"), ("testing", "showing"))

# Inside of policy/: what is written (files, model), merged (extends), resolved, loaded.
POLICY_FLOORS = (
    ("places",),
    ("scalars", "syntax", "building", "parsing", "catalogue", "writing", "nodes", "plan_basis", "schema_pieces"),
    ("plan_spreading", "written_gaps"),
    (
        "files",
        "merging",
        "own_defaults",
        "plan",
        "written",
        "written_following",
        "written_spreading",
        "schema_sections",
    ),
    ("folders", "model"),
    ("extends", "schema"),
    ("resolving",),
    ("load",),
    ("checks", "checks_of_regions", "checks_of_spreading", "contradictions"),
)

HOMES = {
    "attrs": ("",),
    "cattrs": ("policy.model",),
    "chinese_calendar": ("days",),
    "durable": ("engines.matching.durable_host",),
    "durable_rules_engine": ("engines.matching.durable_host",),
    "hypothesis": ("testing",),
    "jinja2": ("testing.coverage.page",),
    "pytest": ("testing.plugin",),
    "networkx": ("spreading",),
    "polars": ("files", "engines.columns", "engines.stored"),
    "pyspark": ("engines.spark",),
    "rich": ("cli", "policy_commands", "printing", "rendering", "showing", "testing.coverage.table"),
    "ruamel": ("policy.files", "policy.parsing"),
    "stdnum": ("identifiers",),
    "typer": ("cli", "policy_commands"),
}
OPENERS = ("files", "policy.files")
LOOKERS = (
    "files",
    "policy.files",
    "policy.folders",
    "policy.extends",
    "policy.load",
    "testing.plugin",
    "testing.suites",
)  # which policies, tests and tables are there
OPENING = frozenset({"open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "rename"})
LOOKING = frozenset({"iterdir", "glob", "rglob", "is_file", "is_dir", "exists", "stat"})
NEVER_IMPORTED = frozenset(
    {
        "asyncio",
        "ftplib",
        "http",
        "locale",
        "multiprocessing",
        "random",
        "requests",
        "secrets",
        "smtplib",
        "socket",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    }
)
CLOCKS = frozenset({"today", "now", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "fromtimestamp"})


@cache
def modules() -> dict[str, ast.Module]:
    """The syntax tree of each module by its name below the package ("" for the package itself)."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def statements(tree: ast.AST, *, at_run_time: bool = False) -> Iterator[ast.stmt]:
    """All import statements, or only those that run when the module is loaded."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif at_run_time and (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or for_types(node)):
            continue
        else:
            yield from statements(node, at_run_time=at_run_time)


def for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imported(tree: ast.Module, *, at_run_time: bool = False) -> Iterator[tuple[int, str]]:
    """The line and full name of each module that is imported; `from package import module` counts as the module."""
    for node in statements(tree, at_run_time=at_run_time):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = node.module or ""
            for alias in node.names:
                whole = f"{home}.{alias.name}"
                yield node.lineno, whole if whole.removeprefix(f"{PACKAGE}.") in modules() else home


def own(name: str) -> str | None:
    """The name below the package, or none if it is another's."""
    return name.removeprefix(PACKAGE).removeprefix(".") if name.split(".", maxsplit=1)[0] == PACKAGE else None


def stands_in(module: str, homes: tuple[str, ...]) -> bool:
    return any(not home or module == home or module.startswith(f"{home}.") for home in homes)


def step(floors: tuple[tuple[str, ...], ...], group: str) -> int:
    return next(number for number, groups in enumerate(floors) if group in groups)


def own_imports() -> Iterator[tuple[str, int, str]]:
    for module, tree in modules().items():
        for line, name in imported(tree):
            target = own(name)
            if target is not None:
                yield module, line, target


@pytest.mark.parametrize("module", [name for name in modules() if name])
def test_every_module_has_its_floor(module: str) -> None:
    group, _, rest = module.partition(".")
    assert any(group in floor for floor in FLOORS)
    if group == "policy" and rest:
        assert any(rest.split(".")[0] in floor for floor in POLICY_FLOORS)


def test_imports_go_down_the_floors_only() -> None:
    wrong = []
    for module, line, target in own_imports():
        here, there = module.split(".")[0], target.split(".")[0]
        if here and (not there or step(FLOORS, there) > step(FLOORS, here)):
            wrong.append(f"{module}:{line} imports {target}")
    assert not wrong


def test_neighbours_do_not_import_each_other() -> None:
    pairs = {pair for one, other in NEIGHBOURS for pair in ((one, other), (other, one))}
    assert not [
        f"{module}:{line} imports {target}"
        for module, line, target in own_imports()
        if (module.split(".")[0], target.split(".")[0]) in pairs
    ]


def test_inside_of_policy_imports_go_down_its_own_floors() -> None:
    wrong = []
    for module, line, target in own_imports():
        here, there = module.split("."), target.split(".")
        if here[0] == there[0] == "policy" and len(here) > 1 < len(there):
            below = step(POLICY_FLOORS, here[1])
            if step(POLICY_FLOORS, there[1]) > below:
                wrong.append(f"{module}:{line} imports {target}")
    assert not wrong


def test_the_front_door_imports_nothing_of_the_house_before_it_is_asked() -> None:
    assert not [name for _, name in imported(modules()[""], at_run_time=True) if own(name) is not None]


def test_no_module_needs_itself_to_be_loaded() -> None:
    graph = {
        module: {target for _, name in imported(tree, at_run_time=True) if (target := own(name)) is not None and target}
        for module, tree in modules().items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_every_library_is_imported_in_its_home_only() -> None:
    wrong = []
    for module, tree in modules().items():
        for line, name in imported(tree):
            library = name.split(".", maxsplit=1)[0]
            foreign = own(name) is None and library not in sys.stdlib_module_names
            if foreign and not stands_in(module, HOMES.get(library, ())):
                wrong.append(f"{module}:{line} imports {name}")
    assert not wrong


@pytest.mark.parametrize("library", [name for name, homes in HOMES.items() if homes])
def test_every_home_of_a_library_is_in_use(library: str) -> None:
    users = {
        module for module, tree in modules().items() for _, name in imported(tree) if name.split(".")[0] == library
    }
    assert all(any(stands_in(module, (home,)) for module in users) for home in HOMES[library])


def test_nothing_relative_and_nothing_starred_is_imported() -> None:
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}:{node.lineno}"
                assert all(alias.name != "*" for alias in node.names), f"{module}:{node.lineno}"


SEEDED = {"testing.drawing"}  # made-up data by number: `Random` with a seed


def test_no_network_no_chance_no_other_process() -> None:
    assert not [
        f"{module}:{line} imports {name}"
        for module, tree in modules().items()
        for line, name in imported(tree)
        if name.split(".", maxsplit=1)[0] in NEVER_IMPORTED and module not in SEEDED
        if (module, name) != ("engines.session", "threading")  # for a lock; no thread is started
    ]


def called(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Each call's line and last name, and whether it stands after a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id, False
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, node.func.attr, True


def test_nobody_asks_for_the_time() -> None:
    assert not [
        f"{module}:{line} calls {name}"
        for module, tree in modules().items()
        for line, name, of_something in called(tree)
        if name in CLOCKS and of_something
    ]


def test_only_files_open_files() -> None:
    wrong = [
        f"{module}:{line} calls {name}"
        for module, tree in modules().items()
        for line, name, of_something in called(tree)
        if (name in OPENING and not stands_in(module, OPENERS) and not is_own(module, name, of_something=of_something))
        or (of_something and name in LOOKING and not stands_in(module, LOOKERS))
    ]
    assert not wrong


def is_own(module: str, name: str, *, of_something: bool) -> bool:
    """Uses of these words that open no file for reading or writing."""
    imports = {
        alias.name
        for node in statements(modules()[module])
        if isinstance(node, ast.ImportFrom) and own(node.module or "") is not None
        for alias in node.names
    }
    defined = {
        node.name for node in ast.walk(modules()[module]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    to_nowhere = (
        module == "printing" and name == "open" and of_something
    )  # os.open(os.devnull), once a pipe's reader has gone
    of_frames = name == "rename" and of_something and stands_in(module, ("engines.columns",))  # columns of frames
    return (
        to_nowhere
        or of_frames
        or (not of_something and name in imports | defined)
        or (of_something and name in defined)
    )


def test_only_the_command_line_prints() -> None:
    wrong = [
        f"{module}:{line} calls {name}"
        for module, tree in modules().items()
        if module not in ("cli", "printing")
        for line, name, of_something in called(tree)
        if (not of_something and name in {"print", "input", "breakpoint"}) or name in {"secho", "echo"}
    ]
    assert not wrong

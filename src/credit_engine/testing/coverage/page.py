"""Coverage as a page: the policy's own lines, coloured, each with what tests made of it, and which test did.

One file that needs nothing else: no script, no font, no picture from anywhere. The text of a policy is hostile and only
ever shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from attrs import frozen

from credit_engine.errors import PolicyError, Problem
from credit_engine.policy.files import text_of
from credit_engine.testing.coverage.goals import PAIR, SORTS, TAKEN, Goal
from credit_engine.testing.coverage.measuring import Coverage
from credit_engine.testing.coverage.table import by_file, percent_text

if TYPE_CHECKING:
    from jinja2 import Template

SHORT = {"only_may_hold": "may hold", "neither": "fails", PAIR: "decides", "below": "<", "at": "=", "above": ">"}


@frozen
class Mark:
    """One goal of a line: its word, whether it is `covered`, `missing`, `explained` or `impossible`, and by what."""

    word: str
    state: str
    by: str

    @property
    def sign(self) -> str:
        """The state without colour."""
        return {"covered": "✓", "missing": "✗", "explained": "○", "impossible": "–"}[self.state]


@frozen
class Piece:
    """A rule, row or comparison of a line, with its marks."""

    words: str
    marks: tuple[Mark, ...]


@frozen
class Line:
    """A line of a file. `state`: `covered`, `partly`, `missing`, `explained`, or nothing: there is nothing to test."""

    number: int
    text: str
    state: str
    pieces: tuple[Piece, ...]


@frozen
class File:
    """A file of a policy with its counts, ready to be shown."""

    name: str
    counts: tuple[str, ...]
    lines: tuple[Line, ...]


def page(coverage: Coverage) -> str:
    """The page as HTML. Raises `PolicyError` where jinja2 is not installed, or a file can no longer be read."""
    whole = tuple(_count(coverage, sort, coverage.goals) for sort in SORTS)
    return _template().render(
        name=coverage.policy.name,
        title=coverage.policy.plan.title,
        sorts=SORTS,
        total=whole,
        files=[_file(coverage, name, goals) for name, goals in by_file(coverage).items()],
        missing=coverage.missing,
        gaps=[(coverage.told(goal), coverage.explained[goal.key].reason) for goal in _explained(coverage)],
        problems=[str(problem) for problem in coverage.problems],
    )


@cache
def _template() -> Template:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # only pages need it
    except ModuleNotFoundError:
        hint = 'pip install "credit-engine[testing]"'
        raise PolicyError(Problem("not_installed", "pages of coverage need jinja2", hint=hint)) from None
    environment = Environment(
        loader=PackageLoader("credit_engine.testing.coverage", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _explained(coverage: Coverage) -> list[Goal]:
    return [goal for goal in coverage.goals if goal.key in coverage.explained]


def _count(coverage: Coverage, sort: str, goals: Iterable[Goal]) -> str:
    reached, all_ = coverage.count(sort, goals)
    return f"{reached}/{all_} · {percent_text(reached, all_)}" if all_ else "-"


def _file(coverage: Coverage, name: str, goals: list[Goal]) -> File:
    counts = tuple(_count(coverage, sort, goals) for sort in SORTS)
    path = goals[0].place.file
    on_line: dict[int, list[Goal]] = {}
    impossible = [goal for goal in coverage.impossible if goal.place.file == path]
    for goal in (*goals, *impossible):
        on_line.setdefault(goal.place.line or 0, []).append(goal)
    texts = _texts(coverage, path)
    last = max((len(texts), *on_line))
    numbers = range(0 if 0 in on_line else 1, last + 1)
    return File(
        name,
        counts,
        tuple(
            _line(coverage, number, texts[number - 1] if 0 < number <= len(texts) else "", on_line.get(number, []))
            for number in numbers
        ),
    )


def _texts(coverage: Coverage, path: str) -> list[str]:
    """The lines of a file; none of a policy that comes from no file."""
    return text_of(path).rstrip("\n").split("\n") if coverage.policy.folder is not None and path else []


def _line(coverage: Coverage, number: int, text: str, goals: list[Goal]) -> Line:
    pieces: dict[tuple[str, int], list[Goal]] = {}
    for goal in goals:
        pieces.setdefault((goal.key[0], goal.key[2]), []).append(goal)
    marked = tuple(Piece(of_piece[0].words, _marks(coverage, of_piece)) for of_piece in pieces.values())
    states = {mark.state for piece in marked for mark in piece.marks} - {"impossible"}
    return Line(number, text, _state(states), marked)


def _state(states: set[str]) -> str:
    if "missing" in states:
        return "missing" if states == {"missing"} else "partly"
    if "explained" in states:
        return "explained"
    return "covered" if states else ""


def _marks(coverage: Coverage, goals: list[Goal]) -> tuple[Mark, ...]:
    order = {goal.key: place for place, goal in enumerate((*coverage.goals, *coverage.impossible))}
    wants = ["fired", TAKEN, "holds", "only_may_hold", "neither", PAIR, "below", "at", "above"]
    return tuple(
        _mark(coverage, goal) for goal in sorted(goals, key=lambda one: (wants.index(one.want), order[one.key]))
    )


def _mark(coverage: Coverage, goal: Goal) -> Mark:
    word = SHORT.get(goal.want, goal.want)
    if goal.impossible:
        return Mark(word, "impossible", goal.impossible)
    test = coverage.test_of(goal)
    if test is not None:
        near = coverage.near.get((goal.key[2], goal.want)) if goal.key[0] == "leaf" else None
        return Mark(word, "covered", f"{test} (nearest: {near[1]})" if near is not None else test)
    gap = coverage.explained.get(goal.key)
    return Mark(word, "explained", gap.reason) if gap is not None else Mark(word, "missing", "no test")

"""Coverage on a terminal: what was reached by file and in total, what is missing, what the policy explains."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from credit_engine.testing.coverage.goals import SORTS, Goal
from credit_engine.testing.coverage.measuring import Coverage

FULL = 100
WIDE = 200  # columns of plain text


def coverage_tables(coverage: Coverage) -> list[Table | Text]:
    """The table, then a line for each thing that is missing, explained, or wrong with an explanation."""
    parts: list[Table | Text] = [_table(coverage)]
    parts += [Text(f"  {sentence}", "red") for sentence in coverage.missing]
    for goal in coverage.goals:
        gap = coverage.explained.get(goal.key)
        if gap is not None:
            parts.append(Text(f"  {coverage.told(goal)}, because {gap.reason}", "dim"))
    parts += [Text(str(problem), "red") for problem in coverage.problems]
    return parts


def coverage_text(coverage: Coverage) -> str:
    """The same as plain text."""
    console = Console(highlight=False, markup=False, emoji=False, width=WIDE, file=StringIO())
    with console.capture() as captured:
        console.print(*coverage_tables(coverage), sep="\n")
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def percent_text(reached: int, all_: int) -> str:
    """A percentage as people read it, cut after one decimal so that 100 is never written of less; `-` of nothing."""
    if not all_:
        return "-"
    tenths = int(Fraction(1000 * reached, all_))
    return "100 %" if tenths == 10 * FULL else f"{tenths // 10}.{tenths % 10} %"


def by_file(coverage: Coverage) -> dict[str, list[Goal]]:
    """The goals by file, in the order in which files come."""
    found: dict[str, list[Goal]] = {}
    for goal in coverage.goals:
        found.setdefault(coverage.file_of(goal.place.file), []).append(goal)
    return dict(sorted(found.items()))


def _table(coverage: Coverage) -> Table:
    table = Table(title=f"Coverage of {coverage.policy.name}", title_justify="left", box=None, pad_edge=False)
    table.add_column("file")
    for sort in SORTS:
        table.add_column(sort, justify="right", no_wrap=True)
    table.add_column("explained", justify="right")
    for file, goals in by_file(coverage).items():
        table.add_row(file, *_counts(coverage, goals), _explained(coverage, goals))
    table.add_row("total", *_counts(coverage, coverage.goals), _explained(coverage, coverage.goals), style="bold")
    return table


def _counts(coverage: Coverage, goals: Iterable[Goal]) -> list[Text]:
    goals = list(goals)
    return [_count(*coverage.count(sort, goals)) for sort in SORTS]


def _count(reached: int, all_: int) -> Text:
    if not all_:
        return Text("-", "dim")
    return Text(f"{reached}/{all_}  {percent_text(reached, all_)}", "green" if reached == all_ else "yellow")


def _explained(coverage: Coverage, goals: Iterable[Goal]) -> str:
    return str(sum(1 for goal in goals if goal.key in coverage.explained) or "")

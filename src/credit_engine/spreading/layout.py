"""Places on paper for the spots and lines of a picture: columns from left to right, few crossings, nothing overlapping.

The steps of Sugiyama: lines against the stream are turned round, every spot gets a column behind those before it, long
lines get a place in each column that they pass, the order within columns is improved, then each gets its height.
Whole numbers only, so that the same picture always comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from attrs import define, field

SWEEPS = 12
PORT = 38  # from one line to the next at the side of a spot: its label stands above and below it
SPACE = 26  # between spots of a column
THROUGH = 16  # for a long line that passes a column

Pair = tuple[str, str]


@define
class Layout:
    """Columns of spots (and of the places where long lines pass), the middle of each, and the stops of each line."""

    columns: list[list[str]]
    column_of: dict[str, int]
    turned: frozenset[int]
    chains: list[tuple[str, ...]]
    middle: dict[str, int] = field(factory=dict)
    height: dict[str, int] = field(factory=dict)
    leaving: dict[tuple[int, str], int] = field(factory=dict)
    arriving: dict[tuple[int, str], int] = field(factory=dict)


def laid_out(spots: Sequence[str], lines: Sequence[Pair], heights: Mapping[str, int]) -> Layout:
    """The layout of spots with these heights (before lines ask for more) and of lines as (start, end)."""
    turned = _turned(spots, lines)
    directed = [(end, start) if number in turned else (start, end) for number, (start, end) in enumerate(lines)]
    column_of = _columns(spots, directed)
    chains, passing = _chains(directed, column_of)
    columns: list[list[str]] = [[] for _ in range(max(column_of.values(), default=0) + 1)]
    for spot in (*spots, *passing):
        columns[column_of[spot]].append(spot)
    made = Layout(columns, column_of, turned, chains)
    _order(made)
    _heights(made, heights)
    _place(made)
    _ports(made)
    return made


# --- columns --------------------------------------------------------------------------------------------------


def _turned(spots: Sequence[str], lines: Sequence[Pair]) -> frozenset[int]:
    """The numbers of the lines that close a circle, walking from the spots at which nothing arrives."""
    following: dict[str, list[tuple[int, str]]] = {spot: [] for spot in spots}
    for number, (start, end) in enumerate(lines):
        following[start].append((number, end))
    ends = {end for _, end in lines}
    done: set[str] = set()
    found: set[int] = set()
    for root in sorted(spots, key=lambda spot: spot in ends):
        _walk(root, following, done, found)
    return frozenset(found)


def _walk(root: str, following: Mapping[str, list[tuple[int, str]]], done: set[str], found: set[int]) -> None:
    if root in done:
        return
    open_, stack = {root}, [(root, iter(following[root]))]
    while stack:
        spot, rest = stack[-1]
        for number, end in rest:
            if end in open_:
                found.add(number)
            elif end not in done:
                open_.add(end)
                stack.append((end, iter(following[end])))
                break
        else:
            stack.pop()
            open_.discard(spot)
            done.add(spot)


def _columns(spots: Sequence[str], lines: Sequence[Pair]) -> dict[str, int]:
    """Each spot behind all that lead to it; those to which nothing leads just before what they lead to."""
    column = dict.fromkeys(spots, 0)
    for _ in spots:
        moved = False
        for start, end in lines:
            if column[end] <= column[start]:
                column[end], moved = column[start] + 1, True
        if not moved:
            break
    ends = {end for _, end in lines}
    for spot in spots:
        after = [column[end] for start, end in lines if start == spot]
        if spot not in ends and after:
            column[spot] = min(after) - 1
    return column


def _chains(lines: Sequence[Pair], column_of: dict[str, int]) -> tuple[list[tuple[str, ...]], list[str]]:
    """The stops of each line from left to right, and the places where lines pass a column; these get their column."""
    chains, passing = [], []
    for number, (start, end) in enumerate(lines):
        between = [f"\0{number}.{column}" for column in range(column_of[start] + 1, column_of[end])]
        column_of.update((key, column) for column, key in enumerate(between, column_of[start] + 1))
        passing += between
        chains.append((start, *between, end))
    return chains, passing


# --- order and height -----------------------------------------------------------------------------------------


def _neighbours(made: Layout) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = {key: [] for key in made.column_of}
    after: dict[str, list[str]] = {key: [] for key in made.column_of}
    for chain in made.chains:
        for left, right in pairwise(chain):
            after[left].append(right)
            before[right].append(left)
    return before, after


def _order(made: Layout) -> None:
    """Sort each column by the middle of its neighbours, to and fro."""
    before, after = _neighbours(made)
    for sweep in range(SWEEPS):
        near = before if sweep % 2 == 0 else after
        place = {key: number for column in made.columns for number, key in enumerate(column)}
        for column in made.columns if sweep % 2 == 0 else reversed(made.columns):
            column.sort(key=lambda key: (_mean([place[one] for one in near[key]], place[key]), place[key]))
            place.update({key: number for number, key in enumerate(column)})


def _mean(values: Sequence[int], otherwise: int) -> int:
    """In hundredths, so that whole numbers will do."""
    return 100 * sum(values) // len(values) if values else 100 * otherwise


def _heights(made: Layout, heights: Mapping[str, int]) -> None:
    before, after = _neighbours(made)
    for key in made.column_of:
        asked = max(len(before[key]), len(after[key])) * PORT
        made.height[key] = max(heights.get(key, THROUGH), asked) if key in heights else PORT


def _place(made: Layout) -> None:
    """The middle of each: near the middle of its neighbours, in order, with space between."""
    before, after = _neighbours(made)
    for column in made.columns:
        y = 0
        for key in column:
            made.middle[key] = y + made.height[key] // 2
            y += made.height[key] + SPACE
    for sweep in range(SWEEPS):
        near = after if sweep % 2 == 0 else before
        for column in reversed(made.columns) if sweep % 2 == 0 else made.columns:
            wanted = [_mean([made.middle[one] for one in near[key]], made.middle[key]) // 100 for key in column]
            made.middle.update(zip(column, _apart(column, wanted, made.height), strict=True))
    top = min((made.middle[key] - made.height[key] // 2 for key in made.column_of), default=0)
    for key in made.middle:
        made.middle[key] -= top


def _apart(column: Sequence[str], wanted: Sequence[int], height: Mapping[str, int]) -> list[int]:
    """The wanted places, moved apart as little up as down until nothing overlaps."""
    gaps = [(height[one] + height[other] + 1) // 2 + SPACE for one, other in pairwise(column)]
    down, up = list(wanted), list(wanted)
    for number, gap in enumerate(gaps):
        down[number + 1] = max(down[number + 1], down[number] + gap)
    for number in range(len(gaps) - 1, -1, -1):
        up[number] = min(up[number], up[number + 1] - gaps[number])
    return [-((-one - other) // 2) for one, other in zip(down, up, strict=True)]


def _ports(made: Layout) -> None:
    """How high each line leaves and arrives: side by side, in the order of where they come from or go to."""
    leaving: dict[str, list[tuple[int, int]]] = {}
    arriving: dict[str, list[tuple[int, int]]] = {}
    for number, chain in enumerate(made.chains):
        for left, right in pairwise(chain):
            leaving.setdefault(left, []).append((made.middle[right], number))
            arriving.setdefault(right, []).append((made.middle[left], number))
    for sides, ports in ((leaving, made.leaving), (arriving, made.arriving)):
        for key, lines in sides.items():
            first = made.middle[key] - PORT * (len(lines) - 1) // 2
            for place, (_, number) in enumerate(sorted(lines)):
                ports[number, key] = first + PORT * place

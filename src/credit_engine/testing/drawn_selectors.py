"""Made-up selectors: every way to choose events, and to window and narrow what was chosen."""

from __future__ import annotations

from attrs import frozen

from credit_engine.testing.drawn_conditions import Author, View, condition
from credit_engine.testing.vocabulary import LISTS, PERIODS, Field, Written

ALL_STANDINGS = ["alleged", "found", "final"]
SAME = ("document", "authority", "severity", "law", "nature", "region")


@frozen
class Selected:
    """The keys of a selector as written, its kind and element, and what it needs of the asker's event."""

    keys: dict[str, Written]
    kind: str
    item: Field | None = None
    needs: frozenset[str] = frozenset()

    @property
    def head(self) -> str:
        """`KIND` or `KIND.LIST`."""
        return f"{self.kind}.{self.item.name}" if self.item is not None else self.kind


def selector(author: Author, view: View, *, elements: bool = True, windows: bool = True, depth: int = 1) -> Selected:
    """Which events: a kind (or a list of it), and some of the keys that choose and window them."""
    choose = author.choose
    kind = choose.one(tuple(author.words.kinds))
    lists = author.words.of(kind, *LISTS)
    item = choose.one(lists) if elements and lists and choose.chance(15) else None
    keys: dict[str, Written] = {}
    if choose.chance(45):
        keys["where"] = condition(author, View(kind=kind, fields=True, item=item))
    if choose.chance(8):
        keys["standing"] = choose.one((ALL_STANDINGS, ["final"], "alleged"))
    if choose.chance(15):
        keys["by"] = _anchors(author, kind)
    needs = _of_the_asker(author, view, kind, keys)
    if windows:
        needs |= _window(author, view, keys, depth)
        if not author.style.only_worse:
            _narrow(author, kind, keys)
    return Selected(keys, kind, item, frozenset(needs))


def _anchors(author: Author, kind: str) -> Written:
    choose = author.choose
    names = author.words.anchors(kind)
    if author.style.asks_absence and choose.chance(40):
        return choose.shuffled(choose.some(names, least=2, most=2))
    return choose.one(names)


def _of_the_asker(author: Author, view: View, kind: str, keys: dict[str, Written]) -> set[str]:
    """`same` and `at`, which read the event of whoever asks."""
    choose = author.choose
    if not (view.notes or (view.kind and view.indicators)) or author.style.only_worse:
        return set()
    asker = {each.name: each.type for each in author.words.fields[view.kind]} if view.kind else None
    theirs = {each.name: each.type for each in author.words.fields[kind]}
    shared = [name for name in SAME if name in theirs and (asker is None or asker.get(name) == theirs[name])]
    needs: set[str] = set()
    if shared and choose.chance(12):
        keys["same"] = choose.some(shared, least=1, most=2)
        needs |= set(keys["same"])
    elif kind == "inspection" and choose.chance(10):
        keys["same"] = {"batch": "document"}
        needs.add("document")
    elif kind == "rectification" and choose.chance(30):
        keys["same"] = {"of": "id"}
        needs.add("id")
    if choose.chance(8):
        keys["at"] = choose.one(("occurred", "effective", "decided"))
        needs.add(keys["at"])
    return needs


def _window(author: Author, view: View, keys: dict[str, Written], depth: int) -> frozenset[str]:
    """`within`, `before` and `since`; gives what the selector in `since` needs of the asker's event."""
    choose = author.choose
    if choose.chance(40):
        keys["within"] = window(author)
    if choose.chance(15):
        keys["before"] = True
    if not depth or author.style.only_worse or not choose.chance(15):
        return frozenset()
    inner = selector(author, view, elements=False, windows=choose.chance(30), depth=0)
    if not inner.keys:
        keys["since"] = inner.kind
    elif "last" in inner.keys or choose.chance(50):
        keys["since"] = {"each": inner.kind, **inner.keys}
    else:
        keys["since"] = {"latest": inner.kind, **inner.keys}
    return inner.needs


def window(author: Author) -> Written:
    """What `within` takes."""
    choose = author.choose
    parameters = author.words.in_unit("window", "period")
    if parameters and choose.chance(35):
        return f"${choose.one(parameters).name}"
    if choose.chance(20):
        calendar: dict[str, Written] = {"calendar": choose.one(("year", "quarter", "month"))}
        return calendar | ({"back": choose.number(0, 2)} if choose.chance(50) else {})
    return choose.one(PERIODS)


def _narrow(author: Author, kind: str, keys: dict[str, Written]) -> None:
    choose = author.choose
    if choose.chance(12):
        keys["per"] = per(author, kind)
    if choose.chance(20):
        keys["last"] = choose.number(1, 3)


def per(author: Author, kind: str) -> Written:
    """Fields whose equal values make events one."""
    names = [
        each.name for each in author.fields(View(kind=kind, fields=True, still=True), "text", "codes", "int", "date")
    ]
    return (
        author.choose.some(["document", *names], least=1, most=2)
        if author.choose.chance(60)
        else ["document", "authority"]
    )


def selector_alone(author: Author, view: View, keys: tuple[str, ...]) -> Written:
    """A selector that stands for itself, with only some of its keys: `KIND`, or `{each: KIND, ...}`."""
    found = selector(author, view, elements=False, windows=False)
    kept = {key: value for key, value in found.keys.items() if key in keys}
    return {"each": found.kind, **kept} if kept else found.kind

"""An account as `rich` shows it on a terminal; what is said is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.tree import Tree

    from credit_engine.assessing.explaining.account import Account

STYLES = {
    "assessment": "bold",
    "score": "bold",
    "grade": "bold",
    "unknowns": "bold yellow",
    "unknown": "yellow",
    "gap": "yellow",
    "stop": "red",
    "indicators": "bold",
    "flags": "bold",
    "rule": "bold",
    "sum": "bold",
    "agenda": "bold",
    "day": "bold",
    "law": "dim",
    "basis": "dim",
    "parameter": "dim",
    "head": "",
}


def as_rich(account: Account) -> Tree:
    """The account as a tree for a terminal; its texts are shown as they are, never read as markup."""
    from rich.text import Text  # noqa: PLC0415  # only those who look at a terminal pay
    from rich.tree import Tree  # noqa: PLC0415

    tree = Tree(Text(account.text, STYLES.get(account.part, "")), guide_style="dim")
    waiting = [(tree, account)]
    while waiting:
        branch, current = waiting.pop()
        waiting += [(branch.add(Text(one.text, STYLES.get(one.part, ""))), one) for one in current.children]
    return tree

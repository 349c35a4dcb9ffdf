"""What a terminal shows is the account, line by line."""

from rich.console import Console

from credit_engine.assessing.explaining.account import Account
from credit_engine.rendering import as_rich


def shown(account: Account) -> list[str]:
    console = Console(width=100, color_system=None)
    with console.capture() as captured:
        console.print(as_rich(account))
    return captured.get().splitlines()


def test_a_tree_shows_every_line_below_its_own() -> None:
    account = Account("top", [Account("one", [Account("below")], part="score"), Account("two", part="gap")])
    assert [line.strip("│├└─ ") for line in shown(account)] == ["top", "one", "below", "two"]


def test_brackets_are_shown_and_never_read_as_markup() -> None:
    assert shown(Account("[bold]50000 yuan [large]")) == ["[bold]50000 yuan [large]"]

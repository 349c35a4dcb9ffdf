"""A policy as tables for a terminal."""

from rich.table import Table

from credit_engine.showing import policy_tables
from sample_spreading import LISTED, OVER, plan_of


def tables(body: str) -> dict[str, list[list[str]]]:
    """The rows of each table by its title."""
    shown = [piece for piece in policy_tables(plan_of(body)) if isinstance(piece, Table)]
    return {
        str(table.title): [list(map(str, row)) for row in zip(*(column.cells for column in table.columns), strict=True)]
        for table in shown
    }


def test_rules_of_spread_and_rows_of_recognition_are_shown() -> None:
    shown = tables(
        f"spread: [{{rule: near, title: {{zh: 近, en: Near}}, {LISTED}, {OVER}, effect: mirror, basis: [rules]}}]\n"
        'recognition: [{rule: all, list: severe, hosts: ["310000", WBG], mode: inform}]\n'
    )
    assert shown["spread"] == [["near", "近 / Near", "mirror", "rules"]]
    assert shown["recognition"] == [["all", "severe", "inform", "310000, WBG", ""]]


def test_sections_that_a_policy_does_not_have_are_left_out() -> None:
    assert set(tables("")) == {"lists", "sources"}

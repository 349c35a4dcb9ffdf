"""A policy as tables for a terminal."""

from rich.table import Table

from credit_engine.policy.load import load_policy_text
from credit_engine.showing import policy_tables
from sample_spreading import EVERYTHING_SPREAD, LISTED, OVER, plan_of


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
    near = ["near", "近 / Near", "list severe", "shareholder to target", "mirror", "", "rules"]
    assert shown["spread"] == [near]
    assert shown["recognition"] == [["all", "severe", "inform", "310000, WBG", ""]]


def test_spread_shows_where_it_starts_what_it_goes_over_and_how_long_it_lasts() -> None:
    shown = [piece for piece in policy_tables(load_policy_text(EVERYTHING_SPREAD).plan) if isinstance(piece, Table)]
    (spread,) = (table for table in shown if table.title == "spread")
    over = "legal_representative, branch to source (at_least 0%, below 100%, held_on $role.at)"
    rows = zip(*(spread.columns[number].cells for number in (0, 2, 3, 5)), strict=True)
    assert [tuple(map(str, row)) for row in rows] == [
        (
            "bar",
            "violation",
            f"itself; {over} or named in responsible (manager, clerk)",
            "from decided for $term; or from published or decided for 1y",
        ),
        (
            "new.employer",
            "violation",
            "named in responsible, then employee to target (held_on decided)",
            "from decided",
        ),
        (
            "control",
            "list severe",
            "shareholder to target (above 50%, together) or owner to target; until stable",
            "",
        ),
        ("near", "list severe", "shareholder to target (held_on listed); up to 3 hops", ""),
        ("poor", "own answer", "owner to source", ""),
    ]


def test_sources_show_which_relations_they_reach() -> None:
    assert [(row[0], row[-1]) for row in tables("")["sources"]] == [
        ("law", "itself, legal_representative, manager, shareholder"),
        ("rules", "shareholder"),
    ]


def test_sections_that_a_policy_does_not_have_are_left_out() -> None:
    assert set(tables("")) == {"lists", "sources"}


def test_values_show_how_sure_they_are_else_how_sure_their_source_is() -> None:
    text = """\
policy: sample
title: {zh: 例, en: sample}
sources: {law: {title: Law, rank: law, certainty: high}}
parameters:
  term:
    unit: period
    values:
      2020-01-01: {value: 1y, source: law}
      2021-01-01: {value: 2y, source: law, certainty: inferred}
      2022-01-01: {value: null, source: law}
      2023-01-01: {ended: true, source: law}
"""
    shown = [piece for piece in policy_tables(load_policy_text(text).plan) if isinstance(piece, Table)]
    (values,) = (table for table in shown if table.title == "values")
    assert [column.header for column in values.columns][-1] == "certainty"
    assert list(values.columns[-1].cells) == ["high", "inferred", "open", ""]

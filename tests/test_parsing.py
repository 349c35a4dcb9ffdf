"""The quick YAML parser reads what the strict one reads, or leaves the text to it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, DocumentEndEvent, Event, StreamEndEvent

from credit_engine.errors import PolicyError
from credit_engine.policy.files import read_text
from credit_engine.policy.parsing import MOST_DEPTH, MOST_QUICK, events, quick_events, strict_events
from credit_engine.policy.scalars import character_problems

FOLDER = Path(__file__).parents[1]
SHIPPED = sorted(chain((FOLDER / "policies").glob("**/*.yaml"), (FOLDER / "fixtures").glob("**/*.yaml")))
LINES = [line for path in SHIPPED[::9] for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]
PIECES = [
    *("- ", ": ", ":", " #", "#", "\n", "\n  ", "\r\n", " ", "{", "}", "[", "]", ",", "? ", "'", '"', "\\", "\\x41"),
    *(
        "---\n",
        "...\n",
        "%",
        "|",
        ">-",
        "&a ",
        "*a",
        "!t ",
        "\t",
        "~",
        "null",
        "<<: ",
        "`",
        "@",
        "中",
        "\U0001f600",
        "\x85",
    ),
    *("\u2028", "a", "b c", "1", "1.5", "2024-02-29", "a: b", "- - x", '"a":b', "{a: b: c}", "[a: b]", "? a\n: b"),
]
written = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=9).map("".join),
    st.lists(st.sampled_from(LINES), min_size=1, max_size=5).map("\n".join),
)
AS_ENDS = (CollectionEndEvent, DocumentEndEvent, StreamEndEvent)  # nobody asks where these stand


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Lines of policies, or pieces of YAML, with some pieces put in or taken out."""
    text = draw(written)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from([*PIECES, ""])) + text[at + draw(st.integers(0, 1)) :]
    return character_problems(text.removeprefix("\ufeff"), "text")[0]


def told(found: Iterable[Event]) -> list[tuple[object, ...]]:
    """What a reader of events looks at."""
    looked_at = ("value", "anchor", "tag", "version", "tags")
    return [
        (
            type(event).__name__,
            None if isinstance(event, AS_ENDS) else (event.start_mark.line, event.start_mark.column),
            bool(getattr(event, "style", None)),
            *(getattr(event, name, None) for name in looked_at),
        )
        for event in found
    ]


@given(texts())
def test_what_the_quick_parser_reads_the_strict_one_reads_too(text: str) -> None:
    quick = quick_events(text)
    assert quick is None or told(quick) == told(strict_events(text))


@given(texts())
def test_every_complaint_is_the_strict_one_s(text: str) -> None:
    assert answer(events(text)) == answer(strict_events(text))


def answer(found: Iterable[Event]) -> object:
    """What is told, or the complaint."""
    try:
        return told(found)
    except YAMLError as error:
        return str(error)


def test_shipped_files_are_read_the_same() -> None:
    for path in SHIPPED[::5]:
        text = path.read_text("utf-8", "replace")
        assert answer(events(text)) == answer(strict_events(text)), path


def test_nearly_all_shipped_files_are_read_quickly() -> None:
    policies = sorted((FOLDER / "policies").glob("*/*.yaml"))
    assert sum(quick_events(path.read_text("utf-8")) is not None for path in policies) > 0.9 * len(policies)


def test_deep_and_long_texts_are_left_to_the_strict_parser_which_stops_in_time() -> None:
    assert quick_events("[" * MOST_DEPTH + "]" * MOST_DEPTH) is not None
    assert quick_events("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1)) is None
    assert quick_events("a" * (MOST_QUICK + 1)) is None
    with pytest.raises(PolicyError) as raised:
        read_text("[" * MOST_QUICK, "policy.yaml")
    assert raised.value.codes

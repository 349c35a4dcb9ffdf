"""Reading YAML: data with places or a clear error, whatever the text; nothing is run, and nothing runs away."""

from __future__ import annotations

import json
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.building import MOST_DEPTH, MOST_NODES, MOST_PROBLEMS
from credit_engine.policy.files import (
    MOST_BYTES,
    Items,
    Map,
    did_you_mean,
    is_quoted,
    place_of,
    read_documents,
    read_text,
    read_yaml,
    text_of,
    value_place_of,
)
from credit_engine.policy.folders import read_folder
from credit_engine.policy.scalars import BAD_CHARACTERS, MOST_CHARACTER_PROBLEMS

BROKEN = Path(__file__).parent.parent / "fixtures" / "broken" / "yaml"
SECONDS = 20  # of processor time, which a busy machine does not stretch

# --- laws --------------------------------------------------------------------------------------------------------

SIGNS = "abc:,-?{}[]#&*!|>'\"%@` \n\t\r~<=0129.\\_é中\x00\x85\u2028\ufeff"
WORDS = (
    "<<: |&a |*a |!!str |!<x>|\\x|\\U|FFFFFFFF|: |\n- |\n? |>-\n|\n  |null|true|1e99|2024-01-01|2024-13-01|1.1|%41|"
    '"\\U|policy: a\n|a: {|b: [|---\n|...\n|\n---\n|%YAML |%TAG ! x:\n'
)
PIECES = st.sampled_from([*SIGNS, *WORDS.split("|")])
texts = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join), st.binary().map(lambda b: b.decode("latin-1")))
keys = st.text(max_size=8).filter(lambda text: not BAD_CHARACTERS.search(text))
scalars = st.one_of(keys, st.integers(-(10**20), 10**20), st.booleans(), st.none())
contents = st.dictionaries(
    keys,
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None)
@given(texts)
@example('"\\UFFFFFFFF"')
@example('"\\U5FFFFFFF"')
@example("%YAML 1." + "9" * 5000 + "\n---\na: b\n")
@example("a: \ud800")
@example('a: "\\ud800"')
@example("? ? ? a")
@example("&a [*a]")
def test_any_text_gives_a_mapping_or_a_policy_error(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        assert isinstance(read_text(text, "f.yaml"), Map)
    except PolicyError as error:
        problems = error.problems
    assert all(problem.place.file == "f.yaml" and problem.code and problem.hint for problem in problems)


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"policy: "]))
def test_any_bytes_give_a_mapping_or_a_policy_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(start + data)
    try:
        assert isinstance(read_yaml(path), Map)
    except PolicyError as error:
        problems = error.problems
        assert all(problem.place.file == str(path) for problem in problems)


@settings(deadline=None)
@given(contents)
def test_json_is_read_as_what_it_says(content: dict[str, Any]) -> None:  # Any: JSON
    assert read_text(json.dumps(content, ensure_ascii=False), "f.yaml") == content


@settings(deadline=None)
@given(contents)
def test_every_place_points_at_what_stands_there(content: dict[str, Any]) -> None:  # Any: JSON
    text = json.dumps(content, ensure_ascii=False, indent=1)
    lines = text.split("\n")

    def check(data: object) -> None:
        if isinstance(data, Map):
            for key, value in data.items():
                place, value_place = place_of(data, key), value_place_of(data, key)
                assert lines[place.line - 1][place.column - 1 :].startswith(json.dumps(key, ensure_ascii=False))  # type: ignore[operator]
                assert_value(value, value_place)
        elif isinstance(data, Items):
            for index, value in enumerate(data):
                assert_value(value, place_of(data, index))

    def assert_value(value: object, place: Place) -> None:
        begins = (
            "{"
            if isinstance(value, Map)
            else "["
            if isinstance(value, Items)
            else json.dumps(value, ensure_ascii=False)
        )
        assert lines[place.line - 1][place.column - 1 :].startswith(begins)  # type: ignore[operator]
        check(value)

    check(read_text(text, "f.yaml"))


@settings(deadline=None)
@given(contents, texts)
def test_reading_twice_gives_the_same(content: dict[str, Any], text: str) -> None:  # Any: JSON
    def outcome(source: str) -> object:
        try:
            return read_text(source, "f.yaml")
        except PolicyError as error:
            return error.problems

    for source in (json.dumps(content), text):
        assert outcome(source) == outcome(source)


# --- one broken file per mistake ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_broken_file_gives_the_message_beside_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    with pytest.raises(PolicyError) as caught:
        read_yaml(path.name)
    assert str(caught.value).splitlines()[0] == path.with_suffix(".expected").read_text(encoding="utf-8").rstrip("\n")


def test_every_broken_file_has_its_message_and_every_message_its_file() -> None:
    names = {path.stem for path in BROKEN.glob("*.yaml")}
    assert names == {path.stem for path in BROKEN.glob("*.expected")}
    assert len(names) > 40


def test_all_mistakes_of_a_file_are_reported_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        read_yaml(BROKEN / "several_mistakes.yaml")
    assert caught.value.codes == ("bad_number", "duplicate_key", "bad_key", "tag_refused")
    assert [problem.place.line for problem in caught.value.problems] == [2, 3, 4, 5]


def test_what_stands_before_a_syntax_error_is_reported_too() -> None:
    with pytest.raises(PolicyError) as caught:
        read_text("a: 1e5\nb: [c\n", "f.yaml")
    assert caught.value.codes == ("bad_number", "bad_yaml")


def test_a_tag_never_runs_anything(tmp_path: Path) -> None:
    victim = tmp_path / "ran"
    text = f'policy: !!python/object/apply:os.mkdir ["{victim}"]\n'
    with pytest.raises(PolicyError, match="tag_refused"):
        read_text(text, "f.yaml")
    assert not victim.exists()


# --- bounds, in bounded time -------------------------------------------------------------------------------------


def bomb(levels: int, width: int) -> str:
    lines = ["a0: &a0 [" + ", ".join(["x"] * width) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * width) + "]" for n in range(1, levels)]
    return "\n".join(lines)


def deep_aliases(levels: int) -> str:
    lines = ["a0: &a0 [[[[[[[[[[x]]]]]]]]]]"]
    lines += [f"a{n}: &a{n} [[[[[[[[[[*a{n - 1}]]]]]]]]]]" for n in range(1, levels)]
    return "\n".join(lines)


HOSTILE = {
    "billion laughs": (bomb(30, 9), "alias_bomb"),
    "quadratic blow-up": ("a: &a [" + "x," * 1000 + "]\nb: [" + "*a," * 1000 + "]", "alias_bomb"),
    "depth in brackets": ("a: " + "[" * 100_000, "too_deep"),
    "depth in braces": ("a: " + "{a: " * 10_000, "too_deep"),
    "depth in lines": ("".join(" " * n + "a:\n" for n in range(1000)), "too_deep"),
    "depth in dashes": ("- " * 1000, "too_deep"),
    "depth by aliases": (deep_aliases(8), "too_deep"),
    "many elements": ("a: [" + "1," * 300_000 + "]", "too_big"),
    "many keys": ("".join(f"k{n}: 1\n" for n in range(60_000)), "too_big"),
    "many mistakes": ("a: 1\n" * 100_000, "too_many_problems"),
    "many bytes": ("a: " + "x" * MOST_BYTES, "too_big"),
    "many bytes in few characters": ("a: " + "中" * (MOST_BYTES // 2), "too_big"),
    "digits": ("a: " + "9" * 100_000, "bad_number"),
    "exponent": ("a: 1e999999999", "bad_number"),
    "NUL bytes": ("a: b\n" + "\0" * 1_000_000, "bad_character"),
    "one long word": ("x" * 1_000_000, "wrong_type"),
    "one long quote": ("a: '" + "x" * 1_000_000, "bad_yaml"),
    "blank lines": ("\n" * 1_000_000, "empty_file"),
    "many documents": ("---\n" * 100_000, "several_documents"),
    "many tags": ("a: " + "!x " * 50_000, "bad_yaml"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_in_bounded_time(name: str) -> None:
    text, code = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(PolicyError) as caught:
        read_text(text, "f.yaml")
    assert time.process_time() - started < SECONDS
    assert code in caught.value.codes
    assert len(caught.value.problems) <= MOST_PROBLEMS + MOST_CHARACTER_PROBLEMS + 1
    assert all(len(str(problem)) < 400 for problem in caught.value.problems)


def test_the_deepest_text_allowed_is_read_and_one_deeper_is_not() -> None:
    def nested(depth: int) -> str:
        return "a: " + "[" * (depth - 1) + "]" * (depth - 1)

    assert read_text(nested(MOST_DEPTH), "f.yaml")
    with pytest.raises(PolicyError, match="too_deep"):
        read_text(nested(MOST_DEPTH + 1), "f.yaml")


def test_the_largest_text_allowed_is_read_and_one_larger_is_not() -> None:
    def nodes(number: int) -> str:  # a mapping, its key and its list are nodes as well
        return "a: [" + "1," * (number - 3) + "]"

    assert len(read_text(nodes(MOST_NODES), "f.yaml")["a"]) == MOST_NODES - 3
    with pytest.raises(PolicyError, match="too_big"):
        read_text(nodes(MOST_NODES + 1), "f.yaml")


def test_a_file_of_just_the_most_bytes_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("a: " + "x" * (MOST_BYTES - 3), encoding="utf-8")
    assert len(read_yaml(path)["a"]) == MOST_BYTES - 3
    path.write_text("a: " + "x" * (MOST_BYTES - 2), encoding="utf-8")
    with pytest.raises(PolicyError, match="too_big"):
        read_yaml(path)


# --- what words mean ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("100", 100),
        ("-5", -5),
        ("+5", 5),
        ("0", 0),
        ("9.0", Decimal("9.0")),
        (".5", Decimal("0.5")),
        ("-0.125", Decimal("-0.125")),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2024-02-29", date(2024, 2, 29)),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("3y", "3y"),
        ("20wd", "20wd"),
        ("50%", "50%"),
        ("1/2", "1/2"),
        ("$points.fine", "$points.fine"),
        ("12:30", "12:30"),
        ("1,000", "1,000"),
        ("１２", "１２"),
        ("'100'", "100"),
        ('"310000"', "310000"),
        ("'2024-02-29'", "2024-02-29"),
        ("'~'", "~"),
        ("'012'", "012"),
        ("食品", "食品"),
    ],
)
def test_a_word_means_what_it_looks_like_and_a_quoted_one_is_text(word: str, value: object) -> None:
    read = read_text(f"a: {word}\n", "f.yaml")["a"]
    assert read == value
    assert type(read) is type(value)


def test_no_number_is_ever_a_float() -> None:
    values = read_text("a: [1, 1.0, .5, 5., 90, -0.0]", "f.yaml")["a"]
    assert {type(value) for value in values} == {int, Decimal}


def test_the_longest_number_is_read_and_one_digit_more_is_not() -> None:
    assert read_text("a: " + "9" * 30, "f.yaml")["a"] == 10**30 - 1
    with pytest.raises(PolicyError, match="bad_number"):
        read_text("a: " + "9" * 31, "f.yaml")


def test_keys_are_text_whole_numbers_or_dates() -> None:
    content = read_text("{2024-01-01: a, 310000: b, '310000': c}", "f.yaml")
    assert list(content) == [date(2024, 1, 1), 310000, "310000"]


def test_blocks_of_text_are_text_and_count_as_quoted() -> None:
    content = read_text("a: |\n  100\nb: >-\n  100\nc: 100\n", "f.yaml")
    assert content == {"a": "100\n", "b": "100", "c": 100}
    assert [is_quoted(content, key) for key in "abc"] == [True, True, False]


def test_it_is_known_what_was_quoted() -> None:
    content = read_text("a: ['1', x]\nb: x\nc: \"x\"\nd: &d 'x'\ne: *d\n", "f.yaml")
    assert [is_quoted(content["a"], index) for index in (0, 1)] == [True, False]
    assert [is_quoted(content, key) for key in "bcde"] == [False, True, True, True]


def test_an_alias_stands_for_its_anchor() -> None:
    content = read_text("a: &a {b: 1}\nc: *a\n", "f.yaml")
    assert content["c"] == {"b": 1}
    assert value_place_of(content, "c") == Place("f.yaml", 2, 4)


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfpolicy: a\n")
    assert place_of(read_yaml(path), "policy") == Place(str(path), 1, 1)
    assert read_text("\ufeffpolicy: a\n", "f.yaml") == {"policy": "a"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_places_are_the_same_for_every_line_end(line_end: str) -> None:
    content = read_text(line_end.join(["a: 1", "", "# 中", "  ", "b: {c: x}", ""]), "f.yaml")
    assert place_of(content, "b", "c") == Place("f.yaml", 5, 5)


# --- places ------------------------------------------------------------------------------------------------------


def test_places_lead_to_keys_elements_and_values() -> None:
    content = read_text("score:\n  rules:\n    - rule: a\n      deduct: 5\n    - rule: b\n", "f.yaml")
    assert place_of(content) == Place("f.yaml", 1, 1)
    assert place_of(content, "score", "rules") == Place("f.yaml", 2, 3)
    assert place_of(content, "score", "rules", 1) == Place("f.yaml", 5, 7)
    assert place_of(content, "score", "rules", 0, "deduct") == Place("f.yaml", 4, 7)
    assert value_place_of(content, "score", "rules", 0, "deduct") == Place("f.yaml", 4, 15)


def test_a_step_that_is_not_there_leads_to_what_should_hold_it() -> None:
    content = read_text("score:\n  rules: [{rule: a}]\n", "f.yaml")
    assert place_of(content, "score", "start") == Place("f.yaml", 1, 1)
    assert place_of(content, "score", "rules", 7) == Place("f.yaml", 2, 3)
    assert value_place_of(content, "nothing", "here") == Place()
    assert place_of({"plain": "data"}, "plain") == Place()


def test_plain_content_has_the_place_of_the_whole() -> None:
    content = Map({"a": Items([1, 2])}, Place("f.yaml", 3, 1))
    assert place_of(content, "a") == Place("f.yaml", 3, 1)
    assert content.copy() == content


def test_a_hint_names_the_nearest_word_or_the_few_there_are() -> None:
    assert did_you_mean("fien", ["fine", "warning"]) == "did you mean 'fine'?"
    assert did_you_mean("xyz", ["fine", "warning"]) == "known: fine, warning"
    assert did_you_mean("xyz", map(str, range(100))) == ""
    assert did_you_mean("x", []) == ""


# --- files -------------------------------------------------------------------------------------------------------


def test_a_missing_file_a_folder_and_an_impossible_path_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path, Path("a\0b"), Path("x" * 5000)):
        with pytest.raises(PolicyError, match=r"not_found|unreadable"):
            text_of(path)


def test_several_documents_are_read_where_they_are_asked_for() -> None:
    assert read_documents("a: 1\n---\n- b\n---\nc\n", "f.yaml") == ({"a": 1}, ["b"], "c")
    assert read_documents("", "f.yaml") == ()
    with pytest.raises(PolicyError, match=r"f\.yaml:3:4: bad_number"):
        read_documents("a: 1\n---\nb: 1e5\n", "f.yaml")


def test_anchors_end_with_their_document() -> None:
    with pytest.raises(PolicyError, match="not_found"):
        read_documents("a: &a 1\n---\nb: *a\n", "f.yaml")


# --- folders -----------------------------------------------------------------------------------------------------


def write(folder: Path, **files: str) -> Path:
    """A folder with `NAME.yaml` files."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def codes(folder: Path) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        read_folder(folder)
    return caught.value.codes


def test_a_policy_split_by_section_is_the_policy_in_one_file(tmp_path: Path) -> None:
    whole = "policy: p\nkinds: {a: decided}\nparameters:\n  x: {unit: count}\nlists: {l: {polarity: neutral}}\n"
    one = write(tmp_path / "one", policy=whole)
    several = write(
        tmp_path / "several",
        policy="policy: p\nlists: my_lists.yaml\n",
        kinds="kinds: {a: decided}\n",
        parameters="x: {unit: count}\n",
        my_lists="lists: {l: {polarity: neutral}}\n",
    )
    assert read_folder(one) == read_folder(several)


def test_a_section_file_may_hold_other_sections_beside_its_own(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", policy="policy: p\n", score="score: {start: 100}\ngrades: {order: [A]}\n")
    assert read_folder(folder) == {"policy": "p", "score": {"start": 100}, "grades": {"order": ["A"]}}


def test_a_section_file_may_be_a_list(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", policy="policy: p\nmeasures: catalogue.yaml\n", catalogue="- {id: M01}\n")
    assert read_folder(folder)["measures"] == [{"id": "M01"}]


def test_keys_of_a_section_file_keep_their_places(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", policy="policy: p\n", kinds="# kinds\nkinds:\n  a: decided\n", lists="l: {}\n")
    content = read_folder(folder)
    assert place_of(content, "kinds", "a") == Place(str(folder / "kinds.yaml"), 3, 3)
    assert place_of(content, "lists") == Place(str(folder / "lists.yaml"), 1, 1)


def test_a_key_in_two_files_names_both_places(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", policy="policy: p\nkinds: {a: decided}\n", kinds="b: decided\n")
    with pytest.raises(PolicyError, match="duplicate_key") as caught:
        read_folder(folder)
    assert caught.value.problems[0].place.file == str(folder / "kinds.yaml")
    assert str(folder / "policy.yaml:2:1") in caught.value.problems[0].message


def test_a_file_with_an_unknown_name_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", policy="policy: p\n", paramters="x: {}\n")
    with pytest.raises(PolicyError, match=r"unknown_file.*\n.*did you mean 'parameters.yaml'"):
        read_folder(folder)


def test_tests_a_readme_and_hidden_files_are_no_part_of_a_policy(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", policy="policy: p\n")
    write(folder / "tests", anything="- : [")
    (folder / "README.md").write_text("about", encoding="utf-8")
    (folder / ".hidden").write_text("about", encoding="utf-8")
    assert read_folder(folder) == {"policy": "p"}


def test_the_problems_of_all_files_come_together(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "p", policy="a: 1e5\n", kinds="", lists="x", score="{", grades="a: 1\n---\nb: 1\n", other=""
    )
    (folder / "notes.txt").write_text("about", encoding="utf-8")
    expected = (
        "bad_number",
        "several_documents",
        "empty_file",
        "wrong_type",
        "unknown_file",
        "unknown_file",
        "bad_yaml",
    )
    assert sorted(codes(folder)) == sorted(expected)


@pytest.mark.parametrize("name", ["none.yaml", "../p2/kinds.yaml", "/etc/kinds.yaml", "policy.yaml"])
def test_only_a_file_of_the_folder_can_be_named(tmp_path: Path, name: str) -> None:
    write(tmp_path / "p2", kinds="a: decided\n")
    assert codes(write(tmp_path / "p", policy=f"policy: p\nkinds: {name}\n")) == ("not_found",)


def test_one_file_cannot_be_two_sections(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", policy="policy: p\nkinds: x.yaml\nlists: x.yaml\n", x="a: b\n")
    assert codes(folder) == ("duplicate_key",)


def test_a_folder_without_a_policy_is_named(tmp_path: Path) -> None:
    assert codes(tmp_path / "none") == ("not_found",)
    assert codes(write(tmp_path / "empty")) == ("not_found",)

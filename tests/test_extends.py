"""A policy laid over those it extends: the later wins, named things and rules merge, places survive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.extends import MOST_POLICIES, merged, merged_over
from credit_engine.policy.files import Items, Map, place_of, read_text, value_place_of
from credit_engine.policy.folders import SECTIONS
from credit_engine.policy.merging import POSITIONS, merge_policies

Folders = Callable[..., Path]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Writes policies, each a folder of its own; gives the folder of the last one."""

    def write(**policies: str) -> Path:
        for name, text in policies.items():
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "policy.yaml").write_text(f"policy: {name}\n{text}", encoding="utf-8")
        return tmp_path / name

    return write


def beside(name: str, folder: Path) -> Path | None:
    """The policy of that name beside the folder."""
    parent = folder.parent / name
    return parent if (parent / "policy.yaml").is_file() else None


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        merged(folder, beside)
    return caught.value.problems


# --- laws --------------------------------------------------------------------------------------------------------

names = st.sampled_from("abcd")
values: st.SearchStrategy[Any] = st.recursive(  # Any: JSON
    st.sampled_from([1, "x", True]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
)
things = st.dictionaries(names, values, max_size=4)
rules = st.builds(lambda rule, rest: {"rule": rule, **rest}, names, things)
rule_lists = st.lists(rules, max_size=4, unique_by=lambda rule: rule["rule"])
policies = st.fixed_dictionaries(
    {},
    optional={
        "regions": st.lists(names),
        "illustrative": st.booleans(),
        "kinds": things,
        "parameters": things,
        "fields": st.dictionaries(names, things, max_size=3),
        "score": st.fixed_dictionaries({}, optional={"start": st.integers(), "groups": things, "rules": rule_lists}),
        "lists": st.dictionaries(names, things, max_size=3),
        "findings": rule_lists,
    },
)


def as_data(content: Any, place: Place) -> Any:  # Any: JSON
    """Plain content as a file would give it, every piece at one place."""
    if isinstance(content, dict):
        result = Map(place=place)
        for key, value in content.items():
            result.put(key, as_data(value, place), place)
        return result
    if isinstance(content, list):
        items = Items(place=place)
        for value in content:
            items.add(as_data(value, place), place)
        return items
    return content


def laid_over(*contents: Any) -> Map:  # Any: JSON
    """Policies laid over one another, the first below."""
    result = Map()
    for number, content in enumerate(contents):
        result = merge_policies(result, as_data(content, Place(f"{number}.yaml", 1, 1)), fail)
    return result


def fail(problem: Problem) -> None:
    raise AssertionError(str(problem))


@given(policies)
def test_laying_a_policy_over_nothing_or_nothing_over_it_changes_nothing(policy: dict[str, Any]) -> None:  # Any: JSON
    assert laid_over(policy) == policy
    assert laid_over({}, policy) == policy == laid_over(policy, {})


@given(policies)
def test_laying_a_policy_over_itself_changes_nothing(policy: dict[str, Any]) -> None:  # Any: JSON
    assert laid_over(policy, policy) == policy


@given(policies, policies, policies)
def test_it_does_not_matter_which_two_of_three_are_merged_first(a: Any, b: Any, c: Any) -> None:  # Any: JSON
    assert laid_over(laid_over(a, b), c) == laid_over(a, laid_over(b, c))


@given(policies, policies)
def test_merging_changes_neither_policy(a: dict[str, Any], b: dict[str, Any]) -> None:  # Any: JSON
    below, above = as_data(a, Place("a")), as_data(b, Place("b"))
    merge_policies(below, above, fail)
    assert (below, above) == (a, b)


@given(policies, policies)
def test_every_name_of_either_policy_is_there_and_the_later_value_counts(a: Any, b: Any) -> None:  # Any: JSON
    both = laid_over(a, b)
    for section in ("kinds", "parameters"):
        assert dict(both.get(section, {})) == {**a.get(section, {}), **b.get(section, {})}
    for section in ("regions", "illustrative"):
        assert both.get(section) == b.get(section, a.get(section))


@given(policies, policies)
def test_rules_keep_their_order_and_new_ones_follow(a: Any, b: Any) -> None:  # Any: JSON
    before, after = ([rule["rule"] for rule in side.get("findings", [])] for side in (a, b))
    both = [rule["rule"] for rule in laid_over(a, b).get("findings", [])]
    assert both == before + [rule for rule in after if rule not in before]


@given(policies, policies)
def test_every_key_keeps_the_place_where_it_was_written(a: Any, b: Any) -> None:  # Any: JSON
    both = laid_over(a, b)
    for key in both.get("parameters", ()):
        written_in = "1.yaml" if key in b.get("parameters", ()) else "0.yaml"
        assert place_of(both, "parameters", key).file == written_in
        assert value_place_of(both, "parameters", key).file == written_in
    for index, rule in enumerate(both.get("findings", ())):
        above = {each["rule"]: each for each in b.get("findings", ())}.get(rule["rule"], {})
        for key in rule:
            assert place_of(both, "findings", index, key).file == ("1.yaml" if key in above else "0.yaml")


# --- positions ---------------------------------------------------------------------------------------------------


def test_every_position_of_the_table_is_a_section() -> None:
    assert set(POSITIONS.parts) <= set(SECTIONS)


def over(below: str, above: str) -> Map:
    return merge_policies(read_text(below, "below.yaml"), read_text(above, "above.yaml"), fail)


@pytest.mark.parametrize(
    "piece",
    [
        "indicators: {i: {count: violation, WHERE}}",
        "parameters: {p: {unit: count, values: {WHERE}}}",
        "fields: {violation: {f: {holds: {WHERE}}}}",
        "admits: {violation: {where: {WHERE}}}",
        "sources: {s: {WHERE}}",
        "score: {rules: [{rule: r, when: {WHERE}}]}",
        "score: {rules: [{rule: r, counts: {WHERE}}]}",
        "score: {rules: [{rule: r, deduct: {WHERE}}]}",
        "score: {range: [WHERE]}",
        "grades: {rows: [{grade: A, WHERE}]}",
        "grades: {s: {rows: [{grade: A, WHERE}]}}",
        "lists: {l: {term: {WHERE}}}",
        "lists: {l: {repair: {WHERE}}}",
        "lists: {l: {opens: {each: violation, WHERE}}}",
        "spread: [{rule: r, along: [{WHERE}]}]",
        "title: {WHERE}",
    ],
)
def test_conditions_selectors_values_spans_and_tables_are_replaced_whole(piece: str) -> None:
    below, above = piece.replace("WHERE", "old: 1"), piece.replace("WHERE", "new: 1")
    assert over(below, above) == read_text(above, "f.yaml")


def test_rules_of_one_name_merge_key_by_key() -> None:
    both = over(
        "score: {rules: [{rule: a, deduct: 5, group: g}, {rule: b, deduct: 1}]}",
        "score: {rules: [{rule: c, add: 1}, {rule: a, deduct: 9}]}",
    )
    assert both["score"]["rules"] == [
        {"rule": "a", "deduct": 9, "group": "g"},
        {"rule": "b", "deduct": 1},
        {"rule": "c", "add": 1},
    ]


@pytest.mark.parametrize("first", ["{M1: {class: II}, M2: {class: II}}", "[{id: M1, class: II}, {id: M2, class: II}]"])
@pytest.mark.parametrize("then", ["{M2: {class: III}, M1: null}", "[{id: M2, class: III}, {id: M1, remove: true}]"])
def test_measures_merge_by_id_whether_they_are_named_or_in_rows(first: str, then: str) -> None:
    measures = over(f"measures: {first}", f"measures: {then}")["measures"]
    assert [(name, row["class"]) for name, row in measures.items()] == [("M2", "III")]


def test_lists_merge_key_by_key() -> None:
    both = over(
        "lists: {l: {polarity: neutral, foundation: old}}", "lists: {l: {foundation: new}, m: {polarity: neutral}}"
    )
    assert both["lists"] == {"l": {"polarity": "neutral", "foundation": "new"}, "m": {"polarity": "neutral"}}


def test_scales_merge_by_name_and_their_titles_by_label() -> None:
    both = over(
        "grades: {annual: {order: [A, B], titles: {A: {zh: 甲}, B: {zh: 乙}}}, dynamic: {order: [A]}}",
        "grades: {annual: {titles: {A: {zh: 优}}}}",
    )
    assert list(both["grades"]) == ["annual", "dynamic"]
    assert both["grades"]["annual"] == {"order": ["A", "B"], "titles": {"A": {"zh": "优"}, "B": {"zh": "乙"}}}


def test_one_scale_merges_with_one() -> None:
    both = over("grades: {order: [A, B], adjust: [{rule: a, at_best: B}]}", "grades: {adjust: [{rule: b, at_best: B}]}")
    assert both["grades"]["order"] == ["A", "B"]
    assert [rule["rule"] for rule in both["grades"]["adjust"]] == ["a", "b"]


@pytest.mark.parametrize("turned", [False, True])
def test_one_scale_does_not_merge_with_several(folders: Folders, *, turned: bool) -> None:
    shapes = ["grades: {order: [A]}\n", "grades: {annual: {order: [A]}}\n"]
    below, above = reversed(shapes) if turned else shapes
    (problem,) = problems_of(folders(base=below, child=f"extends: [base]\n{above}"))
    assert problem.code == "wrong_type"
    assert "scale" in problem.message


# --- removing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "above", "left"),
    [
        ("sources: {a: {rank: law}, b: {rank: law}}", "sources: {a: null}", {"sources": {"b": {"rank": "law"}}}),
        ("lists: {a: {polarity: neutral}}", "lists: {a: {remove: true}}", {"lists": {}}),
        ("findings: [{rule: a}, {rule: b}]", "findings: [{rule: a, remove: true}]", {"findings": [{"rule": "b"}]}),
        ("findings: [{rule: a, when: {x: 1}}]", "findings: [{rule: a, when: null}]", {"findings": [{"rule": "a"}]}),
        ("kinds: {a: decided}", "kinds: null", {}),
        (
            "fields: {violation: {a: int, b: int}}",
            "fields: {violation: {a: null}}",
            {"fields": {"violation": {"b": "int"}}},
        ),
        ("score: {groups: {a: {at_most: 1}}}", "score: {groups: {a: null}}", {"score": {"groups": {}}}),
    ],
)
def test_null_or_remove_takes_away(below: str, above: str, left: dict[str, object]) -> None:
    assert over(below, above) == left


@pytest.mark.parametrize(
    "text",
    [
        "sources: {lwa: null}",
        "sources: {lwa: {remove: true}}",
        "lists: {lwa: null}",
        "findings: [{rule: lwa, remove: true}]",
        "score: {rules: [{rule: lwa, remove: true}]}",
        "measures: null",
        "lists: {l: {term: null}}",
        "score: {rules: [{rule: new, when: null}]}",
    ],
)
def test_removing_what_is_not_there_is_a_mistake(folders: Folders, text: str) -> None:
    base = "sources: {law: {rank: law}}\nlists: {law: {polarity: neutral}}\nfindings: [{rule: law}]\n"
    (problem,) = problems_of(folders(base=base, child=f"extends: [base]\n{text}\n"))
    assert problem.code == "not_found"
    assert problem.place.line == 3
    assert "lwa" not in text or problem.hint in ("did you mean 'law'?", "")


def test_null_inside_a_value_removes_nothing() -> None:
    text = "parameters: {p: {values: {2024-01-01: {value: null}}}}"
    assert over("parameters: {p: {unit: fen}}", text) == read_text(text, "f.yaml")


def test_a_rule_that_stands_twice_is_a_mistake(folders: Folders) -> None:
    twice = "findings: [{rule: a}, {rule: a}]\n"
    once = "findings: [{rule: a, says: may}]\n"
    for below, above in ((twice, once), (once, twice)):
        assert "duplicate_rule" in [
            problem.code for problem in problems_of(folders(base=below, child=f"extends: [base]\n{above}"))
        ]


# --- parents -----------------------------------------------------------------------------------------------------


def test_parents_come_in_order_and_the_policy_last(folders: Folders) -> None:
    child = folders(
        first="kinds: {a: occurred, b: occurred, c: occurred}\n",
        second="kinds: {b: decided, c: decided}\n",
        child="extends: [first, second]\nkinds: {c: received}\n",
    )
    assert merged(child, beside)["kinds"] == {"a": "occurred", "b": "decided", "c": "received"}


def test_a_policy_reached_over_two_paths_is_laid_on_once(folders: Folders) -> None:
    child = folders(
        root="kinds: {a: occurred, b: occurred}\n",
        left="extends: [root]\nkinds: {a: null}\n",
        right="extends: [root]\nkinds: {b: decided}\n",
        child="extends: [left, right]\n",
    )
    assert merged(child, beside)["kinds"] == {"b": "decided"}


def test_the_name_and_the_parents_are_the_policy_s_own_and_the_title_is_inherited(folders: Folders) -> None:
    child = folders(root="title: {zh: 根}\n", base="extends: [root]\n", child="extends: [base]\n")
    content = merged(child, beside)
    assert (content["policy"], content["extends"], content["title"]) == ("child", ["base"], {"zh": "根"})


def test_a_policy_without_parents_is_as_it_is_written(folders: Folders) -> None:
    folder = folders(alone="law_of: as_of\nscore: {rules: [{rule: a, each: violation}]}\n")
    assert merged(folder, beside)["score"]["rules"] == [{"rule": "a", "each": "violation"}]


def test_a_policy_that_is_read_already_is_laid_over_its_parents(folders: Folders) -> None:
    folder = folders(base="kinds: {a: decided}\n")
    content = merged_over(read_text("policy: x\nextends: [base]\n", "x.yaml"), folder.parent / "x", beside)
    assert content["kinds"] == {"a": "decided"}


def test_an_unknown_parent_is_named_with_the_nearest_one(folders: Folders) -> None:
    folder = folders(severe="title: {zh: 例}\n", child="extends: [sever]\n")
    (problem,) = problems_of(folder)
    assert (problem.code, problem.hint) == ("not_found", "did you mean 'severe'?")
    assert problem.place == Place(str(folder / "policy.yaml"), 2, 11)
    with pytest.raises(PolicyError, match="did you mean 'severed-shipped'"):
        merged(folders(child="extends: [severed-shiped]\n"), beside, known=["severed-shipped"])


@pytest.mark.parametrize("extends", ["base", "{base: 1}", "[5]", "[[base]]", "1", "[null]"])
def test_extends_is_a_list_of_names(folders: Folders, extends: str) -> None:
    assert [problem.code for problem in problems_of(folders(base="", child=f"extends: {extends}\n"))] == ["wrong_type"]


@pytest.mark.parametrize("length", [1, 2, 3, 10])
def test_a_circle_of_policies_is_named_where_it_closes(folders: Folders, length: int) -> None:
    folder = folders(**{f"p{n}": f"extends: [p{(n + 1) % length}]\n" for n in range(length)})
    (problem,) = problems_of(folder)
    assert problem.code == "extends_circle"
    assert problem.message.count(" > ") == length
    assert problem.place.line == 2


def test_two_names_of_one_folder_are_one_policy(folders: Folders, tmp_path: Path) -> None:
    folder = folders(base="extends: [other]\n")
    (tmp_path / "other").symlink_to(tmp_path / "base")
    assert [problem.code for problem in problems_of(folder)] == ["extends_circle"]


def test_a_long_line_of_policies_is_merged_and_one_longer_is_not(folders: Folders) -> None:
    def line(length: int) -> Path:
        texts = {f"p{n}": f"extends: [p{n - 1}]\nkinds: {{k{n}: decided}}\n" for n in range(1, length)}
        return folders(p0="kinds: {k0: decided}\n", **texts)

    assert len(merged(line(MOST_POLICIES), beside)["kinds"]) == MOST_POLICIES
    assert [problem.code for problem in problems_of(line(MOST_POLICIES + 1))] == ["too_deep"]


def test_the_problems_of_all_policies_come_together(folders: Folders) -> None:
    folder = folders(a="kinds: 1e5\n", b="kinds: !x y\n", child="extends: [a, b, c, a]\nkinds: {x: null}\n")
    assert [problem.code for problem in problems_of(folder)] == ["bad_number", "tag_refused", "not_found"]


# --- the law and the audience that a policy gives its own rules --------------------------------------------------


def law_of(content: Map, rule: str) -> object:
    """The law that a rule is under in the merged policy: its own, else the policy's."""
    return next(each for each in content["score"]["rules"] if each["rule"] == rule).get("law_of", content.get("law_of"))


RULE_A = "score: {rules: [{rule: a, each: violation}]}\n"
RULE_B = "score: {rules: [{rule: b, each: violation}]}\n"


@pytest.mark.parametrize(
    ("base", "child", "laws"),
    [
        ("law_of: occurred\n", "law_of: as_of\n", ("occurred", "as_of")),
        ("law_of: occurred\n", "", ("occurred", "occurred")),
        (
            "law_of: {lenient: [occurred, decided]}\n",
            "law_of: decided\n",
            ({"lenient": ["occurred", "decided"]}, "decided"),
        ),
        ("", "law_of: occurred\n", ("decided", "occurred")),
        ("", "", (None, None)),
    ],
)
def test_extending_never_changes_the_law_of_a_rule(
    folders: Folders, base: str, child: str, laws: tuple[object, ...]
) -> None:
    content = merged(folders(base=base + RULE_A, child=f"extends: [base]\n{child}{RULE_B}"), beside)
    assert (law_of(content, "a"), law_of(content, "b")) == laws


@pytest.mark.parametrize(
    ("rule", "law"),
    [
        ("each: violation", "decided"),
        ("each: violation.acts", "decided"),
        ("each: inspection", "occurred"),
        ("each: complaint", "received"),
        ("each: violation, by: [effective, decided]", ["effective", "decided"]),
        ("each: violation, law_of: effective", "effective"),
        ("when: {x: 1}", "as_of"),
        ("each: nonsense", "as_of"),
    ],
)
def test_a_rule_without_a_law_keeps_the_day_of_its_event(folders: Folders, rule: str, law: object) -> None:
    base = f"kinds: {{complaint: received}}\nscore: {{rules: [{{rule: a, {rule}}}]}}\n"
    assert law_of(merged(folders(base=base, child="extends: [base]\nlaw_of: as_of\n"), beside), "a") == law


def test_a_rule_that_is_merely_changed_keeps_its_law(folders: Folders) -> None:
    child = "extends: [base]\nlaw_of: as_of\nscore: {rules: [{rule: a, deduct: 5}]}\n"
    assert law_of(merged(folders(base=f"law_of: occurred\n{RULE_A}", child=child), beside), "a") == "occurred"


def test_a_change_may_name_another_law(folders: Folders) -> None:
    child = "extends: [base]\nscore: {rules: [{rule: a, law_of: effective}]}\n"
    assert law_of(merged(folders(base=f"law_of: occurred\n{RULE_A}", child=child), beside), "a") == "effective"


def test_lists_findings_effects_and_obligations_keep_law_and_audience(folders: Folders) -> None:
    base = (
        "law_of: occurred\naudience: internal\n"
        "lists: {l: {opens: {each: violation}}, own: {audience: inquiry}, score: {opens: {when: {x: 1}}}}\n"
        "spread: [{rule: s, from: {each: violation}}, {rule: t, from: {list: l}}]\n"
        "findings: [{rule: f, each: violation}]\nobligations: [{rule: o, each: violation}]\n"
    )
    content = merged(folders(base=base, child="extends: [base]\nlaw_of: decided\naudience: public\n"), beside)
    both = {"law_of": "occurred", "audience": "internal"}
    assert content["lists"]["l"] == {"opens": {"each": "violation"}, **both}
    assert content["lists"]["own"] == {"audience": "inquiry", "law_of": "occurred"}
    assert content["lists"]["score"] == {"opens": {"when": {"x": 1}}, "audience": "internal"}
    assert content["spread"][0] == {"rule": "s", "from": {"each": "violation"}, **both}
    assert content["spread"][1] == {"rule": "t", "from": {"list": "l"}, "audience": "internal"}
    assert content["findings"] == [{"rule": "f", "each": "violation", **both}]
    assert content["obligations"] == [{"rule": "o", "each": "violation", "law_of": "occurred"}]


def test_a_list_of_a_policy_without_audience_stays_public(folders: Folders) -> None:
    content = merged(folders(base="lists: {l: {}}\n", child="extends: [base]\naudience: internal\n"), beside)
    assert content["lists"]["l"] == {"audience": "public"}


def test_a_written_law_has_the_place_where_the_policy_says_it(folders: Folders) -> None:
    folder = folders(base=f"law_of: occurred\n{RULE_A}", child="extends: [base]\nlaw_of: as_of\n")
    place = place_of(merged(folder, beside), "score", "rules", 0, "law_of")
    assert place == Place(str(folder.parent / "base" / "policy.yaml"), 2, 1)

"""Beneficial ownership statements become parties and relations; nothing that a file holds disappears or stops the run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_engine.errors import InputError
from credit_engine.files import bods
from credit_engine.files.input import Input
from credit_engine.files.store import open_folder, prepare
from credit_engine.files.tables import read_folder
from credit_engine.records import Operator, Person, Relation

Said = Mapping[str, Any]  # Any: what JSON holds
DAY = "2019-05-16"
VIOLATIONS = "id,party,decided\nV1,E1,2024-03-15\n"


def statement(type_: str, record: str, day: str = DAY, status: str = "new", **details: object) -> dict[str, Any]:
    """One statement (Any: what JSON holds)."""
    return {
        "statementId": f"{type_}-{record}-{day}-{status}".ljust(32, "0"),
        "declarationSubject": "E1",
        "statementDate": day,
        "publicationDetails": {"publicationDate": day, "bodsVersion": "0.4", "publisher": {"name": "Register"}},
        "recordId": record,
        "recordStatus": status,
        "recordType": type_,
        "recordDetails": {"isComponent": False, **details},
    }


def entity(record: str, day: str = DAY, **details: object) -> dict[str, Any]:
    """A company (Any: what JSON holds)."""
    return statement("entity", record, day, "new", entityType={"type": "registeredEntity"}, **details)


def holding(record: str, *interests: Said, day: str = DAY, status: str = "new", **ends: object) -> dict[str, Any]:
    """Interests of P1 in E1, unless other ends are given (Any: what JSON holds)."""
    details = {"subject": "E1", "interestedParty": "P1", "interests": list(interests), **ends}
    return statement("relationship", record, day, status, **details)


PERSON = statement("person", "P1", personType="knownPerson", names=[{"type": "legal", "fullName": "王某"}])
PARTIES = (entity("E1", name="甲公司"), PERSON)


def shares(**share: object) -> dict[str, Any]:
    """A direct shareholding (Any: what JSON holds)."""
    return {"type": "shareholding", "directOrIndirect": "direct", "share": share, "startDate": "2017-11-01"}


def read(place: Path, *said: object, name: str = "owners.bods.json", **files: str) -> Input:
    place.mkdir(exist_ok=True)
    (place / "violations.csv").write_text(VIOLATIONS, encoding="utf-8")
    lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in said)
    text = lines if ".jsonl" in name else json.dumps(list(said), ensure_ascii=False)
    (place / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    for file, content in files.items():
        (place / file.replace("__", ".")).write_text(content, encoding="utf-8")
    return read_folder(place, {}, ())


def relations(found: Input) -> dict[str, list[Relation]]:
    groups: dict[str, list[Relation]] = {}
    for relation in found.relations:
        groups.setdefault(relation.id, []).append(relation)
    return groups


def codes(found: Input) -> list[str]:
    return sorted(reject.code for reject in found.rejects)


# --- records ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.bods.json", "a.bods.json.gz", "a.bods.jsonl", "a.bods.jsonl.gz"])
def test_entities_persons_and_interests_become_operators_persons_and_relations(name: str, tmp_path: Path) -> None:
    company = entity(
        "E1",
        name="甲公司",
        foundingDate="2010-01-02",
        identifiers=[{"scheme": "CN-SAIC", "id": "91310115MA1K35X37T"}],
    )
    found = read(tmp_path, company, PERSON, holding("R1", shares(exact=33.4)), name=name)
    (operator,), (person,) = found.parties["E1"], found.parties["P1"]
    assert isinstance(operator, Operator)
    assert isinstance(person, Person)
    assert (operator.name, operator.kind, operator.credit_code) == ("甲公司", "registered_entity", "91310115MA1K35X37T")
    assert (operator.registered, operator.recorded, person.name) == (date(2010, 1, 2), date(2019, 5, 16), "王某")
    (held,) = found.relations
    assert (held.kind, held.source, held.target, held.share) == ("shareholder", "P1", "E1", Fraction(334, 1000))
    assert (held.since, held.until, held.recorded) == (date(2017, 11, 1), None, date(2019, 5, 16))
    assert found.rejects == ()
    assert {each.table: (each.read, each.accepted) for each in found.counts if each.file == name} == {
        "operators": (1, 1),
        "persons": (1, 1),
        "relations": (1, 1),
    }


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        ({"exact": 50, "minimum": 50, "maximum": 50}, "1/2", None),
        ({"minimum": 25, "maximum": 50}, "1/4", "1/2"),
        ({"exclusiveMinimum": 25, "maximum": 50}, "1/4", "1/2"),
        ({"exclusiveMinimum": 75}, "3/4", "1"),
        ({"exclusiveMaximum": 25}, "0", "1/4"),
        ({}, None, None),
    ],
)
def test_a_share_is_exact_or_a_range_with_its_exclusive_ends_read_as_inclusive(
    share: Said, low: str | None, high: str | None, tmp_path: Path
) -> None:
    (held,) = read(tmp_path, *PARTIES, holding("R1", shares(**share))).relations
    assert held.share == (None if low is None else Fraction(low))
    assert held.share_max == (None if high is None else Fraction(high))


@pytest.mark.parametrize("share", [{"exact": 101}, {"exact": "50"}, {"exact": True}, {"minimum": -1}, {"exact": 1e-30}])
def test_a_share_that_cannot_be_is_rejected(share: Said, tmp_path: Path) -> None:
    assert codes(read(tmp_path, *PARTIES, holding("R1", shares(**share)))) == ["bad_share"]


def test_a_share_of_monstrous_exponent_is_rejected_at_once(tmp_path: Path) -> None:
    found = read(tmp_path, *PARTIES)
    text = json.dumps(holding("R1", shares(exact=12345)))
    for monster in ("1e-999999999", "1e999999999", "0e999999999"):
        (tmp_path / "owners.bods.json").write_text(f"[{text.replace('12345', monster)}]", encoding="utf-8")
        (tmp_path / "operators.csv").write_text("id\nE1\n", encoding="utf-8")
        found = read_folder(tmp_path, {}, ())
        assert codes(found) == ["bad_share"]


def test_interests_get_the_kind_of_relation_that_says_the_same(tmp_path: Path) -> None:
    types = ["shareholding", "appointmentOfBoard", "otherInfluenceOrControl", "seniorManagingOfficial", "votingRights"]
    found = read(tmp_path, *PARTIES, holding("R1", *({"type": type_} for type_ in types)))
    assert {relation.id: relation.kind for relation in found.relations} == {
        "R1/shareholding": "shareholder",
        "R1/appointmentOfBoard": "actual_controller",
        "R1/otherInfluenceOrControl": "actual_controller",
        "R1/seniorManagingOfficial": "principal",
        "R1/votingRights": "voting_rights",
    }


def test_a_kind_that_the_policy_does_not_know_is_rejected_and_one_that_it_declares_is_not(tmp_path: Path) -> None:
    read(tmp_path, *PARTIES, holding("R1", {"type": "votingRights"}))
    assert codes(read_folder(tmp_path, {}, (), relation_kinds=("shareholder",))) == ["unknown_code"]
    assert codes(read_folder(tmp_path, {}, (), relation_kinds=("shareholder", "voting_rights"))) == []


def test_an_indirect_interest_is_no_shareholding_and_skipped_where_its_components_stand(tmp_path: Path) -> None:
    indirect = {**shares(exact=60), "directOrIndirect": "indirect"}
    found = read(tmp_path, *PARTIES, holding("R1", indirect), holding("R2", indirect, componentRecords=["x"]))
    assert [(each.id, each.kind) for each in found.relations] == [("R1/shareholding", "indirect_shareholder")]
    (count,) = (each for each in found.counts if each.table == "relations")
    assert (count.skipped, list(count.reasons)) == (1, ["an indirect interest; its components stand by themselves"])


def test_two_interests_of_one_type_are_two_relations(tmp_path: Path) -> None:
    found = read(tmp_path, *PARTIES, holding("R1", shares(exact=20), shares(exact=5)))
    assert [each.id for each in found.relations] == ["R1/shareholding", "R1/shareholding~2"]


# --- versions ---------------------------------------------------------------------------------------------------


def test_a_later_statement_is_a_later_version(tmp_path: Path) -> None:
    later = holding("R1", shares(exact=40), day="2021-03-01T09:00:00Z", status="updated")
    found = read(tmp_path, *PARTIES, later, holding("R1", shares(exact=30)))
    versions = relations(found)["R1/shareholding"]
    assert [(each.recorded, each.share) for each in versions] == [
        (date(2019, 5, 16), Fraction(3, 10)),
        (date(2021, 3, 1), Fraction(2, 5)),
    ]


def test_a_closed_record_ends_its_relations_on_the_day_of_the_statement_unless_an_end_is_given(tmp_path: Path) -> None:
    ended = {**shares(exact=30), "endDate": "2020-12-31"}
    found = read(
        tmp_path,
        *PARTIES,
        holding("R1", shares(exact=30)),
        holding("R1", shares(exact=30), day="2021-03-01", status="closed"),
        holding("R2", ended, day="2021-03-01", status="closed"),
    )
    assert [each.until for each in relations(found)["R1/shareholding"]] == [None, date(2021, 3, 1)]
    assert relations(found)["R2/shareholding"][0].until == date(2020, 12, 31)


def test_an_interest_that_a_later_statement_leaves_out_has_ended(tmp_path: Path) -> None:
    both = holding("R1", shares(exact=30), {"type": "votingRights"})
    found = read(tmp_path, *PARTIES, both, holding("R1", shares(exact=30), day="2021-03-01", status="updated"))
    assert [each.until for each in relations(found)["R1/votingRights"]] == [None, date(2021, 3, 1)]
    assert [each.until for each in relations(found)["R1/shareholding"]] == [None, None]


def test_the_order_of_statements_decides_nothing(tmp_path: Path) -> None:
    said = [
        *PARTIES,
        holding("R1", shares(exact=30)),
        holding("R1", shares(exact=9), day="2020-01-01", status="updated"),
    ]
    one, other = read(tmp_path / "a", *said), read(tmp_path / "b", *reversed(said))
    assert (one.parties, sorted(map(str, map(plain, one.relations)))) == (
        other.parties,
        sorted(map(str, map(plain, other.relations))),
    )


def plain(relation: Relation) -> tuple[object, ...]:
    return relation.id, relation.recorded, relation.share, relation.until


def test_a_statement_that_stands_there_twice_counts_once(tmp_path: Path) -> None:
    found = read(tmp_path, *PARTIES, *PARTIES, holding("R1", shares(exact=30)), holding("R1", shares(exact=30)))
    assert (len(found.parties["E1"]), len(found.relations), found.rejects) == (1, 1, ())


# --- what cannot be used ----------------------------------------------------------------------------------------


def test_an_unspecified_party_is_reported_with_its_reason(tmp_path: Path) -> None:
    nobody = {"reason": "informationUnknownToPublisher"}
    found = read(
        tmp_path, *PARTIES, holding("R1", shares(), interestedParty=nobody), holding("R2", shares(), subject=None)
    )
    assert codes(found) == ["unspecified_party", "unspecified_party"]
    assert "informationUnknownToPublisher" in found.rejects[0].message


def test_a_party_of_unknown_identity_stays_a_party(tmp_path: Path) -> None:
    unknown = statement("person", "P2", personType="unknownPerson")
    found = read(tmp_path, *PARTIES, unknown, holding("R1", shares(exact=80), interestedParty="P2"))
    assert [each.source for each in found.relations] == ["P2"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (7, "bad_json"),
        ([], "bad_json"),
        ({"recordType": "entity"}, "bad_json"),
        ({**entity("E2"), "recordType": "ownershipOrControlStatement"}, "unknown_code"),
        ({**entity("E2"), "recordType": ["entity"]}, "unknown_code"),
        ({**entity("E2"), "recordStatus": {}}, "unknown_code"),
        ({**entity("E2"), "recordStatus": ["new"]}, "unknown_code"),
        ({**entity("E2"), "recordDetails": 1}, "bad_json"),
        ({**entity("E2"), "statementDate": "May 2019"}, "bad_date"),
        ({**entity("E2"), "statementDate": "2019-02-30"}, "bad_date"),
        ({**entity("E2"), "publicationDetails": {"bodsVersion": "0.3"}}, "other_version"),
        ({"statementID": "x", "statementType": "entityStatement"}, "other_version"),
        (entity("E2", identifiers=[{"scheme": []}]), "bad_json"),
        (entity("E2", name=3), "bad_json"),
        (holding("R1"), "no_interest"),
        (holding("R1", 3), "bad_json"),  # type: ignore[arg-type]  # what no file should hold
        (holding("R1", shares(), interestedParty="P9"), "relation_to_nobody"),
        (holding("R1", shares(), interestedParty="E1"), "relation_to_itself"),
    ],
)
def test_what_is_wrong_with_a_statement_is_a_reject_and_the_others_stand(
    said: object, code: str, tmp_path: Path
) -> None:
    found = read(tmp_path, said, *PARTIES)
    assert codes(found) in ([code], [code, code])
    assert {"E1", "P1"} <= set(found.parties)
    assert all(each.read == each.accepted + each.rejected + each.skipped for each in found.counts)


@pytest.mark.parametrize(
    "text", ["", "{}", "[", "[1", "[1 2]", "[{]", '{"a": 1}\n', "[" * 100_000, '["\\ud800"', "[NaN]"]
)
def test_a_file_that_is_no_array_is_unusable_with_a_reason(text: str, tmp_path: Path) -> None:
    read(tmp_path, *PARTIES)
    (tmp_path / "owners.bods.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_folder(tmp_path, {}, ())
    assert set(error.value.codes) <= {"bad_json", "empty_file", "no_operators"}


def test_bad_lines_are_rejects_of_a_file_of_lines(tmp_path: Path) -> None:
    read(tmp_path, *PARTIES, name="a.bods.jsonl")
    path = tmp_path / "a.bods.jsonl"
    deep = "[" * 3000 + "]" * 3000
    path.write_text(path.read_text(encoding="utf-8") + f'{{\n"\\ud800"\n{deep}\n{"x" * 1_000_001}\n', encoding="utf-8")
    found = read_folder(tmp_path, {}, ())
    assert codes(found) == ["bad_json", "bad_json", "bad_json", "too_long"]


def test_a_file_that_is_too_large_to_be_held_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bods, "LARGEST", 1000)
    with pytest.raises(InputError, match="write JSON lines"):
        read(tmp_path, *PARTIES, entity("E2", name="x" * 1000))


def test_no_name_stands_in_a_reject(tmp_path: Path) -> None:
    wrong = statement("person", "P2", names=[{"fullName": "李某某"}], day="2019-02-30")
    assert not any("李某某" in reject.message for reject in read(tmp_path, *PARTIES, wrong).rejects)


# --- beside the tables of a folder ------------------------------------------------------------------------------


def test_what_a_table_says_of_a_party_is_not_replaced_by_a_statement(tmp_path: Path) -> None:
    table = "id,region\nE1,310115\n"
    found = read(tmp_path, *PARTIES, holding("R1", shares(exact=30)), operators__csv=table)
    (operator,) = found.parties["E1"]
    assert isinstance(operator, Operator)
    assert (operator.region, operator.name) == ("310115", None)
    assert len(found.relations) == 1


def test_a_store_keeps_what_the_statements_said(tmp_path: Path) -> None:
    read(tmp_path / "in", *PARTIES, holding("R1", shares(minimum=25, maximum=50)))
    prepare(tmp_path / "in", tmp_path / "store", {}, ())
    one, other = read_folder(tmp_path / "in", {}, ()), open_folder(tmp_path / "store", {}, ())
    assert (one.parties, one.relations, one.hashes) == (other.parties, other.relations, other.hashes)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["E1", "P1", "new", "entity", "0.4"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["statementDate", "recordId", "recordType", "recordStatus", "recordDetails", "publicationDetails"]
DETAILS = ["subject", "interestedParty", "interests", "names", "entityType", "name", "identifiers", "componentRecords"]


@given(
    st.sampled_from([*PARTIES, holding("R1", shares(exact=30))]),
    st.dictionaries(st.sampled_from(KEYS), anything, max_size=2),
    st.dictionaries(st.sampled_from(DETAILS), anything, max_size=3),
)
@settings(max_examples=60)
def test_whatever_a_statement_holds_it_comes_out_once(said: Said, top: Said, details: Said) -> None:
    import tempfile  # noqa: PLC0415  # hypothesis asks for a fresh folder in every example

    changed = {**said, "recordDetails": {**said["recordDetails"], **details}, **top}
    with tempfile.TemporaryDirectory() as place:
        found = read(Path(place) / "in", entity("E0"), *PARTIES, changed)
    assert all(each.read == each.accepted + each.rejected + each.skipped for each in found.counts)


# --- what has ended stays ended -----------------------------------------------------------------------------------


def ends(found: Input) -> dict[str, list[date | None]]:
    return {id_: [each.until for each in versions] for id_, versions in relations(found).items()}


@pytest.mark.parametrize("left", [{"interests": []}, {"interests": None}, {"subject": None}, {"interests": "none"}])
def test_a_closed_record_that_says_nothing_more_ends_what_it_said_before(left: Said, tmp_path: Path) -> None:
    closed = holding("R1", day="2022-01-01", status="closed", **left)
    found = read(tmp_path, *PARTIES, holding("R1", shares(exact=60)), closed)
    assert ends(found) == {"R1/shareholding": [None, date(2022, 1, 1)]}


def test_a_closed_record_of_which_nothing_was_known_is_a_reject(tmp_path: Path) -> None:
    found = read(tmp_path, *PARTIES, holding("R1", day="2022-01-01", status="closed", interests=[]))
    assert (ends(found), codes(found)) == ({}, ["no_interest"])


def test_an_interest_that_was_left_out_has_ended_although_a_statement_between_was_wrong(tmp_path: Path) -> None:
    wrong = holding("R1", shares(exact=600), day="2021-01-01", status="updated")
    without = holding("R1", {"type": "votingRights"}, day="2022-01-01", status="updated")
    found = read(tmp_path, *PARTIES, holding("R1", shares(exact=60)), wrong, without)
    assert ends(found)["R1/shareholding"] == [None, date(2022, 1, 1)]
    assert "bad_share" in codes(found)


def test_a_closed_record_with_a_share_that_cannot_be_has_ended(tmp_path: Path) -> None:
    closed = holding("R1", shares(exact=600), day="2022-01-01", status="closed")
    found = read(tmp_path, *PARTIES, holding("R1", shares(exact=60)), closed)
    assert ends(found) == {"R1/shareholding": [None, date(2022, 1, 1)]}

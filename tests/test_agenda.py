"""The agenda as an account: every line is told once, in both languages, whatever it is about."""

from __future__ import annotations

from datetime import date

import pytest

from agreement.test_agreement import CASES, inline_policy
from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.changes import WHAT, AgendaLine, agenda, next_change
from credit_engine.assessing.explain import agenda_tree, tree
from credit_engine.assessing.explaining.agenda import TELLERS, agenda_account
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.errors import QuestionError
from credit_engine.testing.cases import Case, dossier_of, read_cases

ASKED = [case for case in read_cases(CASES / "agenda.yaml") if case.content["expect"]["agenda"]["lines"]]
each_case = pytest.mark.parametrize("case", ASKED, ids=lambda case: case.name)


def answer_of(case: Case) -> Assessment:
    policy = inline_policy(case)
    return assess(dossier_of(case, policy), policy, case.content["day"], case.content.get("known_at"))


def test_every_sort_of_line_has_its_words() -> None:
    assert set(TELLERS) == set(WHAT)


@each_case
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_is_told_once_under_its_day(case: Case, language: str) -> None:
    answer, until = answer_of(case), case.content["expect"]["agenda"]["until"]
    *_, told = agenda_tree(answer, until, language).children  # type: ignore[arg-type]  # one of the two
    lines = agenda(*answer.question, answer.as_of, until, answer.known_at)
    assert [line.part for day in told.children for line in day.children] == [line.what for line in lines]
    assert len(told.children) == len({line.day for line in lines})
    assert not [line for line in told.lines() if "{" in line or "None" in line or "  : " in line]


@each_case
def test_no_line_of_an_agenda_is_a_python_value(case: Case) -> None:
    answer = answer_of(case)
    for line in agenda(*answer.question, answer.as_of, date(2030, 1, 1), answer.known_at):
        assert not {*"()[]'"} & {*line.before, *line.after} or "ground changed" in line.before + line.after
        assert not {"None", "True", "False"} & {line.before, line.after}


def test_the_account_of_an_agenda_begins_like_that_of_the_answer() -> None:
    answer = answer_of(ASKED[0])
    told, whole = agenda_tree(answer, date(2030, 1, 1), "en"), tree(answer, "en")
    assert told.text == whole.text
    assert told.children[:-1] == tuple(line for line in whole.children if line.part == "head")


def test_an_agenda_without_lines_says_so() -> None:
    account = agenda_tree(answer_of(ASKED[0]), date(2024, 6, 2), "en")
    assert account.as_text().splitlines()[-2:] == [
        "  What changes by itself and which deadlines fall, up to 2024-06-02",
        "    Nothing",
    ]


@pytest.mark.parametrize(
    ("what", "subject", "before", "after", "said"),
    [
        ("audience", "", "public", "internal", "Who may see it: public becomes internal"),
        ("due", "publish V1", "open", "", "Last day of a deadline: publish, V1"),
        ("entry", "a/P1/V1", "listed", "listed (ground changed)", "listed and in force (ground changed)"),
        ("entry", "a/P1/V1", "", "proposed", "Entry a/P1/V1: none becomes proposed, not decided"),
        ("grade", "grade", "A", "unknown: A, B", "Grade: A becomes not known, possibly A or B"),
        ("outside", "", "yes", "unknown", "Whether the policy applies is not known from this day"),
        ("outside", "", "yes", "no", "Judged by the policy from this day"),
        ("repairable", "a/P1/V1", "", "from 2026-05-01", "Entry a/P1/V1: repair may be applied for from 2026-05-01"),
        ("score", "", "fading", "100", "Score: points that fade day by day becomes 100"),
        ("score", "", "90..", "", "Score: between 90 and ∞ becomes none"),
        ("supervision", "notice help", "", "assistance", "Notice: none becomes help"),
        ("supervision", "sampling", "a: times 2", "b: times 3", "Sampling: a becomes b"),
        ("unknown", "fine V1", "", "penalties", "fine, V1: not known: penalties"),
    ],
)
def test_a_line_is_told_in_words(what: str, subject: str, before: str, after: str, said: str) -> None:
    telling = Telling(answer_of(ASKED[0]), "en")
    line = AgendaLine(day=date(2026, 1, 1), what=what, subject=subject, before=before, after=after)
    (day,) = agenda_account([line], date(2027, 1, 1), telling).children
    assert said in day.children[0].text


def test_a_line_is_plain_data_too() -> None:
    line = AgendaLine(day=date(2026, 1, 1), what="score", subject="", before="90", after="100")
    assert line.as_dict() == {"day": "2026-01-01", "what": "score", "subject": "", "before": "90", "after": "100"}


def test_days_that_are_no_days_are_refused_and_only_those_given() -> None:
    dossier, policy = answer_of(ASKED[0]).question
    for ask, said in (
        (lambda: agenda(dossier, policy, date(2026, 6, 30), "2026-12-31"), "until is str, not a date"),  # type: ignore[arg-type]
        (lambda: next_change(dossier, policy, "2026-06-30"), "as_of is str, not a date"),  # type: ignore[arg-type]
    ):
        with pytest.raises(QuestionError) as caught:
            ask()
        assert [problem.message for problem in caught.value.problems] == [said]

"""What is unknown widens an answer, and every way in which it may turn out lies inside."""

from attrs import evolve
from hypothesis import given, note
from hypothesis import strategies as st

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.unknown import Range, ends
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.edges import edges_of
from credit_engine.testing.strategies import Question, Style, loaded_policies, questions
from credit_engine.testing.variations import completed, with_law_found
from properties.asking import answer

NOT_ASKING_ABSENCE = loaded_policies(Style(asks_absence=False))


@given(questions())
def test_an_interval_runs_from_its_lower_to_its_upper_end(question: Question) -> None:
    score, limits = answer(question).score, question.policy.plan.score
    if isinstance(score, Range):
        low, high = ends(score)
        assert limits is not None
        assert low is not None or limits.low is None  # open only where the range is
        assert high is not None or limits.high is None
        assert low is None or high is None or low < high


@given(questions())
def test_what_is_unknown_about_the_score_is_reported_by_name(question: Question) -> None:
    given_answer = answer(question)
    if isinstance(given_answer.score, Range):
        assert given_answer.unknowns
    for line in given_answer.unknowns:
        assert line.names, line


@given(questions(NOT_ASKING_ABSENCE), st.data())
def test_whatever_turns_out_lies_inside_what_was_said_before(question: Question, data: st.DataObject) -> None:
    choose = Chooser(data.draw)
    edges = edges_of(question.policy)
    later = evolve(question, dossier=completed(choose, question.dossier, edges))
    if choose.chance(50):
        later = evolve(later, policy=with_law_found(choose, question.policy))
    before, after = answer(question), answer(later)
    note(f"{later!r}")
    note(f"before: {before}")
    note(f"after: {after}")
    if after.outside_policy is not True:
        found = differences(before, after)
        assert not found, found


def differences(before: Assessment, after: Assessment) -> list[str]:
    """Where the answer after does not lie inside the answer before."""
    found = [
        f"indicator {name}: {value} is not inside {before.indicators[name]}"
        for name, value in after.indicators.items()
        if not is_inside(value, before.indicators[name])
    ]
    if before.score is not None and not is_inside(after.score, before.score):
        found.append(f"score: {after.score} is not inside {before.score}")
    for scale, grade in after.grades.items():
        was = before.grades[scale]
        if was.label is not None and grade.label != was.label:
            found.append(f"{scale}: {grade.label}, was {was.label}")
        if not set(grade.possible) <= set(was.possible):
            found.append(f"{scale}: possible {grade.possible}, was {was.possible}")
    if isinstance(before.score, Range):
        kept = [(line.rule, line.event, line.item, line.points) for line in after.reasons]
        found += [
            f"the certain reason {line.rule} {line.event} {line.points} is gone"
            for line in before.reasons
            if (line.rule, line.event, line.item, line.points) not in kept
        ]
    return found


def is_inside(value: object, known: object) -> bool:
    """Whether a value (or range) is one that the known value, range, or nothing at all allows."""
    if known is None:
        return True
    if not isinstance(known, Range):
        return value == known
    if value is None:
        return False
    low, high = ends(value)  # type: ignore[arg-type]  # a number or a range, for the other is a range
    known_low, known_high = ends(known)
    low_fits = known_low is None or (low is not None and known_low <= low)
    return low_fits and (known_high is None or (high is not None and high <= known_high))

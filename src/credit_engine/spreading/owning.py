"""What spread takes from the own answers: origins, recognition, and who may see each answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from attrs import field, frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Effect, Origin
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import Policy

_INTERNAL = len(AUDIENCES) - 1


@frozen
class Own:
    """The origins of each rule in order, the effects of recognition, and the rank of each answer's audience."""

    origins: Mapping[str, tuple[Origin, ...]]
    recognised: tuple[Effect, ...]
    ranks: Mapping[str, int] = field(repr=False)

    def rank_of(self, party: str) -> int:
        """How closed the answer of a party is; without an own answer as closed as can be."""
        return self.ranks.get(party, _INTERNAL)


def gathered(answers: Iterable[Assessment], policy: Policy, as_of: date, known_at: date) -> Own:
    """What the own answers hold, each of which is looked at once and not kept.

    Raises `QuestionError` for an answer of another policy, day or knowledge, and for a second one of a party.
    """
    same = [policy]  # policies known to be the same, kept so that each stays the one it is
    origins: dict[str, list[Origin]] = {}
    recognised: list[Effect] = []
    ranks: dict[str, int] = {}
    given: object = answers
    if not isinstance(given, Iterable):
        message = f"own_answers is {type(given).__name__}, not a list of answers"
        raise QuestionError(Problem("bad_question", message, hint="give what assess says of each party"))
    for answer in answers:
        _check(answer, same, as_of, known_at)
        if answer.party in ranks:
            raise QuestionError(Problem("bad_question", f"there are two own answers of {answer.party!r}"))
        ranks[answer.party] = AUDIENCES.index(answer.audience)
        recognised += answer.recognised
        for origin in answer.origins:
            origins.setdefault(origin.rule, []).append(origin)
    row_of = {row.id: number for number, row in enumerate(policy.plan.recognition)}
    return Own(
        {rule: tuple(sorted(found, key=_origin_key)) for rule, found in origins.items()},
        tuple(sorted(recognised, key=lambda each: (row_of.get(each.rule, -1), each.origin or "", each.target))),
        ranks,
    )


def _origin_key(origin: Origin) -> tuple[str, str, str]:
    return (origin.party, origin.kind, origin.id or "")


def _check(answer: object, same: list[Policy], as_of: date, known_at: date) -> None:
    if not isinstance(answer, Assessment):
        message = f"an own answer is a {type(answer).__name__}, not an Assessment"
        raise QuestionError(Problem("bad_question", message, hint="give what assess says of each party"))
    if answer.event is not None:
        message = f"the own answer of {answer.party!r} is seen from its event {answer.event!r}"
        raise QuestionError(Problem("bad_question", message, hint="ask it for the day, without `event`"))
    theirs = answer.question[1]
    if not any(theirs is each for each in same):
        if theirs != same[0]:
            message = f"the own answer of {answer.party!r} is of another policy, {answer.policy}"
            raise QuestionError(Problem("bad_question", message, hint="assess every party with one policy"))
        same.append(theirs)
    if (answer.as_of, answer.known_at) != (as_of, known_at):
        message = f"the own answer of {answer.party!r} is of {answer.as_of}, known on {answer.known_at}"
        hint = f"ask it for {as_of}, known on {known_at}"
        raise QuestionError(Problem("bad_question", message, hint=hint))

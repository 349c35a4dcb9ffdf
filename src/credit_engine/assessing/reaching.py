"""What effects of affiliates do to a party: the final score and grades, and what findings and supervision then read.

Only certain effects move a score. Lists, the own score and the own grades never read an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from credit_engine.assessing import contributing, findings, grading, scoring, supervising
from credit_engine.assessing.answer import Reason, UnknownLine
from credit_engine.assessing.contributions import UNLIMITED, Points
from credit_engine.assessing.effects import Effect, Effects, TooWide
from credit_engine.assessing.program import AUDIENCES, stricter
from credit_engine.assessing.scene import Scene
from credit_engine.assessing.scoring import AFFILIATION, NOT_REACHED, Reached
from credit_engine.assessing.spanning import ALWAYS
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.nodes import Literal, Parameter, Value
from credit_engine.policy.plan import Plan, Score
from credit_engine.policy.plan_spreading import SpreadRule


class Given(NamedTuple):
    """The effects that reach the party asked about, in order, and the rules that were ended.

    `whole`: all effects of the day, where they were given as such.
    """

    effects: tuple[Effect, ...] = ()
    too_wide: tuple[TooWide, ...] = ()
    whole: Effects | None = None


NOTHING = Given()


class FinalScene(Scene):
    """The same question once effects have been added: score and grades are the final ones, lists stay as they were.

    Of another day (a span held open, a review) only the own answer is known.
    """

    def __init__(self, own: Scene, folded: scoring.Folded) -> None:
        super().__init__(own.program, own.dossier, own.as_of, own.known_at, own.question)
        self.own = own
        self.folded = folded

    def on(self, day: date) -> Scene:
        """The day judged as it is in the end, any other one as the party's own answer has it."""
        return self if day == self.as_of else self.own.on(day)

    def own_score(self) -> Any:  # Any: thousandths, a Range, or a special value
        """The final score."""
        return self.folded.score

    def own_grade(self, scale: str) -> Any:  # Any: a label or a special value
        """The final grade on one scale; of one judged on a review day the own one."""
        is_reviewed = any(one.name == scale and one.review is not None for one in self.plan.scales)
        return self.own.own_grade(scale) if is_reviewed else super().own_grade(scale)

    def on_list(self, name: str) -> Any:  # Any: true, false or DOUBTFUL
        """Whether the party is on a list, which no effect changes."""
        return self.own.on_list(name)


def given(effects: Iterable[object], plan: Plan, party: str, as_of: date, known_at: date) -> Given:
    """Those effects that reach the party, in the order of the policy, once each; raises `QuestionError`."""
    if isinstance(effects, Effect) or not isinstance(effects, Iterable):
        message = f"effects is {type(effects).__name__}, not what spread gives"
        raise QuestionError(
            Problem("bad_question", message, hint="effects=spread(...); leave it out for the own answer")
        )
    if not isinstance(effects, Effects):
        return Given(_ordered(effects, plan, party))
    if (effects.as_of, effects.known_at) != (as_of, known_at):
        theirs, ours = f"{effects.as_of} as known on {effects.known_at}", f"{as_of} as known on {known_at}"
        message = f"the effects are of {theirs}, the question of {ours}"
        raise QuestionError(Problem("bad_question", message, hint="spread for the day that is judged"))
    return Given(_ordered(effects.reaching(party), plan, party), effects.too_wide, effects)


def _ordered(effects: Iterable[object], plan: Plan, party: str) -> tuple[Effect, ...]:
    order = {rule.id: place for place, rule in enumerate(plan.spread)}
    found = {_key(effect, order): effect for effect in _checked(effects, order, plan, party)}
    return tuple(effect for _, effect in sorted(found.items(), key=itemgetter(0)))


def _checked(effects: Iterable[object], order: Mapping[str, int], plan: Plan, party: str) -> Iterator[Effect]:
    for effect in effects:
        if not isinstance(effect, Effect):
            raise QuestionError(Problem("bad_question", f"effects hold {type(effect).__name__}, not Effect"))
        if effect.is_region or effect.target != party:
            continue
        if effect.rule not in order:
            message = f"the policy {plan.policy} has no spread rule {effect.rule!r} that an effect could come from"
            raise QuestionError(Problem("bad_question", message, hint="give the effects of this policy"))
        yield effect


def _key(effect: Effect, order: Mapping[str, int]) -> tuple[int, str, str, str]:
    """What orders the effects on one party and tells them apart: the rule and the origin."""
    return order[effect.rule], effect.origin_party or "", effect.origin_kind or "", effect.origin or ""


class Outcome(NamedTuple):
    """The final score and grades, and what follows from them."""

    folded: scoring.Folded | None
    graded: list[grading.Graded]
    found: findings.Found
    supervised: supervising.Supervised


def outcome(scene: Scene, reaching: Given, folded: scoring.Folded | None, graded: list[grading.Graded]) -> Outcome:
    """What comes out in the end, given the own score and grades: these themselves where no effect moves the score."""
    reached = _reached(reaching, scene.plan)
    if folded is None or scene.plan.score is None or reached == NOT_REACHED:
        return Outcome(folded, graded, findings.findings(scene), supervising.supervision(scene))
    folded = scoring.fold(scene.program, scene.plan.score, contributing.contributions(scene), reached)
    final = FinalScene(scene, folded)
    graded = [grading.graded(final if scale.review is None else scene, scale) for scale in scene.plan.scales]
    result = Outcome(folded, graded, findings.findings(final), supervising.supervision(final))
    final.forget()
    return result


def too_wide_lines(reaching: Given, plan: Plan) -> tuple[UnknownLine, ...]:
    """A line for each rule that was ended: it is not known whom it reaches."""
    return tuple(
        UnknownLine(rule=one.rule, event=None, names=("spread_too_wide",), audience=audience_of_ended(one, plan))
        for one in reaching.too_wide
    )


def audience_of_ended(one: TooWide, plan: Plan) -> str:
    """Who may see that a rule was ended: who may see all of its effects."""
    audiences = [rule.audience for rule in plan.spread if rule.id == one.rule]
    known = (str(each.value) if isinstance(each, Literal) else AUDIENCES[-1] for each in audiences)
    return stricter(AUDIENCES[0], *known)


def _reached(reaching: Given, plan: Plan) -> Reached:
    """What the effects add, and what the rules that were ended may add."""
    if plan.score is None or not (reaching.effects or reaching.too_wide):
        return NOT_REACHED
    ended = {one.rule for one in reaching.too_wide}
    rules = [rule for rule in plan.spread if rule.id in ended]
    unsure = [_open_points(rule, plan, plan.score) for rule in rules]
    return Reached(tuple(_reasons(reaching.effects)), tuple(points for points in unsure if points is not None))


def _reasons(effects: Iterable[Effect]) -> Iterator[Reason]:
    for effect in effects:
        if effect.moves_score:
            yield Reason(
                kind="effect",
                rule=effect.rule,
                points=effect.points or 0,
                event=effect.origin if effect.origin_kind == "event" else None,
                event_kind=effect.origin_event_kind,
                from_day=effect.from_day,
                until=effect.until,
                group=AFFILIATION,
                law_day=effect.law_day,
                parameters=effect.parameters,
                basis=effect.basis,
                read_from=effect.read_from,
            )


def _open_points(rule: SpreadRule, plan: Plan, score: Score) -> Points | None:
    """Points between nothing and the limit, on the sides where those of the rule lie; `None` if it gives none."""
    low, high = _sides(rule.points, plan) if rule.points is not None else (False, False)
    if not (low or high):
        return None
    unlimited = score.low is None or score.high is None
    width = UNLIMITED if unlimited else (score.high or 0) - (score.low or 0)
    limit = score.groups.get(AFFILIATION, width)
    return Points(-limit if low else 0, limit if high else 0, ALWAYS, date.min, unsure=True, open=True)


def _sides(value: Value, plan: Plan) -> tuple[bool, bool]:
    """Whether a value can take points away, and whether it can add some; of what is worked out both."""
    if isinstance(value, Literal):
        amounts = [value.value]
    elif isinstance(value, Parameter):
        amounts = [step.value for step in plan.parameters[value.name].values if not step.ended]
    else:
        return True, True
    if any(amount is None or isinstance(amount, dict) for amount in amounts):
        return True, True
    return any(amount < 0 for amount in amounts), any(amount > 0 for amount in amounts)

"""The assessment of one party on one day, as it was known on one day: the plain engine, which is the meaning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from credit_engine.assessing import (
    contributing,
    grading,
    listing,
    obligations,
    origins,
    recognising,
    scoring,
    staying,
)
from credit_engine.assessing import reaching as reach
from credit_engine.assessing.answer import Assessment, UnknownLine
from credit_engine.assessing.contributions import Kept
from credit_engine.assessing.effects import Effect
from credit_engine.assessing.program import Earlier, Program, audience_of
from credit_engine.assessing.scene import Frame, Scene
from credit_engine.assessing.unknown import DOUBTFUL, Range, is_plain, spread_over
from credit_engine.dossiers import Dossier
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import Policy
from credit_engine.policy.places import did_you_mean
from credit_engine.policy.plan import (
    Plan,
)
from credit_engine.quantities import FieldType, Thousandths, fits
from credit_engine.records import Event, Person


def assess(
    dossier: Dossier,
    policy: Policy,
    as_of: date,
    known_at: date | None = None,
    effects: Iterable[Effect] = (),
    event: str | None = None,
) -> Assessment:
    """What follows for one party on `as_of`, with what was known on `known_at` (default: the same day).

    `effects` are those that `spread` found; what reaches this party makes its final score and grades. `event` names an
    event of the party that is then the viewpoint in place of the day (kind and id as `kind/id` where the id alone is
    not unique). Raises `QuestionError` if nothing was known of the party, or the event is not there.
    """
    _check_question(dossier, policy, as_of, known_at, event)
    plan, known_at = policy.plan, known_at or as_of
    scene = _scene(dossier, policy, as_of, known_at, event)
    reaching = reach.given(effects, plan, dossier.id, as_of, known_at) if effects != () else reach.NOTHING
    return _assessed(scene, policy, reaching)


def assess_again(dossier: Dossier, policy: Policy, as_of: date, kept: Kept) -> Assessment:
    """The own answer of a party of which a service asks again and again, the same as `assess` gives.

    `kept`: what this has noted for the same party, policy and day before, at first nothing; it notes more.
    """
    scene = _scene(dossier, policy, as_of, as_of, None)
    scene.kept = kept
    return _assessed(scene, policy, reach.NOTHING)


def _assessed(scene: Scene, policy: Policy, reaching: reach.Given) -> Assessment:
    plan, outside = scene.plan, _is_outside(scene)
    if outside is True:
        return _answer(scene, policy, reaching, outside_policy=True)
    own = _folded(scene)
    listings = [listing.listed_on(scene, rule.name) for rule in plan.lists]
    own_graded = [grading.graded(scene, scale) for scale in plan.scales]
    started = origins.origins(scene) if plan.spread else origins.Started()
    taken = recognising.recognised(scene) if plan.recognition else recognising.Recognised()
    folded, graded, found, supervised = reach.outcome(scene, reaching, own, own_graded)
    owed = obligations.obligations(scene)
    lines = [UnknownLine(rule="regions", event=None, names=("operator.region",))] if outside is None else []
    lines += folded.unknowns if folded else ()
    lines += [line for one in listings for line in one.unknowns]
    lines += listing.of_no_list(scene)
    lines += [line for each in graded for line in each.unknowns]
    lines += (*started.unknowns, *taken.unknowns, *reach.too_wide_lines(reaching, plan))
    lines += (*found.unknowns, *owed.unknowns, *supervised.unknowns)
    return _answer(
        scene,
        policy,
        reaching,
        outside_policy=outside,
        own_score=own.score if own else None,
        score=folded.score if folded else None,
        reasons=folded.reasons if folded else (),
        entries=tuple(entry for one in listings for entry in one.entries),
        own_grades={one.grade.scale: one.grade for one in own_graded},
        grades={one.grade.scale: one.grade for one in graded},
        indicators=_indicators(scene),
        findings=found.findings,
        obligations=owed.obligations,
        supervision=supervised.supervision,
        on_list={rule.name: _truth(listing.on_list(scene, rule.name)) for rule in plan.lists},
        origins=started.origins,
        recognised=taken.effects,
        unknowns=tuple(lines),
    )


def _check_question(dossier: object, policy: object, as_of: object, known_at: object, event: object) -> None:
    """Refuse what is no question: days that are no days, other things than a dossier and a policy."""
    wrong = [
        Problem("bad_question", f"{name} is {type(value).__name__}, not {sort}")
        for name, value, sort, fits in (
            ("dossier", dossier, "a Dossier", isinstance(dossier, Dossier)),
            ("policy", policy, "a Policy; see load_policy", isinstance(policy, Policy)),
            ("as_of", as_of, "a date", type(as_of) is date),
            ("known_at", known_at, "a date", known_at is None or type(known_at) is date),
            ("event", event, "an event's id", event is None or isinstance(event, str)),
        )
        if not fits
    ]
    if wrong:
        raise QuestionError(wrong)


def _check_facts(dossier: Dossier, plan: Plan) -> None:
    """Refuse facts that the policy would pass over or trip on: kinds it does not know, extra fields of another type."""
    kinds = {kind for kind, _ in dossier.by_id} | dossier.coverage.keys()
    problems = [
        Problem(
            "unknown_kind",
            f"the policy {plan.policy} knows no kind of event {kind!r}",
            hint=did_you_mean(kind, plan.kinds),
        )
        for kind in sorted(kinds - plan.kinds.keys())
    ]
    for event in [event for event in dossier.events if event.extra]:
        types = plan.field_types.get(event.kind, {})
        problems += [
            Problem("bad_field", f"{event.id!r}: {name} is {value!r}, not {types[name]}", event.place)
            for name, value in event.extra.items()
            if name in types and not fits(value, types[name])
        ]
    if problems:
        raise QuestionError(problems)


def program_of(policy: Policy) -> Program:
    """The policy made ready for the plain engine, once."""
    program = policy.memo.get("plain")
    if not isinstance(program, Program):
        earlier = Earlier(own_score, grading.own_grade, listing.on_list, staying.on_list_until)
        program = policy.memo["plain"] = Program(policy.plan, earlier)
    return program


def own_score(scene: Scene) -> Any:  # Any: thousandths, a Range, or DOUBTFUL
    """What a condition that names the score reads."""
    folded = _folded(scene)
    return DOUBTFUL if folded is None else folded.score


def _folded(scene: Scene) -> scoring.Folded | None:
    score = scene.plan.score
    if score is None:
        return None
    if "score" not in scene.found:
        scene.found["score"] = scoring.fold(scene.program, score, contributing.contributions(scene))
    return scene.found["score"]  # type: ignore[no-any-return]  # kept under this key by this function only


def _scene(dossier: Dossier, policy: Policy, as_of: date, known_at: date, event: str | None) -> Scene:
    program = program_of(policy)
    if policy.memo.get("checked") is not dossier:
        _check_facts(dossier, policy.plan)
        policy.memo["checked"] = dossier
    if event is None:
        return Scene(program, dossier, as_of, known_at)
    return Scene(program, dossier, as_of, known_at, _event_named(dossier, policy.plan, event, as_of, known_at))


def _event_named(dossier: Dossier, plan: Plan, name: str, as_of: date, known_at: date) -> Event:
    kind, _, plain = name.rpartition("/")
    found = [e for e in dossier.events_on(known_at) if e.id == name or (e.kind == kind and e.id == plain)]
    if len(found) != 1:
        how_many = "no event" if not found else f"{len(found)} events"
        message = f"{dossier.id!r} has {how_many} {name!r} known on {known_at}"
        kinds = " or ".join(repr(f"{each.kind}/{each.id}") for each in found)
        hint = f"ask for {kinds}" if found else did_you_mean(name, [e.id for e in dossier.events_on(known_at)])
        raise QuestionError(Problem("unknown_event", message, hint=hint))
    anchor = plan.kinds[found[0].kind]
    day = getattr(found[0], anchor, None) or found[0].extra.get(anchor)
    if day != as_of:
        raise QuestionError(
            Problem(
                "event_not_on_day", f"{name!r} is of {day}, the question of {as_of}", hint=f"ask on its {anchor} day"
            )
        )
    return found[0]


def _is_outside(scene: Scene) -> bool | None:
    """Whether the policy does not judge this party; `None` if its region is not known. A person is never outside."""
    regions = scene.plan.regions
    if not regions or isinstance(scene.party, Person):
        return False
    code = scene.party.region
    path = None if code is None else scene.dossier.regions.climb(code, scene.as_of)
    return None if path is None else not any(region in path for region in regions)


def _answer(
    scene: Scene,
    policy: Policy,
    reaching: reach.Given,
    *,
    outside_policy: bool | None,
    own_score: int | Range | None = None,
    score: int | Range | None = None,
    **parts: Any,  # Any: what the steps made, by the names of the answer
) -> Assessment:
    answer = Assessment(
        party=scene.dossier.id,
        as_of=scene.as_of,
        known_at=scene.known_at,
        event=scene.question.id if scene.question else None,
        policy=scene.plan.policy,
        illustrative=scene.plan.illustrative,
        outside_policy=outside_policy,
        own_score=own_score,
        score=score,
        effects=reaching.effects,
        too_wide=reaching.too_wide,
        given=reaching.whole,
        audience=audience_of(scene.program.audience, scene.viewpoint),
        question=(scene.dossier, policy),
        **parts,
    )
    scene.forget()
    return answer


def _truth(value: Any) -> bool | None:  # Any: true, false or DOUBTFUL
    return None if value is DOUBTFUL else bool(value)


def _indicators(scene: Scene) -> dict[str, Any]:  # Any: outside values, see Assessment
    """Every indicator from the viewpoint of the question; one that compares with an event needs one in the question."""
    view, event = scene.viewpoint, scene.question
    own = scene.plan.field_types[event.kind] if event is not None else {}
    frame = Frame(scene, view.day, view.position, event, view.law)
    return {
        name: outside_value(scene.program(indicator.value)(frame), indicator.type_)
        for name, indicator in scene.plan.indicators.items()
        if scene.program.asks_of_event(name) <= own.keys()
    }


def outside_value(value: Any, type_: FieldType) -> Any:  # Any: an inside value in, the value as people read it out
    """An indicator's value outside the engine: decimals as `Thousandths` or exact fractions, unknown as `None`."""
    if isinstance(value, Range):
        return spread_over(value, lambda end: outside_value(end, type_))
    if not is_plain(value):
        return None
    if type_.name == "decimal":
        return Thousandths(value) if value == int(value) else Fraction(value) / 1000
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else value

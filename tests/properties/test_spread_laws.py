"""Spread keeps its laws: what does not matter, what carries, what is never crossed and never cut short."""

from __future__ import annotations

from datetime import date

from attrs import evolve
from hypothesis import given

from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effect
from credit_engine.dossiers import Dossier
from credit_engine.records import Event, ListDecision, Versioned, Violation
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_networks import NetworkQuestion, network_questions
from properties.network_worlds import (
    all_networks,
    how_many,
    own_answers,
    restrictive_beyond_the_law,
    spread_of,
    with_rules,
)
from properties.path_oracle import Reached
from properties.spread_oracle import in_the_same_words

# --- what does not matter -------------------------------------------------------------------------------------


def test_the_order_of_parties_and_relations_changes_nothing() -> None:
    all_networks(different_in_another_order, range(how_many(1000, usual=40)))


def different_in_another_order(question: NetworkQuestion) -> list[str]:
    dice = Dice(len(question.relations))
    other = evolve(
        question,
        dossiers=tuple(dice.shuffled(question.dossiers)),
        relations=tuple(dice.shuffled([*question.relations, *question.relations[:3]])),  # some twice
    )
    mine, theirs = spread_of(question), spread_of(other)
    return [] if mine == theirs else [f"{mine.found} and {theirs.found}"]


def test_other_labels_change_nothing_but_labels_order_and_the_choice_among_ties() -> None:
    all_networks(different_with_other_labels, range(how_many(1000, usual=40)))


def different_with_other_labels(question: NetworkQuestion) -> list[str]:
    dice = Dice(len(question.relations) + 1)
    names = [dossier.id for dossier in question.dossiers]
    parties = dict(zip(names, dice.shuffled([f"X{number}" for number in range(len(names))]), strict=True))
    ids = sorted({one.id for one in question.relations})
    relations = dict(zip(ids, dice.shuffled([f"S{number}" for number in range(len(ids))]), strict=True))
    mine = sorted(without_ties(one, parties) for one in spread_of(question))
    theirs = sorted(without_ties(one, {}) for one in spread_of(_relabelled(question, parties, relations)))
    return [f"{one} became {other}" for one, other in zip(mine, theirs, strict=False) if one != other] + (
        [] if len(mine) == len(theirs) else [f"{len(mine)} became {len(theirs)}"]
    )


def without_ties(effect: Effect, parties: dict[str, str]) -> tuple[str, ...]:
    """What is said of an effect but its path, under other labels."""
    origin = effect.origin or ""
    if effect.origin_kind == "entry":
        name, party, ground = origin.split("/")
        origin = "/".join((name, parties.get(party, party), ground))
    origin_party = effect.origin_party or ""
    said = (
        effect.rule,
        parties.get(origin_party, origin_party),
        origin,
        parties.get(effect.target, effect.target),
        effect.certain,
        effect.weight,
        effect.points,
        effect.steps if effect.origin_party else 0,  # of several proofs of shares added up the first branch is shown
        effect.from_day,
        effect.until,
        effect.measures,
        effect.list,
    )
    return tuple(map(str, said))


def _relabelled(question: NetworkQuestion, parties: dict[str, str], relations: dict[str, str]) -> NetworkQuestion:
    dossiers = [
        Dossier(
            [evolve(one, id=parties[one.id]) for one in dossier.party_versions],
            [_renamed(one, parties) for one in dossier.events],
        )
        for dossier in question.dossiers
    ]
    links = [
        evolve(one, id=relations[one.id], source=parties[one.source], target=parties[one.target])
        for one in question.relations
    ]
    return evolve(question, dossiers=tuple(dossiers), relations=tuple(links))


def _renamed(event: Event, parties: dict[str, str]) -> Event:
    event = evolve(event, party=parties[event.party])
    if not isinstance(event, Violation) or not event.responsible:
        return event
    named = tuple({**one, "person": parties.get(one["person"], one["person"])} for one in event.responsible)
    return evolve(event, responsible=named)


def test_nothing_known_later_matters() -> None:
    all_networks(different_without_what_is_known_later, range(how_many(1000, usual=40)))


def different_without_what_is_known_later(question: NetworkQuestion) -> list[str]:
    def is_known(record: Versioned) -> bool:
        return record.recorded is None or record.recorded <= question.known_at

    dossiers = [Dossier(each.party_versions, filter(is_known, each.events)) for each in question.dossiers]
    other = evolve(question, dossiers=tuple(dossiers), relations=tuple(filter(is_known, question.relations)))
    mine, theirs = spread_of(question), spread_of(other)
    return [] if mine == theirs else [f"{mine.found} and {theirs.found}"]


def test_no_effect_on_others_changes_an_own_answer() -> None:
    all_networks(own_answers_changed, range(how_many(1000, usual=30)))


def own_answers_changed(question: NetworkQuestion) -> list[str]:
    effects = spread_of(question)
    found = []
    for own in own_answers(question):
        dossier = own.question[0]
        final = assess(dossier, question.policy, question.as_of, question.known_at, effects=effects)
        same = ("own_score", "own_grades", "entries", "on_list", "indicators", "origins", "recognised")
        found += [f"{own.party}: {part}" for part in same if getattr(own, part) != getattr(final, part)]
        others = [one for one in effects if one.target != own.party]
        alone = assess(dossier, question.policy, question.as_of, question.known_at, effects=others)
        found += [f"{own.party}: {alone} by {others}"] if alone != own else []
        points = sum(reason.points for reason in final.reasons)
        if isinstance(final.score, int) and final.score != 100_000 + points:
            found.append(f"{own.party}: {final.score} of {final.reasons}")
    return found


@given(network_questions())
def test_only_certain_effects_with_points_are_reasons_of_the_final_score(question: NetworkQuestion) -> None:
    effects = spread_of(question)
    for dossier in question.dossiers:
        final = assess(dossier, question.policy, question.as_of, question.known_at, effects=effects)
        reasons = sorted((one.rule, one.points) for one in final.reasons if one.kind == "effect")
        certain = [one for one in effects.reaching(dossier.id) if one.certain and one.points]
        assert reasons == sorted((one.rule, one.points) for one in certain)


# --- what carries ---------------------------------------------------------------------------------------------


def test_what_has_ended_carries_nothing() -> None:
    all_networks(carried_by_what_has_ended, range(how_many(1000, usual=40)))


def carried_by_what_has_ended(question: NetworkQuestion) -> list[str]:
    """Every relation of a path is in force on its day; and without those that are over nothing changes."""
    effects = spread_of(question)
    found = [
        f"{held} on {edge.held_on}"
        for one in effects
        for edge in effects.proof(one)
        for held in edge.relations
        if edge.held_on is None
        or (held.since is not None and held.since > min(edge.held_on, question.as_of))
        or (held.until is not None and held.until <= edge.held_on)
    ]
    ended = [evolve(one, since=None, until=date(2000, 1, 1)) for one in question.relations]
    effects = spread_of(evolve(question, relations=tuple(ended)))
    return found + [f"{one}" for one in effects if any(edge.relations for edge in one.path)]


def test_an_entry_that_has_ended_carries_nothing() -> None:
    all_networks(carried_by_a_repaired_entry, range(how_many(1000, usual=30)))


def carried_by_a_repaired_entry(question: NetworkQuestion) -> list[str]:
    repaired = [
        Dossier(
            each.party_versions,
            [
                *each.events,
                *(_repair(one) for one in each.events if isinstance(one, ListDecision) and one.step == "list"),
            ],
        )
        for each in question.dossiers
    ]
    effects = spread_of(evolve(question, dossiers=tuple(repaired)))
    return [f"{one}" for one in effects if one.origin_kind == "entry"]


def _repair(listing: ListDecision) -> ListDecision:
    return evolve(listing, id=f"{listing.id}z", step="repair", sequence=9, grounds=(listing.id,))


def test_without_a_cut_there_is_no_effect_and_without_anything_else_on_its_path_there_is() -> None:
    all_networks(wrong_cuts, range(how_many(1000, usual=30)))


def wrong_cuts(question: NetworkQuestion) -> list[str]:
    effects = spread_of(question)
    found = []
    for one in [each for each in effects if not each.is_region][:4]:
        cuts = effects.cut(one)
        relations = {cut.id for cut in cuts if cut.kind == "relation"}
        for name in {held.id for edge in effects.proof(one) for held in edge.relations}:
            less = evolve(question, relations=tuple(each for each in question.relations if each.id != name))
            if (_key(one) in map(_key, spread_of(less))) is (name in relations) and not spread_of(less).too_wide:
                found.append(f"{name} of {cuts} for {one}")
        found += [
            f"{cut} for {one}"
            for cut in cuts
            if cut.kind in ("event", "entry") and _key(one) in map(_key, spread_of(_without(question, cut.id)))
        ]
    return found


def _key(effect: Effect) -> tuple[str | None, ...]:
    return (effect.rule, effect.origin_party, effect.origin_kind, effect.origin, effect.target)


def _without(question: NetworkQuestion, origin: str) -> NetworkQuestion:
    """The question without the decision on which an origin rests; of an entry its last part."""
    gone = origin.rpartition("/")[2]
    dossiers = [
        Dossier(each.party_versions, [one for one in each.events if one.id != gone]) for each in question.dossiers
    ]
    return evolve(question, dossiers=tuple(dossiers))


# --- bounds ---------------------------------------------------------------------------------------------------


def test_no_restrictive_effect_crosses_a_relation_that_its_law_does_not_name() -> None:
    refused = [restrictive_beyond_the_law(number) for number in range(how_many(1000, usual=100))]
    assert refused.count(None) > len(refused) // 10  # some are refused when they are read
    assert refused.count(None) < len(refused)
    assert not [wrong for wrong in refused if wrong]


def test_more_effects_than_a_rule_may_have_are_never_cut_short() -> None:
    all_networks(cut_short, range(how_many(1000, usual=40)))


def cut_short(question: NetworkQuestion) -> list[str]:
    rules = [{**rule, "most": 1_000_000} for rule in question.policy.written["spread"]]
    everything = _by_rule(with_rules(question, rules))
    found = []
    for place, rule in enumerate(rules):
        count = len(everything[0][rule["rule"]])
        for most in {count, count - 1} - {0, -1}:
            bounded = [*rules[:place], {**rule, "most": most}, *rules[place + 1 :]]
            got, too_wide = _by_rule(with_rules(question, bounded))
            wanted = {**everything[0], **({rule["rule"]: []} if most < count else {})}
            if got != wanted or too_wide != ([rule["rule"]] if most < count else []):
                found.append(f"{rule['rule']}, at most {most} of {count}: {got}, {too_wide}")
    return found


def _by_rule(question: NetworkQuestion) -> tuple[dict[str, list[Reached]], list[str]]:
    effects = spread_of(question)
    names = [rule["rule"] for rule in question.policy.written["spread"]]
    by_rule = {name: [in_the_same_words(one) for one in effects if one.rule == name] for name in names}
    return by_rule, [line.rule for line in effects.too_wide]

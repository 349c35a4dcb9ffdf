"""The spread of one day: from the own answers of parties to all effects that reach others, with their proofs.

Effects start from own events, entries and answers only, never from another effect. Rules come in the order of the
policy; recognition stands behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.effects import Effect, Effects, Origin, TooWide
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import Policy
from credit_engine.policy.places import did_you_mean
from credit_engine.spreading.arriving import Arrivals
from credit_engine.spreading.bringing import brought
from credit_engine.spreading.cuts import Tracing
from credit_engine.spreading.links import Links
from credit_engine.spreading.network import Network
from credit_engine.spreading.owning import gathered
from credit_engine.spreading.paths import Route
from credit_engine.spreading.together import Rounds, has_ranges
from credit_engine.spreading.trails import Trail

_NAMED = 3  # parties that an error names


class TooManyError(Exception):
    """More effects of a rule than its `most`; not for callers of the library."""


def spread(
    network: Network,
    own_answers: Iterable[Assessment],
    policy: Policy,
    as_of: date,
    known_at: date | None = None,
) -> Effects:
    """All effects on `as_of`, as known on `known_at` (default: the same day), from the own answers of the parties.

    `own_answers` may be any iterable; each answer is looked at once. A rule with more effects than its `most` has none
    and stands in `too_wide`. Raises `QuestionError` for own answers of another policy, day or knowledge, or of parties
    that the network lacks, and for relations of kinds that the policy does not know.
    """
    _check_question(network, policy, as_of, known_at)
    check_kinds(network.kinds, policy)
    known = known_at or as_of
    own = gathered(own_answers, policy, as_of, known)
    _check_parties(network, own.ranks)
    links = network.links(known)
    found: list[Effect] = []
    too_wide: list[TooWide] = []
    for rule in policy.plan.spread:
        origins = own.origins.get(rule.id, ())
        arrivals = Arrivals(rule, policy.plan, network, own, as_of)
        try:
            found += over_shares(arrivals, origins, links) if rule.together else over_paths(arrivals, origins, links)
        except TooManyError:
            too_wide.append(TooWide(rule=rule.id, most=rule.most))
    found += own.recognised
    tracing = Tracing(network, {rule.id: rule for rule in policy.plan.spread}, own.origins, as_of, known)
    return Effects(
        as_of=as_of,
        known_at=known,
        found=tuple(found),
        too_wide=tuple(too_wide),
        cut_of=tracing.cut,
        proof_of=tracing.proof,
    )


def _check_question(network: object, policy: object, as_of: object, known_at: object) -> None:
    wrong = [
        Problem("bad_question", f"{name} is {type(value).__name__}, not {sort}")
        for name, value, sort, fits in (
            ("network", network, "a Network", isinstance(network, Network)),
            ("policy", policy, "a Policy; see load_policy", isinstance(policy, Policy)),
            ("as_of", as_of, "a date", type(as_of) is date),
            ("known_at", known_at, "a date", known_at is None or type(known_at) is date),
        )
        if not fits
    ]
    if wrong:
        raise QuestionError(wrong)


def check_kinds(kinds: Collection[str], policy: Policy) -> None:
    """Refuse kinds of relations that no rule could name: a slip in a kind would silently spread nothing."""
    problems = [
        Problem(
            "unknown_relation",
            f"the policy {policy.name} knows no kind of relation {kind!r}",
            hint=_either(did_you_mean(kind, policy.plan.relations), "declare it under `relations` of the policy"),
        )
        for kind in sorted(set(kinds) - policy.plan.relations.keys())
    ]
    if problems:
        raise QuestionError(problems)


def _either(*hints: str) -> str:
    return "; or ".join(hint for hint in hints if hint)


def _check_parties(network: Network, answered: Mapping[str, object]) -> None:
    """Refuse own answers of parties that are not in the network; only ids are named."""
    lacking = sorted(answered.keys() - network.parties)
    if lacking:
        named = ", ".join(map(repr, lacking[:_NAMED]))
        more = f" and of {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
        message = f"there are own answers of {named}{more}, whom the network does not have"
        raise QuestionError(Problem("unknown_party", message, hint="make the network of the same parties"))


def over_paths(arrivals: Arrivals, origins: Sequence[Origin], links: Links) -> list[Effect]:
    """The effects of a rule whose origins act each for itself, by origin, then target.

    Raises `TooManyError` where there are more than the rule's `most`.
    """
    rule = arrivals.rule
    found: list[tuple[Route, list[tuple[Trail, bool]]]] = []
    count = 0
    for origin in origins:
        route = Route(rule, origin, links, arrivals.as_of)
        reached: list[tuple[Trail, bool]] = []
        for each in route.best_paths():
            count += 1
            if count > rule.most:
                raise TooManyError
            reached.append(each)
        found.append((route, sorted(reached, key=lambda each: each[0].end)))
    # only now are effects made, so that a rule that is too wide costs little
    return [arrivals.over_path(route, trail, certain=certain) for route, reached in found for trail, certain in reached]


def over_shares(arrivals: Arrivals, origins: Sequence[Origin], links: Links) -> list[Effect]:
    """The effects of a rule whose parties act together, by target; raises `TooManyError` as above."""
    rule = arrivals.rule
    certain = Rounds(rule, origins, links, arrivals.as_of, possible=False)
    runs = [certain]
    count = len({origin.party for origin in origins}) if rule.itself else 0
    count = _within(certain.run(), count, rule.most)
    if has_ranges(rule, links):
        possible = Rounds(rule, origins, links, arrivals.as_of, possible=True)
        _within((party for party in possible.run() if party not in certain.joined), count, rule.most)
        runs.append(possible)
    reached = {party: run for run in reversed(runs) for party, how in run.joined.items() if how.round or rule.itself}
    common = {id(run): brought(origins, run.joined, arrivals.own.rank_of) for run in runs}
    return [
        arrivals.of_together(common[id(run)][party], party, run.joined[party].edges, certain=run is certain)
        for party, run in sorted(reached.items(), key=itemgetter(0))
    ]


def _within(parties: Iterator[str], count: int, most: int) -> int:
    """How many there are with those before; stops at once where they are more than `most`."""
    for _ in parties:
        count += 1
        if count > most:
            raise TooManyError
    if count > most:
        raise TooManyError
    return count

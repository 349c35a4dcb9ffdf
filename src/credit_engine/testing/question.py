"""A question as a whole: a policy, a party's dossier, a day, and whoever else is there; and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effect, Effects
from credit_engine.dossiers import Dossier, known
from credit_engine.policy.load import Policy
from credit_engine.records import Operator, Person, Relation

if TYPE_CHECKING:
    from credit_engine.spreading.network import Network

Own = Callable[[Dossier, Policy, date, date | None], Assessment]


class Assess(Protocol):
    """What an engine offers: the same question as `credit_engine.assess`."""

    def __call__(
        self,
        dossier: Dossier,
        policy: Policy,
        as_of: date,
        known_at: date | None = None,
        effects: Iterable[Effect] = (),
        event: str | None = None,
    ) -> Assessment:
        """The answer."""


class Spread(Protocol):
    """What an engine offers: the same question as `credit_engine.spread`."""

    def __call__(
        self,
        network: Network,
        own_answers: Iterable[Assessment],
        policy: Policy,
        as_of: date,
        known_at: date | None = None,
    ) -> Effects:
        """All effects of the day."""


@frozen(repr=False)
class Question:
    """Everything that is asked: whose dossier, by which policy, on which day, and what is known on which (`known_at`).

    `event`: the id of an event of the party that is the viewpoint in place of the day. `others`: the dossiers of other
    parties, `relations`: between all of them; their regions are those of `dossier`. Shown as the YAML of a policy test.
    """

    policy: Policy
    dossier: Dossier
    as_of: date
    known_at: date | None = None
    event: str | None = None
    others: tuple[Dossier, ...] = ()
    relations: tuple[Relation, ...] = ()

    def __repr__(self) -> str:
        """The question as a policy test, which lacks only what it expects."""
        from credit_engine.testing.showing import as_case  # noqa: PLC0415  # it shows questions

        return "\n" + as_case(self, "counter-example", expect={})

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001  # Any: hypothesis's own printer
        printer.text(repr(self))


def ask(question: Question) -> Assessment:
    """The answer of the plain engine, with the effects that reach the party. Raises `CreditEngineError`."""
    return answers(question)[0]


def answers(
    question: Question, own: Own = assess, assess: Assess = assess, spread: Spread | None = None
) -> tuple[Assessment, Effects]:
    """The answer for the party, and all effects of the day; there are none where nothing spreads or an event looks.

    As a policy test asks: everybody known on the day is assessed first, and what spreads from these answers counts.
    `assess`, `spread`: of the engine that is asked, by default the library's own; `own`: how it answers for a party
    whom nothing reaches from others.
    """
    policy, dossier, day, known_at = question.policy, question.dossier, question.as_of, question.known_at
    nothing = Effects(as_of=day, known_at=known_at or day)
    if question.event is not None:
        return assess(dossier, policy, day, known_at, event=question.event), nothing
    if not (policy.plan.spread or policy.plan.recognition or question.relations):
        return own(dossier, policy, day, known_at), nothing
    if spread is None:
        from credit_engine.spreading.spread import spread as own_spread  # noqa: PLC0415  # only these need networkx

        spread = own_spread
    asked = [one for one in question.others if known(one.party_versions, known_at or day) is not None]
    own_answers = [own(one, policy, day, known_at) for one in (dossier, *asked)]
    effects = spread(network_of(question), own_answers, policy, day, known_at)
    return assess(dossier, policy, day, known_at, effects=effects), effects


def network_of(question: Question) -> Network:
    """Everybody of a question with the relations between them."""
    from credit_engine.spreading.network import Network  # noqa: PLC0415  # only these questions need networkx

    parties = [party for one in (question.dossier, *question.others) for party in one.party_versions]
    return Network(
        operators=[party for party in parties if isinstance(party, Operator)],
        persons=[party for party in parties if isinstance(party, Person)],
        regions=question.dossier.regions,
        relations=question.relations,
    )

"""Effects: what reaches an affiliate or a region, from what, over which path; and the origins that they start from.

Plain data: `origins` and `recognising` make the origins and what regions take over, `spreading` the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, overload

from attrs import field, frozen

from credit_engine.assessing.answer import ParameterRead
from credit_engine.errors import Problem, QuestionError
from credit_engine.records import RecordSource

OriginKind = Literal["event", "entry", "answer"]


@frozen(kw_only=True)
class Origin:
    """What a spread rule starts from: an event, an entry in force, or the own answer of a party.

    `id` is the event's or the entry's. The effect holds on `[from_day, until)`; `None` is open. `held_on` has, for each
    branch of the rule in order, the day on which its relation must be in force (`None`: not known, or no relation);
    `named` the (role, person) pairs of each branch that goes to persons named. `points` are signed thousandths.
    `measures`: all of the entry's list, whomever they aim at.
    """

    rule: str
    party: str
    kind: OriginKind
    id: str | None
    event_kind: str | None
    from_day: date | None
    until: date | None
    law_day: date
    held_on: tuple[date | None, ...]
    named: tuple[tuple[tuple[str, str], ...], ...]
    points: int | None
    list: str | None
    measures: tuple[str, ...]
    basis: tuple[str, ...]
    audience: str
    parameters: tuple[ParameterRead, ...] = ()
    read_from: RecordSource | None = field(default=None, eq=False)

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The origin as plain data: numbers as text, days as ISO text."""
        from credit_engine.assessing.plain_effects import origin_data  # noqa: PLC0415  # only those who ask pay for it

        return origin_data(self)


@frozen(kw_only=True)
class Held:
    """One relation that carries an effect, as it was known; `share` to `share_max` as fractions, `None`: not known."""

    id: str
    kind: str
    share: Fraction | None
    share_max: Fraction | None
    since: date | None
    until: date | None
    document: str | None
    read_from: RecordSource | None = field(default=None, eq=False)

    @property
    def is_undated(self) -> bool:
        """Whether nothing says since when it is in force, so that it is taken to be from always."""
        return self.since is None

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The relation as plain data: numbers as text, days as ISO text."""
        from credit_engine.assessing.plain_effects import held_data  # noqa: PLC0415  # only those who ask pay for it

        return held_data(self)


@frozen(kw_only=True)
class Edge:
    """One step: from a party to the next one, over parallel relations whose shares add up, or as a person named.

    `to` is the end of the relation that is reached (`source` or `target`), `named` for a role in a decision. `id` is
    the smallest id of the relations, or the role. `held_on`: the day on which the relations are in force.
    """

    start: str
    end: str
    to: Literal["source", "target", "named"]
    id: str
    held_on: date | None
    relations: tuple[Held, ...] = ()

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The step as plain data: numbers as text, days as ISO text."""
        from credit_engine.assessing.plain_effects import edge_data  # noqa: PLC0415  # only those who ask pay for it

        return edge_data(self)


@frozen(kw_only=True)
class Effect:
    """What reaches a party (`target`), or for recognition a region, and why.

    `effect`: bar, marking, mirror, points, attention or alert; of recognition inform, attention or mirror. Without
    `origin_party` it comes from several parties together, and `path` holds the last edges; the whole proof is
    `Effects.proof`. Without `certain` it is possible only (shares that are not known exactly), and restricts nothing.
    `points` are signed thousandths, weighted. `[from_day, until)` are the days of its origin; `None` is open.
    """

    rule: str
    effect: str
    target: str
    is_region: bool = False
    origin_party: str | None
    origin_kind: OriginKind | None
    origin: str | None
    origin_event_kind: str | None = None
    certain: bool = True
    weight: Fraction = Fraction(1)
    points: int | None = None
    path: Sequence[Edge] = ()  # a tuple; a very long one shares its beginning with others
    from_day: date | None
    until: date | None
    law_day: date
    list: str | None = None
    measures: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    audience: str
    parameters: tuple[ParameterRead, ...] = ()
    read_from: RecordSource | None = field(default=None, eq=False)

    @property
    def steps(self) -> int:
        """How many steps lie between origin and target."""
        return len(self.path)

    @property
    def path_ids(self) -> tuple[str, ...]:
        """(party, relation id or role, party, ...): what paths are compared by; empty where several parties act."""
        if self.origin_party is None:
            return ()
        return (self.origin_party, *(part for edge in self.path for part in (edge.id, edge.end)))

    @property
    def moves_score(self) -> bool:
        """Whether it adds points to a party's score or takes some away; what is possible only never does."""
        return self.effect == "points" and self.certain and bool(self.points)

    @property
    def is_undated(self) -> bool:
        """Whether a relation on the path says nothing of since when it is in force."""
        return any(held.is_undated for edge in self.path for held in edge.relations)

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The effect as plain data: numbers as text, days as ISO text."""
        from credit_engine.assessing.plain_effects import effect_data  # noqa: PLC0415  # only those who ask pay for it

        return effect_data(self)


@frozen(kw_only=True)
class Cut:
    """A single relation, or a single origin (an event, an entry, an answer), without which an effect would not be."""

    kind: Literal["relation", "event", "entry", "answer"]
    id: str
    party: str | None = None

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The cut as plain data."""
        from credit_engine.assessing.plain_effects import cut_data  # noqa: PLC0415  # only those who ask pay for it

        return cut_data(self)


@frozen(kw_only=True)
class TooWide:
    """A rule that was ended because it had more effects than its `most`; it has none, and what it says is not known."""

    rule: str
    most: int

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The rule and its limit as plain data."""
        from credit_engine.assessing.plain_effects import too_wide_data  # noqa: PLC0415  # only those who ask pay for it

        return too_wide_data(self)


def _check_effect(effect: object) -> None:
    if not isinstance(effect, Effect):
        message = f"this is {type(effect).__name__}, not an Effect"
        raise QuestionError(Problem("bad_question", message, hint="give one of these effects, such as effects[0]"))


@frozen(kw_only=True)
class Effects(Sequence[Effect]):
    """All effects of one day, in the order of the policy, then by origin, then by target."""

    as_of: date
    known_at: date
    found: tuple[Effect, ...] = ()
    too_wide: tuple[TooWide, ...] = ()
    cut_of: Callable[[Effect], tuple[Cut, ...]] | None = field(default=None, eq=False, repr=False)
    proof_of: Callable[[Effect], tuple[Edge, ...]] | None = field(default=None, eq=False, repr=False)

    @overload
    def __getitem__(self, index: int) -> Effect: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Effect, ...]: ...
    def __getitem__(self, index: int | slice) -> Effect | tuple[Effect, ...]:
        """One effect, or several."""
        return self.found[index]

    def __len__(self) -> int:
        """How many effects there are."""
        return len(self.found)

    def __iter__(self) -> Iterator[Effect]:
        """The effects in order."""
        return iter(self.found)

    def reaching(self, party: str) -> tuple[Effect, ...]:
        """The effects that reach a party (or a region, by its code)."""
        return self.by_target.get(party, ())

    @cached_property
    def by_target(self) -> Mapping[str, tuple[Effect, ...]]:
        """The effects by what they reach, each in order; found once."""
        found: dict[str, list[Effect]] = {}
        for effect in self.found:
            found.setdefault(effect.target, []).append(effect)
        return {target: tuple(effects) for target, effects in found.items()}

    def cut(self, effect: Effect) -> tuple[Cut, ...]:
        """The single relations and origins without which the effect would not be."""
        _check_effect(effect)
        return self.cut_of(effect) if self.cut_of is not None else ()

    def proof(self, effect: Effect) -> tuple[Edge, ...]:
        """Every edge that the effect rests on, from the origins on."""
        _check_effect(effect)
        return self.proof_of(effect) if self.proof_of is not None else tuple(effect.path)

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """All effects in order, and the rules that were ended, as plain data: numbers as text, days as ISO text."""
        from credit_engine.assessing.plain_effects import effects_data  # noqa: PLC0415  # only those who ask pay for it

        return effects_data(self)

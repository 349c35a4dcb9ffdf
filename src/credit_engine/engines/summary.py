"""What a run came to: for the screen, for those who call it from Python, and for the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.effects import TooWide
from credit_engine.dossiers import Regions
from credit_engine.engines.questions import Asked
from credit_engine.errors import Place, Problem
from credit_engine.files.input import Input
from credit_engine.files.recording import Reject
from credit_engine.files.results import account_of
from credit_engine.records import Operator

if TYPE_CHECKING:
    from credit_engine.files.store_account import Account

MOST_DAYS = 400  # a manifest lists the days of a run up to here, then only the first and the last
MOST_REJECTS = 5  # a summary names the first ones; the table of rejects has all


@frozen
class Summary:
    """What a run came to: questions answered, labels of each scale, states on each list, and rejects by code.

    `effects`: how many there are of each rule of spread and recognition; `too_wide`: rules that were ended, by day.
    `outside_by`: answers outside the policy's regions, by the topmost region of the party; `no_region`: those that
    perhaps are, for the region is `not given`, or `not known` as a code. `first_rejects`: the first few.
    `spread` says whether effects of affiliates were looked for: `computed`, `not in a panel`, or `no rules`. `engine`:
    who was asked; `routed`: of the answers of `polars`, how many the plain engine gave; `routed_for`: why it gave all.
    """

    policy: str
    days: tuple[date, ...]
    parties: int
    answered: int
    outside_policy: int
    unknown_scores: int
    not_yet_known: int
    withheld: int
    grades: Mapping[str, Mapping[str, int]] = field(hash=False)
    entries: Mapping[str, Mapping[str, int]] = field(hash=False)
    rejects: Mapping[str, int] = field(hash=False)
    flags: Mapping[str, int] = field(hash=False)
    out: Path | None = None
    effects: Mapping[str, int] = field(factory=dict, hash=False)
    too_wide: tuple[tuple[date, TooWide], ...] = ()
    spread: str = "no rules"
    outside_by: Mapping[str, int] = field(factory=dict, hash=False)
    no_region: Mapping[str, int] = field(factory=dict, hash=False)
    first_rejects: tuple[Problem, ...] = ()
    engine: str = "plain"
    routed: int = 0
    routed_for: tuple[str, ...] = ()

    @property
    def rejected(self) -> int:
        """How many records or questions were rejected."""
        return sum(self.rejects.values())


_NUMBERS = ("parties", "answered", "outside_policy", "unknown_scores", "not_yet_known", "withheld", "routed")
_COUNTS = ("rejects", "flags", "outside_by", "no_region", "effects")
_COUNTS_BY = ("grades", "entries")


def added(summaries: Sequence[Summary]) -> Summary:
    """What runs over different parties of one input came to together; they asked the same of the same policy."""
    first = summaries[0]
    together: dict[str, Any] = {  # Any: fields of the summary
        "days": tuple(sorted({day for each in summaries for day in each.days})),
        "too_wide": tuple(one for each in summaries for one in each.too_wide),
        "routed_for": tuple(dict.fromkeys(why for each in summaries for why in each.routed_for)),
    }
    for name in _NUMBERS:
        together[name] = sum(getattr(each, name) for each in summaries)
    for name in _COUNTS:
        together[name] = _sum([getattr(each, name) for each in summaries])
    together["effects"] = {name: together["effects"][name] for name in first.effects}  # in the order of the policy
    for name in _COUNTS_BY:
        keys = getattr(first, name)
        together[name] = {key: _sum([getattr(each, name)[key] for each in summaries]) for key in keys}
    return evolve(first, **together)


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(sorted(found.items()))


def problems_of(rejects: Iterable[Reject]) -> tuple[Problem, ...]:
    """Rejected rows as problems, each with file and record."""
    return tuple(Problem(each.code, each.message, Place(each.file, each.record)) for each in rejects)


def where_registered(answer: Assessment) -> str:
    """The topmost region that a party is registered in, or why it is not known: `not given`, `not known`."""
    dossier, _ = answer.question
    party = dossier.party_on(answer.known_at)
    return topmost(dossier.regions, party.region if isinstance(party, Operator) else None, answer.as_of)


def topmost(regions: Regions, code: str | None, day: date) -> str:
    """The topmost region above a code, or why it is not known: `not given`, `not known`."""
    if code is None:
        return "not given"
    path = regions.climb(code, day)
    return "not known" if path is None else path[-1]


def about(asked: Asked, read: Input | Account, summary: Summary) -> Mapping[str, object]:
    """What the manifest says of the run."""
    policy = asked.policy
    days = [day.isoformat() for day in summary.days]
    return {
        **account_of(read),
        "policy": policy.plan.policy,
        "plan": policy.plan.hash,
        "illustrative": policy.plan.illustrative,
        "audience": asked.audience,
        "engine": summary.engine,
        "routed_for": list(summary.routed_for),
        "reasons": asked.reasons,
        "spread": summary.spread,
        "too_wide": [
            {"day": day.isoformat(), "rule": one.rule, "most": one.most} for day, one in summary.too_wide[:MOST_DAYS]
        ],
        "days": days if len(days) <= MOST_DAYS else [days[0], days[-1]],
        "counts": {
            "parties": summary.parties,
            "answered": summary.answered,
            "outside_policy": summary.outside_policy,
            "outside_by": dict(summary.outside_by),
            "no_region": dict(summary.no_region),
            "unknown_scores": summary.unknown_scores,
            "not_yet_known": summary.not_yet_known,
            "withheld": summary.withheld,
            "routed": summary.routed,
            "rejected": summary.rejected,
            "repeated": asked.panel.duplicates,
        },
    }

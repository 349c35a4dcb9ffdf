"""Whether the law that a restrictive effect cites bears it, and names every relation and role that it goes over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from credit_engine.errors import Place
from credit_engine.policy.places import shown
from credit_engine.policy.plan import ListRule, Source
from credit_engine.policy.plan_spreading import RESTRICTIVE, Branch, OverRelation
from credit_engine.policy.resolving.context import Context
from credit_engine.policy.resolving.declarations import ITSELF
from credit_engine.policy.resolving.refusals import refuse
from credit_engine.policy.resolving.steps import branches_written
from credit_engine.policy.written_spreading import SpreadWritten

_LAWS = ("law", "administrative_regulation")
_LOCAL_TOO = (*_LAWS, "local_regulation")
_TO_ALERT = "make it an alert, or cite a law that names it in `reaches`"
_TO_FIX = "say which role is meant: where: {item.role: direct_manager}"


def check_reach(
    context: Context,
    written: SpreadWritten,
    basis: Sequence[str],
    lists: Sequence[ListRule],
    along: Sequence[Sequence[Branch]],
) -> None:
    """Note what a restrictive effect goes to and its basis does not reach; refuse a basis that cannot bear it."""
    if written.effect not in RESTRICTIVE or not basis:
        return
    sources = [context.sources[name] for name in basis]
    for bearing in _bearing(written, sources, lists):
        reached = {name for source in bearing for name in source.reaches}
        cited = ", ".join(source.id for source in bearing)
        for name, what, place in _ways(written, along):
            if name not in reached:
                message = f"the rule {shown(written.rule)}: its basis {cited} does not reach {what}"
                close = get_close_matches(name, sorted(reached), n=1) if name else []
                hint = f"its `reaches` has {shown(close[0])}; or {_TO_ALERT}" if close else _TO_ALERT
                context.problems.tell("not_reached", message, place, hint if name else _TO_FIX)


def _bearing(written: SpreadWritten, sources: list[Source], lists: Sequence[ListRule]) -> Iterator[list[Source]]:
    """The sources that bear the effect; where it rests on lists, those of each list."""
    if written.effect == "mirror" or (written.effect == "points" and lists):
        if not lists:
            message = (
                f"the rule {shown(written.rule)}: a mirror rests on the foundation of a list, and it starts from none"
            )
            raise refuse("rank_too_low", message, written.place("effect"), "write from: {list: NAME}")
        for each in lists:
            bearing = [source for source in sources if source.id in each.foundation]
            if not bearing:
                message = (
                    f"the rule {shown(written.rule)}: `{written.effect}` rests on the foundation of the list"
                    f" {shown(each.name)}, and its basis is {', '.join(source.id for source in sources)}"
                )
                hint = f"cite {' or '.join(each.foundation)}, or make it an alert"
                raise refuse("rank_too_low", message, written.place("basis"), hint)
            yield bearing
        return
    ranks = _LAWS if written.effect == "bar" else _LOCAL_TOO
    bearing = [source for source in sources if source.rank in ranks]
    if not bearing:
        found = ", ".join(source.rank for source in sources)
        message = f"the rule {shown(written.rule)}: `{written.effect}` cites only a basis of rank {found}"
        hint = f"only {', '.join(ranks)} bears it; anything may be an alert"
        raise refuse("rank_too_low", message, written.place("basis"), hint)
    yield bearing


def _ways(written: SpreadWritten, along: Sequence[Sequence[Branch]]) -> Iterator[tuple[str, str, Place]]:
    """Every name that a basis must reach, in words, and where it stands; an empty name for a role that is not fixed."""
    if written.itself:
        yield ITSELF, "the origin itself", written.place("itself")
    branches = [branch for step in along for branch in step]
    for branch, step in zip(branches, branches_written(written.along) if branches else (), strict=True):
        if isinstance(branch, OverRelation):
            for kind in branch.kinds:
                yield kind, f"the relation {shown(kind)}", step.place("relation")
        elif branch.roles:
            for role in branch.roles:
                yield role, f"the role {shown(role)}", step.place("where")
        else:
            yield "", "everyone who is named", step.place("named")

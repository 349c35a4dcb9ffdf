"""Sources, the basis of rules, and whose day's law counts."""

from __future__ import annotations

from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.places import Map, place_of
from credit_engine.policy.plan import Source
from credit_engine.policy.plan_basis import Basis, InForce, Law
from credit_engine.policy.resolving.context import Context
from credit_engine.policy.resolving.refusals import Refusal, at, elements, refuse, refuse_name, refuse_type
from credit_engine.policy.writing import InForceWritten
from credit_engine.policy.written import AdjustmentWritten, ScoreRuleWritten, SourceWritten
from credit_engine.policy.written_following import FindingWritten, ListWritten, ObligationWritten, SupervisionWritten
from credit_engine.policy.written_spreading import RecognitionWritten, SpreadWritten
from credit_engine.quantities import DATE

RANKS = (
    "law",
    "administrative_regulation",
    "local_regulation",
    "departmental_rule",
    "document",
    "guidance",
    "agreement",
)


def read_sources(context: Context) -> None:
    """Fill the context with the sources."""
    section = context.written.raw.get("sources")
    for name, written in context.written.sources.items():
        if written.rank not in RANKS:
            context.problems.note(refuse_name("unknown_rank", "rank", written.rank, RANKS, written.place("rank")))
        context.sources[name] = _source(context, name, written, place_of(section, name))


def _source(context: Context, name: str, written: SourceWritten, place: Place) -> Source:
    in_force = context.problems.attempt(in_force_of, written.in_force) or InForce()
    return Source(
        name, written.title, written.article, written.rank, in_force, written.reaches, written.certainty, place
    )


def in_force_of(written: InForceWritten) -> InForce:
    """`[from, until)`; refused where it is empty."""
    if written.from_ is not None and written.until is not None and written.until <= written.from_:
        message = f"never in force: {written.until} is not after {written.from_}"
        raise refuse("bad_range", message, written.place("until"), "`until` is the first day outside")
    return InForce(written.from_, written.until)


def known_source(context: Context, name: Any, place: Place) -> str:  # Any: a piece as written
    """The name, if a source has it."""
    if not isinstance(name, str):
        raise refuse_type("the name of a source", name, place)
    if name not in context.sources:
        if context.told("sources", name):
            raise Refusal
        raise refuse_name("unknown_source", "source", name, context.sources, place)
    return name


def read_basis(context: Context, data: Map, key: str) -> tuple[str, ...]:
    """The sources that a key names; none without the key."""
    if key not in data:
        return ()
    pieces = elements(data[key], f"`{key}`", at(data, key))
    return tuple(context.problems.all_of(lambda name, place: known_source(context, name, place), pieces))


Based = (
    ScoreRuleWritten
    | AdjustmentWritten
    | SpreadWritten
    | RecognitionWritten
    | FindingWritten
    | ObligationWritten
    | SupervisionWritten
)
Judged = ScoreRuleWritten | ListWritten | SpreadWritten | FindingWritten | ObligationWritten


def basis_of(context: Context, written: Based) -> Basis:
    """When a rule is in force."""
    sources = read_basis(context, written.raw, "basis")
    return Basis(sources, in_force_of(written.in_force) if written.in_force is not None else None)


# --- whose day's law ------------------------------------------------------------------------------------------


def read_law(context: Context, raw: Any, place: Place) -> Law:  # Any: a piece as written
    """The law that `law_of` names: an anchor, a list of anchors, `as_of`, or `{lenient: [...]}`."""
    if raw == "as_of":
        return Law(as_of=True)
    if not isinstance(raw, Map):
        return Law(_anchors(context, raw, place))
    context.problems.check_keys(raw, ("lenient",), "`law_of`")
    if "lenient" not in raw:
        raise refuse("missing_key", "`lenient` is missing", place, "write law_of: {lenient: [occurred, decided]}")
    anchors = _anchors(context, raw["lenient"], at(raw, "lenient"))
    if len(anchors) < 2:  # noqa: PLR2004  # lenient means the better of two
        raise refuse(
            "wrong_type", "`lenient` compares at least two days", at(raw, "lenient"), "lenient: [occurred, decided]"
        )
    return Law(anchors, lenient=True)


def _anchors(context: Context, raw: Any, place: Place) -> tuple[str, ...]:  # Any: a piece as written
    pieces = elements(raw, "`law_of`", place)
    return tuple(context.problems.all_of(lambda name, where: _anchor(context, name, where), pieces))


def _anchor(context: Context, name: Any, place: Place) -> str:  # Any: a piece as written
    dates = {field for kind in context.kinds for field, type_ in context.fields[kind].items() if type_ == DATE}
    if not isinstance(name, str):
        raise refuse_type("the name of a date field", name, place)
    if name == "as_of":
        raise refuse("wrong_type", "`as_of` stands by itself", place, "write law_of: as_of")
    if name not in dates:
        if any(context.told("fields", kind) or context.told("fields", f"{kind}.{name}") for kind in context.kinds):
            raise Refusal
        raise refuse_name("unknown_field", "date field of any kind of event", name, dates, place)
    return name


def law_of_rule(context: Context, written: Judged, kinds: tuple[str, ...], policy_law: Law) -> Law:
    """The law of one rule: its own, else the policy's; of the day judged where the rule has no event.

    Anchors that events of these kinds do not have are left out; without any the `by` day counts.
    """
    law = read_law(context, written.law_of, written.place("law_of")) if written.has("law_of") else policy_law
    if not kinds:
        return Law(as_of=True)
    if law.lenient and not written.has("deduct"):
        place = next((written.key_place(key) for key in ("law_of", "add") if written.has(key)), written.place())
        message = "only what is deducted can be judged by the milder law"
        raise refuse("lenient_needs_deduct", message, place, "write a `law_of` of its own here, such as decided")
    anchors = tuple(name for name in law.anchors if any(name in context.fields[kind] for kind in kinds))
    return Law(anchors, law.as_of, law.lenient and len(anchors) > 1)

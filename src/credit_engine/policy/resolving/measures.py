"""The measure catalogue: every row published, with a basis whose rank bears it."""

from __future__ import annotations

from credit_engine.policy.places import place_of, shown
from credit_engine.policy.plan import Measure
from credit_engine.policy.resolving.context import Context
from credit_engine.policy.resolving.refusals import given, refuse, refuse_name
from credit_engine.policy.resolving.rules import title_of
from credit_engine.policy.resolving.sources import read_basis
from credit_engine.policy.written_following import MeasureWritten

CLASSES = ("I", "II", "III")
TARGETS = ("entity", "person")
BEARS_CLASS_I = ("law", "administrative_regulation")


def read_measures(context: Context) -> dict[str, Measure]:
    """The measures by id."""
    found = {}
    for name, written in context.written.measures.items():
        measure = context.problems.attempt(_measure, context, name, written)
        if measure is not None:
            found[name] = measure
    return found


def _measure(context: Context, name: str, written: MeasureWritten) -> Measure:
    if written.id not in (None, name):
        raise refuse("name_mismatch", f"the measure {shown(name)} has the id {shown(written.id)}", written.place("id"))
    attempt = context.problems.attempt
    class_ = attempt(_class, written)
    targets = attempt(_targets, written)
    basis = attempt(_basis, context, name, written)
    attempt(_check_published, name, written)
    return Measure(
        id=name,
        title=title_of(written, name),
        class_=given(class_),
        executor=written.executor,
        basis=given(basis),
        related_matter=written.related_matter,
        targets=given(targets),
        place=place_of(context.written.raw.get("measures"), name),
    )


def _class(written: MeasureWritten) -> str:
    if written.class_ not in CLASSES:
        raise refuse_name("wrong_type", "class of measures", written.class_, CLASSES, written.place("class"))
    return written.class_


def _targets(written: MeasureWritten) -> tuple[str, ...]:
    place = written.place("targets")
    for target in written.targets:
        if target not in TARGETS:
            raise refuse_name("wrong_type", "target", target, TARGETS, place)
    if not written.targets:
        raise refuse("wrong_type", "a measure reaches nobody", place, "targets: [entity], or [entity, person]")
    return tuple(dict.fromkeys(written.targets))


def _basis(context: Context, name: str, written: MeasureWritten) -> tuple[str, ...]:
    if not written.basis:
        raise refuse("no_basis", f"the measure {shown(name)} cites no basis", written.place(), "basis: [ID]")
    basis = read_basis(context, written.raw, "basis")
    ranks = [context.sources[source].rank for source in basis]
    if written.class_ == "I" and not any(rank in BEARS_CLASS_I for rank in ranks):
        message = f"the measure {shown(name)} is of class I, and its basis is of rank {', '.join(ranks)}"
        hint = "only a law or an administrative regulation bears it"
        raise refuse("rank_too_low", message, written.place("basis"), hint)
    return basis


def _check_published(name: str, written: MeasureWritten) -> None:
    if written.published is not True:
        message = f"the measure {shown(name)} is not said to be published, and may not be applied"
        raise refuse("unpublished_measure", message, written.place("published"), "published: true, or leave it out")

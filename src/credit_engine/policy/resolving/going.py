"""How far a rule of spread goes: again and again or so often, together, and what is left after each step."""

from __future__ import annotations

from fractions import Fraction

from credit_engine.errors import RecordError
from credit_engine.policy.resolving.refusals import refuse, refuse_name
from credit_engine.policy.resolving.steps import DAY, branches_written
from credit_engine.policy.written_spreading import SpreadWritten
from credit_engine.quantities import read_share

UNTIL_STABLE = "until_stable"


def goes_again(written: SpreadWritten) -> bool:
    """Whether the one step is taken again from whatever was reached."""
    return written.has("repeat") or written.has("hops")


def check_going(written: SpreadWritten) -> None:
    """Refuse keys that say how far it goes and do not fit together."""
    again = "repeat" if written.has("repeat") else "hops"
    for key, number in (("hops", written.hops), ("most", written.most)):
        if number is not None and number < 1:
            raise refuse("wrong_type", f"`{key}` is a whole number of at least 1", written.place(key))
    if not written.along:
        _refuse_staying(written, again)
    if written.repeat is not None and written.repeat != UNTIL_STABLE:
        raise refuse_name("wrong_type", "way to repeat", written.repeat, [UNTIL_STABLE], written.place("repeat"))
    if written.repeat is not None and written.has("hops"):
        message = "`repeat` and `hops` both say how often"
        raise refuse("wrong_type", message, written.key_place("hops"), "keep one of them")
    named = any(each.has("named") for each in branches_written(written.along))
    if goes_again(written) and (named or len(written.along) != 1):
        message = f"`{again}` takes one step over relations again; here are others"
        raise refuse("wrong_type", message, written.key_place(again), "write one step; {any: [...]} is a choice")


def _refuse_staying(written: SpreadWritten, again: str) -> None:
    """Refuse a rule without steps that reaches nobody, or would take none of them again."""
    if written.has("along"):
        raise refuse("wrong_type", "`along` is an empty list", written.place("along"), "name at least one step")
    if goes_again(written):
        raise refuse("missing_key", f"`{again}` without `along`", written.key_place(again), "write `along: [...]`")
    if not written.itself:
        hint = "write `along: [...]`, or `itself: true`"
        raise refuse("missing_key", "the rule reaches nobody", written.place(), hint)


def check_together(written: SpreadWritten) -> None:
    """Refuse what has no meaning where shares of all parties reached add up."""
    if not any(each.together for each in branches_written(written.along)):
        return
    for key in ("weight", "drop_below", "hops"):
        if written.has(key):
            message = f"`{key}` beside `together`: what shares add up to has neither steps nor weight"
            raise refuse("wrong_type", message, written.key_place(key), "remove one of them")
    if len(written.along) != 1:
        message = "`together` has one step: the shares of all parties reached add up"
        raise refuse("wrong_type", message, written.place("along"), "write one step; {any: [...]} is a choice")
    for each in branches_written(written.along):
        if each.has("held_on") and each.held_on != DAY:
            message = "`together` looks at the relations of one day, the day judged"
            raise refuse("wrong_type", message, each.place("held_on"), "leave `held_on` out")


def read_weight(written: SpreadWritten) -> tuple[Fraction, Fraction | None]:
    """The weight of each step, 1 where none is written, and what is dropped."""
    weight = _fraction(written, "weight") if written.has("weight") else Fraction(1)
    if not written.has("drop_below"):
        return weight, None
    if weight == 1 or not goes_again(written):
        message = "nothing becomes lighter: `drop_below` needs a `weight` below 1, and `repeat` or `hops`"
        raise refuse("wrong_type", message, written.key_place("drop_below"), "remove it")
    return weight, _fraction(written, "drop_below")


def _fraction(written: SpreadWritten, key: str) -> Fraction:
    try:
        found = read_share(written.raw[key])
    except RecordError:
        found = Fraction(0)
    if found == 0:
        message = f"`{key}` is a fraction above 0 and at most 1"
        raise refuse("bad_weight", message, written.place(key), f"write {key}: 1/2, or 0.5")
    return found

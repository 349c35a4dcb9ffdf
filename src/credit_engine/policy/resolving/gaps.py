"""Explained gaps of a policy's tests: that each says what never happens in known words, and why.

Whether it names something, and something that tests do not reach, is told when tests are measured.
"""

from __future__ import annotations

from credit_engine.policy.places import shown, value_place_of
from credit_engine.policy.resolving.context import Context
from credit_engine.policy.resolving.refusals import refuse_name, refuse_type
from credit_engine.policy.written_gaps import WANTS, GapWritten


def check_gaps(context: Context) -> None:
    """Note what is wrong with the gaps of a policy."""
    for gap in context.written.gaps:
        context.problems.attempt(_check, gap)


def _check(gap: GapWritten) -> bool:
    if not gap.never:
        raise refuse_type("a list of words", gap.raw["never"], gap.place("never"), f"of {', '.join(WANTS)}")
    for number, want in enumerate(gap.never):
        if want not in WANTS:
            place = value_place_of(gap.raw["never"], number)
            raise refuse_name("unknown_label", "goal of tests", want, WANTS, place)
    texts = list(gap.because.values()) if isinstance(gap.because, dict) else [gap.because]
    languages = set(gap.because) if isinstance(gap.because, dict) else set()
    if languages - {"zh", "en"} or not texts or not all(isinstance(each, str) and each.strip() for each in texts):
        hint = f"because: {{zh: ..., en: ...}} for the gap of {shown(gap.of)}"
        raise refuse_type("an explanation", gap.because, gap.place("because"), hint)
    return True

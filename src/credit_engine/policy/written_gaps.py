"""Explained gaps as they are written: what no test of the policy can reach, and why. Answers never depend on them."""

from __future__ import annotations

from attrs import frozen

from credit_engine.policy.writing import Raw, Title, Written

WANTS = ("fired", "taken", "holds", "only_may_hold", "neither", "decides_alone", "below", "at", "above")
"""What may never happen to a rule, a row, a comparison or a threshold."""


@frozen(kw_only=True)
class GapWritten(Written):
    """A gap: `of` a rule, list or value, what `asks` there, what `never` happens, and `because`: text, or zh and en."""

    of: str
    asks: str = ""
    never: tuple[str, ...]
    because: Raw

    def reasons(self) -> dict[str, str]:
        """The explanation by language; a plain text counts as English."""
        if isinstance(self.because, dict):
            return Title(zh=self.because.get("zh"), en=self.because.get("en")).as_dict()
        return {"en": str(self.because)}

"""A policy whose rules durable_rules matches: proven when it is made, and given back when it is closed."""

from __future__ import annotations

from attrs import evolve

from credit_engine.engines.matching.matching import MatchedProgram
from credit_engine.engines.matching.proof import prove
from credit_engine.policy.load import Policy


class Matched:
    """One session's own copy of a policy, with its rulesets. Raises `PolicyError` and `QuestionError`."""

    def __init__(self, policy: Policy, *, compare: bool) -> None:
        """Compile the rulesets and prove them; with `compare` each match is compared with the plain engine's."""
        self._program = MatchedProgram(policy.plan, compare=compare)
        try:
            self.proven = prove(policy.plan, self._program.matcher)
        except BaseException:
            self.close()
            raise
        self.policy = evolve(policy)
        self.policy.memo["plain"] = self._program

    @property
    def asked(self) -> int:
        """How many facts durable_rules has been asked about."""
        return self._program.matcher.asked

    def close(self) -> None:
        """Give all memory back."""
        self._program.matcher.close()

"""From a policy as written to its plan: names resolved, numbers typed and scaled, defaults filled in."""

from __future__ import annotations

from credit_engine.policy.resolving.resolve import resolve

__all__ = ["resolve"]

"""Fewer examples for tests of which one example is dear: a crowd judged twice, a folder prepared."""

from hypothesis import settings

LEAST = 5


def one_in(share: int) -> settings:
    """One example for so many that other tests get."""
    usual = settings.default.max_examples if settings.default else 100
    return settings(max_examples=max(LEAST, usual // share), deadline=None)

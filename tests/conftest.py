"""Hypothesis profiles, chosen by the environment variable CREDIT_ENGINE_HYPOTHESIS: fast, quick (the default), ci, nightly."""

import os

from hypothesis import HealthCheck, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

settings.register_profile(
    "fast", max_examples=10, deadline=None, print_blob=True, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile(
    "quick", max_examples=100, deadline=None, print_blob=True, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile(
    "ci", max_examples=1000, deadline=None, print_blob=True, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile("nightly", max_examples=20_000, deadline=None, print_blob=True, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("CREDIT_ENGINE_HYPOTHESIS", "quick"))

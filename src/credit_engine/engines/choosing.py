"""Which engine answers where nobody said: all give the same tables, so this is about time alone."""

from __future__ import annotations

from pathlib import Path

from credit_engine.engines.questions import Asked
from credit_engine.files.sizes import written_size

ENGINES = ("polars", "spark", "plain")
ADDRESS = "://"  # what tells another file system's address from a path on this machine
MUCH = 3_000_000  # bytes of records as text, from which reading by columns pays for itself
CROWD = 1_000  # questions, from which columns pay for what a pass takes


def is_much(folder: Path) -> bool:
    """Whether a folder has so many records that reading and judging them by columns pays for itself."""
    return written_size(folder) > MUCH


def default_engine(folder: Path, asked: Asked) -> str:
    """`polars` for many records, unless its columns would leave everybody to the plain engine; otherwise `plain`."""
    if not is_much(folder):
        return "plain"
    questions = asked.panel.questions
    if questions and sum(question.event is None for question in questions) < CROWD:  # of events plain is asked anyway
        return "plain"
    from credit_engine.engines.columns.lacking import lacking_for_all  # noqa: PLC0415  # polars: only for many records

    return "plain" if lacking_for_all(asked.policy.plan) else "polars"

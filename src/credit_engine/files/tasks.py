"""Work in tasks of which none needs anything of its neighbours: done one after the other, or handed out to others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")


class Each(Protocol):
    """Does all of some jobs, and gives what comes of them in their order; function, jobs and results can be pickled.

    Whoever does a job sees the files of this machine under the same paths.
    """

    def __call__(self, do: Callable[[Job], Done], jobs: Sequence[Job]) -> Iterable[Done]:
        """What comes of each job."""


def one_by_one(do: Callable[[Job], Done], jobs: Sequence[Job]) -> Iterable[Done]:
    """Each job when what comes of it is asked for."""
    return map(do, jobs)


def is_there(path: str) -> bool:
    """Whether whoever does a job sees a path."""
    return Path(path).exists()

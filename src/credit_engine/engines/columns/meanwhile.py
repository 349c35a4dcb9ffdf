"""Doing two things at once: what Polars computes leaves a processor idle while Python says what to compute next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


def meanwhile(work: Callable[[], Found]) -> Callable[[], Found]:
    """Begin something in a thread of its own; calling what is returned waits for it and gives what came of it.

    The work must share nothing with the caller that either of them changes, but for the codes of a store: these are
    only ever added to, and whoever asks for one gets the first that was given.
    """
    thread = ThreadPoolExecutor(1)
    found = thread.submit(work)
    thread.shutdown(wait=False)  # it ends with its work
    return found.result


def two_at_once(work: Callable[[Given], Found], pieces: Iterable[Given]) -> list[Found]:
    """What comes of each piece, in their order; while Python sees to one, Polars computes with another.

    Pieces must share nothing that the work changes.
    """
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(work, pieces))

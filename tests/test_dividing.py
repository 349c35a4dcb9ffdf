"""Parties judged some at a time: everyone once, more as there is room, and an end where the limit is not held."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.engines.dividing import FIRST, Divided
from credit_engine.errors import QuestionError
from credit_engine.files.memory import bytes_of, peak_memory

MB = 1_000_000


class Process:
    """A process of `base` MB that takes so many bytes for each party of the greatest part so far."""

    def __init__(self, base: int, each: int) -> None:
        self.base, self.each, self.most = base * MB, each, 0

    def peak(self) -> int:
        return self.base + self.most * self.each

    def judge(self, limit: int | None, *buckets: tuple[int, int]) -> list[tuple[int, int]]:
        divided = Divided(limit, self.peak)
        return [part for bucket in buckets for part in self._parts(divided, bucket)]

    def _parts(self, divided: Divided, bucket: tuple[int, int]) -> Iterator[tuple[int, int]]:
        for first, until in divided.parts(*bucket):
            self.most = max(self.most, until - first)
            yield first, until


@given(st.lists(st.integers(0, 300_000), max_size=4), st.integers(0, 2_000), st.integers(150, 5_000))
def test_everybody_is_judged_once_in_order_and_the_limit_is_held(sizes: list[int], each: int, limit: int) -> None:
    process, buckets, first = Process(100, each), [], 0
    for size in sizes:
        buckets.append((first, first + size))
        first += size
    parts = process.judge(limit * MB, *buckets)
    assert [number for part in parts for number in range(*part)] == list(range(first))
    assert process.peak() <= limit * MB


def test_without_a_limit_a_bucket_is_judged_at_once() -> None:
    assert Process(100, 1_000).judge(None, (0, 500_000), (500_000, 600_000)) == [(0, 500_000), (500_000, 600_000)]


def test_parts_double_as_long_as_there_is_room() -> None:
    sizes = [until - first for first, until in Process(100, 1_000).judge(200 * MB, (0, 200_000))]
    assert sizes[:5] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, 5 * FIRST]


def test_an_empty_bucket_is_judged_too() -> None:
    assert Process(100, 1).judge(200 * MB, (0, 0)) == [(0, 0)]


@pytest.mark.parametrize(("base", "each"), [(300, 0), (100, 20_000)])
def test_a_limit_that_cannot_be_held_ends_the_run(base: int, each: int) -> None:
    with pytest.raises(QuestionError) as caught:
        Process(base, each).judge(200 * MB, (0, 20_000))
    assert caught.value.codes == ("memory_limit",)
    assert "300 MB" in str(caught.value)


def test_this_process_holds_some_memory() -> None:
    assert 10 * MB < peak_memory() < 1_000_000 * MB


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2GB", 2 * 10**9), ("2g", 2 * 10**9), ("1.5 GiB", 3 * 2**29), ("500MB", 500 * MB), ("4096", 4096)],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: int) -> None:
    assert bytes_of(text) == amount


@pytest.mark.parametrize("text", ["", "0", "0.1", "-1GB", "GB", "1,5GB", "2 PB", "inf", "1e9"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        bytes_of(text)

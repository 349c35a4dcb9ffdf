"""San Francisco's official scores through the shipped policy and mapping, as a panel of the scored visits."""

from __future__ import annotations

import time
from datetime import date, datetime

from credit_engine import load_policy
from credit_engine.quantities import decimal_text
from real_data.cities import City, answers, data_folder, rows

SECONDS = 20  # of processor time, reading included, so that a busy machine fails nobody


def test_the_shipped_policy_gives_17695_of_18109_official_scores_in_under_20_seconds() -> None:
    folder = data_folder("sf")
    visits = [row for row in rows(folder / "inspections.csv.gz") if row["Score"]]
    started = time.process_time()
    city = City(load_policy("sf-restaurants"), "sf-restaurants", folder)
    panel = [(row["business_id"], _day(row["date"]), None) for row in visits]
    found = [answer.score for answer in answers(city, panel)]
    elapsed = time.process_time() - started
    right = sum(
        isinstance(score, int) and decimal_text(score) == row["Score"] for score, row in zip(found, visits, strict=True)
    )
    assert (right, len(visits)) == (17_695, 18_109)
    assert elapsed < SECONDS


def test_no_row_of_san_francisco_is_rejected() -> None:
    city = City(load_policy("sf-restaurants"), "sf-restaurants", data_folder("sf"))
    assert city.input.rejects == ()
    assert sum(count.accepted for count in city.input.counts if count.table == "finding") == 46_259


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day has no time zone

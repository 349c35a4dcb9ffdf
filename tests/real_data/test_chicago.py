"""Chicago's own counts and history features of each visit, seen from the visit: a licence may have two on one day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pytest

from real_data.cities import answers, data_folder, own_city, rows

VISITS = 27_600
FEATURES = {
    "criticalCount": "critical_now",
    "seriousCount": "serious_now",
    "minorCount": "minor_now",
    "pastFail": "past_fail",
    "pastCritical": "past_critical",
    "pastSerious": "past_serious",
    "pastMinor": "past_minor",
    "timeSinceLast": "time_since_last",
    "firstRecord": "first_record",
}


@pytest.fixture(scope="module")
def agreeing() -> Mapping[str, int]:
    """For each feature of the city the number of visits on which our indicator is exactly the same."""
    folder = data_folder("chicago")
    city = own_city("chicago-history", folder)
    visits = rows(folder / "canvass_inspections.csv.gz")
    panel = [(row["License"], date.fromisoformat(row["Inspection_Date"]), row["Inspection_ID"]) for row in visits]
    agreed: Counter[str] = Counter()
    for row, answer in zip(visits, answers(city, panel), strict=True):
        for feature, indicator in FEATURES.items():
            agreed[feature] += answer.indicators[indicator] == _published(row[feature])
        agreed["passes"] += answer.indicators["passes"] is (row["Results"] == "Pass")
    assert city.input.rejects == ()
    return agreed


@pytest.mark.parametrize("feature", FEATURES)
def test_every_count_and_every_feature_of_the_past_is_that_of_the_city(
    agreeing: Mapping[str, int], feature: str
) -> None:
    assert agreeing[feature] == VISITS


def test_no_critical_and_no_serious_violation_is_a_pass_in_27394_visits(agreeing: Mapping[str, int]) -> None:
    assert agreeing["passes"] == 27_394


def _published(text: str) -> Fraction:
    """The number published; a share of a year, printed as a float, is the fraction of 365 days that it stands for."""
    return Fraction(text).limit_denominator(365)

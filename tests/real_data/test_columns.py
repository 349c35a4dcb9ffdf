"""Three cities in columns: every table is that of the plain engine, on a single day and over a panel."""

from __future__ import annotations

from datetime import date

import pytest

from columns_and_plain import asked, differing, told
from credit_engine import load_policy
from credit_engine.files.panels import Panel, Question
from real_data.cities import City, data_folder, own_city

SHIPPED = "sf-restaurants"  # of the policy and of the mapping
DAYS = {
    "sf": (date(2014, 7, 1), date(2015, 12, 31)),
    "chicago": (date(2013, 5, 17), date(2014, 9, 30)),
    "nyc": (date(2015, 3, 31), date(2016, 12, 31)),
}
OWN = {"chicago": "chicago-history", "nyc": "nyc-letters"}
MOST = 400  # rows of a panel on two days


def city(name: str) -> City:
    folder = data_folder(name)
    return own_city(OWN[name], folder) if name in OWN else City(load_policy(SHIPPED), SHIPPED, folder)


@pytest.mark.parametrize("name", DAYS)
def test_a_city_comes_to_the_rows_of_the_plain_engine(name: str) -> None:
    here = city(name)
    panel = asked(here.input, DAYS[name][1])
    plain = told(here.input, here.policy, panel, "plain")
    columns = told(here.input, here.policy, panel, "polars")
    assert not differing(plain, columns)
    assert len(plain.tables["assessments"]) > MOST


@pytest.mark.parametrize("name", DAYS)
def test_a_panel_over_a_city_comes_to_the_rows_of_the_plain_engine(name: str) -> None:
    here = city(name)
    parties = list(here.input.parties)[:: max(1, len(here.input.parties) // MOST)]
    questions = [Question(party, day, file="panel.csv") for party in parties for day in DAYS[name]]
    panel = Panel(questions, [])
    plain = told(here.input, here.policy, panel, "plain")
    columns = told(here.input, here.policy, panel, "polars")
    assert not differing(plain, columns)

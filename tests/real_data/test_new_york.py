"""New York's letters, from the points of the visit itself."""

from __future__ import annotations

from datetime import date

from real_data.cities import answers, data_folder, own_city, rows


def test_the_points_of_a_visit_give_89556_of_90399_letters() -> None:
    folder = data_folder("nyc")
    city = own_city("nyc-letters", folder)
    graded = [row for row in rows(folder / "grades.csv.gz") if row["grade"] in ("A", "B", "C")]
    panel = [(row["restaurant_id"], date.fromisoformat(row["inspection_date"]), None) for row in graded]
    right = sum(answer.grade == row["grade"] for answer, row in zip(answers(city, panel), graded, strict=True))
    assert (right, len(graded)) == (89_556, 90_399)
    assert city.input.rejects == ()

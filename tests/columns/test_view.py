"""No column of any compiled frame is a float, whatever the policy does with its numbers."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from columns.test_folder import crowd
from columns_and_plain import differences
from credit_engine.engines.columns.shapes import Val
from credit_engine.engines.columns.view import Run, View
from credit_engine.policy.load import load_policy_text
from sample_policies import HEAD

DIVIDING = f"""{HEAD}
indicators:
  visits: {{count: inspection, within: 2y}}
  fines: {{sum: violation, of: fine, within: 3y}}
  mean_score: {{mean: inspection, of: score, last: 3}}
  recent: {{count: violation, within: 3y}}
  share: {{ratio: [visits, recent]}}
  third: {{of: mean_score, per: 3, round: {{to: 0.5, mode: half_up}}}}
score:
  start: 100
  range: [0, 120]
  rules:
    - {{rule: fading, title: {{zh: 衰减, en: Fading}}, each: violation, deduct: {{of: third, or: 1}}, when: {{visits: {{at_most: 3}}}},
       counts: {{from: decided, for: 3y}}, fades: linear, basis: [law]}}
    - {{rule: shared, title: {{zh: 份, en: Shared}}, when: {{share: {{at_least: 1}}}}, add: 1, basis: [law]}}
"""


def test_no_column_of_any_view_is_a_float(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[pl.Schema] = []
    plain_let, plain_keep, plain_collect = View.let, View.keep, Run.collect

    def let(self: View, column: pl.Expr) -> pl.Expr:
        found = plain_let(self, column)
        seen.append(self.frame.collect_schema())
        return found

    def keep(self: View, val: Val) -> Val:
        found = plain_keep(self, val)
        seen.append(self.frame.collect_schema())
        return found

    def collect(self: Run, frame: pl.LazyFrame) -> pl.DataFrame:
        seen.append(frame.collect_schema())
        return plain_collect(self, frame)

    monkeypatch.setattr(View, "let", let)
    monkeypatch.setattr(View, "keep", keep)
    monkeypatch.setattr(Run, "collect", collect)
    policy = load_policy_text(DIVIDING, "policy.yaml")
    assert not differences(crowd(), policy, date(2026, 6, 30))
    floats = {f"{name}: {dtype}" for schema in seen for name, dtype in schema.items() if dtype.is_float()}
    assert len(seen) > 100
    assert not floats

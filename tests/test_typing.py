"""A service that imports the installed library and runs `mypy --strict` over its own code: records take what people give."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SERVICE = '''
"""What a service gives: texts, sets, lists, numbers and days."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import credit_engine as ce

operator = ce.Operator(id="A", kind="enterprise", registered=date(2020, 5, 1), licences=["SC10633010500017"])
person = ce.Person(id="P", extra={"note": "x"})
parties: Sequence[ce.Operator | ce.Person] = (operator, person)
relations = [
    ce.Relation(id="R1", kind="shareholder", source="P", target="A", share="50%", share_max="2/3", since=date(2021, 1, 1)),
    ce.Relation(id="R2", kind="shareholder", source="P", target="A", share=Fraction(1, 2)),
    ce.Relation(id="R3", kind="shareholder", source="P", target="A", share=Decimal("0.5")),
    ce.Relation(id="R4", kind="shareholder", source="P", target="A", share=1),
]
roles = [{"person": "P", "role": "direct_manager"}]
violation = ce.Violation(
    id="V1",
    party="A",
    acts=["expired_food"],
    penalties={"fine", "confiscation"},
    fine=8_000_000,
    decided=date(2026, 3, 2),
    responsible=roles,
)
cautioned = ce.Violation(id="V2", party="A", acts=(), penalties=["warning"], standing="final", heavier=False)
clean = ce.Violation(id="V3", party="A", penalties=frozenset(), recorded=date(2026, 3, 2), revision=1)
visits = [ce.Inspection(id="I1", party="A", score="9.5"), ce.Inspection(id="I2", party="A", score=9)]
visit = ce.Inspection(id="I3", party="A", score=Decimal("9.5"), items_failed=2)
transfer = ce.CaseTransfer(id="T1", party="A", direction="criminal", received=date(2026, 1, 2), responsible=roles)
decision = ce.ListDecision(id="D1", party="A", list="severe", step="list", grounds=["V1"], decided=date(2026, 4, 1))
complaint = ce.OtherEvent(id="C1", party="A", kind="complaint", received=date(2026, 1, 2))
region = ce.Region(code="310000", name="上海", from_day=date(2020, 1, 1))
dossier = ce.Dossier(operator, [violation, cautioned, *visits, decision], coverage={"inspection": date(2024, 1, 1)})


def judged(policy: ce.Policy, day: date) -> list[ce.Assessment]:
    """Every party's answer, with what reaches it."""
    network = ce.Network([operator], [person], [region], relations)
    own = {party.id: ce.assess(ce.Dossier(party), policy, day) for party in parties}
    effects = ce.spread(network, own.values(), policy, day)
    return [ce.assess(ce.Dossier(party), policy, day, effects=effects.reaching(party.id)) for party in parties]
'''
MISTAKES = """
from datetime import date

import credit_engine as ce

ce.Violation(id="V", party="A", fine="500 yuan")
ce.Violation(id="V", party="A", decided="2026-03-02")
ce.Violation(id="V", party="A", penalties="fine")
ce.Violation(id="V", party="A", fines=5)
ce.Violation(party="A")
ce.Inspection(id="I", party="A", score=9.5)
ce.Relation(id="R", kind="shareholder", source="P", target="A", share=0.5)
ce.Operator(id="A", licences={"SC10633010500017"})
"""
PAGES = ("README.md", "docs/how-to/import-from-a-service.md", "docs/how-to/judge-affiliates.md")
ON_PURPOSE = ['Argument "fine" to "Violation" has incompatible type "float"']  # the page shows the error that follows


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What mypy says of each module, run in an empty folder, so that it finds the library where Python does."""
    folder = tmp_path_factory.mktemp("service")
    modules = {"service": SERVICE, "mistakes": MISTAKES}
    modules |= {Path(page).stem.replace("-", "_"): _python_of(ROOT / page) for page in PAGES}
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    options = ["--strict", "--config-file=", "--no-error-summary", "--hide-error-codes", "--ignore-missing-imports"]
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *(f"{name}.py" for name in modules)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    lines = [line.split(": ", 2) for line in ran.stdout.splitlines() if ": error: " in line]
    return {name: [line[2] for line in lines if line[0].startswith(f"{name}.py:")] for name in modules}


def _python_of(page: Path) -> str:
    return "".join(PYTHON.findall(page.read_text(encoding="utf-8")))


def test_records_take_texts_sets_lists_numbers_and_days(told: dict[str, list[str]]) -> None:
    assert told["service"] == []


def test_what_a_record_would_refuse_is_told_before_it_runs(told: dict[str, list[str]]) -> None:
    assert len(told["mistakes"]) == MISTAKES.count("\nce.")


def test_the_pages_for_services_are_typed_as_a_service_would_have_them(told: dict[str, list[str]]) -> None:
    assert told["README"] == []
    assert told["judge_affiliates"] == []
    assert [message.split(";")[0] for message in told["import_from_a_service"]] == ON_PURPOSE

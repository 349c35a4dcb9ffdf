"""The page of coverage: the policy's own lines with what tests made of them, and nothing from anywhere else."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from credit_engine.cli import app
from credit_engine.policy.load import load_policy, load_policy_text
from credit_engine.testing.coverage.measuring import measure
from credit_engine.testing.coverage.page import page
from sample_coverage import hand, hand_cases

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"


class _Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(text)
    return parser.tags


def test_the_page_shows_each_line_with_its_state(tmp_path: Path) -> None:
    text = page(measure(hand(tmp_path), hand_cases(tmp_path)))
    states = dict(re.findall(r'<div class="row (\w*)"><div class="no">(\d+)</div>', text))
    of_line = {
        int(number): state for state, number in re.findall(r'<div class="row (\w*)"><div class="no">(\d+)', text)
    }
    assert states
    assert of_line[5] == "covered"
    assert of_line[12] == of_line[18] == of_line[22] == "partly"
    assert of_line[19] == of_line[21] == "missing"
    assert of_line[1] == of_line[25] == ""
    assert "✓ holds: a fine of exactly the threshold" in text
    assert "nearest: 49999 against 50000" in text


def test_the_page_needs_nothing_from_anywhere_and_runs_nothing(tmp_path: Path) -> None:
    tags = _tags(page(measure(hand(tmp_path), hand_cases(tmp_path))))
    assert not {tag for tag, _ in tags} & {"script", "img", "link", "iframe", "object", "embed", "base", "form"}
    assert all(value is not None and value.startswith("#") for _, each in tags if (value := each.get("href", "#")))
    assert not [name for _, each in tags for name in each if name.startswith("on") or name in ("src", "style")]
    policies = [each.get("content") for _, each in tags if each.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_text_of_a_policy_is_only_shown(tmp_path: Path) -> None:
    gap = f"gaps: [{{of: score.big, asks: severity, never: [only_may_hold], because: '{HOSTILE}'}}]\n"
    policy = hand(tmp_path, gap)
    cases = hand_cases(tmp_path)
    coverage = measure(policy, cases)
    text = page(coverage)
    assert "script" not in {tag for tag, _ in _tags(text)}
    assert "img" not in {tag for tag, _ in _tags(text)}
    assert "{{ 7 * 7 }}" in text
    assert text.count("<style>") == text.count("</style>") == 1


def test_a_policy_of_no_folder_has_a_page_too() -> None:
    text = (Path(load_policy("sf-restaurants").folder or "") / "policy.yaml").read_text("utf-8")
    assert "never only may hold" in page(measure(load_policy_text(text), []))


def test_the_same_tests_give_the_same_page(tmp_path: Path) -> None:
    policy = hand(tmp_path)
    assert page(measure(policy, hand_cases(tmp_path))) == page(measure(policy, hand_cases(tmp_path)))


# --- the command ------------------------------------------------------------------------------------------------


def _run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["policy", "test", *words])
    return result.exit_code, result.output


def test_the_command_tells_what_is_reached_and_what_is_missing(tmp_path: Path) -> None:
    hand(tmp_path)
    code, output = _run(str(tmp_path / "hand"), "--coverage")
    assert code == 0
    assert re.search(r"total +2/3 +66\.6 % +1/2 +50\.0 % +14/24 +58\.3 % +10/15 +66\.6 %", output)
    assert "policy.yaml:19 grades.grade row 2 (B): never taken" in output


@pytest.mark.parametrize(("least", "code"), [("58", 0), ("58.3", 0), ("58.4", 1), ("100", 1)])
def test_too_little_coverage_of_conditions_ends_with_1(tmp_path: Path, least: str, code: int) -> None:
    hand(tmp_path)
    assert _run(str(tmp_path / "hand"), "--fail-under", least)[0] == code


def test_a_wrong_explanation_ends_with_1(tmp_path: Path) -> None:
    hand(tmp_path, "gaps: [{of: score.big, never: [fired], because: It cannot.}]\n")
    code, output = _run(str(tmp_path / "hand"), "--coverage")
    assert (code, "gap_reached" in output) == (1, True)


def test_the_command_writes_a_page_for_each_policy(tmp_path: Path) -> None:
    hand(tmp_path)
    code, output = _run(str(tmp_path / "hand"), "--html", str(tmp_path / "pages"))
    assert code == 0
    assert (tmp_path / "pages" / "hand.html").read_text("utf-8").startswith("<!doctype html>")
    assert "hand.html" in output.replace("\n", "")


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    hand(tmp_path)
    (tmp_path / "pages").write_text("a file")
    result = CliRunner().invoke(app, ["policy", "test", str(tmp_path / "hand"), "--html", str(tmp_path / "pages")])
    assert result.exit_code != 0
    assert getattr(result.exception, "codes", ()) == ("cannot_write",)


# --- pytest -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"), [((), 0), (("--policy-fail-under=58",), 0), (("--policy-fail-under=59",), 1)]
)
def test_pytest_tells_the_same_coverage(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    hand(tmp_path)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--policy-coverage",
        *words,
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert re.search(r"total +2/3 +66\.6 % +1/2 +50\.0 % +14/24 +58\.3 %", done.stdout)
    assert "policy.yaml:19 grades.grade row 2 (B): never taken" in done.stdout

"""The commands `credit-engine policy ...`: look at, check and test policies. Arguments and printing only."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.table import Table

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.load import load_policy, shipped_policies
from credit_engine.printing import DONE, WITH_PROBLEMS, Language, put, show, show_text

if TYPE_CHECKING:
    from credit_engine.testing.suites import Report

policies = typer.Typer(help="Look at, check and test policies.", no_args_is_help=True)

Chosen = Annotated[str, typer.Argument(metavar="POLICY", help="A shipped policy's name, or a policy folder.")]


@policies.command("list")
def list_policies() -> None:
    """The policies that come with the library."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)  # a name is copied whole
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name in shipped_policies():
        plan = load_policy(name).plan
        table.add_row(name, plan.title.get("zh", ""), plan.title.get("en", ""))
    show(table)


class View(StrEnum):
    """What `policy show` shows."""

    rules = "rules"
    plan = "plan"
    markdown = "markdown"
    durable = "durable"


@policies.command("show")
def show_policy(
    policy: Chosen,
    view: Annotated[
        View,
        typer.Option(
            "--as",
            help="Rules and values as text or Markdown (beside what it extends), or as JSON the resolved plan or the"
            " rulesets for durable_rules.",
        ),
    ] = View.rules,
) -> None:
    """Show a policy's rules, values by date and sources, or its resolved plan."""
    chosen = load_policy(policy)
    if view is View.plan:
        put(chosen.plan.as_json())
        return
    if view is View.durable:
        from credit_engine.engines.matching.printing import rulesets_text  # noqa: PLC0415

        put(rulesets_text(chosen))
        return
    if view is View.markdown:
        from credit_engine.documenting import policy_section  # noqa: PLC0415
        from credit_engine.policy.load import parents_of  # noqa: PLC0415

        put(policy_section(chosen.plan, [parent.plan for parent in parents_of(chosen)]))
        return
    from credit_engine.showing import policy_tables  # noqa: PLC0415

    for piece in policy_tables(chosen.plan):
        show(piece)


@policies.command("check")
def check_policy(policy: Chosen) -> None:
    """Read a policy and point at what is suspicious in it: gaps, dead rules, unused names, missing sources."""
    from credit_engine.policy.checks import check  # noqa: PLC0415

    warnings = check(load_policy(policy))
    put(*warnings)
    if warnings:
        put(f"{len(warnings)} to look at")
        raise typer.Exit(WITH_PROBLEMS)
    put(f"{policy}: nothing to point at")


@policies.command("test")
def run_tests(
    policy: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY]...",
            help="Shipped names, policy folders, or folders of policies; without any, those in the current folder.",
            show_default=False,
        ),
    ] = None,
    text: Annotated[str, typer.Option("-k", metavar="TEXT", help="Only the tests whose name has this text.")] = "",
    language: Annotated[Language, typer.Option("--lang", help="Language of the accounts.")] = Language.zh,
    coverage: Annotated[  # noqa: FBT002  # an option
        bool, typer.Option("--coverage", help="Also say what of the policies the tests reach.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="DIR", help="Coverage as one page a policy in this folder.")
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", min=0, max=100, help="End with 1 where less of the conditions is reached, in %."),
    ] = None,
    inherited: Annotated[  # noqa: FBT002  # an option
        bool, typer.Option("--inherited", help="Coverage of what a policy extends, too.")
    ] = False,
    suggest: Annotated[
        int, typer.Option("--suggest", min=0, metavar="N", help="Propose at most N tests for what none reaches.")
    ] = 0,
) -> None:
    """Run the tests in the policies' own `tests` folders; of each that fails, say what differs and why."""
    from credit_engine.testing.suites import run_folder, suite_folders  # noqa: PLC0415  # only this command needs it

    folders = [folder for name in policy or ["."] for folder in suite_folders(name)]
    reports = []
    for folder in dict.fromkeys(folders):
        reports.append(run_folder(folder, text))
        _tell(reports[-1], language)
    if len(reports) > 1:
        _tell_sum(reports)
    problems = [problem for report in reports for problem in report.problems]
    if problems:
        raise PolicyError(problems)
    if not any(report.outcomes for report in reports):
        message, hint = f"no test has {text!r} in its name", "upper or lower case does not matter; try a shorter text"
        raise PolicyError(Problem("not_found", message, Place("-k"), hint))
    enough = True
    if coverage or html is not None or fail_under is not None or suggest:
        wanted = Wanted(html, fail_under, suggest, inherited=inherited)
        enough = False not in [_tell_coverage(report, wanted) for report in reports if report.outcomes]
    raise typer.Exit(WITH_PROBLEMS if any(report.failed for report in reports) or not enough else DONE)


class Wanted(NamedTuple):
    """What is asked about coverage: pages in a folder, the least percentage, how many suggestions."""

    html: Path | None
    fail_under: float | None
    suggest: int
    inherited: bool


def _tell_coverage(report: Report, wanted: Wanted) -> bool:
    """What of a policy its tests reach; whether that is enough, and every explained gap is one."""
    from credit_engine.testing.coverage.measuring import Measuring  # noqa: PLC0415  # only where it is asked for
    from credit_engine.testing.coverage.table import coverage_tables  # noqa: PLC0415

    if report.policy is None:
        return False
    measuring = Measuring(report.policy, inherited=wanted.inherited)
    found = measuring.measure(outcome.case for outcome in report.outcomes)
    show(*coverage_tables(found))
    if wanted.html is not None:
        from credit_engine.files.texts import write_page  # noqa: PLC0415
        from credit_engine.testing.coverage.page import page  # noqa: PLC0415  # it needs jinja2

        put(write_page(wanted.html, f"{found.policy.name}.html", page(found)))
    if wanted.suggest:
        from credit_engine.testing.coverage.suggesting import suggestions  # noqa: PLC0415  # it needs hypothesis

        for suggestion in suggestions(measuring, wanted.suggest):
            put("", suggestion.as_yaml(found).rstrip("\n"))
    return not found.problems and found.percent() >= (wanted.fail_under or 0)


def _tell(report: Report, language: Language) -> None:
    """What failed in a policy's tests, and how many passed; nothing of a policy that cannot be read or has no tests."""
    from credit_engine.testing.reporting import told  # noqa: PLC0415  # as above

    for outcome in report.failed:
        first, *rest = told(outcome, language.value).split("\n")
        show_text(first, style="bold")
        for line in rest:
            show_text(line, style="dim" if line.lstrip().startswith("|") else "red")
    if report.outcomes or report.left_out:
        failed = len(report.failed)
        left_out = f", {report.left_out} left out" if report.left_out else ""
        counts = f"{len(report.outcomes) - failed} passed, {failed} failed{left_out}"
        show_text(f"{report.folder.resolve().name}: {counts}", style="red" if failed else "green")


def _tell_sum(reports: Sequence[Report]) -> None:
    failed = sum(len(report.failed) for report in reports)
    passed = sum(len(report.outcomes) for report in reports) - failed
    unusable = sum(1 for report in reports if report.problems)
    more = f", {unusable} with problems" if unusable else ""
    show_text(f"{len(reports)} policies: {passed} passed, {failed} failed{more}", style="bold")


@policies.command("schema")
def policy_schema() -> None:
    """The JSON Schema of policy.yaml, for editors."""
    from credit_engine.policy.schema import schema_text  # noqa: PLC0415

    put(schema_text())

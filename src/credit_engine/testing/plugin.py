"""The pytest plugin: `tests/*.yaml` beside a `policy.yaml` are tests, one for each case, named by its sentence.

`pytest policies/` runs them in any project; `--policy NAME|DIR` chooses policies, shipped ones too, wherever pytest is
run; `--no-policy-tests` (or `-p no:credit_engine`) turns it off. A policy or test file that cannot be read is one
failing test that tells everything that is wrong. Until it meets a policy's folder, the plugin loads nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from credit_engine.errors import Problem
    from credit_engine.policy.load import Policy
    from credit_engine.testing.case_facts import Case
    from credit_engine.testing.coverage.measuring import Measuring
    from credit_engine.testing.running import Outcome

# What each policy's folder holds, read once a session; of one that cannot be read, the file that tells so.
_POLICIES = pytest.StashKey[dict[Path, "Policy | tuple[Problem, ...]"]]()
_TELLERS = pytest.StashKey[dict[Path, Path]]()
_CHOSEN = pytest.StashKey[tuple[Path, ...]]()
_MEASURED = pytest.StashKey[dict[str, "Measuring"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options."""
    group = parser.getgroup("credit_engine", "policy tests (credit_engine)")
    group.addoption(
        "--policy",
        action="append",
        default=[],
        metavar="NAME|DIR",
        help="run the tests of this policy only: a shipped name, a policy folder, or a folder of policies; repeatable",
    )
    group.addoption("--no-policy-tests", action="store_true", help="do not collect the tests of policies")
    group.addoption(
        "--policy-lang", choices=("zh", "en"), default="zh", help="language of the accounts beside what failed"
    )
    group.addoption("--policy-coverage", action="store_true", help="say what of the policies their tests reach")
    group.addoption(
        "--policy-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail where the tests of a policy reach less of its conditions; measures coverage",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the policies that were asked for by name, and collect their tests wherever pytest was started."""
    config.stash[_POLICIES], config.stash[_TELLERS], config.stash[_CHOSEN] = {}, {}, ()
    config.stash[_MEASURED] = {}
    if _measures(config) and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("coverage of policies is measured in one process; leave -n out, or write -n 0")
    names = config.getoption("--policy")
    if not names:
        return
    if config.getoption("--no-policy-tests"):
        raise pytest.UsageError("--policy and --no-policy-tests together leave nothing to run")
    from credit_engine.errors import CreditEngineError  # noqa: PLC0415  # as everything of the house: once it is needed
    from credit_engine.testing.suites import suite_folders  # noqa: PLC0415

    try:
        folders = [folder.resolve() for name in names for folder in suite_folders(_from(config, name))]
    except CreditEngineError as error:
        raise pytest.UsageError(str(error)) from None
    untested = [folder for folder in folders if not (folder / "tests").is_dir()]
    if untested:
        raise pytest.UsageError(f"{untested[0]}: the policy has no tests; add tests/NAME.yaml")
    config.stash[_CHOSEN] = tuple(dict.fromkeys(folders))
    given = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    inside = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in given]
    new = [folder for folder in config.stash[_CHOSEN] if not any(_within(folder, one) for one in inside)]
    config.args = [*given, *(str(folder / "tests") for folder in new)]


def _from(config: pytest.Config, name: str) -> str | Path:
    """A folder as seen from where pytest was started, or a shipped name."""
    folder = config.invocation_params.dir / name
    return folder if folder.is_dir() else name


def _seen_from_here(config: pytest.Config, path: Path) -> Path:
    """A path as places show it: from where pytest was started, if it lies below."""
    here = config.invocation_params.dir
    return path.relative_to(here) if path.is_relative_to(here) and Path.cwd() == here else path


def _within(folder: Path, other: Path) -> bool:
    return folder == other or other in folder.parents or folder in other.parents


def _measures(config: pytest.Config) -> bool:
    """Whether coverage is asked for."""
    return bool(config.getoption("--policy-coverage")) or config.getoption("--policy-fail-under") is not None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where too little of a policy is reached, or an explained gap is none."""
    least = session.config.getoption("--policy-fail-under")
    found = [each.coverage for each in session.config.stash[_MEASURED].values()]
    wrong = any(each.problems or (least is not None and each.percent() < least) for each in found)
    if wrong and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # Any: pytest's own reporter
    """Say what of the policies their tests reach."""
    measured = config.stash[_MEASURED]
    if measured:
        from credit_engine.testing.coverage.table import coverage_text  # noqa: PLC0415

        terminalreporter.section("coverage of policies")
        for each in measured.values():
            terminalreporter.write_line(coverage_text(each.coverage))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The cases of a test file that stands beside a policy."""
    config = parent.config
    folder = file_path.parent.parent
    is_test = file_path.suffix in (".yaml", ".yml") and file_path.parent.name == "tests"
    if not is_test or config.getoption("--no-policy-tests") or not (folder / "policy.yaml").is_file():
        return None
    chosen = config.stash[_CHOSEN]
    if chosen and folder.resolve() not in chosen:
        return None
    return PolicyTests.from_parent(parent, path=file_path)


class PolicyTests(pytest.File):
    """A test file of a policy."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each case; one that fails if the file or its policy cannot be read."""
        from credit_engine.errors import PolicyError  # noqa: PLC0415
        from credit_engine.testing.suites import read_test_file  # noqa: PLC0415

        file = _seen_from_here(self.config, self.path)
        folder = self.path.parent.parent.resolve()
        policy = self._policy(folder, file.parent.parent)
        if isinstance(policy, tuple):
            if self.config.stash[_TELLERS].setdefault(folder, self.path) == self.path:
                yield Unreadable.from_parent(self, name=f"The policy {folder.name} can be read", problems=policy)
            return
        try:
            cases = read_test_file(file)
        except PolicyError as error:
            yield Unreadable.from_parent(self, name=f"{self.path.name} can be read", problems=error.problems)
            return
        for case in cases:
            name = " ".join(case.name.split()).replace("::", ":")  # `::` parts the names in what pytest is asked for
            yield PolicyCase.from_parent(self, name=name, case=case, policy=policy)

    def _policy(self, folder: Path, as_seen: Path) -> Policy | tuple[Problem, ...]:
        """The policy of a folder, or what is wrong with it, told with the folder `as_seen`."""
        from credit_engine.errors import PolicyError  # noqa: PLC0415
        from credit_engine.policy.load import load_policy  # noqa: PLC0415

        known = self.config.stash[_POLICIES]
        if folder not in known:
            try:
                known[folder] = load_policy(as_seen)
            except PolicyError as error:
                known[folder] = error.problems
        return known[folder]


class Failed(Exception):  # noqa: N818  # a case that failed is no error of the program
    """A case failed; its text is all that is shown."""


class PolicyCase(pytest.Item):
    """One case of a policy's tests."""

    def __init__(self, *, case: Case, policy: Policy, **given: Any) -> None:  # Any: what pytest hands on
        """Take the case and its policy; tests are found by the policy's name too (`-k`)."""
        super().__init__(**given)
        self.case, self.policy = case, policy
        self.extra_keyword_matches.add(policy.name)

    def runtest(self) -> None:
        """Ask, and fail with what differs."""
        from credit_engine.testing.suites import outcome_of  # noqa: PLC0415

        outcome = outcome_of(self.case, self.policy)
        if _measures(self.config):
            from credit_engine.testing.coverage.measuring import Measuring  # noqa: PLC0415

            measured = self.config.stash[_MEASURED]
            name = str(self.path.parent.parent)
            if name not in measured:
                measured[name] = Measuring(self.policy)
            measured[name].measure([self.case])
        if not outcome.passed:
            raise Failed(self._told(outcome))

    def _told(self, outcome: Outcome) -> str:
        from credit_engine.testing.reporting import told  # noqa: PLC0415

        return told(outcome, self.config.getoption("--policy-lang"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # Any: as pytest's
        """What differs and why; a traceback only for what is no difference."""
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands."""
        line = self.case.place.line
        return self.path, None if line is None else line - 1, f"{self.name} "  # else pytest shows 1.5 as 1::5


class Unreadable(pytest.Item):
    """The test that a file or policy can be read, which fails."""

    def __init__(self, *, problems: Iterable[Problem], **given: Any) -> None:  # Any: what pytest hands on
        """Take what is wrong."""
        super().__init__(**given)
        self.problems = tuple(problems)

    def runtest(self) -> None:
        """Fail with all problems."""
        raise Failed("\n".join(map(str, self.problems)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # Any: as pytest's
        """The problems, one below the other."""
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file that cannot be read."""
        return self.path, None, self.name

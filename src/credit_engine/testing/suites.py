"""The tests in a policy's own folder: found, read and run. The pytest plugin and `policy test` both run these.

`policies/NAME/tests/*.yaml` beside `policies/NAME/policy.yaml` are the tests of that policy.
"""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from credit_engine.assessing.assess import assess
from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.files import place_of
from credit_engine.policy.load import HEAD, Policy, find_policy, load_policy, shipped_policies
from credit_engine.testing.case_facts import Case
from credit_engine.testing.cases import read_cases
from credit_engine.testing.running import Outcome, judge

TESTS = "tests"


@frozen
class Report:
    """What came of a policy's tests. `policy` is none if it cannot be read; `problems` are of files that cannot.

    `left_out` counts the cases whose name does not have the text asked for.
    """

    folder: Path
    policy: Policy | None = None
    outcomes: tuple[Outcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: int = field(default=0)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The outcomes of the cases that failed."""
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)


def suite_folders(name_or_folder: str | Path) -> tuple[Path, ...]:
    """The folder of a policy, or of every policy in a folder of policies. Raises `PolicyError` if there is none."""
    folder = find_policy(name_or_folder)
    if (folder / HEAD).is_file():
        return (folder,)
    heads = (*folder.glob(f"*/{HEAD}"), *folder.glob(f"*/*/{HEAD}"))
    found = tuple(sorted(head.parent for head in heads))
    if not found:
        hint = (
            f"give a policy's folder, a folder of policies, or a shipped name: {', '.join(shipped_policies()[:3])}, ..."
        )
        message = f"neither the folder nor one in it has a {HEAD}"
        raise PolicyError(Problem("not_found", message, Place(str(folder)), hint))
    return found


def files_of(folder: Path) -> tuple[Path, ...]:
    """The test files of a policy's folder, in order of their names."""
    return tuple(sorted((*folder.glob(f"{TESTS}/*.yaml"), *folder.glob(f"{TESTS}/*.yml"))))


def read_test_file(path: Path) -> list[Case]:
    """The cases of a test file in a policy's folder. Raises `PolicyError` with all problems."""
    if path.suffix != ".yaml":
        raise PolicyError(Problem("unknown_file", "a test file ends with .yaml", Place(str(path)), "rename it"))
    cases = read_cases(path)
    inline = [case for case in cases if "policy" in case.content]
    if inline:
        message, hint = "the policy of this test is that of its folder", "remove the key `policy`"
        raise PolicyError([Problem("unknown_key", message, place_of(one.content, "policy"), hint) for one in inline])
    return cases


def outcome_of(case: Case, policy: Policy) -> Outcome:
    """What comes of a case of a policy's own tests."""
    return judge(case, lambda: policy, assess)


def run_folder(name_or_folder: str | Path, text: str = "") -> Report:
    """Run the tests of a policy; with `text`, only the cases whose name has it (upper or lower case).

    Never raises for what stands in the folder: what cannot be read is among the report's problems. Raises `PolicyError`
    if there is no such folder or name.
    """
    folder = find_policy(name_or_folder)
    problems: list[Problem] = []
    policy: Policy | None = None
    try:
        policy = load_policy(folder)
    except PolicyError as error:
        problems += error.problems
    files = files_of(folder)
    if policy is not None and not files:
        where = Place(str(folder / TESTS))
        problems.append(Problem("not_found", "the policy has no tests", where, "add tests/NAME.yaml"))
    cases: list[Case] = []
    for file in files:
        try:
            cases += read_test_file(file)
        except PolicyError as error:
            problems += error.problems
    chosen = [case for case in cases if text.casefold() in case.name.casefold()]
    outcomes = () if policy is None else tuple(outcome_of(case, policy) for case in chosen)
    return Report(folder, policy, outcomes, tuple(problems), len(cases) - len(chosen))

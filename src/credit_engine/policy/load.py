"""Policies by name, from a folder, or from a text: read, extended, structured, and resolved into a plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import field, frozen

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.extends import merged, merged_over
from credit_engine.policy.files import read_text
from credit_engine.policy.model import read_model
from credit_engine.policy.places import Map, did_you_mean, shown, value_place_of
from credit_engine.policy.plan import Plan
from credit_engine.policy.resolving import resolve
from credit_engine.policy.resolving.context import Notes

HEAD = "policy.yaml"
_PACKAGE = Path(__file__).resolve().parent.parent


@frozen(repr=False)
class Policy:
    """What follows from what: the plan that engines read, and the folder it comes from (none for a text).

    `written` is the policy as written, extended, with places. `memo` is for engines, which keep there what they made
    of the plan.
    """

    plan: Plan
    folder: Path | None = None
    written: Map = field(factory=Map, eq=False, repr=False)
    memo: dict[str, object] = field(factory=dict, init=False, eq=False, repr=False)

    def __reduce__(self) -> tuple[type[Policy], tuple[Plan, Path | None, Map]]:
        """Pickle without what engines made of the plan; they make it again where it is needed."""
        return type(self), (self.plan, self.folder, self.written)

    def __repr__(self) -> str:
        """`Policy('delta-food')`; a whole plan would drown every message."""
        return f"Policy({self.name!r})"

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.plan.policy


def shipped_folder() -> Path:
    """The folder of the policies that come with the library: in an installed package, else in the source checkout."""
    installed = _PACKAGE / "policies"
    return installed if installed.is_dir() else _PACKAGE.parent.parent / "policies"


def shipped_policies() -> tuple[str, ...]:
    """The names of the policies that come with the library, in order; of one in a group `GROUP/NAME`."""
    root = shipped_folder()
    heads = (*root.glob(f"*/{HEAD}"), *root.glob(f"*/*/{HEAD}"))
    return tuple(sorted(head.parent.relative_to(root).as_posix() for head in heads))


def load_policy(name_or_folder: str | Path) -> Policy:
    """The policy of a shipped name (`"delta-food"`, `"ownership-presets/uk"`) or of a folder (`"./uk"`, a `Path`).

    Parents named in `extends` are looked for beside the folder first, then among the shipped policies. Raises
    `PolicyError` with all problems.
    """
    folder = find_policy(name_or_folder)
    data = merged(folder, _parent, shipped_policies())
    if isinstance(data.get("policy"), str) and data["policy"] != folder.resolve().name:
        message = f"the policy is named {shown(data['policy'])}, its folder {shown(folder.resolve().name)}"
        problem = Problem("name_mismatch", message, value_place_of(data, "policy"), "give both the same name")
        raise PolicyError([*_problems_of(data), problem])
    return _policy(data, folder)


def load_policy_text(text: str, name: str = "policy.yaml") -> Policy:
    """The policy of a text; `name` stands for the file in places. It can extend shipped policies."""
    return read_policy(read_text(text, name))


def read_policy(data: Map) -> Policy:
    """The policy of a mapping that was read already; it can extend shipped policies."""
    return _policy(merged_over(data, shipped_folder(), _parent, shipped_policies()), None)


def parents_of(policy: Policy) -> tuple[Policy, ...]:
    """The policies that a policy names in `extends`, in order; each one with all that it extends itself."""
    beside = policy.folder if policy.folder is not None else shipped_folder() / policy.name
    folders = [_parent(name, beside) for name in policy.written.get("extends") or ()]
    return tuple(load_policy(folder) for folder in folders if folder is not None)


def noted(policy: Policy) -> tuple[Plan, Notes]:
    """The plan once more, as equal as two readings of one text, and where its conditions and rows were written."""
    notes: Notes = {}
    return resolve(read_model(policy.written), notes), notes


def find_policy(name_or_folder: str | Path) -> Path:
    """The folder of a shipped name or of a path; raises `PolicyError` (`not_found`)."""
    shipped = shipped_policies()
    if isinstance(name_or_folder, str) and name_or_folder in shipped:
        return shipped_folder() / name_or_folder
    folder = Path(name_or_folder)
    if folder.is_dir():
        return folder
    hint = did_you_mean(str(name_or_folder), shipped) or "give a shipped name, or a folder with policy.yaml"
    raise PolicyError(Problem("not_found", f"there is no policy {shown(str(name_or_folder))}", Place(), hint))


def _parent(name: str, folder: Path) -> Path | None:
    """The folder of a policy that is extended: beside `folder` first, then shipped."""
    candidates: Sequence[Path] = (folder.resolve().parent / name, shipped_folder() / name)
    if not name or Path(name).name != name or name in (".", ".."):
        return None
    return next((candidate for candidate in candidates if (candidate / HEAD).is_file()), None)


def _problems_of(data: Map) -> tuple[Problem, ...]:
    try:
        resolve(read_model(data))
    except PolicyError as error:
        return error.problems
    return ()


def _policy(data: Map, folder: Path | None) -> Policy:
    return Policy(resolve(read_model(data)), folder, data)

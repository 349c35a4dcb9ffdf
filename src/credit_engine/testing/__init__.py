"""For those who write policies: test cases in YAML, and hypothesis strategies to draw records and policies from.

The public names are those of `__all__`; each is loaded when it is first asked for, so that reading test cases does not
load hypothesis. `pip install "credit-engine[testing]"` brings what the strategies and laws need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from credit_engine.errors import PolicyError, Problem

if TYPE_CHECKING:
    from credit_engine.testing import laws as laws
    from credit_engine.testing.cases import read_cases as read_cases
    from credit_engine.testing.cases import run as run
    from credit_engine.testing.coverage.measuring import Coverage as Coverage
    from credit_engine.testing.coverage.measuring import measure as measure
    from credit_engine.testing.minimal import minimal as minimal
    from credit_engine.testing.question import Question as Question
    from credit_engine.testing.question import ask as ask
    from credit_engine.testing.sampling import sample as sample
    from credit_engine.testing.showing import as_case as as_case
    from credit_engine.testing.strategies import days as days
    from credit_engine.testing.strategies import dossiers as dossiers
    from credit_engine.testing.strategies import events as events
    from credit_engine.testing.strategies import networks as networks
    from credit_engine.testing.strategies import parties as parties
    from credit_engine.testing.strategies import policies as policies
    from credit_engine.testing.strategies import questions as questions
    from credit_engine.testing.suites import run_folder as run_folder

_HOMES: dict[str, tuple[str, ...]] = {
    "coverage.measuring": ("Coverage", "measure"),
    "cases": ("read_cases", "run"),
    "minimal": ("minimal",),
    "question": ("Question", "ask"),
    "sampling": ("sample",),
    "showing": ("as_case",),
    "strategies": ("days", "dossiers", "events", "networks", "parties", "policies", "questions"),
    "suites": ("run_folder",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("laws",)
_NEEDED = ("hypothesis", "pytest")

__all__ = sorted((*_HOME_OF, *_MODULES))  # noqa: PLE0605  # a list of texts, made from the table above


def __getattr__(name: str) -> Any:  # Any: whatever the name stands for
    """Load a public name from its home on first use."""
    if name in _MODULES:
        return import_module(f"credit_engine.testing.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'credit_engine.testing' has no attribute {name!r}")
    try:
        value = getattr(import_module(f"credit_engine.testing.{_HOME_OF[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        raise _not_installed(name, error.name) from None
    globals()[name] = value
    return value


def _not_installed(name: str, library: str) -> PolicyError:
    message = f"credit_engine.testing.{name} needs {library}, which is not installed"
    return PolicyError(Problem("not_installed", message, hint='pip install "credit-engine[testing]"'))


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)

"""Credit ratings, lists and joint sanctions for food-safety regulation, from declarative, dated policies.

The public names are those of `__all__`; each is loaded when it is first asked for, so that importing this package
costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from credit_engine.assessing.answer import Assessment as Assessment
    from credit_engine.assessing.answer import Reason as Reason
    from credit_engine.assessing.assess import assess as assess
    from credit_engine.assessing.changes import AgendaLine as AgendaLine
    from credit_engine.assessing.changes import agenda as agenda
    from credit_engine.assessing.changes import next_change as next_change
    from credit_engine.assessing.effects import Cut as Cut
    from credit_engine.assessing.effects import Edge as Edge
    from credit_engine.assessing.effects import Effect as Effect
    from credit_engine.assessing.effects import Effects as Effects
    from credit_engine.assessing.effects import Held as Held
    from credit_engine.assessing.effects import Origin as Origin
    from credit_engine.assessing.effects import TooWide as TooWide
    from credit_engine.assessing.unknown import Range as Range
    from credit_engine.dossiers import Dossier as Dossier
    from credit_engine.dossiers import Regions as Regions
    from credit_engine.engines.batch import score_folder as score_folder
    from credit_engine.engines.live.change import Answers as Answers
    from credit_engine.engines.live.change import Change as Change
    from credit_engine.engines.session import Session as Session
    from credit_engine.engines.session import SubscriberError as SubscriberError
    from credit_engine.engines.summary import Summary as Summary
    from credit_engine.errors import CreditEngineError as CreditEngineError
    from credit_engine.errors import EngineError as EngineError
    from credit_engine.errors import InputError as InputError
    from credit_engine.errors import OutputError as OutputError
    from credit_engine.errors import Place as Place
    from credit_engine.errors import PolicyError as PolicyError
    from credit_engine.errors import Problem as Problem
    from credit_engine.errors import QuestionError as QuestionError
    from credit_engine.errors import RecordError as RecordError
    from credit_engine.policy.load import Policy as Policy
    from credit_engine.policy.load import load_policy as load_policy
    from credit_engine.quantities import Thousandths as Thousandths
    from credit_engine.records import CaseTransfer as CaseTransfer
    from credit_engine.records import Honour as Honour
    from credit_engine.records import Inspection as Inspection
    from credit_engine.records import ListDecision as ListDecision
    from credit_engine.records import Operator as Operator
    from credit_engine.records import OtherEvent as OtherEvent
    from credit_engine.records import Person as Person
    from credit_engine.records import Rectification as Rectification
    from credit_engine.records import Region as Region
    from credit_engine.records import Relation as Relation
    from credit_engine.records import Violation as Violation
    from credit_engine.spreading.network import Network as Network
    from credit_engine.spreading.spread import spread as spread

__version__ = "0.1.0"

_HOMES = {
    "assessing.answer": ("Assessment", "Reason"),
    "assessing.assess": ("assess",),
    "assessing.changes": ("AgendaLine", "agenda", "next_change"),
    "assessing.effects": ("Cut", "Edge", "Effect", "Effects", "Held", "Origin", "TooWide"),
    "assessing.unknown": ("Range",),
    "dossiers": ("Dossier", "Regions"),
    "engines.batch": ("score_folder",),
    "engines.live.change": ("Answers", "Change"),
    "engines.session": ("Session", "SubscriberError"),
    "engines.summary": ("Summary",),
    "errors": (
        "CreditEngineError",
        "EngineError",
        "InputError",
        "OutputError",
        "Place",
        "PolicyError",
        "Problem",
        "QuestionError",
        "RecordError",
    ),
    "policy.load": ("Policy", "load_policy"),
    "quantities": ("Thousandths",),
    "records": (
        "CaseTransfer",
        "Honour",
        "Inspection",
        "ListDecision",
        "Operator",
        "OtherEvent",
        "Person",
        "Rectification",
        "Region",
        "Relation",
        "Violation",
    ),
    "spreading.network": ("Network",),
    "spreading.spread": ("spread",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  # a list of texts, made from the table above


def __getattr__(name: str) -> Any:  # Any: whatever the name stands for
    """Load a public name from its home on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'credit_engine' has no attribute {name!r}")
    value = getattr(import_module(f"credit_engine.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__, "__version__"]

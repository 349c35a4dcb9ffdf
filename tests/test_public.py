"""The public surface: which names there are, and how they are called. A change here is a change for everybody."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any, get_type_hints

import pytest

import credit_engine

KEEPING = "id, recorded=None, revision=0, read_from=None"
EVENT = (
    f"(*, {KEEPING}, party, authority=None, region=None, document=None, sequence=0, occurred=None, decided=None,"
    " effective=None, published=None, received=None, withdrawn=None, standing='found', stayed=None, extra=..."
)
SIGNATURES = {
    "AgendaLine": "(*, day, what, subject, before, after)",
    "Answers": "(party, ask_before, ask_after)",
    "Assessment": "(*, party, as_of, known_at, event, policy, illustrative, outside_policy, own_score, score,"
    " grades=..., indicators=..., reasons=(), unknowns=(), entries=(), findings=(), obligations=(), supervision=(),"
    " on_list=..., audience='public', own_grades=..., origins=(), recognised=(), effects=(), too_wide=(), given=None,"
    " question)",
    "CaseTransfer": f"{EVENT}, direction=None, from_authority=None, to_authority=None, to_region=None,"
    " handed_over=None, answered=None, status=None, sentence=None, responsible=None)",
    "Change": "(*, day, cause, party=None, answers=(), effects_gained=(), effects_lost=(), of_time=None, plan)",
    "CreditEngineError": "(problems)",
    "Cut": "(*, kind, id, party=None)",
    "Dossier": "(party_versions, events=(), coverage=..., regions=...)",
    "Edge": "(*, start, end, to, id, held_on, relations=())",
    "Effect": "(*, rule, effect, target, is_region=False, origin_party, origin_kind, origin, origin_event_kind=None,"
    " certain=True, weight=..., points=None, path=(), from_day, until, law_day, list=None, measures=(), basis=(),"
    " audience, parameters=(), read_from=None)",
    "Effects": "(*, as_of, known_at, found=(), too_wide=(), cut_of=None, proof_of=None)",
    "EngineError": "(problems)",
    "Held": "(*, id, kind, share, share_max, since, until, document, read_from=None)",
    "Honour": f"{EVENT}, type=None, until=None)",
    "InputError": "(problems)",
    "Inspection": f"{EVENT}, type=None, result=None, score=None, items_failed=None, key_items_failed=None, level=None,"
    " product=None, batch=None, hazard=None, served=None, disposed=None)",
    "ListDecision": f"{EVENT}, list=None, step=None, grounds=None)",
    "Network": "(operators=(), persons=(), regions=..., relations=())",
    "Operator": f"(*, {KEEPING}, kind=None, name=None, region=None, registered=None, closed=None, credit_code=None,"
    " licences=None, extra=...)",
    "Origin": "(*, rule, party, kind, id, event_kind, from_day, until, law_day, held_on, named, points, list, measures,"
    " basis, audience, parameters=(), read_from=None)",
    "OtherEvent": f"{EVENT}, kind)",
    "OutputError": "(problems)",
    "Person": f"(*, {KEEPING}, name=None, extra=...)",
    "Place": "(file='', line=None, column=None, path='')",
    "Policy": "(plan, folder=None, written=...)",
    "PolicyError": "(problems)",
    "Problem": "(code, message, place=..., hint='')",
    "QuestionError": "(problems)",
    "Range": "(low, high)",
    "Reason": "(*, kind, rule, points, event=None, event_kind=None, item=None, from_day=None, until=None, group=None,"
    " law_day=None, laws=(), parameters=(), basis=(), read_from=None)",
    "RecordError": "(problems)",
    "Rectification": f"{EVENT}, of=None, performed=None, harm_removed=None, promise=None, false_material=None)",
    "Region": "(*, code, name=None, parent=None, from_day=None, until=None)",
    "Regions": "(rows=...)",
    "Relation": f"(*, {KEEPING}, kind, source, target, share=None, share_max=None, since=None, until=None,"
    " document=None)",
    "Session": "(policy, network=None, *, day, matcher='both', events=(), coverage=None, answers_kept=100000)",
    "SubscriberError": "(change, errors)",
    "Summary": "(policy, days, parties, answered, outside_policy, unknown_scores, not_yet_known, withheld, grades,"
    " entries, rejects, flags, out=None, effects=..., too_wide=(), spread='no rules',"
    " outside_by=..., no_region=..., first_rejects=(), engine='plain', routed=0, routed_for=())",
    "Thousandths": "",
    "TooWide": "(*, rule, most)",
    "Violation": f"{EVENT}, acts=None, law=None, article=None, severity=None, penalties=None, fine=None,"
    " confiscated=None, goods_value=None, heavier=None, intent=None, procedure=None, restricted_until=None,"
    " responsible=None)",
    "agenda": "(dossier, policy, as_of, until, known_at=None)",
    "assess": "(dossier, policy, as_of, known_at=None, effects=(), event=None)",
    "load_policy": "(name_or_folder)",
    "next_change": "(dossier, policy, as_of, known_at=None)",
    "score_folder": "(folder, policy, as_of=None, *, days=None, known_at=None, out=None, mapping=None, audience=None,"
    " engine=None, reasons='all', memory_limit=None, form='parquet', progress=None, stage=None)",
    "spread": "(network, own_answers, policy, as_of, known_at=None)",
}
METHODS = {
    "AgendaLine.as_dict": "(self)",
    "Assessment.as_dict": "(self)",
    "Assessment.explain": "(self, language='zh', rule=None)",
    "Assessment.flags": "property",
    "Assessment.grade": "property",
    "Assessment.measures": "property",
    "Change.after": "property",
    "Change.as_dict": "(self)",
    "Change.before": "property",
    "Change.is_empty": "property",
    "CreditEngineError.codes": "property",
    "Cut.as_dict": "(self)",
    "Dossier.events_on": "(self, known_at)",
    "Dossier.id": "property",
    "Dossier.party_on": "(self, known_at)",
    "Dossier.with_event": "(self, event)",
    "Edge.as_dict": "(self)",
    "Effect.as_dict": "(self)",
    "Effect.is_undated": "property",
    "Effect.moves_score": "property",
    "Effect.path_ids": "property",
    "Effect.steps": "property",
    "Effects.as_dict": "(self)",
    "Effects.cut": "(self, effect)",
    "Effects.proof": "(self, effect)",
    "Effects.reaching": "(self, party)",
    "Held.as_dict": "(self)",
    "Held.is_undated": "property",
    "Network.links": "(self, known_at)",
    "Network.on": "(self, day, known_at=None, policy=None)",
    "Network.sort_of": "(self, party)",
    "Origin.as_dict": "(self)",
    "Policy.name": "property",
    "Problem.as_dict": "(self)",
    "Reason.as_dict": "(self)",
    "Region.valid_on": "(self, day)",
    "Regions.climb": "(self, code, day)",
    "Regions.on": "(self, code, day)",
    "Session.advance": "(self, day)",
    "Session.agenda": "(self, until)",
    "Session.assessment": "(self, party)",
    "Session.close": "(self)",
    "Session.day": "property",
    "Session.dossier": "(self, party)",
    "Session.effects": "(self)",
    "Session.effects_on": "(self, party)",
    "Session.matcher": "property",
    "Session.network": "property",
    "Session.on": "(self, subscriber)",
    "Session.policy": "property",
    "Session.post": "(self, event)",
    "Session.post_many": "(self, events)",
    "Session.register": "(self, party)",
    "Session.relate": "(self, relation)",
    "Session.restore": "(snapshot, policy, *, matcher='both')",
    "Session.snapshot": "(self)",
    "Session.withdraw": "(self, id, recorded)",
    "Summary.rejected": "property",
    "Thousandths.read": "(value)",
    "TooWide.as_dict": "(self)",
}
ERRORS = ("EngineError", "InputError", "OutputError", "PolicyError", "QuestionError", "RecordError", "SubscriberError")


def how(thing: Any) -> str:  # Any: whatever can be called
    """How a thing is called: names, and plain defaults; `...` stands for a default that is made anew."""
    if isinstance(thing, property):
        return "property"
    try:
        signature = inspect.signature(thing)
    except ValueError:  # a number has none
        return ""
    pieces = [
        f"{'*' * (each.kind == each.VAR_POSITIONAL)}{each.name}{default(each)}"
        for each in signature.parameters.values()
    ]
    keyword_only = [
        number for number, each in enumerate(signature.parameters.values()) if each.kind == each.KEYWORD_ONLY
    ]
    if keyword_only:
        pieces.insert(keyword_only[0], "*")
    return f"({', '.join(pieces)})"


def default(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return ""
    plain = parameter.default is None or isinstance(parameter.default, str | int | tuple)
    return f"={parameter.default!r}" if plain else "=..."


def members() -> Iterator[tuple[str, Any]]:  # Any: functions and properties
    """The public methods and properties that public classes of ours define."""
    for name in credit_engine.__all__:
        thing = getattr(credit_engine, name)
        if inspect.isclass(thing):
            for member, value in vars(thing).items():
                if not member.startswith("_") and (
                    callable(value) or isinstance(value, property | classmethod | staticmethod)
                ):
                    yield f"{name}.{member}", value if isinstance(value, property) else getattr(thing, member)


def test_these_are_the_public_names() -> None:
    assert list(credit_engine.__all__) == sorted(SIGNATURES)


def test_whoever_asks_what_there_is_sees_the_public_names() -> None:
    assert sorted(dir(credit_engine)) == sorted([*credit_engine.__all__, "__version__"])


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_public_name_is_called_like_this(name: str) -> None:
    assert how(getattr(credit_engine, name)) == SIGNATURES[name]


def test_assess_takes_effects_and_says_so() -> None:
    assert get_type_hints(credit_engine.assess)["effects"] == Iterable[credit_engine.Effect]


def test_public_things_can_do_this() -> None:
    assert {name: how(member) for name, member in members()} == METHODS


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_public_name_says_what_it_is(name: str) -> None:
    first, *_ = (inspect.getdoc(getattr(credit_engine, name)) or "").splitlines() or [""]
    assert first.endswith((".", ":"))
    assert not first.startswith(("Method generated by attrs", "Convert a string or number"))


@pytest.mark.parametrize("name", METHODS)
def test_a_public_method_says_what_comes_out(name: str) -> None:
    assert inspect.getdoc(dict(members())[name])


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_is_one_of_ours(name: str) -> None:
    assert issubclass(getattr(credit_engine, name), credit_engine.CreditEngineError)


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'credit_engine' has no attribute 'asess'"):
        credit_engine.asess  # noqa: B018


def test_everything_public_can_be_imported_at_once() -> None:
    program = "from credit_engine import *\nprint(assess.__name__, Operator(id='P1').id)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "assess P1\n"

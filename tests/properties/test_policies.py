"""Made-up policies: they load, they read the same as text, and between them they say everything the language can say."""

import attrs
from hypothesis import HealthCheck, given, settings

from credit_engine.policy.load import load_policy_text, read_policy
from credit_engine.policy.nodes import NODES, SpanRow, walk
from credit_engine.policy.plan import Plan
from credit_engine.testing.strategies import Style, as_data, as_yaml, written_policies
from credit_engine.testing.vocabulary import Written

LATER_STEPS = {"EntryField", "Listed", "DecisionField", "OnList"}  # of lists, which `drawn_lists` makes


@given(written_policies())
def test_every_made_up_policy_loads(written: dict[str, Written]) -> None:
    assert read_policy(as_data(written)).name == "drawn"


@given(written_policies(Style(asks_absence=False, only_worse=True)))
def test_every_made_up_policy_that_only_deducts_loads(written: dict[str, Written]) -> None:
    score = read_policy(as_data(written)).plan.score
    assert score is not None
    assert all(rule.sign < 0 and rule.nonnegative for rule in score.rules)


@settings(max_examples=settings().max_examples // 5)
@given(written_policies())
def test_a_policy_reads_the_same_from_text(written: dict[str, Written]) -> None:
    assert load_policy_text(as_yaml(written)).plan.hash == read_policy(as_data(written)).plan.hash


def test_made_up_policies_use_every_part_of_the_language() -> None:
    found: set[str] = set()

    @settings(max_examples=600, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(written_policies())
    def look(written: dict[str, Written]) -> None:
        found.update(parts_of(read_policy(as_data(written)).plan))

    look()
    own_steps = {node.__name__ for node in NODES} - LATER_STEPS
    span_parts = {
        "for_",
        "until",
        "or_until",
        "or_while",
        "until_next",
        "to_end_of",
        "plus",
        "pauses",
        "rolls",
        "from_",
    }
    law_forms = {"as_of", "anchors", "lenient"}
    missing = (own_steps | span_parts | law_forms | {"review", "adjust", "per", "fades", "element"}) - found
    assert not missing


def parts_of(plan: Plan) -> set[str]:
    """The node kinds and other forms that a plan uses."""
    nodes = walk(plan)
    found = {type(node).__name__ for node in nodes}
    rows = [node for node in nodes if isinstance(node, SpanRow)]
    found |= {name for row in rows for name in (a.name for a in attrs.fields(SpanRow)) if getattr(row, name, None)}
    rules = plan.score.rules if plan.score else ()
    found |= {form for rule in rules for form in ("as_of", "anchors", "lenient") if getattr(rule.law, form)}
    found |= {"fades" for rule in rules if rule.fades}
    found |= {"element" for rule in rules if rule.each is not None and rule.each.element is not None}
    found |= {"per" for rule in rules if rule.each is not None and rule.each.per}
    found |= {name for scale in plan.scales for name in ("review", "adjust") if getattr(scale, name)}
    return found

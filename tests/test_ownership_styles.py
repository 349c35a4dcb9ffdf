"""Golden case 10: the same holdings under the rule of the Treasury, and as effective shares multiplied along the way.

X, who is listed, holds 25 % of A and 25 % of B; A and B hold 50 % of C each.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import prod

import networkx as nx

from credit_engine import Dossier, ListDecision, Network, Operator, Relation, assess, load_policy, spread

DAY = date(2020, 6, 1)
HOLDINGS = (("X", "A", 25), ("X", "B", 25), ("A", "C", 50), ("B", "C", 50))
NETWORK = Network(
    operators=[Operator(id=party) for party in "ABCX"],
    relations=[
        Relation(id=f"{source}{target}", kind="shareholder", source=source, target=target, share=Fraction(share, 100))
        for source, target, share in HOLDINGS
    ],
)


def test_golden_10_the_rule_of_the_treasury_reaches_nobody() -> None:
    policy = load_policy("ownership-presets/ofac")
    listing = ListDecision(id="L1", party="X", list="blocked", step="list", decided=date(2016, 3, 1))
    own = [assess(Dossier(party, [listing] if party.id == "X" else ()), policy, DAY) for party in NETWORK.operators]
    assert [answer.on_list["blocked"] for answer in own] == [False, False, False, True]
    assert list(spread(NETWORK, own, policy, DAY)) == []


def test_golden_10_effective_shares_reach_25_percent_and_not_50() -> None:
    held = {(source, target): data["share"] for source, target, data in NETWORK.on(DAY).edges(data=True)}
    ways = nx.all_simple_paths(NETWORK.on(DAY), "X", "C")
    effective = sum(
        (prod((held[pair] for pair in nx.utils.pairwise(way)), start=Fraction(1)) for way in ways), Fraction(0)
    )
    assert effective == Fraction(25, 100)
    assert not effective >= Fraction(50, 100)

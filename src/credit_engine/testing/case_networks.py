"""The network that a policy test describes; apart from the other facts, for only such cases need networkx."""

from __future__ import annotations

from collections.abc import Iterable

from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy
from credit_engine.records import Operator, Person
from credit_engine.spreading.network import Network
from credit_engine.testing.case_facts import Case, regions_of, relations_of


def network_of(case: Case, policy: Policy, dossiers: Iterable[Dossier]) -> Network:
    """All parties of the case with the relations between them. Raises `CreditEngineError`."""
    parties = [party for dossier in dossiers for party in dossier.party_versions]
    return Network(
        operators=[party for party in parties if isinstance(party, Operator)],
        persons=[party for party in parties if isinstance(party, Person)],
        regions=regions_of(case),
        relations=relations_of(case, policy),
    )

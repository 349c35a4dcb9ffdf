"""What reaches a party of a folder and what it reaches, in the form asked for: text, picture, or other programs'."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.wording import Language, Words
from credit_engine.dossiers import known
from credit_engine.engines.affiliated import affiliates, effects_around, network_of
from credit_engine.files.input import Input
from credit_engine.policy.load import Policy
from credit_engine.spreading.drawing import svg
from credit_engine.spreading.graphs import region_node
from credit_engine.spreading.interchange import entities, graphml
from credit_engine.spreading.mermaid import mermaid
from credit_engine.spreading.picturing import picture_of
from credit_engine.spreading.telling import graph_tree

GraphForm = Literal["text", "mermaid", "svg", "ftm", "graphml"]


class Graph:
    """The effects around one party of a folder on a day; raises `QuestionError` if nothing was known of it then.

    A person who stands in no table is shown where an effect reaches the name that a decision gives.
    """

    def __init__(self, read: Input, policy: Policy, party: str, as_of: date, known_at: date | None = None) -> None:
        """Assess the parties linked with it, and spread."""
        self.read, self.policy, self.party = read, policy, party
        self.effects = effects_around(read, policy, party, as_of, known_at)
        if not self.effects.reaching(party):
            read.dossier(party).party_on(known_at or as_of)

    def lines(self, form: GraphForm, language: Language = "zh", *, named: bool = False) -> Iterator[str]:
        """The graph in one form, line by line; `named`: with names beside the ids."""
        words, plan = Words(language), self.policy.plan
        if form in ("ftm", "graphml"):
            network = network_of(self.read, affiliates(self.read, plan, self.party))
            if form == "graphml":
                yield from graphml(network, self.effects, named=named)
                return
            yield from (json.dumps(each, ensure_ascii=False) for each in entities(network, self.effects, named=named))
        elif form == "text":
            yield from self.tree(language, named=named).lines()
        else:
            picture = picture_of(self.party, self.effects, plan, words, self._names(named=named))
            yield from (svg if form == "svg" else mermaid)(picture, words).splitlines()

    def tree(self, language: Language = "zh", *, named: bool = False) -> Account:
        """The graph as a tree of text."""
        return graph_tree(self.party, self.effects, self.policy.plan, Words(language), self._names(named=named))

    def _names(self, *, named: bool) -> Mapping[str, str]:
        """Names by id: of regions always, of parties only if they are asked for."""
        found = {}
        for code in {effect.target for effect in self.effects if effect.is_region}:
            row = self.read.regions.on(code, self.effects.as_of)
            if row is not None and row.name:
                found[region_node(code)] = row.name
        for party in self.read.parties if named else ():
            record = known(self.read.parties[party], self.effects.known_at)
            if record is not None and record.name:
                found[party] = record.name
        return found

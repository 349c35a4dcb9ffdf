"""What reaches a party and what it reaches as a tree of text, effect by effect with its path."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from credit_engine.assessing.effects import Effect, Effects
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.paths import edge_account, effect_word, path_account
from credit_engine.assessing.explaining.wording import Words
from credit_engine.policy.plan import Plan
from credit_engine.spreading.graphs import region_node
from credit_engine.spreading.picturing import reached, reaching


def graph_tree(party: str, effects: Effects, plan: Plan, words: Words, names: Mapping[str, str]) -> Account:
    """The tree; `names` are written beside the ids of those reached."""
    told = _Told(effects, plan, words, names)
    incoming, outgoing = reaching(party, effects), reached(party, effects)
    to_here = [told.account(effect) for effect in incoming]
    from_here = [told.account(effect, with_target=True) for effect in outgoing]
    sections = [
        Account(words("graph_reaching", party=party, number=len(incoming)), to_here, part="effects"),
        Account(words("graph_reached", party=party, number=len(outgoing)), from_here, part="effects"),
    ]
    wide = [
        Account(words("fact", name=one.rule, value=words("too_wide", most=one.most)), part="too_wide")
        for one in effects.too_wide
    ]
    title = words("graph", party=told.named(party), day=words.day(effects.as_of))
    return Account(title, [*sections, *wide], part="assessment")


@frozen
class _Told:
    effects: Effects
    plan: Plan
    words: Words
    names: Mapping[str, str]

    def account(self, effect: Effect, *, with_target: bool = False) -> Account:
        """An effect, where it comes from, and its path; of several parties together the whole proof."""
        words = self.words
        text = words("effect_line", effect=effect_word(effect.effect, words), rule=self._rule(effect.rule))
        if not effect.certain:
            text = words("in_brackets", text=text, more=words("graph_possible"))
        if with_target:
            text = words("graph_to", party=self._target(effect), effect=text)
        return Account(text, [*self._origin(effect), *self._path(effect)], part="effect")

    def _path(self, effect: Effect) -> list[Account]:
        if effect.is_region:
            return []
        if effect.origin_party is not None:
            return [path_account(effect, self.words)]
        proof = self.effects.proof(effect)
        return [Account(self.words("proof"), [edge_account(edge, self.words) for edge in proof], part="proof")]

    def _origin(self, effect: Effect) -> list[Account]:
        words, party = self.words, effect.origin_party
        if party is None:
            return []
        named = self.named(party)
        if effect.origin_kind == "entry":
            text = words("effect_from_entry", party=named, entry=effect.origin)
        elif effect.origin_kind == "event":
            event = words("event", kind=words.kind(effect.origin_event_kind or ""), id=effect.origin)
            text = words("effect_from_event", party=named, event=event)
        else:
            text = words("effect_from_answer", party=named)
        return [Account(text, part="origin")]

    def _rule(self, id_: str) -> str:
        rules = {rule.id: rule.title for rule in self.plan.spread}
        rules |= {rule.id: rule.title for rule in self.plan.recognition}
        return self.words.titled(rules.get(id_, {}), id_)

    def _target(self, effect: Effect) -> str:
        if not effect.is_region:
            return self.named(effect.target)
        region = self.named(region_node(effect.target)).removeprefix(region_node(""))
        return self.words("graph_region", region=region)

    def named(self, id_: str) -> str:
        """An id, with its name where names are shown."""
        name = self.names.get(id_)
        return self.words("in_brackets", text=id_, more=name) if name else id_

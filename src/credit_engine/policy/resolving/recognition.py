"""Recognition: which entries of other regions a region takes over, how far, and on which law."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from credit_engine.errors import Place
from credit_engine.policy.nodes import Condition, Constant
from credit_engine.policy.places import Map, did_you_mean, kind_of, shown, value_place_of
from credit_engine.policy.plan import ListRule
from credit_engine.policy.plan_basis import Basis
from credit_engine.policy.plan_spreading import MODES, RecognitionRule
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import Refusal, at, elements, given, refuse, refuse_name
from credit_engine.policy.resolving.rules import check_unique, parameters_of, title_of
from credit_engine.policy.resolving.sources import basis_of
from credit_engine.policy.written_spreading import RecognitionWritten

WITHOUT_MEASURES = ("none", "inform")


def read_recognition(context: Context, lists: tuple[ListRule, ...]) -> tuple[RecognitionRule, ...]:
    """The rows of recognition in the order of the policy."""
    written = context.written.recognition
    check_unique(context, written, "row of recognition")
    by_name = {each.name: each for each in lists}
    rows = [context.problems.attempt(_Reader(context, row, by_name).read) for row in written]
    return tuple(row for row in rows if row is not None)


@frozen
class _Reader:
    """Reads one row."""

    context: Context
    written: RecognitionWritten
    lists: dict[str, ListRule]

    def read(self) -> RecognitionRule:
        """The row; refused, with all its problems noted, if a part of it is."""
        attempt, context, written = self.context.problems.attempt, self.context, self.written
        attempt(self._check_name)
        attempt(self._check_mode)
        origins = attempt(self._origins)
        hosts = attempt(self._hosts)
        basis = attempt(basis_of, context, written)
        listed = given(attempt(self._list))
        when = attempt(self._when, listed)
        measures = attempt(self._measures, listed)
        if basis is not None:
            attempt(self._check_basis, basis, listed)
        return RecognitionRule(
            id=written.rule,
            title=title_of(written, written.rule),
            list=listed.name,
            origins=given(origins)[0],
            origins_inside=given(origins)[1],
            hosts=given(hosts),
            mode=written.mode,
            when=given(when),
            measures=given(measures)[0],
            basis=given(basis),
            parameters=parameters_of(context, when),
            place=written.place(),
        )

    def _check_name(self) -> None:
        """An `opt_out` names a list or a row: no row has the name of another list, or of a rule of spread."""
        name, place = self.written.rule, self.written.place("rule")
        if name in self.context.written.lists and name != self.written.list_:
            message = f"{shown(name)} is a list too, and an opt_out could mean either"
            raise refuse("ambiguous_name", message, place, "give the row another id")
        if any(rule.rule == name for rule in self.context.written.spread):
            message = f"there is a rule of spread {shown(name)}"
            raise refuse("duplicate_rule", message, place, "give the row another id")

    def _check_mode(self) -> None:
        written = self.written
        if written.mode not in MODES:
            raise refuse_name("wrong_type", "mode", written.mode, MODES, written.place("mode"))
        if written.mode in WITHOUT_MEASURES and written.has("measures"):
            message = f"nothing is taken in the mode `{written.mode}`"
            raise refuse("wrong_type", message, written.key_place("measures"), "remove them, or write mode: attention")

    def _list(self) -> ListRule:
        name = self.written.list_
        if name in self.lists:
            return self.lists[name]
        if name in self.context.written.lists or self.context.told("lists", name):
            raise Refusal
        raise refuse_name("unknown_list", "list", name, self.context.written.lists, self.written.place("list"))

    # --- which regions ----------------------------------------------------------------------------------------

    def _hosts(self) -> tuple[str, ...]:
        written = self.written
        if not written.hosts:
            raise refuse("wrong_type", "`hosts` is an empty list", written.place("hosts"), 'hosts: ["310000"]')
        return tuple(dict.fromkeys(written.hosts))

    def _origins(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        written = self.written
        if not written.has("origin"):
            return (), ()
        raw, place = written.origin, written.place("origin")
        if not isinstance(raw, Map):
            return self._codes(raw, "`origin`", place), ()
        self.context.problems.check_keys(raw, ("inside",), "`origin`")
        if "inside" not in raw:
            raise refuse("missing_key", "`inside` is missing", place, 'origin: {inside: "330000"}')
        return (), self._codes(raw["inside"], "`inside`", at(raw, "inside"))

    def _codes(self, raw: Any, what: str, place: Place) -> tuple[str, ...]:  # Any: a piece as written
        return tuple(dict.fromkeys(self.context.problems.all_of(_code, elements(raw, what, place))))

    # --- which entries, and what of them ----------------------------------------------------------------------

    def _when(self, listed: ListRule) -> Condition:
        written = self.written
        if not written.has("when"):
            return Constant(holds=True)
        kind = None if listed.review is not None else listed.ground_kind
        scope = Scope(kind=kind, entry=True, elsewhere=True)
        return self.context.read_condition(self.context, written.when, scope, written.place("when"))

    def _measures(self, listed: ListRule) -> tuple[tuple[str, ...] | None]:
        written = self.written
        if not written.has("measures"):
            return (None,)
        raw = written.raw["measures"]
        pieces = [(listed, name, value_place_of(raw, index)) for index, name in enumerate(written.measures)]
        return (tuple(dict.fromkeys(self.context.problems.all_of(_measure, pieces))),)

    def _check_basis(self, basis: Basis, listed: ListRule) -> None:
        """A mirror rests on the law that the list rests on."""
        written = self.written
        if written.mode != "mirror" or set(basis.sources) & set(listed.foundation):
            return
        cited = f"its basis is {', '.join(basis.sources)}" if basis.sources else "it cites no basis"
        message = f"the row {shown(written.rule)} mirrors {shown(listed.name)}, and {cited}"
        hint = f"cite {' or '.join(listed.foundation)}, or write mode: attention"
        raise refuse("rank_too_low", message, written.place("basis" if written.has("basis") else "mode"), hint)


def _code(raw: Any, place: Place) -> str:  # Any: a piece as written
    if isinstance(raw, str):
        return raw
    hint = f'put it in quotes: "{raw}"'
    raise refuse("unquoted_code", f"a region code is text, this is {kind_of(raw)}", place, hint)


def _measure(listed: ListRule, name: str, place: Place) -> str:
    if name not in listed.measures:
        message = f"the list {shown(listed.name)} has no measure {shown(name)}"
        raise refuse(
            "unknown_measure", message, place, did_you_mean(name, listed.measures) or "name it on the list too"
        )
    return name

"""What each section of a policy holds, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping

from credit_engine.policy.schema_pieces import (
    BASIS,
    COMPARISONS,
    DAY,
    FLAG,
    LANGUAGE,
    LITERAL,
    NAME,
    OWN_EVENT,
    PER_FIELDS,
    POINTS,
    RULE,
    SPAN,
    STANDING,
    WHEN,
    WHERE,
    Schema,
    keys,
    many,
    one_of,
    one_or_many,
    ref,
    rules,
    text,
)
from credit_engine.policy.written_gaps import WANTS

RULE_LISTS: Mapping[str, tuple[str, str]] = {
    "spread": ("What reaches affiliated parties, over which relations.", "spread_rule"),
    "recognition": (
        "Which entries of other regions count; per entry and host the first that holds.",
        "recognition_rule",
    ),
    "findings": ("What the law says must, may or must not follow; a person decides.", "finding"),
    "obligations": ("Deadlines that authorities or parties must keep.", "obligation"),
    "supervision": ("How often to inspect and sample; of two rules for one thing the stricter.", "supervision_rule"),
}

_SECTIONS: dict[str, Schema] = {
    "source": keys(
        "Where a rule or value comes from.",
        title=text("Its title."),
        article=text("Its article, in quotes."),
        rank=one_of(
            "Its rank; bounds what it may do.",
            "law",
            "administrative_regulation",
            "local_regulation",
            "departmental_rule",
            "document",
            "guidance",
            "agreement",
        ),
        in_force=ref("in_force"),
        reaches=many({"type": "string"}, "Relations or roles that it names."),
        certainty=text("How sure we are of it."),
    ),
    "relation": keys(
        "A kind of relation: *source is KIND of target*.",
        source=one_of("", "person", "operator", "party"),
        target=one_of("", "person", "operator", "party"),
    ),
    "parameter": keys(
        "A dated value. Before its first date what needs it is not in force.",
        unit=one_of("What it counts.", "count", "points", "fen", "period", "window", "field"),
        by=text("`region`: a table by region, which climbs to the parents."),
        title=ref("title"),
        values={
            "description": "By day: the value since then.",
            "type": "object",
            "propertyNames": DAY,
            "additionalProperties": keys(
                "The value since a day: `null` is unknown, `ended: true` over; a mapping is a table by code.",
                value={},
                source=NAME,
                ended=FLAG,
                certainty=text("How sure we are of it."),
            ),
        },
    ),
    "admission": keys("Which events take part.", standing=STANDING, where=WHERE, per=PER_FIELDS),
    "score": keys(
        "The score.",
        start=LITERAL | {"description": "Points of a party with no record."},
        range=many(LITERAL, "[lowest, highest]"),
        groups={
            "description": "Limits on the sum of a group's points.",
            "type": "object",
            "additionalProperties": {"anyOf": [keys("", ("at_most",), at_most=LITERAL), ref("removal")]},
        },
        rules=rules("score_rule"),
    ),
    "score_rule": keys(
        "One reason to add or deduct points: once for each event, or once from the day judged.",
        ("rule",),
        add=POINTS,
        deduct=POINTS,
        counts=ref("span") | {"description": "From when until when the points count."},
        fades=one_of("The points fade to nothing over the span.", "linear"),
        group=NAME,
        law_of=ref("law_of"),
        **OWN_EVENT,
        **RULE,
    ),
    "scale": keys(
        "A grading scale.",
        order=many({"type": "string"}, "Labels, best first; text, in quotes if they look like numbers."),
        outside=many({"type": "string"}, "Labels without rank."),
        titles={"type": "object", "additionalProperties": {"anyOf": [ref("title"), ref("removal")]}},
        rows=many(keys("", ("grade",), grade=ref("value"), when=WHEN), "The first that holds gives the grade."),
        adjust=rules("adjustment"),
        review=one_of("Judged on the first day of each such period.", "yearly", "quarterly", "monthly"),
        audience=ref("audience"),
    ),
    "adjustment": keys(
        "A shift or bound of the grade.",
        ("rule",),
        when=WHEN,
        worse_by=ref("value"),
        better_by=ref("value"),
        at_best=ref("value"),
        at_worst=ref("value"),
        **RULE,
    ),
}

_NEVER = FLAG | {"description": "There is no repair."}
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_FOLLOWING: dict[str, Schema] = {
    "opening": keys("What opens an entry.", unless=WHERE, **OWN_EVENT),
    "repair": keys(
        "When an entry can be repaired.",
        unless_new=ref("selector") | {"description": "What stands against it: new events after the listing."},
        never=_NEVER,
        rows=many(keys("", never=_NEVER, **SPAN), "The first that holds says how long to wait."),
        **SPAN,
    ),
    "list": keys(
        "A list.",
        title=ref("title"),
        polarity=one_of("What standing on it means.", "negative", "positive", "neutral"),
        foundation=one_or_many(NAME, "The source that provides for it, or several."),
        needs_decision=FLAG
        | {"description": "Whether only an authority's decision lists; false: not on a negative list."},
        audience=ref("audience"),
        opens=ref("opening"),
        term=ref("span"),
        repair=ref("repair"),
        review=one_of("Judged on the first day of each such period.", "yearly", "quarterly", "monthly"),
        suspended_by=ref("selector"),
        measures=many({"type": "string"}),
        law_of=ref("law_of"),
    ),
    "measure": keys(
        "A measure that an authority may take against a party on a list.",
        id=text("Its id, where the catalogue is a list."),
        title=ref("title"),
        class_=one_of("I only law or administrative regulation may provide for.", "I", "II", "III"),
        executor=text("Who takes it."),
        basis=BASIS,
        related_matter=text("What it must be related to."),
        targets=many(one_of("", "entity", "person"), "Whom it reaches."),
        published=FLAG | {"description": "A measure that is not published may not be applied."},
    ),
    "over_relation": keys(
        "A step over relations.",
        ("relation", "to"),
        relation=one_or_many(NAME, "The kind of relation, or several: *source is KIND of target*."),
        to=one_of("Which end is reached.", "source", "target"),
        held_on=text("The day on which it must be in force: `day`, `listed`, a date of the event, or `$parameter`."),
        share=keys("What the share must be; parallel relations add up.", **dict.fromkeys(COMPARISONS, LITERAL)),
        together=FLAG | {"description": "The shares of all parties that were reached add up."},
    ),
    "to_named": keys(
        "A first step to the persons that the event names.",
        ("named",),
        named=text("The list of persons with their roles, as `responsible`."),
        where=ref("condition") | {"description": "Reads `item.person` and `item.role`."},
    ),
    "branch": {"description": "One way to take a step.", "anyOf": [ref("over_relation"), ref("to_named")]},
    "step": {
        "description": "One step of a path: over relations, to persons `named`, or `any` of several ways.",
        "anyOf": [ref("over_relation"), ref("to_named"), keys("A choice.", ("any",), any_=many(ref("branch")))],
    },
    "start": {
        "description": "What it starts from: events, entries in force, or the own answer.",
        "anyOf": [
            keys("Each such event.", ("each",), **OWN_EVENT),
            keys("Each entry in force.", ("list",), list=one_or_many(NAME, "The list, or several.")),
            keys("The own answer of the day judged.", ("when",), when=WHEN),
        ],
    },
    "spread_rule": keys(
        "What reaches affiliates, over which relations.",
        ("rule",),
        from_=ref("start"),
        itself=FLAG | {"description": "The origin is reached too."},
        along=many(ref("step"), "The path."),
        repeat=one_of("The step is taken again from whatever was reached.", "until_stable"),
        hops={"description": "The same, at most so often.", "type": "integer", "minimum": 1},
        weight=LITERAL | {"description": "What is left after each step, above 0 and at most 1: 1/2."},
        drop_below=LITERAL | {"description": "What weighs less is dropped."},
        points=POINTS | {"description": "Signed points, with `effect: points`: negative ones are taken away."},
        most={"description": "More effects than so many end the rule.", "type": "integer", "minimum": 1},
        effect=one_of("What arrives.", "bar", "marking", "mirror", "points", "attention", "alert"),
        lasts=ref("span") | {"description": "How long, with `each`."},
        audience=ref("audience"),
        law_of=ref("law_of"),
        **RULE,
    ),
    "recognition_rule": keys(
        "How host regions take over the entries of others.",
        ("rule",),
        list=NAME,
        origin={
            "description": "Regions of the listing authority; absent: any.",
            "anyOf": [text("A code."), many(text("A code.")), keys("", ("inside",), inside=one_or_many(text(""), ""))],
        },
        hosts=many(text("A code."), "The regions that take them over."),
        mode=one_of("How far they are taken over.", "none", "inform", "attention", "mirror"),
        measures=many({"type": "string"}, "Only these measures of the list."),
        when=ref("condition") | {"description": "Reads the entry, `decision.*`, `ground.*`, `operator.*` and `day`."},
        **RULE,
    ),
    "finding": keys(
        "What the law says.",
        ("rule",),
        says=one_of("How binding.", "must", "may", "must_not"),
        text=ref("title"),
        lasts=ref("span"),
        audience=ref("audience"),
        law_of=ref("law_of"),
        **OWN_EVENT,
        **RULE,
    ),
    "obligation": keys(
        "A deadline.",
        ("rule",),
        due=ref("span"),
        not_before=ref("span"),
        met_on=ref("selector") | {"description": "A field of the event, or the events that fulfil it."},
        owed_by=text("A field of the event, `operator`, or `operator.region`."),
        law_of=ref("law_of"),
        **{key: piece for key, piece in OWN_EVENT.items() if key != "when"},
        **RULE,
    ),
    "supervision_rule": keys(
        "How often to look.",
        ("rule",),
        when=WHEN,
        inspections=keys("How often to inspect.", ("per",), at_least=_WHOLE, at_most=_WHOLE, per=ref("period")),
        sampling=keys("How much to sample.", ("times",), times=LITERAL),
        notice=text("What to tell."),
        **RULE,
    ),
}


def _laid_over(piece: Schema) -> Schema:
    """The same where null takes away a key of an extended policy; the keys that name the piece stay."""
    kept = piece["required"]
    properties = {
        name: each if name in kept else {"anyOf": [each, {"type": "null"}]}
        for name, each in piece["properties"].items()
    }
    return piece | {"properties": properties}


# What an extending policy lays its own keys over; anything else it replaces whole.
_MERGED = (
    "list",
    "score_rule",
    "adjustment",
    "spread_rule",
    "recognition_rule",
    "finding",
    "obligation",
    "supervision_rule",
)

_GAP = keys(
    "What no test of the policy can reach, and why; answers never depend on it.",
    ("of", "never", "because"),
    of=text("The rule, list or value, as `policy test --coverage` names it."),
    asks=text("The beginning of a comparison's words, or `row N`; without it everything in the rule."),
    never=many(one_of("What never happens.", *WANTS)),
    because={"description": "Why: text, or zh and en.", "anyOf": [text(""), ref("title")]},
)

PIECES: dict[str, Schema] = {**LANGUAGE, **_SECTIONS, **_FOLLOWING, "gap": _GAP}
PIECES |= {name: _laid_over(PIECES[name]) for name in _MERGED}
"""Every piece by name: the `$defs` of the schema."""

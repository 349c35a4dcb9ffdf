"""The parse events of a YAML text: of two parsers the strict one decides, and the quick one saves it the plain texts.

The strict parser reads YAML 1.2 and is written in Python; the quick one, of the same library, is written in C. Where
both accept a text they read the same, but for what stands below; what the quick one refuses is put to the strict one,
so that all complaints are the strict one's. Tests compare them on made-up texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent

MOST_QUICK = 100_000  # characters, for all events of a text are held at once
MOST_DEPTH = 100  # the quick one takes a time that grows with the square of the depth
# Of tabs, anchors, aliases, tags, directives, texts in lines of their own, an end of document, and a key in quotation
# marks without a space behind it the two are of different minds.
_DIFFERENT = re.compile(r"""[\t&*!%|>]|^\.\.\.|["']:(?!\s)""", re.MULTILINE)


def events(text: str) -> Iterator[Event]:
    """The events of a text; whatever the parser stumbles over is a `YAMLError`."""
    quick = quick_events(text)
    if quick is None:
        yield from strict_events(text)
    else:
        yield from quick


def strict_events(text: str) -> Iterator[Event]:
    """The events as the strict parser has them, one by one."""
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except (ValueError, OverflowError) as error:  # an escape beyond all characters, a `%YAML` number of 5,000 digits
        raise YAMLError(f"a number that is far too big: {error}") from error


def quick_events(text: str) -> list[Event] | None:
    """The events as the quick parser has them; none where it refuses the text or may be of a different mind."""
    if len(text) > MOST_QUICK or _DIFFERENT.search(text):
        return None
    found, depth = list[Event](), 0
    try:
        for event in YAML(typ="safe").parse(text + "\n"):  # it places an end without a line break on the next line
            found.append(event)
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            # of a value that is not there the two disagree where it would be
            if depth > MOST_DEPTH or (isinstance(event, ScalarEvent) and not event.value and not event.style):
                return None
    except (YAMLError, ValueError, OverflowError):
        return None
    return found

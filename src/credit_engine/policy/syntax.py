"""Mistakes of YAML syntax in our words: what is wrong and what to do, keyed by what the parser says."""

from __future__ import annotations

# (part of the parser's message, our message, hint); the first that fits counts.
SYNTAX: tuple[tuple[str, str, str], ...] = (
    ("'\\t' that cannot start", "a tab stands where a word must begin", "indent with spaces"),
    ("cannot start any token", "this character cannot begin a word", "put the text in quotes"),
    (
        "mapping values are not allowed",
        "a `:` where no key can stand",
        "put the text in quotes, or mend the indentation",
    ),
    ("mapping keys are not allowed", "a key where none can stand", "mend the indentation, or put the text in quotes"),
    ("sequence entries are not allowed", "a `-` where no list can begin", "begin the list on a line of its own"),
    ("could not find expected ':'", "a key without `: value`", "write `key: value`, with a space after the colon"),
    ("found unexpected ':'", "a `:` inside a word", "put the text in quotes, or a space after the colon"),
    ("expected ',' or ']'", "expected `,` or `]`", "close the `[`, or put a comma between elements"),
    ("expected ',' or '}'", "expected `,` or `}`", "close the `{`, or put a comma between the keys"),
    ("expected <block end>", "this line does not fit the lines above it", "begin what belongs together in one column"),
    ("more indented follow up", "the first line is indented less", "indent all lines of the text alike"),
    ("unexpected end of stream", "a quotation mark is never closed", "close it; was the file cut off?"),
    ("unexpected document separator", "a quotation mark is not closed before `---`", "close it"),
    ("unknown escape character", "an unknown escape after a backslash", "use single quotes, which know no escapes"),
    ("expected escape sequence", "a broken escape after a backslash", "use single quotes, which know no escapes"),
    ("expected the node content", "a value is missing here", "write the value; was the file cut off?"),
    ("expected alphabetic or numeric", "`&`, `*` or `%` without a name", "put text that begins with it in quotes"),
    ("while scanning a directive", "a line that begins with `%`", "remove it, or put the text in quotes"),
    ("directive", "a line that begins with `%`", "remove it, or put the text in quotes"),
    ("version 1.*", "a `%YAML` line", "remove the line"),
    ("undefined tag handle", "a tag", "a policy is data only: remove the word that begins with `!`"),
    ("document start", "something stands after the document", "remove it, or indent it like the rest"),
    ("document end marker", "something stands after `...`", "remove the line with `...`"),
    ("chomping or indentation", "a broken `|` or `>`", "write the text on the next line, indented"),
    ("indentation indicator", "a broken `|` or `>`", "write the text on the next line, indented"),
    ("comment or a line break", "a broken `|` or `>`", "write the text on the next line, indented"),
)
ANYTHING = "check this line and the one before it"


def in_our_words(said: str) -> tuple[str, str]:
    """Message and hint for what the parser said (its own words, if it says something new)."""
    for part, message, hint in SYNTAX:
        if part in said:
            return message, hint
    return said, ANYTHING

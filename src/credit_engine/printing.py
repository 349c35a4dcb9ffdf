"""What the command line prints, and how: whole lines into a pipe, tables and trees to the width of a terminal."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from io import StringIO, TextIOWrapper

from rich.console import Console
from rich.text import Text

from credit_engine.errors import OutputError, Place, Problem

DONE, WITH_PROBLEMS, UNUSABLE = 0, 1, 2  # exit codes
WIDE = 200  # columns of tables in a pipe


class Language(StrEnum):
    """The languages of explanations."""

    zh = "zh"
    en = "en"


def speak_chinese() -> None:
    """Write UTF-8 where the encoding of a stream lacks what we print, as in a C or Latin locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            try:
                "信用█├".encode(stream.encoding)
            except UnicodeEncodeError:
                stream.reconfigure(encoding="utf-8")


def unwritable(error: OSError) -> OutputError:
    """The error of a standard output that takes nothing, say because the disk behind it is full."""
    place, hint = Place("standard output"), "make room, or send the output elsewhere"
    return OutputError(Problem("cannot_write", error.strerror or str(error), place, hint))


def put(*lines: object) -> None:
    """Print lines; raises `OutputError` where that cannot be. If whoever read them has gone, the work goes on."""
    try:
        for line in lines:
            print(line)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except OSError as error:
        raise unwritable(error) from error


def on_terminal() -> bool:
    """Whether a person looks at the output, and not a pipe or a file."""
    return sys.stdout is not None and sys.stdout.isatty()


def show(*pieces: object) -> None:
    """Print texts, tables and trees: to the width of a terminal, or wide and without trailing blanks into a pipe."""
    if on_terminal():
        Console(highlight=False, markup=False, emoji=False).print(*pieces, sep="\n")
        return
    console = Console(highlight=False, markup=False, emoji=False, width=WIDE, file=StringIO())
    with console.capture() as captured:
        console.print(*pieces, sep="\n")
    put(*(line.rstrip() for line in captured.get().splitlines()))


def show_text(line: str, style: str = "") -> None:
    """Print a line as it is, in a style on a terminal; never wrapped into a pipe."""
    if on_terminal():
        show(Text(line, style))
    else:
        put(line)

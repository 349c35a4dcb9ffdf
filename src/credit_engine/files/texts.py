"""A text written beside its place and renamed into it: whoever looks sees the old file, none, or the whole new one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from credit_engine.errors import OutputError, Place, Problem
from credit_engine.files.replacing import open_for_writing


def write_text(path: Path, lines: Iterable[str]) -> None:
    """Write lines as UTF-8; raises `OutputError` where that cannot be, and leaves what stood there."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)  # left by a run that was killed
        try:
            with open_for_writing(partial) as stream:
                for line in lines:
                    stream.write(f"{line}\n".encode())
            os.replace(partial, path)  # noqa: PTH105  # over an old file on every platform
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        problem = Problem("cannot_write", error.strerror or str(error), Place(str(path)), "name a file in a folder")
        raise OutputError(problem) from error

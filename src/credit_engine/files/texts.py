"""A text written beside its place and renamed into it: whoever looks sees the old file, none, or the whole new one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from credit_engine.errors import OutputError, Place, Problem
from credit_engine.files.replacing import open_for_writing


def write_page(folder: Path, name: str, text: str) -> Path:
    """Write a text in a folder, which is made where there is none; its path. Raises `OutputError` as `write_text`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = Problem("cannot_write", error.strerror or str(error), Place(str(folder)), "name a folder")
        raise OutputError(problem) from error
    write_text(folder / name, text.removesuffix("\n").split("\n"))
    return folder / name


def write_text(path: Path, lines: Iterable[str]) -> None:
    """Write lines as UTF-8, folders above made as needed; raises `OutputError` where that cannot be.

    What stood there is then left.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
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

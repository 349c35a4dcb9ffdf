"""A folder written beside its place and put there by renaming: whoever looks sees the old one, none, or the new one.

The new folder grows as `.NAME.partial` next to NAME. A killed run leaves that behind; the next run removes it. Two
runs at once into one place are refused.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NoReturn

from credit_engine.errors import OutputError, Place, Problem

MANIFEST = "manifest.json"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_folder(out: Path | str, what: str, write: Callable[[Path], None]) -> None:
    """Let `write` fill a new folder, then put it in the place of `out`.

    `out` must be missing, empty, or hold a manifest that says `what`; the manifest that `write` leaves must say it
    too. Raises `OutputError` where that is not so or the disk does not take it; then `out` is as it was.
    """
    try:
        place = Path(out).resolve()
        _check_replaceable(place, what)
        place.parent.mkdir(parents=True, exist_ok=True)
        with _partial(place) as partial:
            write(partial)
            _put(partial, place)
    except OSError as error:
        _refuse(Path(out), error)


def manifest_in(folder: Path) -> dict[str, object] | None:
    """The manifest of a folder that this library wrote, or none."""
    path = folder / MANIFEST
    if not path.is_file():  # a pipe of that name would never end
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) and "credit_engine" in found else None


@contextlib.contextmanager
def open_for_writing(path: Path) -> Iterator[IO[bytes]]:
    """A new file; its bytes are on the disk when the block is left."""
    with path.open("xb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _check_replaceable(place: Path, what: str) -> None:
    if place.is_dir():
        manifest = manifest_in(place)
        if any(place.iterdir()) and (manifest is None or manifest["credit_engine"] != what):
            hint = "name a new or empty folder, or one that holds an earlier one"
            raise OutputError(Problem("not_ours", f"the folder is no {what} of this library", Place(str(place)), hint))
    elif place.exists():
        raise OutputError(Problem("not_a_folder", "a file stands there", Place(str(place)), "name a folder"))


@contextlib.contextmanager
def _partial(place: Path) -> Iterator[Path]:
    """The folder that grows beside; gone afterwards if it was not put in place, whatever happened."""
    partial = place.with_name(f".{place.name}.partial")
    partial.mkdir(exist_ok=True)
    lock = os.open(partial, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))  # never into a folder that a link points to
    try:
        _take(lock, place)
        for left in partial.iterdir():  # by a run that was killed
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
        try:
            yield partial
        finally:
            if partial.exists():
                shutil.rmtree(partial, ignore_errors=True)
    finally:
        os.close(lock)


def _take(lock: int, place: Path) -> None:
    """Hold the growing folder; a killed run lets go of it."""
    if sys.platform == "win32":
        return
    import fcntl  # noqa: PLC0415  # not on every platform

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        hint = "wait for it to end"
        problem = Problem("being_written", "another run is writing to this place", Place(str(place)), hint)
        raise OutputError(problem) from error


def _put(partial: Path, place: Path) -> None:
    """Rename the new folder into place; an old one is moved aside first and put back if that fails."""
    old = place.with_name(f".{place.name}.old")
    if old.exists():  # a run was killed before it could remove it
        _check_replaceable(old, str((manifest_in(partial) or {}).get("credit_engine")))
        _remove(old)
    if not place.exists():
        partial.rename(place)
        return
    place.rename(old)
    try:
        partial.rename(place)
    except OSError:
        old.rename(place)
        raise
    _remove(old)


def _remove(folder: Path) -> None:
    """Remove a folder that this library wrote, its manifest last, so that what a kill leaves is still known as ours."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    folder.rmdir()


def _refuse(out: Path, error: OSError) -> NoReturn:
    place, reason = Place(str(out)), error.strerror or str(error)
    if error.errno in _FULL:
        message, hint = f"the disk is full: {reason}", "make room, or name a folder on another disk"
        raise OutputError(Problem("disk_full", message, place, hint)) from error
    hint = "name a folder that can be made and written to"
    raise OutputError(Problem("cannot_write", f"cannot be written: {reason}", place, hint)) from error

"""What lies in an input folder and is no file that can be read: pipes, sockets, devices, dead links, folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from credit_engine.errors import Place, Problem

_PIPES: tuple[tuple[Callable[[Path], bool], str], ...] = (
    (Path.is_fifo, "a pipe"),
    (Path.is_socket, "a socket"),
    (Path.is_char_device, "a device"),
    (Path.is_block_device, "a device"),
)
_PASSED_OVER: tuple[tuple[Callable[[Path], bool], str], ...] = (
    (Path.is_dir, "a folder"),
    (Path.is_symlink, "a link that leads nowhere"),
)


def no_files(paths: Iterable[Path], is_called_as_a_table: Callable[[str], bool]) -> list[Problem]:
    """A problem for each path that somebody may take for input and nobody can read; none of them is opened.

    Folders and dead links are named only where they are called as a table is.
    """
    problems = []
    for path in paths:
        odd = next((what for is_odd, what in _PIPES if is_odd(path)), "")
        if not odd and not path.is_file() and is_called_as_a_table(path.name):
            odd = next((what for is_odd, what in _PASSED_OVER if is_odd(path)), "")
        if odd:
            message = f"{path.name!r} is {odd}, not a file"
            problems.append(Problem("not_a_file", message, Place(path.name), "put the file itself there, or move it"))
    return problems

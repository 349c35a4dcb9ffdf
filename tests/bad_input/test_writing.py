"""Results that cannot be written: what stood there stays, nothing is half-written, and the message says what to do."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit_engine.errors import OutputError
from credit_engine.files import replacing
from credit_engine.files.results import Table, write_results

ROWS = [(f"P{number}", number) for number in range(100)]
SOURCE = Path(replacing.__file__).parents[2]


def write(out: Path, table: list[tuple[str, int]] = ROWS, what: str = "result") -> None:
    write_results(out, [Table("answers", (("party", "text"), ("count", "int")), table)], {}, form="csv", what=what)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "love.txt").write_text("dear")
    with pytest.raises(OutputError, match=r"letters: not_ours: .*\n    hint: name a new or empty folder"):
        write(tmp_path / "letters")
    assert content(tmp_path / "letters") == {"love.txt": b"dear"}


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"name": "some web app"}', "\xff"])
def test_somebody_elses_manifest_makes_no_folder_ours(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_bytes(manifest.encode("latin-1"))
    with pytest.raises(OutputError, match="not_ours"):
        write(tmp_path / "app")


def test_a_store_is_not_replaced_by_a_result(tmp_path: Path) -> None:
    write(tmp_path / "out", what="store")
    with pytest.raises(OutputError, match="not_ours: the folder is no result of this library"):
        write(tmp_path / "out")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="out: not_a_folder: a file stands there"):
        write(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("place", ["/proc/no/out", "/dev/null/out"])
def test_a_place_that_cannot_be_written_is_named_with_a_hint(place: str) -> None:
    with pytest.raises(OutputError, match=f"{place}: cannot_write: .*\n    hint: name a folder that can be made"):
        write(Path(place))


def test_an_error_in_the_rows_leaves_the_earlier_result_and_nothing_beside(tmp_path: Path) -> None:
    def failing() -> Iterator[tuple[str, int]]:
        yield ("P1", 1)
        raise KeyboardInterrupt

    write(tmp_path / "out")
    before = content(tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        write_results(tmp_path / "out", [Table("answers", (("party", "text"), ("count", "int")), failing())], {})
    assert content(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_nothing_is_removed_behind_a_link_that_stands_where_the_new_folder_grows(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("keep")
    (tmp_path / ".out.partial").symlink_to(tmp_path / "precious")
    with pytest.raises(OutputError, match="cannot_write"):
        write(tmp_path / "out")
    assert content(tmp_path / "precious") == {"file": b"keep"}


def test_an_aside_folder_of_somebody_else_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / ".out.old").mkdir()
    (tmp_path / ".out.old" / "file").write_text("keep")
    with pytest.raises(OutputError, match=r"\.out\.old: not_ours"):
        write(tmp_path / "out")
    assert content(tmp_path / ".out.old") == {"file": b"keep"}


# --- a full disk ----------------------------------------------------------------------------------------------


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield place
    subprocess.run([shutil.which("umount") or "umount", str(place)], check=True)


def test_a_disk_that_fills_leaves_the_earlier_result_and_nothing_half_written(tiny_disk: Path) -> None:
    write(tiny_disk / "out")
    before = content(tiny_disk / "out")
    with pytest.raises(OutputError, match=r"out: disk_full: the disk is full: .*\n    hint: make room"):
        write(tiny_disk / "out", ROWS * 1000)
    assert content(tiny_disk / "out") == before
    assert [path.name for path in tiny_disk.iterdir()] == ["out"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("call", ["fsync"])
def test_a_disk_that_is_found_full_late_is_an_error_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    write(tmp_path / "out")
    before = content(tmp_path / "out")
    monkeypatch.setattr(os, call, full)
    with pytest.raises(OutputError, match="disk_full"):
        write(tmp_path / "out", ROWS * 2)
    assert content(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_rename_that_fails_puts_the_earlier_result_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    write(tmp_path / "out")
    before = content(tmp_path / "out")
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="cannot_write"):
        write(tmp_path / "out", ROWS * 2)
    assert content(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# --- a killed run ---------------------------------------------------------------------------------------------

CHILD = """
import sys, time
from pathlib import Path
from credit_engine.files import replacing
from credit_engine.files.results import Table, write_results

out, point = Path(sys.argv[1]), sys.argv[2]

def wait():
    print("here", flush=True)
    time.sleep(60)

def rows():
    for number in range(50_000):
        if point == "rows" and number == 40_000:
            wait()
        yield (f"N{number}", number)
    if point == "manifest":
        wait()

rename = Path.rename
def renaming(self, target):
    if point == "before" and self.name.endswith(".partial"):
        wait()
    done = rename(self, target)
    if point == "after" and self.name.endswith(".partial"):
        wait()
    return done
Path.rename = renaming

if point == "lock":
    replacing._put = lambda partial, place: wait()
write_results(out, [Table("answers", (("party", "text"), ("count", "int")), rows())], {}, form="csv")
"""


def start(out: Path, point: str) -> subprocess.Popen[str]:
    """A run that has come to this point and waits there."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(out), point], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", ["rows", "manifest", "before", "after"])
def test_a_killed_run_leaves_the_earlier_result_none_or_the_new_one_and_the_next_run_succeeds(
    tmp_path: Path, point: str
) -> None:
    write(tmp_path / "out")
    before = content(tmp_path / "out")
    kill(start(tmp_path / "out", point))
    if point == "before":
        assert not (tmp_path / "out").exists()
    elif point == "after":
        assert (tmp_path / "out" / "answers.csv").read_bytes().count(b"\n") == 50_001
    else:
        assert content(tmp_path / "out") == before
    write(tmp_path / "out")
    assert content(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_first_run_that_is_killed_leaves_no_result(tmp_path: Path) -> None:
    kill(start(tmp_path / "out", "rows"))
    assert not (tmp_path / "out").exists()


def test_a_run_killed_at_any_moment_leaves_a_whole_result_or_none(tmp_path: Path) -> None:
    again = "write_results(out, [Table('answers', (('party', 'text'),), [('a',)] * 999)], {}, form='csv')"
    program = f"{CHILD}\nwhile True:\n    {again}\n"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    for wait in (0.0, 0.003, 0.007, 0.012):
        arguments = [sys.executable, "-c", program, str(tmp_path / "out"), "nowhere"]
        child = subprocess.Popen(arguments, env=environment, text=True)
        deadline = time.monotonic() + 20
        while not (tmp_path / "out" / "manifest.json").exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(wait)
        kill(child)
        left = content(tmp_path / "out") if (tmp_path / "out").exists() else None
        assert left is None or set(left) == {"answers.csv", "manifest.json"}
        assert left is None or left["answers.csv"].count(b"\n") in {1_000, 50_001}


def test_two_runs_at_once_into_one_place_are_refused(tmp_path: Path) -> None:
    child = start(tmp_path / "out", "lock")
    try:
        with pytest.raises(OutputError, match="being_written: another run is writing to this place\n    hint: wait"):
            write(tmp_path / "out")
    finally:
        kill(child)
    write(tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").exists()

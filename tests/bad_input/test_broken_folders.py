"""Every folder under fixtures/broken/input holds one mistake, and the exact words that reading it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from bad_input.folders import BROKEN, account

FOLDERS = sorted(BROKEN.iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_broken_folder_gives_its_message(folder: Path) -> None:
    assert account(folder) == (folder / "expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_message_names_the_file_or_folder_it_speaks_of(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()} | {folder.name}
    for line in (folder / "expected").read_text(encoding="utf-8").splitlines():
        assert line.startswith("    hint: ") or any(
            line.startswith(f"{name}:") or f"/{name}:" in line for name in names
        )

"""Input folders for tests: made in a line, and told as text."""

from __future__ import annotations

from pathlib import Path

from credit_engine.errors import InputError
from credit_engine.files.entries import InputMapping
from credit_engine.files.tables import read_folder

BROKEN = Path(__file__).parents[2] / "fixtures" / "broken" / "input"
OPERATORS = "id,name\nO1,甲公司\nO2,乙店\n"
VIOLATIONS = "id,party,decided,fine\nV1,O1,2024-03-15,500000\n"


def folder_of(place: Path, **files: str | bytes | None) -> Path:
    """A folder with a table of operators and one of violations, and the files given (`operators__csv=...`)."""
    place.mkdir(parents=True, exist_ok=True)
    for name, content in {"operators__csv": OPERATORS, "violations__csv": VIOLATIONS, **files}.items():
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode()
            (place / name.replace("__", ".")).write_bytes(data)
    return place


def account(folder: Path, mapping: InputMapping | None = None) -> str:
    """What reading the folder says: the problems that make it unusable, or counts and rejects."""
    try:
        read = read_folder(folder, {}, (), mapping)
    except InputError as error:
        return f"{error}\n".replace(f"{folder.parent}/", "")
    lines = [
        f"{each.file}: {each.read} read, {each.accepted} accepted, {each.rejected} rejected" for each in read.counts
    ]
    lines += [f"{each.file}:{each.record}: {each.code}: {each.message}" for each in read.rejects]
    return "".join(f"{line}\n" for line in lines)

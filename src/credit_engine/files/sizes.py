"""How much an input folder or a store holds, roughly, told without reading it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from credit_engine.files.replacing import manifest_in
from credit_engine.files.rows import format_of

_PACKED = 6  # times that gzip and Parquet make a table of events smaller, roughly
_ROW = 80  # bytes of a record written as text, roughly


def written_size(folder: Path) -> int:
    """The bytes that the records of a folder or store would have as text, roughly; 0 where there is no such folder."""
    manifest: Mapping[str, Any] | None = manifest_in(folder)  # Any: JSON
    rows = (manifest or {}).get("store", {}).get("rows")
    if isinstance(rows, dict):
        return _ROW * sum(rows.values())
    if not folder.is_dir():
        return 0
    tables = [path for path in folder.iterdir() if path.is_file() and format_of(path.name)]
    return sum(path.stat().st_size * (_PACKED if path.suffix in (".gz", ".parquet") else 1) for path in tables)

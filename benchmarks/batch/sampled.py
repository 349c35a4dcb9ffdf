"""A few parties of the made-up population as an input folder and as dossiers, for the engines that judge one by one."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_engine import Dossier
from credit_engine.files.store import open_folder
from credit_engine.policy.plan import Plan


def sample(raw: Path, folder: Path, parties: int) -> Path:
    """Write the tables of so many parties, evenly taken from all of them, to a new folder."""
    folder.mkdir(parents=True)
    operators = pl.read_parquet(raw / "operators.parquet")
    chosen = operators.gather_every(max(len(operators) // parties, 1)).head(parties)
    chosen.write_parquet(folder / "operators.parquet")
    ids = chosen.lazy().select(party="id")
    for path in sorted(raw.glob("*.parquet")):
        if path.stem != "operators":
            rows = pl.scan_parquet(path).join(ids, on="party", how="semi", maintain_order="left")
            rows.sink_parquet(folder / path.name)
    return folder


def dossiers(folder: Path, plan: Plan) -> list[Dossier]:
    """The dossiers of an input folder, in order of the ids."""
    read = open_folder(folder, plan.field_types, tuple(plan.kinds))
    assert not read.rejects, read.rejects[:3]
    return [read.dossier(party) for party in sorted(read.parties)]

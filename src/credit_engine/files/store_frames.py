"""Frames written to the Parquet files of a store and read back; a full disk is an `OSError`, whoever found it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import polars as pl

from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.replacing import open_for_writing

ROWS_IN_A_GROUP = 100_000
FAILURES = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
_OF_THE_SYSTEM = re.compile(r"\(os error (\d+)\)")


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write rows in groups of a fixed size, so that the same rows give the same bytes; they are on the disk then.

    Packed lightly: a store is read far more often than it is written, and unpacking was a tenth of judging it.
    """
    try:
        with open_for_writing(path) as stream:
            frame.write_parquet(stream, row_group_size=ROWS_IN_A_GROUP, compression="lz4", statistics=True)
    except pl.exceptions.PolarsError as error:
        found = _OF_THE_SYSTEM.search(str(error))
        if found is None:
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1])), str(path)) from error


def read_frame(path: Path) -> pl.DataFrame:
    """A Parquet file of a store. Raises `InputError` where it is missing or damaged."""
    try:
        return pl.read_parquet(path, glob=False, hive_partitioning=False)
    except FAILURES as error:
        raise damaged(path) from error


def check_readable(folder: Path) -> None:
    """Read all files of a bucket. Raises `InputError` for one that is damaged."""
    for path in sorted(folder.iterdir()):
        read_frame(path)


def damaged(path: Path) -> InputError:
    """The error of a store of which a file is missing or cut off."""
    hint = "prepare the folder again"
    return InputError(Problem("damaged_store", "a file of the store cannot be read", Place(str(path)), hint))

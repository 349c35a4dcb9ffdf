"""How fast a whole population is judged: this library, the same policy by hand, and what others make of it.

Run `python benchmarks/run.py [--events 1000000] [--only by-hand,columns] [--rounds 5] [--without-list]`. One table: the
medians of all rounds of one run, in which the ways take turns, each in a process of its own (`busy`: the time of all
processors, which others disturb less). The answers are compared first: the query by hand with the plain engine on a
sample, all others with the query by hand; the run fails if any differs. The query by hand makes the whole tables of
assessments and entries, as the library does, but no lines of unknowns. What an engine cannot express, or was spared,
stands beside its number. The other engines are the dependency group `benchmarks`.

`--panel` adds twelve month-ends and a table of (party, day). `--buckets N` divides the store, and measures what works
bucket by bucket alone; with `--spark` also on Spark, beside Spark SQL.
`--spread` runs `spread_bulk.py` afterwards.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from batch.answers import compared, write
from batch.measuring import Measured, measured, serve
from batch.population import STEPS, Step, made, make
from batch.ready import Data, Ready, Way
from batch.ways import BUCKETS, EVERY, PANELS, SPARK, WAYS

HERE = Path(__file__).resolve()


def main(arguments: list[str]) -> int:
    """Make the data, compare, measure, print one table; 1 if answers differ or a way fails."""
    asked = _asked(arguments)
    if asked.make:
        make(asked.make, asked.folder, asked.events, asked.buckets)
        return 0
    if asked.child:
        _serve(asked.child, Data(asked.folder, listed=not asked.without_list))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        return _run(asked, asked.folder or Path(temporary) / "data")


def _asked(arguments: list[str]) -> argparse.Namespace:
    reading = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reading.add_argument("--events", type=int, default=1_000_000)
    reading.add_argument("--only", default="", help=f"some of {','.join(EVERY)}")
    reading.add_argument("--rounds", type=int, default=5)
    reading.add_argument("--without-list", action="store_true", help="the twenty rules alone")
    reading.add_argument("--panel", action="store_true", help="several days too")
    reading.add_argument("--buckets", type=int, default=0, help="divide the store into so many parts")
    reading.add_argument("--spark", action="store_true", help="with --buckets: this library and SQL on Spark too")
    reading.add_argument("--spread", action="store_true", help="measure the spread over a network too")
    reading.add_argument("--folder", type=Path, help="keep the data here, and use them again")
    reading.add_argument("--child", default="", help=argparse.SUPPRESS)
    reading.add_argument("--make", default="", choices=("", *STEPS), help=argparse.SUPPRESS)
    asked = reading.parse_args(arguments)
    if unknown := [name for name in asked.only.split(",") if name and name not in EVERY]:
        reading.error(f"no way {', '.join(unknown)}: some of {', '.join(EVERY)}")
    return asked


def _serve(name: str, data: Data) -> None:
    """Be the process of one way."""

    def ready() -> Ready:
        return EVERY[name].ready(data)

    def keep(one: Ready, found: object) -> None:
        if one.answers is not None:
            write(one.answers(found), data.folder / "answers" / name)

    serve(ready, keep)


def _run(asked: argparse.Namespace, folder: Path) -> int:
    steps = made(asked.events, folder, HERE, asked.buckets)
    ways = _ways(asked)
    also = ["--without-list"] if asked.without_list else []
    commands = {name: [str(HERE), "--child", name, "--folder", str(folder), *also] for name in ways}
    shutil.rmtree(folder / "answers", ignore_errors=True)
    found = measured(commands, asked.rounds)
    hand = next(iter(BUCKETS if asked.buckets else ["by-hand"]))
    same = {name: _same(folder / "answers", name, hand, one) for name, one in found.items()}
    policy = "twenty rules" if asked.without_list else "twenty rules and a list"
    print(f"{asked.events:,} events, {policy}; medians of {asked.rounds} rounds in turn\n")
    _print(ways, found, same, hand)
    _preparing(steps["store"], found["scan"], found.get("scan-raw"))
    spread = _spread() if asked.spread else 0
    return 1 if any(told.startswith("NO") for told in same.values()) else spread


def _ways(asked: argparse.Namespace) -> dict[str, Way]:
    """The ways asked for, and those that others are held against."""
    if asked.buckets:
        in_buckets = {**BUCKETS, **(SPARK if asked.spark else {})}
        names = {"scan", next(iter(BUCKETS)), *(asked.only.split(",") if asked.only else in_buckets)}
        return {name: way for name, way in {"scan": WAYS["scan"], **in_buckets}.items() if name in names}
    offered = {**WAYS, **PANELS} if asked.panel else WAYS
    names = {"scan", "by-hand", *(asked.only.split(",") if asked.only else offered)}
    return {name: way for name, way in EVERY.items() if name in names}


def _same(answers: Path, name: str, hand: str, one: Measured) -> str:
    """With whom a way agrees, in what, and for how many parties."""
    if one.failed:
        return "NO: " + one.failed.splitlines()[0]
    if not (answers / name).is_dir():
        return ""
    against = answers / ("plain" if name == hand else hand)
    if not against.is_dir():
        return "(not compared: plain engine left out)"
    found = compared(answers / name, against)
    if found.differences or not found.parties:
        return "NO: " + (found.differences[0] if found.differences else "no party in common")
    return f"{' and '.join(found.tables)} of {found.parties:,}"


def _print(ways: Mapping[str, Way], found: Mapping[str, Measured], same: Mapping[str, str], hand: str) -> None:
    """The table: each way with its ratios, by event where it judged a part of them."""
    print(
        f"{'':<42}{'events':>12}{'seconds':>10}{'busy':>9}{'events/s':>12}{'x hand':>9}{'x scan':>9}{'MiB':>8}"
        f"  {'same answers as by hand':<40}cannot express, or was spared"
    )
    each = {name: median(one.seconds) / one.events for name, one in found.items() if one.seconds and not one.failed}
    for name, one in found.items():
        way = ways[name]
        if name in each:
            ratios = [f"{each[name] / each[base]:>9.1f}" if base in each else f"{'':>9}" for base in (hand, "scan")]
            seconds = f"{median(one.seconds):>10.3f}{median(one.busy):>9.3f}{1 / each[name]:>12,.0f}"
            numbers = f"{one.events:>12,}{seconds}{''.join(ratios)}{one.peak:>8.0f}"
            print(f"{way.title:<42}{numbers}  {same[name]:<40}{'; '.join(way.cannot)}")
        else:
            print(f"{way.title:<42}{same[name]}")


def _preparing(step: Step, scan: Measured, raw: Measured | None) -> None:
    """What making the store took, once, beside the scans."""
    beside = [f"{step.seconds / median(scan.seconds):.0f} times the scan of the store"]
    if raw is not None and raw.seconds:
        beside.append(f"{step.seconds / median(raw.seconds):.0f} times that of the raw files")
    print(f"\npreparing the store, once: {step.seconds:.1f} s, {', '.join(beside)}; {step.peak:.0f} MiB")


def _spread() -> int:
    """The table of effects over a network, which is a script of its own."""
    script = HERE.parent / "spread_bulk.py"
    return subprocess.run([sys.executable, script], check=False).returncode  # noqa: S603  # our own command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

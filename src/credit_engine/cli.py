"""The command line: arguments and printing, nothing else.

Exit codes: 0 done; 1 done, but with rejected records, rules that are too wide, warnings or failed policy tests; 2
unusable arguments, policy, input or output; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Effects
from credit_engine.engines.batch import ENGINES, score_folder
from credit_engine.engines.summary import Summary
from credit_engine.errors import CreditEngineError
from credit_engine.files.input import Input
from credit_engine.files.mappings import load_mapping
from credit_engine.files.memory import bytes_of, share_memory
from credit_engine.files.store import open_folder
from credit_engine.policy.load import Policy, load_policy
from credit_engine.policy_commands import policies
from credit_engine.printing import (
    DONE,
    UNUSABLE,
    WITH_PROBLEMS,
    Language,
    on_terminal,
    put,
    show,
    speak_chinese,
    unwritable,
)

app = typer.Typer(
    name="credit-engine",
    help="Credit ratings and lists for food-safety regulation, from declarative, dated policies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(policies, name="policy")


class Form(StrEnum):
    """The formats of result tables."""

    parquet = "parquet"
    csv = "csv"
    jsonl = "jsonl"


class Told(StrEnum):
    """Whose lines of reasons are written."""

    all = "all"
    listed = "listed"
    none = "none"


_LITTLE = 500_000  # new objects: until then nobody looks for cycles; policies and libraries are more than the usual 700
_DEFAULT_ENGINE = "polars, or plain where that is as quick"


def _bytes(text: str) -> int:
    try:
        return bytes_of(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no amount of memory; write it as 2GB or 1500MB") from error


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=None).date()  # noqa: DTZ007  # a day has no zone
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-06-30") from error


Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Input folder, or a store that `prepare` wrote.")]
PolicyName = Annotated[str, typer.Option("--policy", help="A shipped policy's name, or a policy folder.")]
AsOf = Annotated[date | None, typer.Option(parser=_day, metavar="DAY", help="The day judged, such as 2026-06-30.")]
KnownAt = Annotated[
    date | None, typer.Option(parser=_day, metavar="DAY", help="Judge with what was known on this day.")
]
MappingName = Annotated[
    str | None, typer.Option("--mapping", help="A shipped mapping's name, or a file, for folders that look different.")
]


def _tell_version(asked: bool) -> None:  # noqa: FBT001  # as typer calls it
    if asked:
        put(f"credit-engine {metadata.version('credit-engine')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: FBT002  # a flag, told before any command is looked at
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Credit ratings and lists for food-safety regulation, from declarative, dated policies."""


def main() -> None:
    """Run the command line; problems are printed one a line with their place, and end with exit code 2."""
    gc.set_threshold(_LITTLE)
    share_memory()
    speak_chinese()
    try:
        app()
    except CreditEngineError as error:
        _end(error)
    except OSError as error:
        if error.filename is not None:  # of a file; a stream has no name here
            raise
        _end(unwritable(error))


def _end(error: CreditEngineError) -> NoReturn:
    for problem in error.problems:
        print(problem, file=sys.stderr)
    sys.exit(UNUSABLE)


# --- scoring --------------------------------------------------------------------------------------------------


@app.command()
def score(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="DIR", help="Input folder, or a store that `prepare` wrote; for Spark, its address too."
        ),
    ],
    policy: PolicyName,
    as_of: AsOf = None,
    days: Annotated[
        Path | None, typer.Option(help="A table of questions: party, day, and perhaps event, known_at.")
    ] = None,
    known_at: KnownAt = None,
    mapping: MappingName = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the result tables; replaced whole.")] = None,
    form: Annotated[Form, typer.Option("--format", help="Format of the result tables.")] = Form.parquet,
    audience: Annotated[
        str | None, typer.Option(help=f"Leave out what this audience may not see: {', '.join(AUDIENCES)}.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(help=f"One of: {', '.join(ENGINES)}; all give the same tables.", show_default=_DEFAULT_ENGINE),
    ] = None,
    reasons: Annotated[
        Told, typer.Option(help="Whose lines of reasons to write; `listed`: of who is in `entries`.")
    ] = (Told.all),
    memory_limit: Annotated[
        int | None,
        typer.Option(
            parser=_bytes, metavar="AMOUNT", help="Memory to judge with, such as 2GB; few at a time if need be."
        ),
    ] = None,
) -> None:
    """Assess every party of a folder on a day, or answer a table of questions."""
    if (as_of is None) == (days is None):
        raise typer.BadParameter("give either --as-of DAY or --days FILE")
    chosen = load_policy(policy)
    with _progress() as (progress, stage):
        summary = score_folder(
            folder,
            chosen,
            as_of,
            days=days,
            known_at=known_at,
            out=out,
            mapping=mapping,
            audience=audience,
            engine=engine,
            reasons=reasons.value,
            memory_limit=memory_limit,
            form=form.value,
            progress=progress,
            stage=stage,
        )
    _summarise(summary, chosen, form)
    raise typer.Exit(WITH_PROBLEMS if summary.rejected or summary.too_wide else DONE)


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int, int], None] | None, Callable[[str], None]]]:
    """A progress bar on a terminal, which says what is being done; nothing in a pipe."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None, lambda _name: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield (
            lambda done, total: bar.update(task, completed=done, total=total),
            lambda name: bar.reset(task, description=name, total=None),
        )


def _summarise(summary: Summary, policy: Policy, form: Form) -> None:
    days = f"{summary.days[0]}" if summary.days else "no day"
    if len(summary.days) > 1:
        days = f"{len(summary.days)} days, {summary.days[0]} to {summary.days[-1]}"
    show(f"{policy.plan.title.get('en') or policy.name} ({policy.name}), {days}")
    if policy.plan.illustrative:
        show("illustrative: sample weights, not an official standard")
    show(f"{summary.parties} parties, {summary.answered} assessments")
    for label, counts in (
        ("outside the policy's regions", summary.outside_by),
        ("perhaps outside, region unknown", summary.no_region),
    ):
        if counts:
            show(f"  {label}: {_counted(counts)}")
    for label, number in (
        ("score not known exactly", summary.unknown_scores),
        ("not yet known on the day asked", summary.not_yet_known),
        ("withheld from this audience", summary.withheld),
    ):
        if number:
            show(f"  {label}: {number}")
    for scale, counts in summary.grades.items():
        show(_grade_table(scale, counts, policy))
    _summarise_lists(summary, form)
    if summary.out is not None:
        show(f"written to {summary.out}/")


def _summarise_lists(summary: Summary, form: Form) -> None:
    for name, counts in summary.entries.items():
        if counts:
            show(f"{name}: {', '.join(f'{state} {number}' for state, number in counts.items())}")
    effects = ", ".join(f"{rule} {number}" for rule, number in summary.effects.items() if number)
    if effects:
        show(f"effects: {effects}")
    if summary.spread == "not in a panel":
        show("effects of affiliates are not looked for in a table of questions; ask for --as-of")
    for day, one in summary.too_wide:
        show(f"TOO WIDE: rule {one.rule} on {day} has more than {one.most} effects; it was ended and has none")
    if summary.rejects:
        show(f"rejected records: {_counted(summary.rejects)}")
        _show_rejects(summary, form)
    if summary.flags:
        show(f"identifiers to look at: {_counted(summary.flags)}")


def _counted(counts: Mapping[str, int]) -> str:
    listed = ", ".join(f"{code} {number}" for code, number in counts.items())
    return f"{sum(counts.values())} ({listed})"


def _show_rejects(summary: Summary, form: Form) -> None:
    """The first rejected records with their places, and where the others stand."""
    for reject in summary.first_rejects:
        put(f"  {reject}")
    more = summary.rejected - len(summary.first_rejects)
    if summary.first_rejects and more:
        where = f"in {summary.out}/rejects.{form.value}" if summary.out else "(--out DIR writes them all)"
        put(f"  ... and {more} more {where}")


def _grade_table(scale: str, counts: Any, policy: Policy) -> Table:  # Any: label -> how many
    labels = next(
        ((*each.order, *each.outside, "unknown") for each in policy.plan.scales if each.name == scale), tuple(counts)
    )
    table = Table(title=None, show_edge=False, pad_edge=False, box=None)
    table.add_column(scale)
    table.add_column("parties", justify="right")
    most = max(counts.values(), default=1)
    table.add_column("")
    for label in labels:
        number = counts.get(label, 0)
        table.add_row(label, str(number), "█" * round(30 * number / most) if number else "")
    return table


# --- one party ------------------------------------------------------------------------------------------------


@app.command()
def explain(
    folder: Folder,
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")],
    policy: PolicyName,
    as_of: Annotated[date, typer.Option(parser=_day, metavar="DAY", help="The day judged, such as 2026-06-30.")],
    known_at: KnownAt = None,
    event: Annotated[str | None, typer.Option(help="Judge from the viewpoint of this event of that day.")] = None,
    rule: Annotated[str | None, typer.Option(help="Say why this rule did or did not apply.")] = None,
    until: Annotated[
        date | None,
        typer.Option("--agenda", parser=_day, metavar="DAY", help="Say what changes by itself up to this day."),
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of the account.")] = Language.zh,
    mapping: MappingName = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Explain one party's answer, why one rule did or did not apply, or what changes by itself."""
    from credit_engine.assessing.assess import assess  # noqa: PLC0415  # only this command needs it

    if until is not None and (event is not None or rule is not None):
        raise typer.BadParameter("--agenda is asked from the day judged, without --event and --rule")
    if until is not None and until < as_of:
        raise typer.BadParameter(f"--agenda {until} lies before --as-of {as_of}")
    chosen = load_policy(policy)
    read = _read(folder, chosen, mapping)
    effects = _effects_around(read, chosen, party, as_of, known_at) if event is None else ()
    answer = assess(read.dossier(party), chosen, as_of, known_at, effects, event=event)
    if until is not None:
        _show_agenda(answer, until, language, as_json=as_json)
    elif as_json:
        put(json.dumps(answer.as_dict(), ensure_ascii=False, indent=1))
    elif on_terminal():
        from credit_engine.assessing.explain import tree  # noqa: PLC0415
        from credit_engine.rendering import as_rich  # noqa: PLC0415

        show(as_rich(tree(answer, language.value, rule)))
    else:
        put(answer.explain(language=language.value, rule=rule))


def _effects_around(read: Input, policy: Policy, party: str, as_of: date, known_at: date | None) -> Effects | tuple[()]:
    """The effects among the parties linked with one; none are looked for where the policy has no spread."""
    if not policy.plan.spread:
        return ()
    from credit_engine.engines.affiliated import effects_around  # noqa: PLC0415  # networkx: only where it is needed

    return effects_around(read, policy, party, as_of, known_at)


class GraphAs(StrEnum):
    """The forms of a graph."""

    text = "text"
    mermaid = "mermaid"
    svg = "svg"
    ftm = "ftm"
    graphml = "graphml"


@app.command()
def graph(
    folder: Folder,
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")],
    policy: PolicyName,
    as_of: Annotated[date, typer.Option(parser=_day, metavar="DAY", help="The day judged, such as 2026-06-30.")],
    known_at: KnownAt = None,
    form: Annotated[
        GraphAs, typer.Option(help="Text, a picture (mermaid, svg), or for other programs (ftm, graphml).")
    ] = GraphAs.text,
    language: Annotated[Language, typer.Option(help="Language of the texts.")] = Language.zh,
    named: Annotated[bool, typer.Option("--names", help="Show names of parties beside their ids.")] = False,  # noqa: FBT002  # a flag
    mapping: MappingName = None,
    out: Annotated[Path | None, typer.Option(help="File to write; printed without it.")] = None,
) -> None:
    """Show what reaches a party from affiliates, and what it reaches: who, over which relations, by which rule."""
    from credit_engine.engines.graph import Graph  # noqa: PLC0415  # networkx: only this command needs it
    from credit_engine.files.texts import write_text  # noqa: PLC0415

    chosen = load_policy(policy)
    made = Graph(_read(folder, chosen, mapping), chosen, party, as_of, known_at)
    if out is not None:
        write_text(out, made.lines(form.value, language.value, named=named))
        put(f"written to {out}")
    elif form is GraphAs.text and on_terminal():
        from credit_engine.rendering import as_rich  # noqa: PLC0415

        show(as_rich(made.tree(language.value, named=named)))
    else:
        put(*made.lines(form.value, language.value, named=named))
    raise typer.Exit(WITH_PROBLEMS if made.effects.too_wide else DONE)


def _show_agenda(answer: Assessment, until: date, language: Language, *, as_json: bool) -> None:
    """What changes by itself after the day judged, and which deadlines fall."""
    from credit_engine.assessing.changes import agenda  # noqa: PLC0415
    from credit_engine.assessing.explain import agenda_tree  # noqa: PLC0415

    if as_json:
        lines = agenda(*answer.question, answer.as_of, until, answer.known_at)
        put(json.dumps([line.as_dict() for line in lines], ensure_ascii=False, indent=1))
        return
    account = agenda_tree(answer, until, language.value)
    if on_terminal():
        from credit_engine.rendering import as_rich  # noqa: PLC0415

        show(as_rich(account))
    else:
        put(account.as_text())


def _read(folder: Path, policy: Policy, mapping: str | None) -> Input:
    plan = policy.plan
    chosen = load_mapping(mapping) if mapping is not None else None
    return open_folder(folder, plan.field_types, tuple(plan.kinds), chosen, relation_kinds=tuple(plan.relations))


@app.command()
def prepare(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Input folder.")],
    policy: PolicyName,
    out: Annotated[Path, typer.Option(help="Folder for the store; replaced whole.")],
    mapping: MappingName = None,
    buckets: Annotated[
        int | None, typer.Option(min=1, help="Parts to divide the parties into (default: by the number of events).")
    ] = None,
) -> None:
    """Read, check and write a folder's records once, so that scoring need not check them again.

    Where a store stands in that place, only files that have changed since are read again.
    """
    from credit_engine.files.store_preparing import prepare_store  # noqa: PLC0415  # heavy: only who prepares pays

    plan = load_policy(policy).plan
    chosen = load_mapping(mapping) if mapping is not None else None
    kinds, relations = tuple(plan.kinds), tuple(plan.relations)
    read = prepare_store(folder, out, plan.field_types, kinds, chosen, relation_kinds=relations, buckets=buckets)
    table = Table(box=None, pad_edge=False)
    for heading in ("file", "table", "read", "accepted", "rejected", "skipped", "repeated"):
        table.add_column(heading, justify="left" if heading in ("file", "table") else "right", overflow="fold")
    for each in read.counts:
        numbers = (each.read, each.accepted, each.rejected, each.skipped, each.duplicates)
        table.add_row(each.file, each.table, *(f"{number:,}" for number in numbers))
    show(table)
    for reject in read.first_rejects:
        put(f"{reject.file}:{reject.record}: {reject.code}: {reject.message}")
    if read.rejects > len(read.first_rejects):
        put(f"... and {read.rejects - len(read.first_rejects)} more in {out}/rejects.parquet")
    put(f"written to {out}")
    raise typer.Exit(WITH_PROBLEMS if read.rejects else DONE)

"""The command line: arguments and printing, nothing else.

Exit codes: 0 done; 1 done, but with rejected records, rules that are too wide, warnings or failed policy tests; 2
unusable arguments, policy, input or output; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Effects
from credit_engine.engines.batch import ENGINES, Summary, score_folder
from credit_engine.errors import CreditEngineError, OutputError, Place, PolicyError, Problem
from credit_engine.files.input import Input
from credit_engine.files.mappings import load_mapping
from credit_engine.files.store import open_folder
from credit_engine.files.store import prepare as prepare_store
from credit_engine.policy.load import Policy, find_policy, load_policy, shipped_policies

DONE, WITH_PROBLEMS, UNUSABLE = 0, 1, 2
WIDE = 200  # columns of tables in a pipe

app = typer.Typer(
    name="credit-engine",
    help="Credit ratings and lists for food-safety regulation, from declarative, dated policies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
policies = typer.Typer(help="Look at, check and test policies.", no_args_is_help=True)
app.add_typer(policies, name="policy")


class Language(StrEnum):
    """The languages of explanations."""

    zh = "zh"
    en = "en"


class Form(StrEnum):
    """The formats of result tables."""

    parquet = "parquet"
    csv = "csv"
    jsonl = "jsonl"


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
Chosen = Annotated[str, typer.Argument(metavar="POLICY", help="A shipped policy's name, or a policy folder.")]


def main() -> None:
    """Run the command line; problems are printed one a line with their place, and end with exit code 2."""
    _speak_chinese()
    try:
        app()
    except CreditEngineError as error:
        _end(error)
    except OSError as error:
        if error.filename is not None:  # of a file; a stream has no name here
            raise
        _end(_unwritable(error))


def _speak_chinese() -> None:
    """Write UTF-8 where the encoding of a stream lacks what we print, as in a C or Latin locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            try:
                "信用█├".encode(stream.encoding)
            except UnicodeEncodeError:
                stream.reconfigure(encoding="utf-8")


def _end(error: CreditEngineError) -> NoReturn:
    for problem in error.problems:
        print(problem, file=sys.stderr)
    sys.exit(UNUSABLE)


def _unwritable(error: OSError) -> OutputError:
    """The error of a standard output that takes nothing, say because the disk behind it is full."""
    place, hint = Place("standard output"), "make room, or send the output elsewhere"
    return OutputError(Problem("cannot_write", error.strerror or str(error), place, hint))


def _print(*lines: object) -> None:
    """Print lines; raises `OutputError` where that cannot be. If whoever read them has gone, the work goes on."""
    try:
        for line in lines:
            print(line)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except OSError as error:
        raise _unwritable(error) from error


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _show(*pieces: object) -> None:
    """Print texts, tables and trees: to the width of a terminal, or wide and without trailing blanks into a pipe."""
    if _on_terminal():
        Console(highlight=False, markup=False, emoji=False).print(*pieces, sep="\n")
        return
    console = Console(highlight=False, markup=False, emoji=False, width=WIDE, file=StringIO())
    with console.capture() as captured:
        console.print(*pieces, sep="\n")
    _print(*(line.rstrip() for line in captured.get().splitlines()))


# --- scoring --------------------------------------------------------------------------------------------------


@app.command()
def score(
    folder: Folder,
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
    engine: Annotated[str, typer.Option(help=f"One of: {', '.join(ENGINES)}.")] = ENGINES[0],
) -> None:
    """Assess every party of a folder on a day, or answer a table of questions."""
    if (as_of is None) == (days is None):
        raise typer.BadParameter("give either --as-of DAY or --days FILE")
    chosen = load_policy(policy)
    with _progress("scoring") as progress:
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
            form=form.value,
            progress=progress,
        )
    _summarise(summary, chosen)
    raise typer.Exit(WITH_PROBLEMS if summary.rejected or summary.too_wide else DONE)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on a terminal, nothing in a pipe."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    columns = (SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _summarise(summary: Summary, policy: Policy) -> None:
    days = f"{summary.days[0]}" if summary.days else "no day"
    if len(summary.days) > 1:
        days = f"{len(summary.days)} days, {summary.days[0]} to {summary.days[-1]}"
    _show(f"{policy.plan.title.get('en') or policy.name} ({policy.name}), {days}")
    if policy.plan.illustrative:
        _show("illustrative: sample weights, not an official standard")
    _show(f"{summary.parties} parties, {summary.answered} assessments")
    for label, number in (
        ("outside the policy's regions", summary.outside_policy),
        ("score not known exactly", summary.unknown_scores),
        ("not yet known on the day asked", summary.not_yet_known),
        ("withheld from this audience", summary.withheld),
    ):
        if number:
            _show(f"  {label}: {number}")
    for scale, counts in summary.grades.items():
        _show(_grade_table(scale, counts, policy))
    _summarise_lists(summary)
    if summary.out is not None:
        _show(f"written to {summary.out}/")


def _summarise_lists(summary: Summary) -> None:
    for name, counts in summary.entries.items():
        if counts:
            _show(f"{name}: {', '.join(f'{state} {number}' for state, number in counts.items())}")
    effects = ", ".join(f"{rule} {number}" for rule, number in summary.effects.items() if number)
    if effects:
        _show(f"effects: {effects}")
    if summary.spread == "not in a panel":
        _show("effects of affiliates are not looked for in a table of questions; ask for --as-of")
    for day, one in summary.too_wide:
        _show(f"TOO WIDE: rule {one.rule} on {day} has more than {one.most} effects; it was ended and has none")
    for title, counts in (("rejected records", summary.rejects), ("identifiers to look at", summary.flags)):
        if counts:
            listed = ", ".join(f"{code} {number}" for code, number in counts.items())
            _show(f"{title}: {sum(counts.values())} ({listed})")


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
        _print(json.dumps(answer.as_dict(), ensure_ascii=False, indent=1))
    elif _on_terminal():
        from credit_engine.assessing.explain import tree  # noqa: PLC0415
        from credit_engine.rendering import as_rich  # noqa: PLC0415

        _show(as_rich(tree(answer, language.value, rule)))
    else:
        _print(answer.explain(language=language.value, rule=rule))


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
        _print(f"written to {out}")
    elif form is GraphAs.text and _on_terminal():
        from credit_engine.rendering import as_rich  # noqa: PLC0415

        _show(as_rich(made.tree(language.value, named=named)))
    else:
        _print(*made.lines(form.value, language.value, named=named))
    raise typer.Exit(WITH_PROBLEMS if made.effects.too_wide else DONE)


def _show_agenda(answer: Assessment, until: date, language: Language, *, as_json: bool) -> None:
    """What changes by itself after the day judged, and which deadlines fall."""
    from credit_engine.assessing.changes import agenda  # noqa: PLC0415
    from credit_engine.assessing.explain import agenda_tree  # noqa: PLC0415

    if as_json:
        lines = agenda(*answer.question, answer.as_of, until, answer.known_at)
        _print(json.dumps([line.as_dict() for line in lines], ensure_ascii=False, indent=1))
        return
    account = agenda_tree(answer, until, language.value)
    if _on_terminal():
        from credit_engine.rendering import as_rich  # noqa: PLC0415

        _show(as_rich(account))
    else:
        _print(account.as_text())


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
) -> None:
    """Read, check and write a folder's records once, so that scoring need not check them again."""
    plan = load_policy(policy).plan
    chosen = load_mapping(mapping) if mapping is not None else None
    kinds, relations = tuple(plan.kinds), tuple(plan.relations)
    read = prepare_store(folder, out, plan.field_types, kinds, chosen, relation_kinds=relations)
    table = Table(box=None, pad_edge=False)
    for heading in ("file", "table", "read", "accepted", "rejected", "skipped", "repeated"):
        table.add_column(heading, justify="left" if heading in ("file", "table") else "right", overflow="fold")
    for each in read.counts:
        numbers = (each.read, each.accepted, each.rejected, each.skipped, each.duplicates)
        table.add_row(each.file, each.table, *(f"{number:,}" for number in numbers))
    _show(table)
    for reject in read.rejects[:MOST_SHOWN]:
        _print(f"{reject.file}:{reject.record}: {reject.code}: {reject.message}")
    if len(read.rejects) > MOST_SHOWN:
        _print(f"... and {len(read.rejects) - MOST_SHOWN} more in {out}/rejects.parquet")
    _print(f"written to {out}")
    raise typer.Exit(WITH_PROBLEMS if read.rejects else DONE)


MOST_SHOWN = 20


# --- policies -------------------------------------------------------------------------------------------------


@policies.command("list")
def list_policies() -> None:
    """The policies that come with the library."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)  # a name is copied whole
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name in shipped_policies():
        plan = load_policy(name).plan
        table.add_row(name, plan.title.get("zh", ""), plan.title.get("en", ""))
    _show(table)


class View(StrEnum):
    """What `policy show` shows."""

    rules = "rules"
    plan = "plan"
    markdown = "markdown"
    durable = "durable"


@policies.command("show")
def show_policy(
    policy: Chosen,
    view: Annotated[
        View,
        typer.Option(
            "--as",
            help="Rules and values as text or Markdown (beside what it extends), or as JSON the resolved plan or the"
            " rulesets for durable_rules.",
        ),
    ] = View.rules,
) -> None:
    """Show a policy's rules, values by date and sources, or its resolved plan."""
    chosen = load_policy(policy)
    if view is View.plan:
        _print(chosen.plan.as_json())
        return
    if view is View.durable:
        from credit_engine.engines.matching.printing import rulesets_text  # noqa: PLC0415

        _print(rulesets_text(chosen))
        return
    if view is View.markdown:
        from credit_engine.documenting import policy_section  # noqa: PLC0415
        from credit_engine.policy.load import parents_of  # noqa: PLC0415

        _print(policy_section(chosen.plan, [parent.plan for parent in parents_of(chosen)]))
        return
    from credit_engine.showing import policy_tables  # noqa: PLC0415

    for piece in policy_tables(chosen.plan):
        _show(piece)


@policies.command("check")
def check_policy(policy: Chosen) -> None:
    """Read a policy and point at what is suspicious in it: gaps, dead rules, unused names, missing sources."""
    from credit_engine.policy.checks import check  # noqa: PLC0415

    warnings = check(load_policy(policy))
    _print(*warnings)
    if warnings:
        _print(f"{len(warnings)} to look at")
        raise typer.Exit(WITH_PROBLEMS)
    _print(f"{policy}: nothing to point at")


@policies.command("test")
def test_policy(policy: Chosen) -> None:
    """Run the tests in a policy's own `tests` folder."""
    from credit_engine.assessing.assess import assess  # noqa: PLC0415
    from credit_engine.testing.cases import read_cases, run  # noqa: PLC0415

    chosen = load_policy(policy)
    folder = find_policy(policy) / "tests"
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise PolicyError(Problem("not_found", "the policy has no tests", Place(str(folder)), "add tests/NAME.yaml"))
    passed = failed = 0
    for case in (case for file in files for case in read_cases(file)):
        found = run(case, lambda: chosen, assess)
        passed, failed = (passed, failed + 1) if found else (passed + 1, failed)
        if found:
            _print(f"{case.place}: {case.name}", *(f"    {line}" for line in found))
    _print(f"{passed} passed, {failed} failed")
    raise typer.Exit(WITH_PROBLEMS if failed else DONE)


@policies.command("schema")
def policy_schema() -> None:
    """The JSON Schema of policy.yaml, for editors."""
    from credit_engine.policy.schema import schema_text  # noqa: PLC0415

    _print(schema_text())

"""The pages of docs/ and the README are run as they stand, and every link leads somewhere.

How a block is run stands in docs/README.md ("How these pages stay true"). With CREDIT_ENGINE_RECORD=1 in the
environment the outputs shown are written anew instead of compared; look at the difference before you keep it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from credit_engine.cli import main
from credit_engine.errors import PolicyError
from credit_engine.files.mappings import load_mapping_text
from credit_engine.policy.files import Items, Map, read_text
from credit_engine.policy.load import read_policy
from credit_engine.testing.cases import read_cases

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
RECORDING = bool(os.environ.get("CREDIT_ENGINE_RECORD"))

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


# --- pages are run --------------------------------------------------------------------------------------------


@each_page
def test_every_block_does_what_the_page_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    text = page.read_text(encoding="utf-8")
    played = Player(tmp_path).page(text)
    if RECORDING:
        page.write_text(played, encoding="utf-8")
    assert RECORDING or played == text


class Player:
    """Runs the blocks of one page in order, in one folder and one Python namespace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, object] = {}
        self.printed: str | None = None  # by the last block, if that was Python
        self.status = 0

    def page(self, text: str) -> str:
        """The page with the outputs that came out."""
        return BLOCK.sub(lambda block: f"```{block['info']}\n{self.block(block['info'], block['text'])}```", text)

    def block(self, info: str, text: str) -> str:
        """The text of one block as it came out."""
        language, *words = info.split() or [""]
        options = dict(word.partition("=")[::2] for word in words)
        printed, self.printed = self.printed, None
        if language == "console":
            return self.console(text)
        if language == "text" and printed is not None:
            return printed
        if "file" in options:
            self.write(options["file"], text)
        elif language == "python":
            self.printed = printing(lambda: exec(compile(text, "page", "exec"), self.names))  # noqa: S102  # our pages
        elif "cases" in options:
            self.write("cases.yaml", text)
            read_cases(self.folder / "cases.yaml")
        elif "piece" in options:
            read_piece(text, options.get("problem"))
        elif language == "yaml":
            (load_mapping_text if text.startswith("mapping:") else read_text)(text, "page")
        else:
            assert language in {"text", "sh"}, f"a block that nobody runs: {info}"
        return text

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def console(self, text: str) -> str:
        """Each command with what it prints."""
        commands = [line for line in text.splitlines() if line.startswith("$ ")]
        return "".join(f"{command}\n{self.run(command[2:])}" for command in commands)

    def run(self, command: str) -> str:
        if command == "echo $?":
            return f"{self.status}\n"
        if command.startswith("credit-engine "):
            return self.ours(shlex.split(command))
        if command.startswith("pytest "):
            return self.pytest(shlex.split(command)[1:])
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
        self.status = done.returncode
        return done.stdout + done.stderr

    def pytest(self, words: list[str]) -> str:
        """What pytest prints, without the time that it took."""
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.status = done.returncode
        return re.sub(r" in [0-9.]+s\b", "", done.stdout + done.stderr).replace(f"{self.folder}/", "")

    def ours(self, words: list[str]) -> str:
        """What our own command prints, run in this process; nothing where it goes to a file."""
        words, to_file = (words[:-2], words[-1]) if words[-2:-1] == [">"] else (words, "")
        before, sys.argv = sys.argv, words
        try:
            printed = printing(self.main).replace(f"{self.folder}/", "")
        finally:
            sys.argv = before
        if not to_file:
            return printed
        self.write(to_file, printed)
        return ""

    def main(self) -> None:
        try:
            main()
        except SystemExit as done:
            self.status = done.code if isinstance(done.code, int) else 0


def printing(act: Callable[[], object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        act()
    return out.getvalue()


def read_piece(text: str, problem: str | None) -> None:
    """Read a piece of a policy, with what every policy needs filled in; see that it has just the problem named."""
    content = read_text(text, "page")
    content.setdefault("policy", "piece")
    content.setdefault("title", Map({"zh": "例", "en": "piece"}))
    content.setdefault("sources", Map({"law": Map({"title": "Law", "rank": "law"})}))
    for rule in (content.get("score") or {}).get("rules", ()):
        rule.setdefault("basis", Items(["law"]))
    if problem is None:
        read_policy(content)
        return
    with pytest.raises(PolicyError) as refused:
        read_policy(content)
    assert set(refused.value.codes) == {problem}


# --- links ----------------------------------------------------------------------------------------------------


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        name, _, heading = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert "://" in target or (there.exists() and (not heading or heading in anchors(there))), target


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    lines = re.findall(r"^#+ (.*)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-") for line in lines}


def test_the_index_leads_to_every_page() -> None:
    index = DOCS / "README.md"
    reached = {(DOCS / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    pages = {page for page in PAGES[1:] if page.parent.name != "decisions" and page != index}
    assert not pages - reached

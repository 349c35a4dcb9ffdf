"""Ways measured each in a process of its own, taking turns, so that what slows one round slows all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen
from batch.ready import Ready

from credit_engine.files.memory import ALLOCATOR, SHARED

_MARK = "\x1e"  # before each of our own lines, for libraries print as they like


@frozen
class Measured:
    """What came of a way: seconds of each round by the clock and of all processors, the events that a round judges,
    the peak of memory in MiB; or why it failed.
    """

    seconds: list[float] = field(factory=list)
    busy: list[float] = field(factory=list)
    events: int = 0
    peak: float = 0.0
    failed: str = ""


class Process:
    """A child that runs one way at our word."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; it makes itself ready at once."""
        self._child = subprocess.Popen(  # noqa: S603  # our own command
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, ALLOCATOR: SHARED},  # as `credit-engine` does, for all ways alike
        )
        self.told: dict[str, Any] = {}  # Any: JSON
        self.failed = ""

    def ask(self, word: str) -> dict[str, Any]:  # Any: JSON
        """What the child answers to a word, from when it is ready; empty once it has failed."""
        if self.failed:
            return {}
        written, read = self._child.stdin, self._child.stdout
        assert written is not None
        assert read is not None
        try:
            written.write(word + "\n")
            written.flush()
        except BrokenPipeError:
            return self._fail("it ended")
        for line in read:
            if line.startswith(_MARK):
                told: dict[str, Any] = json.loads(line[1:])  # Any: JSON
                return self._fail(told["failed"]) if "failed" in told else told
        return self._fail("it ended")

    def _fail(self, why: str) -> dict[str, Any]:  # Any: JSON
        self.failed = why
        return {}

    def end(self) -> None:
        """Let it go."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.wait()


def measured(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Measured]:
    """Each command's rounds, in turn; one round before them is not counted, and its answers are written."""
    processes = {}
    for name, command in commands.items():  # one after the other, so that making ready disturbs no one
        processes[name] = Process(command)
        processes[name].told = processes[name].ask("answers")
    rounds_of: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}  # Any: JSON
    for _ in range(rounds):
        for name, process in processes.items():
            if told := process.ask("round"):
                rounds_of[name].append(told)
    found = {}
    for name, process in processes.items():
        told = {**process.told, **process.ask("peak")}
        process.end()
        seconds, busy = ([each[key] for each in rounds_of[name]] for key in ("seconds", "busy"))
        found[name] = Measured(seconds, busy, told.get("events", 0), told.get("peak", 0.0), process.failed)
    return found


# --- in the child ---------------------------------------------------------------------------------------------


def serve(ready: Callable[[], Ready], keep: Callable[[Ready, Any], None]) -> None:  # Any: what a way finds
    """Make a way ready, then do what is asked on the standard input, a word a line; `keep` writes its answers.

    Making ready is not counted, neither in time nor in memory, but for what stays in memory.
    """
    try:
        one = ready()
        _forget_peak()
        for line in sys.stdin:
            _tell(_done(line.strip(), one, keep))
    except Exception as error:  # noqa: BLE001  # the parent reports it
        _tell({"failed": f"{type(error).__name__}: {error}"})


def _done(word: str, one: Ready, keep: Callable[[Ready, Any], None]) -> dict[str, Any]:  # Any: JSON
    if word == "peak":
        return {"peak": peak()}
    started, worked = time.perf_counter(), time.process_time()
    found = one.round()
    seconds, busy = time.perf_counter() - started, time.process_time() - worked
    if word == "answers":
        reached = peak()
        keep(one, found)
        del found
        _forget_peak(reached)
    return {"seconds": seconds, "busy": busy, "events": one.events}


_peaks = [0.0]


def _forget_peak(at_least: float = 0.0) -> None:
    """Count the greatest memory anew from here on: what was used to compare answers is not the way's own."""
    _peaks.append(at_least)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak() -> float:
    """The most memory that this process has held since the last forgetting, or that was kept from before, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    now = next(float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return max(now, *_peaks)


def _tell(what: dict[str, Any]) -> None:  # Any: JSON
    print(_MARK + json.dumps(what), flush=True)

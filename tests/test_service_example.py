"""The service of docs/examples/service, over loopback: a story, people's mistakes, many clients at once, and a fuzz."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from credit_service.app import create_app
from credit_service.strict import MOST_BYTES
from fastapi import FastAPI
from hypothesis import settings

import credit_engine as ce
from sample_spread import DAY, OPERATORS, affiliates, network

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "service"
PLENTY = settings.default is not None and settings.default.max_examples >= 1000
SECONDS = 30  # for a server to start or end
Body = dict[str, Any]  # Any: plain data


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of the app, which a real server runs in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started or not thread.is_alive())
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(SECONDS)


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < until, "the server is too slow"
        time.sleep(0.01)


@cache
def delta() -> ce.Policy:
    return ce.load_policy("delta-food")


def among_affiliates() -> FastAPI:
    """The service with the sample policy and network; the plain matcher, for most of what is asked here."""
    return create_app(affiliates(), network(), day=DAY, matcher="plain")


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with served(among_affiliates()) as one:
        yield one


def violation(id_: str = "N1", **fields: object) -> Body:
    usual = {"kind": "violation", "id": id_, "party": "S1", "recorded": "2026-07-01", "decided": "2026-06-30"}
    return {**usual, "penalties": ["fine"], "fine": 500_000, **fields}


def told(answer: httpx.Response) -> Any:  # Any: plain data
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- a story --------------------------------------------------------------------------------------------------


def test_a_firm_loses_its_licence_and_its_branch_is_alerted_until_the_decision_is_withdrawn() -> None:
    with served(create_app(delta(), day=DAY)) as client:  # matched twice, as usual
        told(
            client.post(
                "/operators", json={"id": "FIRM", "kind": "enterprise", "region": "310115", "registered": "2015-04-01"}
            )
        )
        told(client.post("/operators", json={"id": "浦东/分店", "kind": "branch", "region": "310115"}))
        branch = {"id": "R1", "kind": "branch", "source": "浦东/分店", "target": "FIRM", "since": "2020-01-01"}
        told(client.post("/relations", json=branch))
        severe = {"severity": "severe", "heavier": True, "intent": True, "law": "food_safety_law"}
        decision = violation("V1", party="FIRM", **severe, penalties=["fine", "revoke_licence"], fine=30_000_000)

        change = told(client.post("/events", json=decision, params={"explain": "en"}))
        assert (change["day"], change["cause"], change["party"]) == ("2026-07-01", "event", "FIRM")
        assert [(each["effect"], each["target"]) for each in change["effects_gained"]] == [
            ("bar", "FIRM"),
            ("alert", "浦东/分店"),
        ]
        assert "penalty decision V1" in change["explanations"]["FIRM"]
        assert told(client.get("/health"))["day"] == "2026-07-01"

        assert told(client.get("/parties/FIRM/assessment"))["grades"]["grade"]["label"] == "D"
        [alert] = told(client.get("/parties/浦东/分店/effects"))
        assert alert["path_ids"] == ["FIRM", "R1", "浦东/分店"]
        why = client.get("/parties/FIRM/explanation", params={"language": "zh", "rule": "bar.five_years"})
        assert why.status_code == 200
        assert "FIRM" in why.text

        again = told(client.post("/events", json=decision))
        assert not again["effects_gained"]
        assert again["answers"][0]["before"] == again["answers"][0]["after"]

        gone = told(client.post("/withdrawals", json={"event": "violation/V1", "recorded": "2026-07-02"}))
        assert [each["target"] for each in gone["effects_lost"]] == ["FIRM", "浦东/分店"]
        assert told(client.get("/parties/FIRM/assessment"))["grades"]["grade"]["label"] == "A"


def test_days_pass_and_the_agenda_foretells_what_they_bring() -> None:
    with served(create_app(delta(), day=DAY, matcher="plain")) as client:
        told(
            client.post(
                "/operators", json={"id": "FIRM", "kind": "enterprise", "region": "310115", "registered": "2015-04-01"}
            )
        )
        listed = {"list": "severely_untrustworthy", "step": "list", "authority": "city", "region": "310115"}
        days = {"recorded": "2026-07-01", "decided": "2026-06-30"}
        told(client.post("/events", json={"kind": "list_decision", "id": "D1", "party": "FIRM", **days, **listed}))
        due, overdue = told(client.get("/agenda", params={"until": "2026-07-31"}))
        assert (due["party"], due["what"], due["subject"]) == ("FIRM", "due", "list.publish.same D1")
        assert (overdue["what"], overdue["before"], overdue["after"]) == ("obligation", "open", "overdue")
        passed = told(client.put("/day", json={"day": "2026-07-31"}))
        assert (passed["day"], passed["cause"]) == ("2026-07-31", "time")


def test_many_events_come_in_one_request_all_of_them_or_none(client: httpx.Client) -> None:
    before = client.get("/snapshot").content
    half = client.post("/events/batch", json={"events": [violation("N1"), violation("N2", party="NOBODY")]})
    assert (half.status_code, half.json()["problems"][0]["code"]) == (404, "unknown_party")
    assert client.get("/snapshot").content == before
    both = told(client.post("/events/batch", json={"events": [violation("N1"), violation("N2", party="S2")]}))
    assert (both["cause"], [each["party"] for each in both["answers"]]) == ("events", ["S1", "S2"])


def test_the_same_posts_give_the_same_bytes() -> None:
    def run() -> list[bytes]:
        with served(among_affiliates()) as client:
            posts = [client.post("/events", json=violation(f"N{n}", party=f"S{n}")).content for n in (1, 2)]
            return [*posts, client.get("/parties/S1/assessment").content, client.get("/snapshot").content]

    assert run() == run()


PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "service.md"
SHOWN = re.compile(r"^```sh\n(?P<commands>curl .*?)^```\n\n```text\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands of the page need curl")
def test_the_commands_of_the_page_print_what_it_shows(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    with served(create_app(delta(), day=date(2026, 6, 1), matcher="plain")) as client:

        def played(shown: re.Match[str]) -> str:
            commands = shown["commands"].replace("http://127.0.0.1:8000", str(client.base_url).rstrip("/"))
            run = subprocess.run(["/bin/sh", "-c", commands], cwd=tmp_path, capture_output=True, text=True, check=True)
            end = "" if run.stdout.endswith("\n") else "\n"
            return f"```sh\n{shown['commands']}```\n\n```text\n{run.stdout}{end}```"

        done = SHOWN.sub(played, text)
    assert len(SHOWN.findall(text)) == 3
    if os.environ.get("CREDIT_ENGINE_RECORD"):  # as in test_docs
        PAGE.write_text(done, encoding="utf-8")
    else:
        assert done == text


# --- mistakes that people make --------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}
MISTAKES: dict[str, tuple[Body, int, str]] = {
    "a day as people write it": (
        {"json": violation(decided="30.6.2026")},
        422,
        "body.violation.decided: this is no day",
    ),
    "a day that is none": ({"json": violation(decided="2026-02-30")}, 422, "this is no day of the calendar"),
    "a day as a number": ({"json": violation(decided=20260630)}, 422, "this is no day of the calendar"),
    "no day of recording": ({"json": violation(recorded=None)}, 422, "body.violation.recorded"),
    "a day far ahead": (
        {"json": violation(recorded="2062-07-01")},
        409,
        "2062-07-01 is more than 31 days after 2026-06-30",
    ),
    "a kind that is none": ({"json": violation(kind="violatoin")}, 422, "'violatoin'"),
    "no kind": ({"json": {"id": "N1"}}, 422, "'kind'"),
    "nobody's event": ({"json": violation(party="NOBODY")}, 404, "who is no party of this session"),
    "a field that there is not": ({"json": violation(penalty=[])}, 422, "body.violation.penalty"),
    "money as text": ({"json": violation(fine="5000")}, 422, "body.violation.fine"),
    "money in parts of a fen": ({"json": violation(fine=0.5)}, 422, "body.violation.fine"),
    "money below nothing": ({"json": violation(fine=-1)}, 422, "body.violation.fine"),
    "more money than there is": ({"json": violation(fine=10**15)}, 422, "body.violation.fine"),
    "a number without end": (
        {"content": b'{"fine": ' + b"9" * 5000 + b"}", "headers": JSON},
        400,
        "the body is not JSON",
    ),
    "truth as text": ({"json": violation(heavier="true")}, 422, "body.violation.heavier"),
    "a penalty that is none": ({"json": violation(penalties=["fined"])}, 422, "body.violation.penalties.0"),
    "an id that cannot be printed": ({"json": violation("N\x00")}, 422, "cannot be printed"),
    "a text without end": ({"json": violation(document="x" * 5000)}, 422, "body.violation.document"),
    "a list": ({"json": [violation()]}, 422, "body"),
    "nothing": ({"headers": JSON}, 422, "body"),
    "a form": ({"data": {"id": "N1"}}, 415, "Content-Type: application/json"),
    "no label": ({"content": b"{}"}, 415, "Content-Type: application/json"),
    "half a body": ({"content": b'{"id": ', "headers": JSON}, 400, "the body is not JSON"),
    "another encoding": ({"content": '{"id": "张"}'.encode("gb18030"), "headers": JSON}, 400, "not UTF-8"),
    "half a character": ({"content": b'{"kind": "\\ud800"}', "headers": JSON}, 400, "not UTF-8"),
    "half a character in a key": ({"content": b'{"\\udfff": 1}', "headers": JSON}, 400, "not UTF-8"),
    "no number": ({"content": b'{"fine": NaN}', "headers": JSON}, 400, "NaN"),
    "a key twice": ({"content": b'{"fine": 1, "fine": 2}', "headers": JSON}, 400, "a key stands twice"),
    "too deep": ({"content": b"[" * 200_000, "headers": JSON}, 400, "the body is not JSON"),
    "too large": ({"content": b" " * (MOST_BYTES + 1), "headers": JSON}, 413, f"at most {MOST_BYTES} bytes"),
}


@pytest.fixture(scope="module")
def untouched() -> Iterator[tuple[httpx.Client, bytes]]:
    with served(among_affiliates()) as one:
        yield one, one.get("/snapshot").content


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_answered_with_what_where_and_why_and_changes_nothing(
    name: str, untouched: tuple[httpx.Client, bytes]
) -> None:
    client, before = untouched
    request, status, why = MISTAKES[name]
    answer = client.post("/events", **request)
    details = answer.json()
    assert (answer.status_code, details["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert why in details["detail"] or why in json.dumps(details["problems"])
    assert client.get("/snapshot").content == before


def test_bodies_of_ten_megabytes_are_refused_announced_or_not(untouched: tuple[httpx.Client, bytes]) -> None:
    client, before = untouched
    large = b" " * 10_000_000
    pieces = (large[at : at + 100_000] for at in range(0, len(large), 100_000))
    for content in (large, pieces):
        assert client.post("/events", content=content, headers=JSON).status_code == 413
    assert client.get("/snapshot").content == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/parties/NOBODY/assessment", None, 404, "unknown_party"),
        ("GET", "/parties/NOBODY/effects", None, 404, "unknown_party"),
        ("GET", "/parties/S1/explanation?rule=nothing", None, 404, "unknown_rule"),
        ("GET", "/parties/S1/explanation?language=fr", None, 422, "literal_error"),
        ("GET", "/agenda?until=2036-01-01", None, 409, "too_far_ahead"),
        ("GET", "/agenda", None, 422, "missing"),
        ("PUT", "/day", {"day": "2020-01-01"}, 409, "bad_question"),
        ("PUT", "/day", {"day": "9999-12-31"}, 409, "too_far_ahead"),
        ("POST", "/withdrawals", {"event": "V9", "recorded": "2026-07-01"}, 404, "unknown_event"),
        ("POST", "/operators", {"id": "S1", "kind": "branch"}, 409, "conflicting_versions"),
        ("POST", "/persons", {"id": "S1", "recorded": "2026-07-01"}, 409, "id_in_two_tables"),
        ("POST", "/operators", {"id": "N1", "kind": "person"}, 422, "person_as_operator"),
        ("POST", "/relations", {"id": "N1", "kind": "branch", "source": "S1", "target": "NOBODY"}, 404, "relation_to_nobody"),
        ("POST", "/relations", {"id": "N1", "kind": "friend", "source": "S1", "target": "S2"}, 422, "literal_error"),
        ("POST", "/relations", {"id": "N1", "kind": "branch", "source": "S1", "target": "S1"}, 422, "relation_to_itself"),
        ("POST", "/relations", {"id": "N1", "kind": "shareholder", "source": "S1", "target": "S2", "share": "7/3"}, 422, "bad_share"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_404_what_does_not_fit_409_and_what_cannot_be_422(
    untouched: tuple[httpx.Client, bytes], method: str, path: str, body: Body | None, status: int, code: str
) -> None:
    client, before = untouched
    answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (status, code)
    assert client.get("/snapshot").content == before


def test_unknown_paths_and_methods_are_problems_too(untouched: tuple[httpx.Client, bytes]) -> None:
    client, _ = untouched
    for answer, status in ((client.get("/nothing"), 404), (client.delete("/events"), 405)):
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"


# --- when the service itself fails ----------------------------------------------------------------------------


def test_engines_that_disagree_are_a_failure_of_the_service_and_its_log_repeats_no_record(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def differ(*_: object) -> None:
        raise ce.EngineError(ce.Problem("engines_disagree", "on the firm of Zhang San"))

    monkeypatch.setattr(ce.Session, "post", differ)
    answer = client.post("/events", json=violation())
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (500, "engines_disagree")
    assert "engines_disagree" in caplog.text
    assert "Zhang" not in caplog.text


def test_any_other_error_is_answered_as_a_problem_and_logged(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(ce.Session, "post", lambda *_: 1 / 0)
    answer = client.post("/events", json=violation())
    assert (answer.status_code, answer.json()["detail"]) == (500, "this is a mistake in the service; its log says more")
    wait_for(lambda: "ZeroDivisionError" in caplog.text)  # the server logs it after it has answered
    monkeypatch.undo()
    again = httpx.post(client.base_url.join("/events"), json=violation())  # the server has closed the other connection
    assert again.status_code == 200


# --- many at once ---------------------------------------------------------------------------------------------


def test_clients_that_post_at_once_leave_what_assess_and_spread_say_of_all_records(client: httpx.Client) -> None:
    chance = Random(11)  # noqa: S311  # nothing is kept secret
    bodies = [
        violation(
            f"N{number % 40}",
            party=chance.choice(OPERATORS).id,
            recorded=f"2026-07-{1 + number % 20:02}",
            revision=number,
            severity=chance.choice(("severe", "general")),
            standing=chance.choice(("found", "found", "withdrawn")),
        )
        for number in range(120)
    ]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: client.post("/events", json=body).status_code, bodies))
    assert answers == [200] * len(bodies)

    with ce.Session.restore(client.get("/snapshot").content, affiliates(), matcher="plain") as held:
        day, known = held.day, held.network
        dossiers = {each: held.dossier(each) for each in sorted(known.parties)}
    assert sum(len(dossier.events) for dossier in dossiers.values()) >= 40
    own = [ce.assess(dossier, affiliates(), day) for dossier in dossiers.values()]
    effects = ce.spread(known, own, affiliates(), day)
    for party, dossier in dossiers.items():
        scratch = ce.assess(dossier, affiliates(), day, effects=effects).as_dict()
        assert told(client.get(f"/parties/{party}/assessment")) == json.loads(json.dumps(scratch))
    with served(among_affiliates()) as other:
        for body in sorted(bodies, key=lambda each: each["revision"] % 7):
            told(other.post("/events", json=body))
        assert other.get("/snapshot").content == client.get("/snapshot").content


# --- as a process of its own ----------------------------------------------------------------------------------

COMMAND = [
    sys.executable,
    "-W",
    "error",
    "-m",
    "uvicorn",
    "--factory",
    "credit_service.app:from_environment",
    "--port",
    "0",
]


@contextmanager
def process(**environment: str) -> Iterator[tuple[httpx.Client, list[str]]]:
    """The service as the page starts it, and all that it logs; ended by the signal that ends services."""
    told_so = {"CREDIT_MATCHER": "plain", "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    logged: list[str] = []
    with subprocess.Popen(
        COMMAND, cwd=EXAMPLE, text=True, stderr=subprocess.STDOUT, stdout=subprocess.PIPE,
        env={**os.environ, **told_so, **environment},
    ) as running:  # fmt: skip
        assert running.stdout is not None
        for line in running.stdout:
            logged.append(line)
            if found := re.search(r"running on (http://[0-9.:]+)", line):
                with httpx.Client(base_url=found[1], timeout=SECONDS, trust_env=False) as client:
                    yield client, logged
                break
        running.send_signal(signal.SIGTERM)
        logged += running.stdout.readlines()
    assert running.returncode in {0, -signal.SIGTERM}, "".join(logged)


def test_a_service_that_is_stopped_goes_on_where_it_was_and_logs_no_names(tmp_path: Path) -> None:
    kept = {"CREDIT_POLICY": "sf-restaurants", "CREDIT_SNAPSHOT": str(tmp_path / "credit.snapshot")}
    with process(**kept, CREDIT_DAY="2026-06-30") as (client, logged):
        told(client.post("/operators", json={"id": "P1", "name": "ZHANG SAN NOODLES"}))
        assert client.post("/operators", json={"id": "P1", "name": 5, "nmae": "ZHANG SAN"}).status_code == 422
        assert client.post("/operators", json={"id": "P1", "name": "ZHANG SAN"}).status_code == 409
        told(client.post("/events", json=violation(party="P1")))
        before = client.get("/snapshot").content
    assert "POST /operators" in "".join(logged)
    assert "ZHANG" not in "".join(logged)
    assert (tmp_path / "credit.snapshot").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["credit.snapshot"]
    with process(**kept) as (client, _):
        assert told(client.get("/health"))["day"] == "2026-07-01"
        assert client.get("/snapshot").content == before


def test_a_service_without_a_day_to_begin_on_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="say on which day the service begins"):
        create_app(affiliates(), snapshot=tmp_path / "not-there")


# --- whatever comes -------------------------------------------------------------------------------------------

# Every field of every kind is tried at its bounds in /events already.
NOT_TWICE = """
[[operations]]
include-path = "/events/batch"
phases.coverage.enabled = false
"""


def test_no_request_breaks_the_service_or_gets_an_answer_that_its_document_does_not_tell(tmp_path: Path) -> None:
    with served(among_affiliates()) as client:
        told(client.put("/day", json={"day": "2026-07-20"}))
        (tmp_path / "schemathesis.toml").write_text(NOT_TWICE)
        command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
        options = ["--checks=all", "--exclude-checks=positive_data_acceptance"]  # in its place stands service_fuzz
        options += ["--generation-deterministic", "--no-color", f"--max-examples={50 if PLENTY else 10}"]
        done = subprocess.run(
            [*command, "run", f"{client.base_url}/openapi.json", *options],
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "service_fuzz", "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        kept = client.get("/snapshot").content
        with ce.Session.restore(kept, affiliates(), matcher="plain") as again:
            assert again.snapshot() == kept
            for party in again.network.parties:
                answer = client.get(f"/parties/{quote(party, safe='')}/assessment")
                assert answer.status_code == 404 or answer.json() == json.loads(
                    json.dumps(again.assessment(party).as_dict())
                )

"""What can be told to the service and asked of it. The session has a lock of its own, so endpoints need none."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

import credit_engine as ce

from .messages import Day, Event, Id, Messages
from .problems import refusals
from .strict import StrictRoute

FARTHEST = 31  # days: one request moves the day judged no farther, so that a typing error cannot carry it off
MOST_EVENTS = 200  # in one request
Language = Literal["zh", "en"]
Explain = Annotated[Language | None, Query(description="explain the answers after the change, in this language")]
Plain = dict[str, Any]  # Any: plain data, as `as_dict` of the library gives it


class Change(BaseModel):
    """What a request has changed, as `as_dict` of the library tells it; `explanations` by party, if asked for."""

    day: date
    cause: Literal["event", "events", "relation", "party", "time"]
    party: str | None
    answers: list[Plain]
    entries_opened: list[str]
    entries_closed: list[str]
    measures_begun: list[list[str | None]]
    measures_ended: list[list[str | None]]
    effects_gained: list[Plain]
    effects_lost: list[Plain]
    obligations_raised: list[list[str]]
    of_time: "Change | None"
    explanations: dict[str, str] | None = None


class Withdrawal(BaseModel, extra="forbid"):
    """Which event is withdrawn, by its id or `kind/id`, and the day on which that became known."""

    event: Id
    recorded: Day


class NewDay(BaseModel, extra="forbid"):
    """The day to judge on from now on."""

    day: Day


class Health(BaseModel):
    """What is running, and on which day it stands."""

    policy: str
    plan: str
    day: date
    matcher: Literal["both", "durable", "plain"]


def _session(request: Request) -> ce.Session:
    session: ce.Session = request.state.session
    return session


Live = Annotated[ce.Session, Depends(_session)]

# --- what is told ---------------------------------------------------------------------------------------------


def telling(message: Messages) -> APIRouter:
    """The endpoints that change something and answer with the change. All of a request happens, or nothing of it."""
    router = APIRouter(route_class=StrictRoute, responses=refusals(400, 404, 409, 413, 415, 422, 500, 503))
    one = Annotated[Event, message.event]

    @router.post("/events")
    def post_event(session: Live, event: Annotated[one, Body()], explain: Explain = None) -> Change:
        """Take in an event, or another version of one. The day moves to the day on which it was recorded."""
        _refuse_far(session, event.recorded)
        return _told(session.post(event), explain)

    @router.post("/events/batch")
    def post_events(
        session: Live, events: Annotated[list[one], Body(embed=True, max_length=MOST_EVENTS)], explain: Explain = None
    ) -> Change:
        """Take in several events at once."""
        _refuse_far(session, *(event.recorded for event in events))
        return _told(session.post_many(events), explain)

    @router.post("/withdrawals")
    def withdraw(session: Live, withdrawal: Withdrawal, explain: Explain = None) -> Change:
        """Withdraw an event."""
        _refuse_far(session, withdrawal.recorded)
        return _told(session.withdraw(withdrawal.event, withdrawal.recorded), explain)

    @router.post("/operators")
    def register_operator(session: Live, operator: Annotated[ce.Operator, Body(), message.operator]) -> Change:
        """Take in an operator, or another version of one."""
        _refuse_far(session, operator.recorded)
        return _told(session.register(operator))

    @router.post("/persons")
    def register_person(session: Live, person: Annotated[ce.Person, Body(), message.person]) -> Change:
        """Take in a person, or another version of one."""
        _refuse_far(session, person.recorded)
        return _told(session.register(person))

    @router.post("/relations")
    def relate(session: Live, relation: Annotated[ce.Relation, Body(), message.relation]) -> Change:
        """Take in a relation between parties that are registered, or another version of one."""
        _refuse_far(session, relation.recorded)
        return _told(session.relate(relation))

    @router.put("/day")
    def advance(session: Live, new: NewDay, explain: Explain = None) -> Change:
        """Move the day judged on, once a night: the change is what time alone has done."""
        _refuse_far(session, new.day)
        return _told(session.advance(new.day), explain)

    return router


def _refuse_far(session: ce.Session, *days: date | None) -> None:
    now = session.day
    farthest = max((day for day in days if day is not None), default=now)
    if (farthest - now).days > FARTHEST:
        message = f"{farthest} is more than {FARTHEST} days after {now}, the day judged"
        raise ce.QuestionError(
            ce.Problem("too_far_ahead", message, hint="if it is meant, go there by PUT /day in steps")
        )


def _told(change: ce.Change, language: Language | None = None) -> Change:
    told = Change(**change.as_dict())
    if language is not None:
        answers = {one.party: one.after for one in change.answers}
        told.explanations = {party: after.explain(language) for party, after in answers.items() if after is not None}
    return told


# --- what is asked --------------------------------------------------------------------------------------------

asking = APIRouter()


@asking.get("/health")
def health(session: Live) -> Health:
    """Whether the service answers, by which policy, and on which day it stands."""
    plan = session.policy.plan
    return Health(policy=plan.policy, plan=plan.hash, day=session.day, matcher=session.matcher)


@asking.get("/parties/{party:path}/assessment", responses=refusals(404, 422))
def assessment(session: Live, party: str) -> Plain:
    """The answer for a party on the day judged."""
    return session.assessment(party).as_dict()


@asking.get("/parties/{party:path}/explanation", response_class=PlainTextResponse, responses=refusals(404, 422))
def explanation(session: Live, party: str, language: Language = "zh", rule: str | None = None) -> str:
    """Why the answer is what it is; with `rule`, why that rule did or did not apply."""
    return session.assessment(party).explain(language, rule)


@asking.get("/parties/{party:path}/effects", responses=refusals(404, 422))
def effects(session: Live, party: str) -> list[Plain]:
    """What reaches a party from others on the day judged."""
    session.dossier(party)  # refuses who is not registered
    return [effect.as_dict() for effect in session.effects_on(party)]


@asking.get("/agenda", responses=refusals(409, 422))
def agenda(session: Live, until: Annotated[Day, Query()]) -> list[dict[str, str]]:
    """What will change by itself, and which deadlines fall, up to and including a day of the next month."""
    _refuse_far(session, until)
    return [{"party": party, **line.as_dict()} for party, line in session.agenda(until)]


@asking.get("/snapshot", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}})
def snapshot(session: Live) -> Response:
    """All records and the day, names too, as bytes that `Session.restore` reads."""
    return Response(session.snapshot(), media_type="application/octet-stream")

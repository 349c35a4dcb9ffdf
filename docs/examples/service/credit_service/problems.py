"""What goes wrong, as problem details (RFC 9457): each problem with its code, where it stands and what to do."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException  # that of FastAPI is one of these

import credit_engine as ce

log = logging.getLogger(__name__)
MOST_TOLD = 100  # problems in one answer
HINTS = {
    "extra_forbidden": "see /docs for the fields of this kind",
    "int_type": "write a whole number, without quotes; money is in fen: 50000 is 500 yuan",
}
FAILED = 500
TITLES = {
    400: "The body is not readable",
    404: "There is no such thing",
    405: "This cannot be done here",
    409: "It does not fit what is known",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The request cannot be",
    500: "The service failed",
    503: "The service is closing",
}
STATUS = {
    **dict.fromkeys(("unknown_party", "unknown_event", "unknown_rule", "relation_to_nobody"), 404),
    **dict.fromkeys(("conflicting_versions", "id_in_two_tables", "bad_question", "too_far_ahead"), 409),
    "session_closed": 503,
}


class Details(BaseModel):
    """The body of every answer but a good one."""

    title: str
    status: int
    detail: str
    problems: list[dict[str, str | int | None]]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:  # Any: a piece of OpenAPI
    """These answers as the OpenAPI document tells them."""
    content = {"application/problem+json": {"schema": Details.model_json_schema()}}
    return {status: {"description": TITLES[status], "content": content} for status in statuses}


def _answer(
    status: int, detail: str, problems: Sequence[ce.Problem] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    told = [problem.as_dict() for problem in problems[:MOST_TOLD]]
    content = {"title": TITLES.get(status, "Refused"), "status": status, "detail": detail, "problems": told}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def of_library(_request: Request, error: ce.CreditEngineError) -> Response:
    """What there is not, what does not fit, what no record can be; anything else is our fault or the library's."""
    usual = 422 if isinstance(error, ce.RecordError | ce.QuestionError) else 500
    status = next((STATUS[code] for code in error.codes if code in STATUS), usual)
    if status == FAILED:
        log.error("the library failed: %s", ", ".join(error.codes))  # codes alone: messages repeat what records say
    return _answer(status, error.problems[0].message, error.problems)


def of_shape(_request: Request, error: RequestValidationError) -> Response:
    """All that pydantic has found wrong, in the words of the library: code, place, message, hint."""
    problems = [
        ce.Problem(
            each["type"], each["msg"], ce.Place(path=".".join(map(str, each["loc"]))), HINTS.get(each["type"], "")
        )
        for each in error.errors()
    ]
    return _answer(422, f"{problems[0].place}: {problems[0].message}", problems)


def of_http(_request: Request, error: HTTPException) -> Response:
    """What is no matter of records: paths, methods, bodies that are no JSON."""
    return _answer(error.status_code, error.detail, headers=error.headers)


def of_anything(_request: Request, _error: Exception) -> Response:
    """A mistake in the service; the server logs it."""
    return _answer(500, "this is a mistake in the service; its log says more")


def add_handlers(app: FastAPI) -> None:
    """Have every error answered so."""
    handlers: Mapping[type[Exception], Any] = {  # Any: each takes the error of its class
        ce.CreditEngineError: of_library,
        RequestValidationError: of_shape,
        HTTPException: of_http,
        Exception: of_anything,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)

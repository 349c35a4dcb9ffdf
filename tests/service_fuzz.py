"""A check of schemathesis' runs against the service example; see `test_service_example`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import schemathesis

if TYPE_CHECKING:
    from schemathesis import Case, CheckContext, Response

# What the OpenAPI document cannot say, so that the library alone refuses it.
BEYOND_TYPES = {"bad_period", "bad_share", "relation_to_itself", "person_as_operator"}
WHOLE = "int_type"  # 1.0 is an integer for the document, and no whole number for us
UNPRINTABLE = "has characters that cannot be printed"


@schemathesis.check
def what_the_document_allows_is_refused_only_for_what_it_cannot_say(
    _ctx: CheckContext,
    response: Response,
    case: Case[Any],  # Any: of any specification
) -> None:
    """As `positive_data_acceptance`, but for relations that end before they begin and the like."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code == 422:
        said = [(each["code"], each["message"]) for each in response.json()["problems"]]
        assert said, "a refusal without a problem"
        for code, message in said:
            assert code in {*BEYOND_TYPES, WHOLE} or message.endswith(UNPRINTABLE), message
    else:
        assert response.status_code in {200, 404, 409}, response.status_code

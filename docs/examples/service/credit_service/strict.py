"""Bodies read strictly: JSON in UTF-8 and nothing that two readers could take for two things; not too much of it."""

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

MOST_BYTES = 1_000_000


class StrictRequest(Request):
    """A request whose body is read as above; else `HTTPException` 400, 413 or 415."""

    async def body(self) -> bytes:
        """The whole body, if it is JSON by its label and not too long."""
        if not hasattr(self, "_body"):
            label = Message()
            label["content-type"] = self.headers.get("content-type", "")
            if label.get_content_type() != "application/json":
                raise HTTPException(415, "send JSON, with the header Content-Type: application/json")
            found = bytearray()
            async for chunk in self.stream():
                found += chunk
                if len(found) > MOST_BYTES:
                    raise HTTPException(413, f"a body has at most {MOST_BYTES} bytes; send events in several requests")
            self._body = bytes(found)
        return self._body

    async def json(self) -> Any:  # Any: plain data
        """The body as plain data."""
        try:
            text = (await self.body()).decode("utf-8")
            found = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
            json.dumps(found, ensure_ascii=False).encode()  # no halves of characters
        except UnicodeError:
            raise HTTPException(400, "the body is not UTF-8") from None
        except (ValueError, RecursionError) as error:
            raise HTTPException(400, f"the body is not JSON: {error}") from None
        return found


class StrictRoute(APIRoute):
    """A route whose endpoint reads bodies strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a strict request."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:  # Any: plain data
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")

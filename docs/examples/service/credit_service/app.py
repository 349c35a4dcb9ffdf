"""How the service starts and stops: a policy is loaded, one session is opened, and its snapshot written at the end."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI

import credit_engine as ce

from .endpoints import asking, telling
from .messages import messages, read_day
from .problems import add_handlers


def create_app(
    policy: ce.Policy,
    network: ce.Network | None = None,
    *,
    day: date | None = None,
    matcher: Literal["both", "durable", "plain"] = "both",
    snapshot: Path | None = None,
) -> FastAPI:
    """The service for a policy. It begins with the snapshot, if that file is there; else with `network` on `day`."""
    opened: Callable[[], ce.Session]
    if snapshot is not None and snapshot.exists():
        opened = partial(ce.Session.restore, snapshot.read_bytes(), policy, matcher=matcher)
    elif day is not None:
        opened = partial(ce.Session, policy, network, day=day, matcher=matcher)
    else:
        raise ValueError("there is no snapshot: say on which day the service begins")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, ce.Session]]:
        with opened() as session:
            yield {"session": session}
            if snapshot is not None:
                beside = snapshot.with_name(f"{snapshot.name}.new")
                beside.write_bytes(session.snapshot())
                beside.replace(snapshot)

    app = FastAPI(title="Credit answers", version=ce.__version__, lifespan=lifespan)
    app.include_router(telling(messages(policy)))
    app.include_router(asking)
    add_handlers(app)
    return app


def from_environment() -> FastAPI:
    """The service as CREDIT_POLICY (a name or folder), CREDIT_DAY, CREDIT_SNAPSHOT (a file) and CREDIT_MATCHER say."""
    said = os.environ.get
    day, snapshot = said("CREDIT_DAY"), said("CREDIT_SNAPSHOT")
    matcher: Any = said("CREDIT_MATCHER", "both")  # Any: the session refuses other words
    return create_app(
        ce.load_policy(said("CREDIT_POLICY", "delta-food")),
        day=read_day(day) if day else None,
        matcher=matcher,
        snapshot=Path(snapshot) if snapshot else None,
    )

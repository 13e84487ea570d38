"""The whole interface: every subject's calls on one resolver, and the document that describes them."""

from __future__ import annotations

from functools import cache

from aws_lambda_powertools.event_handler import Response

from sangfroid.desk import Desk
from sangfroid.http import openapi, wire
from sangfroid.http.calls import (
    board,
    case,
    cell,
    drafts,
    evidence,
    freeze,
    listening,
    people,
    publication,
    reading,
    reports,
    responses,
    service,
    session,
)
from sangfroid.http.calls import looking as looking_calls
from sangfroid.http.resolver import Resolver
from sangfroid.http.router import Secrets
from sangfroid.http.sign_in import SignIn
from sangfroid.tracing.looking import Looking

SUBJECTS = (
    reports,
    reading,
    evidence,
    case,
    cell,
    drafts,
    responses,
    publication,
    freeze,
    listening,
    people,
    board,
    looking_calls,
    session,
    service,
)


def api(desk: Desk, secrets: Secrets, looking: Looking, sign_in: SignIn) -> Resolver:
    """The resolver that serves a desk."""
    app = Resolver(desk, secrets, looking, sign_in)
    for subject in SUBJECTS:
        app.include_router(subject.calls)

    @cache
    def document() -> str:
        return openapi.document(app)

    @app.get("/openapi.json", responses={200: {"description": "This document.", "content": {wire.JSON: {}}}})
    def describe() -> Response[str]:
        """The OpenAPI 3.1 document of all of this."""
        return Response(200, wire.JSON, document(), {"Cache-Control": "public, max-age=300"})

    return app

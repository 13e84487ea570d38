"""The resolver of the API: before every route the caller is admitted, and every refusal becomes a problem document."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from pydantic import BaseModel

from sangfroid.desk import Desk
from sangfroid.errors import Refused
from sangfroid.http import preference, problems, refusals, repeating, wire
from sangfroid.http.identity import Caller, admit, known, methods_of
from sangfroid.http.router import Secrets
from sangfroid.http.sign_in import SignIn
from sangfroid.observability import count, count_refusal, logger
from sangfroid.tracing.looking import Looking


def answer(
    document: dict[str, Any], status: int = 200, content_type: str = wire.JSON, **headers: str
) -> Response[str]:
    """A JSON answer; whoever stands between does not keep it."""
    safe = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(status, content_type, json.dumps(document, ensure_ascii=False), safe | headers)


def shows(model: type[BaseModel], description: str) -> Any:
    """An answer for the OpenAPI document."""
    return {"description": description, "content": {wire.JSON: {"model": model}}}


NOT_MARKED = frozenset({"POST /incidents", "POST /reports/look", "POST /cases/{id}/response/check"})
"""Calls without a mark for their Idempotency-Key: reports have one of their own, and what only looks keeps nothing."""


class Resolver(APIGatewayHttpResolver):
    """Powertools' resolver with the desk's admission and problem documents."""

    def __init__(self, desk: Desk, secrets: Secrets, looking: Looking, sign_in: SignIn) -> None:
        super().__init__(enable_validation=True, json_body_deserializer=self._read)
        self._desk = desk
        self._given: dict[str, Any] = {
            "desk": desk, "secrets": secrets, "looking": looking, "sign_in": sign_in,
        }  # fmt: skip
        self.use([self._admitted])
        for kind, answered in (
            (Refused, self._refuse),
            (RequestValidationError, self._refuse_invalid),
            (RequestUnsupportedContentType, self._refuse_type),
            (NotFoundError, self._refuse_path),
            (Exception, self._fail),
        ):
            self.exception_handler(kind)(answered)

    @property
    def call(self) -> str:
        """The running call as the table of roles names it."""
        return f"{self.request.method} {self.request.route}"

    def _admitted(self, _: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[Any]:
        who = self._admit()
        self.context.update(self._given, caller=who)
        event = self.current_event
        if who is None or event.http_method not in ("POST", "PUT") or self.call in NOT_MARKED:
            return next_middleware(self)
        key = repeating.key_of(event.headers)
        if key is None:
            return next_middleware(self)
        body = event.json_body if event.body else None
        return repeating.carry_out(
            self._desk.casework, who.id, self.call, event.path, key, body, lambda: next_middleware(self)
        )

    def _read(self, text: str) -> dict[str, Any]:
        """The parsed body. Nothing of it is looked at before its sender is known to be allowed to send it."""
        self._admit()
        return wire.parse(text)

    def _admit(self) -> Caller | None:
        try:
            who = admit(self.current_event.raw_event, self.call)
        except KeyError:
            raise self._not_served() from None
        people = self._given["desk"].people
        return known(who, people.organisation, people.now()) if who else None

    def _not_served(self) -> Refused:
        allow = methods_of(self.current_event.path)
        # A path with characters that no id has is unknown, although its shape is served.
        if allow and self.current_event.http_method not in allow:
            return problems.MethodNotAllowed(f"This path takes {', '.join(allow)} only.", allow=allow)
        return problems.UnknownPath("Nothing is served here. GET /openapi.json lists every call.")

    def _refuse(self, refused: Refused) -> Response[str]:
        """Whoever may not call at all is told so first, and nothing about the body: validation runs before admission."""
        try:
            self._admit()
        except Refused as not_admitted:
            refused = not_admitted
        logger.info("refused", call=self.call, status=refused.status, kind=type(refused).__name__)
        count_refusal(refused)
        return self._told(refused)

    def _told(self, refused: Refused) -> Response[str]:
        """The refusal in the language that the caller would rather read."""
        document = problems.problem(refused, self.current_event.path)
        language = preference.language(self.current_event.headers)
        if language == "fr":
            document = refusals.in_french(document)
        headers = problems.headers(refused) | {"Content-Language": language}
        return answer(document, refused.status, problems.PROBLEM, **headers)

    def _refuse_invalid(self, error: RequestValidationError) -> Response[str]:
        return self._refuse(problems.Rejected(error.errors()))

    def _refuse_type(self, _: RequestUnsupportedContentType) -> Response[str]:
        return self._refuse(
            wire.WrongType("Send the body as JSON in UTF-8, with the header Content-Type: application/json.")
        )

    def _refuse_path(self, _: NotFoundError) -> Response[str]:
        return self._refuse(self._not_served())

    def _fail(self, error: Exception) -> Response[str]:
        """A fault of our own: the alarm on 5xx rings, and the log holds the trace under the request's id."""
        logger.error("failed", exc_info=error, call=self.call)
        count("FunctionFailed")
        fault = problems.Failed(
            "Something failed on our side. Look whether it was done before you try again."
        )
        return self._told(fault)

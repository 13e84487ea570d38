"""Signing in: the console's code for a session."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import StringConstraints

from sangfroid.http.fields import Body, Shape
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls

calls = Calls()


class SessionBody(Body):
    """What the login gave the page, and the page's own half of it (RFC 7636)."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[\x21-\x7e]+$")]
    code_verifier: Annotated[
        str, StringConstraints(min_length=43, max_length=128, pattern=r"^[A-Za-z0-9._~-]+$")
    ]
    redirect_uri: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    nonce: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class SessionAnswer(Shape):
    """A session of `expires_in` seconds."""

    access_token: str
    id_token: str | None
    expires_in: int


@calls.post("/session", responses={200: shows(SessionAnswer, "Signed in.")})
def begin_session(body: SessionBody) -> Response[str]:
    """Exchange a code of the managed login for a token; the page itself talks to its own origin alone."""
    session = calls.sign_in.exchange(body.code, body.code_verifier, body.redirect_uri, body.nonce)
    return answer(SessionAnswer.model_validate(session, from_attributes=True).model_dump(mode="json"))

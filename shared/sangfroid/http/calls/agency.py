"""The agency's replies: a link for one case, write only (C4.1)."""

import base64
import hashlib
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import StringConstraints

from sangfroid.http.fields import Body, CaseId, Shape
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.model import Instant
from sangfroid.text.fields import Text
from sangfroid.triage.report import MAX_TEXT

calls = Calls()

SCRIPT = """
const form = document.querySelector("form"), told = document.querySelector("output");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({token: location.hash.slice(1), text: form.text.value});
  try {
    const sent = await fetch("replies", {method: "POST", headers: {"Content-Type": "application/json"}, body});
    const found = await sent.json();
    told.textContent = sent.ok ? "Merci, c'est arrivé. / Thank you, it has arrived." : found.detail;
    if (sent.ok) form.text.value = "";
  } catch { told.textContent = "Pas de réseau : rien n'est perdu, réessayez. / No network: nothing is lost, try again."; }
});
"""
PAGE = f"""<!doctype html>
<html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>Réponse / Reply</title>
<main><h1>Votre évaluation et votre stratégie</h1><p lang="en">Your evaluation and your strategy</p>
<form><label for="text">Texte <span lang="en">/ Text</span></label><br>
<textarea id="text" name="text" rows="20" cols="70" maxlength="{MAX_TEXT}" required></textarea><br>
<button>Envoyer <span lang="en">/ Send</span></button></form><output role="status"></output></main>
<script>{SCRIPT}</script></html>
"""
_HASH = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; script-src 'sha256-{_HASH}'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class ReplyBody(Body):
    """What the agency writes, and the token of its link."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    text: Annotated[str, Text(MAX_TEXT)]


class ReplyTaken(Shape):
    """It has arrived."""

    received: bool


class ReplyLink(Shape):
    """The link, shown this once."""

    url: str
    expires_at: Instant


class Reply(Shape):
    """What the agency wrote: words of others, to be judged."""

    id: str
    at: Instant
    text: str


class Replies(Shape):
    """Every reply, oldest first."""

    replies: list[Reply]


@calls.get("/reply", responses={200: {"description": "The page.", "content": {"text/html": {}}}})
def reply_page() -> Response[str]:
    """The page behind a reply link: it knows no case, and reading it consumes nothing."""
    return Response(200, "text/html; charset=utf-8", PAGE, HEADERS)


@calls.post("/replies", responses={202: shows(ReplyTaken, "It has arrived.")})
def take_reply(body: ReplyBody) -> Response[str]:
    """Take the agency's evaluation and strategy in over its link; nothing of the case is told."""
    calls.desk.agency.reply(body.token, body.text)
    return answer({"received": True}, 202)


@calls.post("/cases/<id>/reply-links", responses={201: shows(ReplyLink, "The link.")})
def make_reply_link(case_id: CaseId) -> Response[str]:
    """Make a link by which the agency replies to this case, write only, for 72 hours."""
    return answer(calls.desk.agency.link(named(case_id, "case")), 201)


@calls.get("/cases/<id>/replies", responses={200: shows(Replies, "The replies.")})
def read_replies(case_id: CaseId) -> Response[str]:
    """Read what the agency replied."""
    return answer({"replies": calls.desk.agency.replies(named(case_id, "case"))})

"""`console`: the page and its files, compressed beforehand and named by their content. It reads no table and knows no case.

Standard library alone, so that it starts at once; `tools/build_console.py` makes `files/`.
"""

import base64
import hashlib
import json
import os
from html import escape
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "files"
CODINGS = (("br", ".br"), ("gzip", ".gz"))
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NOT_BUILT = (
    "<!doctype html><meta charset=utf-8><title>sangfroid</title><p lang=fr>La console n'est pas construite : "
    "<code>make console</code>.<p lang=en>The console is not built: <code>make console</code>."
)


def sign_in() -> dict[str, str]:
    """How a person signs in, as the page needs to know it: `local` on this machine, Cognito's managed login on AWS."""
    domain = os.environ.get("SIGN_IN_DOMAIN", "")
    if domain:
        return {"way": "cognito", "domain": domain, "client": os.environ.get("SIGN_IN_CLIENT", "")}
    return {"way": "local"}


def known() -> dict[str, dict[str, Any]]:
    """The files by name; empty where the console is not built."""
    listing = FILES / "files.json"
    found: dict[str, dict[str, Any]] = json.loads(listing.read_text("utf-8")) if listing.is_file() else {}
    return found


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An API Gateway HTTP API event (payload 2.0) -> the page, or one of its files."""
    path = str(event.get("rawPath") or "/")
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    if path == "/":
        return _page(headers)
    name = path.removeprefix("/console/")
    entry = known().get(name)
    if entry is None:
        return _answer(
            404, "text/plain; charset=utf-8", b"Nothing is served here.", {"Cache-Control": "no-store"}
        )
    accepted = {part.split(";")[0].strip() for part in headers.get("accept-encoding", "").lower().split(",")}
    coding, ending = next((pair for pair in CODINGS if pair[0] in accepted), ("", ""))
    more = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if coding:
        more["Content-Encoding"] = coding
    return _answer(200, entry["type"], (FILES / (name + ending)).read_bytes(), more)


def _page(headers: dict[str, str]) -> dict[str, Any]:
    page = FILES / "index.html"
    if not page.is_file():
        return _answer(404, "text/html; charset=utf-8", NOT_BUILT.encode(), {"Cache-Control": "no-store"})
    text = page.read_text("utf-8").replace("{{sign-in}}", escape(json.dumps(sign_in()), quote=True))
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
    # Asked for anew at each visit, so that a deployment reaches everybody; what it names is kept for good.
    more = {"Cache-Control": "no-cache", "ETag": tag}
    if headers.get("if-none-match") == tag:
        return {"statusCode": 304, "headers": SAFE | more}
    return _answer(200, "text/html; charset=utf-8", text.encode(), more)


def _answer(status: int, content_type: str, body: bytes, more: dict[str, str]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": content_type} | SAFE | more,
        "isBase64Encoded": True,
        "body": base64.b64encode(body).decode("ascii"),
    }

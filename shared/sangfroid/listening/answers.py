"""Who signs the answer to a page: PagerDuty its webhooks, Twilio the key that was pressed on a call.

PagerDuty (https://developer.pagerduty.com/docs/verifying-webhook-signatures): HMAC-SHA256 over the body, with the secret of the
webhook subscription. Twilio (https://www.twilio.com/docs/usage/security#validating-requests): HMAC-SHA1 over the address and the
fields of the form, with the account's auth token. Neither signs a time: http/answering.py bears that in mind.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

LONGEST_SIGNATURES = 1_000
LONGEST_FORM = 20_000
MOST_FIELDS = 100


def pagerduty_signature(secret: str, body: bytes) -> str:
    """One of what PagerDuty writes into X-PagerDuty-Signature."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed_by_pagerduty(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures (there are two while the secret is changed) is this secret's over exactly these bytes."""
    given = headers.get("x-pagerduty-signature", "")
    if not secret or len(given) > LONGEST_SIGNATURES:
        return False
    known = pagerduty_signature(secret, body).encode()
    return any(hmac.compare_digest(known, one.strip().encode("utf-8", "replace")) for one in given.split(","))


def twilio_signature(secret: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """What Twilio writes into X-Twilio-Signature: the address, then every field and its value, in the order of their names."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(secret.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signed_by_twilio(secret: str, headers: Mapping[str, str], url: str, body: bytes) -> bool:
    """Whether the account's auth token signed this address with exactly these fields."""
    fields = form(body.decode("utf-8", "surrogateescape"))
    if not secret or fields is None:
        return False
    known, given = twilio_signature(secret, url, fields), headers.get("x-twilio-signature", "")
    return hmac.compare_digest(known.encode(), given.encode("utf-8", "replace"))


def form(text: str) -> list[tuple[str, str]] | None:
    """The fields of a form; None where it is none, or holds more than a call tells."""
    if len(text) > LONGEST_FORM:
        return None
    try:
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=MOST_FIELDS)
    except ValueError:
        return None

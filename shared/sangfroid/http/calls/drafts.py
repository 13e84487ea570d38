"""Before a version: the first draft, a person's saved draft, what was changed, and findings set aside by name."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import Field

from sangfroid.cases.concerns import Concern
from sangfroid.errors import FieldError, Invalid
from sangfroid.http import documents, shapes
from sangfroid.http.fields import Body, CaseId, LanguageTag, Reason, Shape
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.model import BasedOn, Instant
from sangfroid.text import differences
from sangfroid.text.fields import Line
from sangfroid.triage.report import MAX_TEXT

calls = Calls()

Version = Annotated[int, Path(ge=1, le=10**6)]
BasedOnField = Annotated[
    Literal["first-draft"] | Annotated[int, Field(ge=1, le=10**6)] | None,
    Field(description="what the text was started from: `first-draft`, or the number of a version"),
]


class DraftBody(Body):
    """A person's own draft; a language may still be empty."""

    texts: dict[LanguageTag, Annotated[str, Field(max_length=MAX_TEXT)]] = Field(max_length=10)
    based_on: BasedOnField = None
    objective: Annotated[str, Field(max_length=2_000)] | None = None


class OverrideBody(Body):
    """A finding that does not hold here, and why."""

    code: Annotated[str, Line(60)]
    reason: Reason


class DraftSaved(Shape):
    """A saved draft; `saved_at` says when."""

    texts: dict[str, str]
    based_on: BasedOn | None
    objective: str | None
    saved_at: Instant


class KnownFact(Shape):
    """One thing that the desk knows: established by people or platforms, or supposed by a classifier."""

    fact: str
    value: Any
    standing: Literal["established", "supposed"]
    source: str


class QuoteShown(Shape):
    """Somebody's own words; foreign text."""

    message: str = Field(description="id of the message")
    quote: str


class ConcernShown(Shape):
    """One thing that people ask for: in how many messages, and in whose words (A17)."""

    id: str
    title: dict[str, str]
    messages: int
    quotes: list[QuoteShown]


class FirstDraftShown(Shape):
    """The desk's draft; what it cannot know stands in square brackets, and no text goes into review with them."""

    texts: dict[str, str]
    by_audience: dict[str, dict[str, str]]
    source: Literal["template", "model"]
    facts: list[KnownFact]
    asked: list[ConcernShown] = Field(default=[], description="the most frequent first")


class ChangedPart(Shape):
    """A run of words: in both texts, added, or removed."""

    kind: Literal["same", "added", "removed"]
    text: str


class ChangedText(Shape):
    """The parts of one language in order; `untouched`: the share of words that were there already, 0 to 1."""

    parts: list[ChangedPart]
    untouched: float


class ChangesShown(Shape):
    """What a version changed of what it was started from."""

    version: int
    since: BasedOn
    languages: dict[str, ChangedText]


@calls.get(
    "/cases/<id>/first-draft", responses={200: shows(FirstDraftShown, "The draft, with what is known.")}
)
def read_first_draft(case_id: CaseId) -> Response[str]:
    """Read the desk's first draft for each audience and language, with the facts that the case already holds."""
    draft = calls.desk.drafts.first(named(case_id, "case"))
    shown = FirstDraftShown.model_validate(
        {"texts": draft.texts, "by_audience": draft.by_audience, "source": draft.source, "facts": draft.facts}
        | {"asked": [_concern(one) for one in draft.asked]}
    )
    return answer(shown.model_dump(mode="json"))


def _concern(one: Concern) -> dict[str, Any]:
    quotes = [{"message": message, "quote": quote} for message, quote in one.quotes]
    return {"id": one.id, "title": one.title, "messages": one.messages, "quotes": quotes}


@calls.get("/cases/<id>/draft", responses={200: shows(DraftSaved, "Your draft.")})
def read_saved_draft(case_id: CaseId) -> Response[str]:
    """Read the draft that you saved for this case; nobody else sees it."""
    return answer(calls.desk.drafts.saved(named(case_id, "case"), calls.caller.id))


@calls.put("/cases/<id>/draft", responses={200: shows(DraftSaved, "Saved.")})
def save_draft(case_id: CaseId, body: DraftBody) -> Response[str]:
    """Save a draft of your own, in the place of your earlier one; it is checked once you send it as a version."""
    saved = calls.desk.drafts.save(
        named(case_id, "case"), body.texts, body.based_on, body.objective, calls.caller.id
    )
    return answer(saved)


@calls.delete("/cases/<id>/draft", responses={200: shows(shapes.Deleted, "It is gone.")})
def delete_draft(case_id: CaseId) -> Response[str]:
    """Delete the draft that you saved for this case."""
    calls.desk.drafts.forget(named(case_id, "case"), calls.caller.id)
    return answer({"deleted": True})


@calls.get(
    "/cases/<id>/response/<version>/changes",
    responses={200: shows(ChangesShown, "What was changed, word by word.")},
)
def read_changes(
    case_id: CaseId,
    version: Version,
    since: Annotated[str | None, Query(max_length=20)] = None,
) -> Response[str]:
    """See word by word what a person changed of the first draft, or of the version named in `since`."""
    chosen, parts = calls.desk.drafts.changes(named(case_id, "case"), version, _since(since))
    shown = {
        language: {
            "parts": [{"kind": part.kind, "text": part.text} for part in found],
            "untouched": differences.untouched(found),
        }
        for language, found in parts.items()
    }
    return answer({"version": version, "since": chosen, "languages": shown})


def _since(since: str | None) -> BasedOn | None:
    if since is None or since == "first-draft":
        return since  # type: ignore[return-value]  # the one text that it may be
    if since.isascii() and since.isdigit() and 0 < len(since) <= 6 and int(since) > 0:
        return int(since)
    raise Invalid(
        "Name a version, or first-draft.", errors=[FieldError("/since", "first-draft, or a number")]
    )


@calls.post(
    "/cases/<id>/response/<version>/overrides",
    responses={200: shows(shapes.ResponseShown, "The version, with who set what aside and why.")},
)
def override_finding(case_id: CaseId, version: Version, body: OverrideBody) -> Response[str]:
    """Set a blocking finding aside by name and with a reason; the version goes into review once none is left."""
    changed = calls.desk.drafts.override(
        named(case_id, "case"), version, body.code, body.reason, calls.caller.id
    )
    return answer(documents.version_document(changed))

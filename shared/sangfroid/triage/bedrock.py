"""The second classifier: Amazon Bedrock, Converse API, forced tool call; falls back to the embedded one.

The message is untrusted data. Four things keep it from steering the answer: it stands in a JSON document between marks
that it cannot know, the only answer accepted is the tool's, the answer is validated against the labels, and a "no
crisis" is not believed where the text speaks to the model or the embedded classifier sees a crisis clearly.
"""

from __future__ import annotations

import json
import logging
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sangfroid.model import Author, CaseNumber
from sangfroid.triage.lexicon import parse
from sangfroid.triage.prompt import EXAMPLES, GUIDE, INJECTION, TOOL
from sangfroid.triage.report import Candidate, Classifier, Reason, Report, Verdict
from sangfroid.triage.severity import assess
from sangfroid.triage.text import fold

_LOG = logging.getLogger(__name__)

# A crisis that the embedded classifier sees at least this clearly is not talked away by the model.
_CLEAR = 0.6
_MOST_TOKENS = 700
# One thread a call in flight; a call that is given up still ends by the client's own read timeout.
_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="bedrock")


class Converse(Protocol):
    """The one operation used of boto3's `bedrock-runtime` client."""

    def converse(self, **kwargs: Any) -> Any:
        """See the API reference of Amazon Bedrock, Converse."""
        ...


class Quote(BaseModel):
    """One piece of evidence that the model names; kept only if it stands word for word in the field."""

    model_config = ConfigDict(extra="forbid", strict=True)

    field: Literal["text", "notes"]
    quote: str = Field(min_length=1, max_length=300)
    speaks_for: str = Field(max_length=200)


class Answer(BaseModel):
    """The tool's input as the model fills it in. Anything more, less or else is a malformed answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: Literal["1", "2", "3", "3-leak", "4", "none"]
    second_label: Literal["1", "2", "3", "3-leak", "4", "none"]
    confidence: float = Field(ge=0, le=1)
    leak_possible: bool
    author: Author
    danger_to_people: bool
    legal_steps: bool
    why: str = Field(min_length=1, max_length=300)
    evidence: list[Quote] = Field(max_length=8)


class Bedrock:
    """Classifies by a model on Amazon Bedrock within `time_limit` seconds, else by `fallback`."""

    def __init__(
        self, client: Converse, model_id: str, fallback: Classifier, time_limit: float = 8.0
    ) -> None:
        self._client = client
        self._model_id = model_id
        self._fallback = fallback
        self._time_limit = time_limit

    def classify(self, report: Report) -> Verdict:
        """The model's verdict; the fallback's, with a line that says why, when the model cannot be used."""
        local = self._fallback.classify(report)
        try:
            answer = self._ask(report)
        except Exception as error:  # noqa: BLE001 throttled, slow, unreachable or malformed: a case must still be opened
            _LOG.warning("bedrock not used: %s", type(error).__name__)
            return local.model_copy(update={"why": f"{local.why} (Bedrock: {type(error).__name__})"[:500]})
        return _guarded(report, _verdict(report, answer, local), local)

    def _ask(self, report: Report) -> Answer:
        future: Future[Any] = _THREADS.submit(self._client.converse, **request(report, self._model_id))
        try:
            response = future.result(timeout=self._time_limit)
        except Late:
            future.cancel()
            raise
        return read(response)


def request(report: Report, model_id: str) -> dict[str, Any]:
    """The arguments of Converse for one report. The marks are new each time, so that no text can close them."""
    mark = secrets.token_hex(8)
    document = {
        "brand": report.brand,
        "message": report.message.model_dump(mode="json", exclude={"url"}),
        "notes": report.notes,
    }
    data = json.dumps(document, ensure_ascii=False)
    return {
        "modelId": model_id,
        "system": [{"text": f"{GUIDE}\n\n{EXAMPLES}"}],
        "messages": [{"role": "user", "content": [{"text": f"<report-{mark}>\n{data}\n</report-{mark}>"}]}],
        "inferenceConfig": {"temperature": 0, "maxTokens": _MOST_TOKENS},
        "toolConfig": {"tools": [{"toolSpec": TOOL}], "toolChoice": {"tool": {"name": TOOL["name"]}}},
    }


def read(response: Any) -> Answer:
    """The validated answer in a Converse response; raises `ValueError` (pydantic's included) when it is malformed."""
    try:
        content = response["output"]["message"]["content"]
        calls = [block["toolUse"] for block in content if "toolUse" in block]
        if len(calls) != 1 or calls[0]["name"] != TOOL["name"]:
            raise ValueError("not exactly one call of the tool")
        return Answer.model_validate(calls[0]["input"])
    except ValidationError:
        raise
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError("not a Converse response") from error


def _case(label: str) -> CaseNumber | None:
    cases: dict[str, CaseNumber] = {"1": 1, "2": 2, "3": 3, "3-leak": 3, "4": 4}
    return cases.get(label)


def _verdict(report: Report, answer: Answer, local: Verdict) -> Verdict:
    reasons = [reason for quote in answer.evidence if (reason := _reason(report, quote)) is not None]
    leak = answer.label == "3-leak"
    rest = 1 - answer.confidence
    candidates = [
        Candidate(case=_case(answer.label), leak=leak, probability=answer.confidence, reasons=reasons)
    ]
    if answer.second_label != answer.label:
        second = answer.second_label
        known = [c for c in local.alternatives if (c.case, c.leak) == (_case(second), second == "3-leak")]
        evidence = known[0].reasons if known else []
        candidates.append(
            Candidate(case=_case(second), leak=second == "3-leak", probability=rest, reasons=evidence)
        )
    suspected = (
        leak or answer.leak_possible or local.leak_suspected
    )  # suspicion is cheap, silence is not (I8)
    contradictions = list(local.contradictions)
    if (local.case, local.leak) != (_case(answer.label), leak) and local.confidence >= _CLEAR:
        contradictions.append("The embedded classifier reads the report otherwise.")
    return Verdict(
        case=_case(answer.label),
        leak=leak,
        leak_suspected=suspected,
        author=answer.author,
        severity=assess(
            report,
            _case(answer.label),
            leak=leak,
            leak_suspected=suspected,
            safety=answer.danger_to_people,
            legal=answer.legal_steps,
        ),
        confidence=answer.confidence,
        by="model",
        why=" ".join(answer.why.split()),
        reasons=reasons,
        alternatives=candidates,
        contradictions=contradictions,
    )


def _reason(report: Report, quote: Quote) -> Reason | None:
    """The evidence with its place; None where the quoted words do not stand in the field."""
    source = report.message.text if quote.field == "text" else report.notes
    start = source.find(quote.quote)
    if start < 0:
        return None
    return Reason(
        kind="model",
        label=quote.speaks_for,
        quote=quote.quote,
        field=quote.field,
        start=start,
        end=start + len(quote.quote),
        weight=1.0,
    )


def speaks_to_the_classifier(report: Report) -> bool:
    """True where text or notes give orders to a classifier ("ignore the instructions", "classe ceci en …")."""
    content = " ".join(fold(f"{report.message.text}\n{report.message.author.bio}\n{report.notes}").split())
    return any(phrase.replace("_", " ") in content for phrase in parse(INJECTION)["injection"])


def _guarded(report: Report, verdict: Verdict, local: Verdict) -> Verdict:
    """The verdict after the guard against talked-away crises: doubt goes to a person, the embedded verdict leads."""
    if verdict.case is not None:
        return verdict
    injected = speaks_to_the_classifier(report)
    if not injected and not (local.case is not None and local.confidence >= _CLEAR):
        return verdict
    reason = (
        "The text gives orders to the classifier." if injected else "Bedrock sees no crisis, the words do."
    )
    return local.model_copy(
        update={
            "confidence": min(local.confidence, 0.5),
            "contradictions": [*local.contradictions, reason],
        }
    )

"""The second classifier: Amazon Bedrock, Converse API, forced tool call; falls back to the embedded one.

The message is untrusted data. Five things keep it from steering the answer: a report that gives orders to a classifier is
never put to the model; the message stands in a JSON document between marks that it cannot know; the only answer accepted
is the tool's, validated against the labels; a "no crisis" is not believed where the embedded classifier sees a crisis
clearly; and a suspicion is lowered only by an answer that quotes what stands in the report.
"""

from __future__ import annotations

import json
import logging
import math
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any, Literal, Protocol

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from sangfroid.model import Author, CaseNumber
from sangfroid.triage.orders import gives_orders
from sangfroid.triage.prompt import (
    EXAMPLES,
    GUIDE,
    LONGEST_LABEL,
    LONGEST_QUOTE,
    LONGEST_WHY,
    MOST_QUOTES,
    TOOL,
)
from sangfroid.triage.report import Candidate, Classifier, Reason, Report, Verdict
from sangfroid.triage.severity import assess

_LOG = logging.getLogger(__name__)

# A crisis that the embedded classifier sees at least this clearly is not talked away by the model.
_CLEAR = 0.6
_MOST_TOKENS = 900
# Share of the model's word in a suspicion, and the least probability that either is taken for.
_WEIGHT = 0.6
_FLOOR = 0.01
_POSSIBLE, _IMPOSSIBLE = 0.5, 0.05
Label = Literal["1", "2", "3", "3-leak", "4", "none"]
_SPELT = {
    "no crisis": "none", "null": "none", "no-crisis": "none", "none": "none", "3 leak": "3-leak", "leak": "3-leak",
    "3-leak": "3-leak", "case 1": "1", "case 2": "2", "case 3": "3", "case 4": "4",
}  # fmt: skip
# One thread a call in flight; a call that is given up still ends by the client's own read timeout.
THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="bedrock")


class Converse(Protocol):
    """The one operation used of boto3's `bedrock-runtime` client."""

    def converse(self, **kwargs: Any) -> Any:
        """See the API reference of Amazon Bedrock, Converse."""
        ...


class Quote(BaseModel):
    """One piece of evidence that the model names; kept only if it stands word for word in the field."""

    model_config = ConfigDict(extra="ignore")

    field: Literal["text", "notes"]
    quote: str
    speaks_for: str = ""


class Answer(BaseModel):
    """The tool's input as the model fills it in.

    Label and confidence decide, so they must be there and be what they say. The rest is tidied where a model is sloppy (too
    long, one quote too many, a number as text) and left out where it is not to be read: that costs its own weight alone.
    """

    model_config = ConfigDict(extra="forbid")

    label: Label
    second_label: Label | None = None
    confidence: float = Field(ge=0, le=1)
    leak_probability: float | None = Field(default=None, ge=0, le=1)
    leak_possible: bool | None = Field(
        default=None, description="of models that answer yes or no: taken for 0.5 or 0.05"
    )
    author: Author | None = None
    danger_to_people: bool = False
    legal_steps: bool = False
    why: str = ""
    evidence: list[Quote] = Field(default_factory=list)

    @field_validator("label", "second_label", mode="before")
    @classmethod
    def _label(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return _SPELT.get(value.strip().lower().replace("_", " "), value) if isinstance(value, str) else value

    @field_validator("second_label", "leak_probability", "leak_possible", "author", mode="wrap")
    @classmethod
    def _or_nothing(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            return None

    @field_validator("confidence", "leak_probability", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("a boolean is no probability")
        return value.strip() if isinstance(value, str) else value

    @field_validator("danger_to_people", "legal_steps", mode="wrap")
    @classmethod
    def _or_false(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            return False

    @field_validator("why", mode="before")
    @classmethod
    def _line(cls, value: Any) -> str:
        return _shortened(value, LONGEST_WHY) if isinstance(value, str) else ""

    @field_validator("evidence", mode="before")
    @classmethod
    def _quotes(cls, value: Any) -> list[Quote]:
        kept: list[Quote] = []
        for entry in value if isinstance(value, list) else []:
            try:
                kept.append(Quote.model_validate(entry))
            except ValidationError:
                continue
        return kept[:MOST_QUOTES]


def _shortened(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


class Bedrock:
    """Classifies by a model on Amazon Bedrock within `time_limit` seconds, else by `fallback`."""

    def __init__(
        self, client: Converse, model_id: str, fallback: Classifier, time_limit: float = 8.0
    ) -> None:
        self._client = client
        self._model_id = model_id
        self._fallback = fallback
        self._time_limit = time_limit
        self._suspect_from = float(getattr(fallback, "suspect_from", 0.5))

    def classify(self, report: Report) -> Verdict:
        """The model's verdict; the fallback's, with a line that says why, when the model cannot be used or must not."""
        local = self._fallback.classify(report)
        order = gives_orders(report)
        if order is not None:
            return _doubted(local, "The text gives orders to the classifier; Bedrock was not asked.")
        try:
            answer = self._ask(report)
        except Exception as error:  # noqa: BLE001 throttled, slow, unreachable or malformed: a case must still be opened
            _LOG.warning("bedrock not used: %s", type(error).__name__)
            return local.model_copy(update={"why": f"{local.why} (Bedrock: {type(error).__name__})"[:500]})
        return _verdict(report, answer, local, self._suspect_from)

    def _ask(self, report: Report) -> Answer:
        future: Future[Any] = THREADS.submit(self._client.converse, **request(report, self._model_id))
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
        if not calls or any(call["name"] != TOOL["name"] for call in calls):
            raise ValueError("no call of the tool")
        given = calls[0]["input"]
        if any(call["input"] != given for call in calls[1:]):
            raise ValueError("two different answers")
        return Answer.model_validate(json.loads(given) if isinstance(given, str) else given)
    except ValidationError:
        raise
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError("not a Converse response") from error


def _case(label: str) -> CaseNumber | None:
    cases: dict[str, CaseNumber] = {"1": 1, "2": 2, "3": 3, "3-leak": 3, "4": 4}
    return cases.get(label)


def _verdict(report: Report, answer: Answer, local: Verdict, suspect_from: float) -> Verdict:
    quoted = [reason for quote in answer.evidence if (reason := _reason(report, quote)) is not None]
    leak = answer.label == "3-leak"
    suspicion = _suspicion(answer, local, proven=bool(quoted))
    suspected = leak or suspicion >= suspect_from
    candidates = [
        Candidate(case=_case(answer.label), leak=leak, probability=answer.confidence, reasons=quoted)
    ]
    second = answer.second_label
    if second is None or second == answer.label:
        candidates += [c for c in local.alternatives if (c.case, c.leak) != (_case(answer.label), leak)][:1]
    else:
        known = [c for c in local.alternatives if (c.case, c.leak) == (_case(second), second == "3-leak")]
        evidence = known[0].reasons if known else []
        rest = 1 - answer.confidence
        candidates.append(
            Candidate(case=_case(second), leak=second == "3-leak", probability=rest, reasons=evidence)
        )
    contradictions = list(local.contradictions)
    if (local.case, local.leak) != (_case(answer.label), leak) and local.confidence >= _CLEAR:
        contradictions.append("The embedded classifier reads the report otherwise.")
    if _case(answer.label) is None and local.case is not None and local.confidence >= _CLEAR:
        # A crisis that the words show clearly is not talked away: the embedded verdict leads, a person looks.
        return _doubted(local, "Bedrock sees no crisis, the words do.")
    return Verdict(
        case=_case(answer.label),
        leak=leak,
        leak_suspected=suspected,
        author=answer.author or local.author,
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
        why=answer.why or local.why,
        reasons=quoted,
        alternatives=candidates,
        contradictions=contradictions,
        suspicion=suspicion,
        danger=max(answer.confidence, local.danger) if answer.danger_to_people else local.danger / 2,
    )


def _suspicion(answer: Answer, local: Verdict, *, proven: bool) -> float:
    """Probability of a leak from both classifiers: the mean of their log-odds, so that each can raise it and lower it.

    An answer without one quote that stands in the report may raise it, never lower it: it has read nothing that we can see.
    """
    if answer.label == "3-leak":
        given = answer.confidence
    elif answer.leak_probability is not None:
        given = answer.leak_probability
    elif answer.leak_possible is not None:
        given = _POSSIBLE if answer.leak_possible else _IMPOSSIBLE
    else:
        return local.suspicion
    if given < local.suspicion and not proven:
        return local.suspicion
    mean = _WEIGHT * _log_odds(given) + (1 - _WEIGHT) * _log_odds(local.suspicion)
    return round(1 / (1 + math.exp(-mean)), 4)


def _log_odds(probability: float) -> float:
    held = min(max(probability, _FLOOR), 1 - _FLOOR)
    return math.log(held / (1 - held))


def _reason(report: Report, quote: Quote) -> Reason | None:
    """The evidence with its place; None where the quoted words do not stand in the field."""
    source = report.message.text if quote.field == "text" else report.notes
    words = quote.quote.strip()[:LONGEST_QUOTE]
    start = source.find(words) if words else -1
    if start < 0:
        return None
    return Reason(
        kind="model",
        label=_shortened(quote.speaks_for, LONGEST_LABEL),
        quote=words,
        field=quote.field,
        start=start,
        end=start + len(words),
        weight=1.0,
    )


def _doubted(local: Verdict, reason: str) -> Verdict:
    """The embedded verdict, not sure enough to act on: a person is asked."""
    return local.model_copy(
        update={
            "confidence": min(local.confidence, 0.5),
            "contradictions": [*local.contradictions, reason],
        }
    )

"""The communication freeze."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response

from sangfroid.http import freeze_shapes
from sangfroid.http.fields import Body, Reason, Shape
from sangfroid.http.freeze_shapes import FreezeDocument
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.text.fields import Line, Text

calls = Calls()


class FreezeBody(Body):
    """Stop all communication now."""

    reason: Reason
    case_id: Annotated[str, Line(200)] | None = None


class ReleaseBody(Body):
    """One director's yes to a stage of the release."""

    scope: Literal["statement", "all"]
    reason: Reason
    case_id: Annotated[str, Line(200)] | None = None


class ProofBody(Body):
    """The proof that a channel without an interface was stopped by hand."""

    proof: Annotated[str, Text(2_000)]


class SuspicionBody(Body):
    """A director's decision over a suspected leak."""

    freeze: bool
    reason: Reason


class ReleaseAnswer(FreezeDocument):
    """The freeze after a director's yes; `complete` once two different directors have given it."""

    complete: bool


class SuspicionAnswer(Shape):
    """A director's decision over a suspected leak, and the freeze after it."""

    case_id: str
    outcome: Literal["frozen", "declined"]
    freeze: FreezeDocument


@calls.get("/freeze", responses={200: shows(freeze_shapes.FreezeDocument, "The state of the freeze.")})
def read_freeze() -> Response[str]:
    """The state of the communication freeze."""
    return answer(calls.desk.freezer.document())


@calls.post("/freeze", responses={202: shows(freeze_shapes.FreezeDocument, "Raised: no new sending starts.")})
def raise_freeze(body: FreezeBody) -> Response[str]:
    """Freeze all communication now."""
    case_id = named(body.case_id, "case") if body.case_id else None
    return answer(calls.desk.freezer.raise_freeze(case_id, body.reason, calls.caller.id), 202)


@calls.post(
    "/freeze/release",
    responses={
        202: shows(ReleaseAnswer, "The first director's yes."),
        200: shows(ReleaseAnswer, "Released by two."),
    },
)
def release_freeze(body: ReleaseBody) -> Response[str]:
    """Release a stage of the freeze; two different directors are needed."""
    case_id = named(body.case_id, "case") if body.case_id else None
    complete, freeze = calls.desk.freezer.release(body.scope, body.reason, calls.caller.id, case_id=case_id)
    return answer(freeze | {"complete": complete}, 200 if complete else 202)


@calls.post("/freeze/checklist/<channel>", responses={200: shows(freeze_shapes.FreezeDocument, "Noted.")})
def close_checklist(channel: str, body: ProofBody) -> Response[str]:
    """Attach the proof that a channel was stopped by hand."""
    return answer(calls.desk.freezer.close_checklist(named(channel, "channel"), body.proof, calls.caller.id))


@calls.post("/freeze/suspicions/<case_id>", responses={202: shows(SuspicionAnswer, "Decided.")})
def decide_suspicion(case_id: str, body: SuspicionBody) -> Response[str]:
    """Decide over a suspected leak: freeze, or not."""
    suspected = named(case_id, "case")
    return answer(
        calls.desk.freezer.decide_suspicion(suspected, body.freeze, body.reason, calls.caller.id), 202
    )

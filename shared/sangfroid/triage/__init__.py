"""Triage: what a report is about, whose fault it is, who wrote it, how grave it is.

verdict = decide(report, Embedded.load())
if not verdict.sure: ask a person, showing verdict.alternatives and verdict.contradictions
"""

from sangfroid.triage.bedrock import Bedrock
from sangfroid.triage.decision import SURE, decide
from sangfroid.triage.embedded import Embedded
from sangfroid.triage.report import (
    Asserted,
    Candidate,
    Classifier,
    Profile,
    Reason,
    Report,
    ReportedMessage,
    Verdict,
)
from sangfroid.triage.severity import Spike, assess, spike

__all__ = [
    "SURE", "Asserted", "Bedrock", "Candidate", "Classifier", "Embedded", "Profile", "Reason", "Report", "ReportedMessage",
    "Spike", "Verdict", "assess", "decide", "spike",
]  # fmt: skip

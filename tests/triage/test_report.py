"""The models of a report and of a verdict."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sangfroid.triage import Report

LEAST: dict[str, Any] = {
    "brand": "Nuage SA",
    "message": {"text": "En panne", "platform": "x", "published_at": "2026-11-20T08:00:00Z"},
}


def test_the_required_fields_alone_make_a_report() -> None:
    report = Report.model_validate(LEAST)
    assert report.notes == ""
    assert report.asserted.at_fault == "unknown"
    assert report.message.author.followers == 0
    assert report.message.published_at.utcoffset() is not None


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"text": " \n "},
        {"platform": "carrier pigeon"},
        {"published_at": "2026-11-20T08:00:00"},
        {"published_at": "yesterday"},
        {"author": {"followers": -1}},
        {"text": "\ud800"},
    ],
)
def test_a_message_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Report.model_validate({**LEAST, "message": {**LEAST["message"], **change}})


def test_a_misspelt_assertion_is_refused_and_never_ignored() -> None:
    with pytest.raises(ValidationError):
        Report.model_validate({**LEAST, "asserted": {"confidental_leak": True}})

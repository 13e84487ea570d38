"""The organisation file: the example is valid, and every fault is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sangfroid.organisation import OrganisationFault, load
from tests.support.desks import EXAMPLE


def changed(tmp_path: Path, change: Any) -> Path:
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    change(document)
    path = tmp_path / "organisation.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return path


def test_the_example_is_valid() -> None:
    organisation = load(EXAMPLE)
    assert organisation.brand("NUAGE").name == "Nuage SA"
    assert organisation.brand("Unknown Ltd").languages == ["fr", "en"]
    assert [person.id for person in organisation.with_duty("director")] == ["dora", "dirk"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["channels"].append(dict(d["channels"][0])), "channel id used twice: newsroom"),
        (
            lambda d: d["people"][0]["reach"].append({"channel": "fax", "address": "1"}),
            "unknown channel 'fax'",
        ),
        (lambda d: d["escalation"]["ladder"].append({"role": "king"}), "role 'king', which nobody has"),
        (lambda d: d["thresholds"].update(sure_from=7), "thresholds.sure_from"),
        (lambda d: d["channels"][0].update(audience="everybody"), "channels.0.audience"),
        (lambda d: d["channels"][0].update(colour="red"), "channels.0.colour"),
        (
            lambda d: d.update(channels=[c for c in d["channels"] if c["audience"] != "public"]),
            "no required public channel",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, change: Any, words: str) -> None:
    with pytest.raises(OrganisationFault, match=r"organisation\.yaml") as fault:
        load(changed(tmp_path, change))
    assert words in str(fault.value)


def test_a_file_that_is_not_yaml_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text("a: [", "utf-8")
    for path in (tmp_path / "o.yaml", tmp_path / "none.yaml"):
        with pytest.raises(OrganisationFault, match="cannot be read"):
            load(path)

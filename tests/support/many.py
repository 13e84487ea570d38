"""An organisation of many channels."""

from __future__ import annotations

from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings
from tests.support.desks import TestDesk

TEXTS = {"en": "We are sorry."}


def of_many(channels: int) -> Organisation:
    """The example organisation with this many public channels."""
    plain = TestDesk().organisation
    kept = [one for one in plain.channels if one.audience in ("team", "out_of_band")]
    public = [
        ChannelSettings.model_validate(
            {"id": f"c{number:03d}", "type": "outbox", "audience": "public", "languages": ["en"]}
        )
        for number in range(channels)
    ]
    return plain.model_copy(update={"channels": [*kept, *public]})

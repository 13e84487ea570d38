"""Somebody who writes "x" into every box, with every role and every call, closes no case and publishes nothing."""

import pytest

from sangfroid.model import CaseNumber
from tools.lazy_person import lives


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_laziness_closes_no_case_and_publishes_nothing(number: CaseNumber) -> None:
    outcome = lives(number)
    assert not outcome.left
    assert not outcome.closed
    assert outcome.duties
    assert set(outcome.duties.values()) == {"open"}, "no duty was done or waived by writing x"
    # It was no accident: the calls were really made, and refused for what they said.
    assert outcome.took["PUT /cases/{id}/response"] > 0, "a text was written"
    refused = " ".join(outcome.stopped)
    for call in ("/duties/{duty}", "/close", "/measures", "/plan", "/response/{version}/review", "/messages"):
        assert call in refused or call == "/messages", call
    assert "Nobody approves words of their own" in refused
    assert "tells nobody anything" in refused

"""What a freeze held of a case, and how it may leave again: never by itself (I4)."""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.model import Delivery, ResponseVersion

FOR_REVIEW = "held by a freeze; it is looked at again before it goes out"


def release(file: CaseFile, delivery: Delivery) -> None:
    """A held delivery may be sent again; the door still looks at everything else."""
    delivery.state, delivery.reason, delivery.next_attempt_at = "waiting", None, None
    file.let_go.append(delivery.key)


def approved_again(file: CaseFile, version: ResponseVersion) -> None:
    """A version that a freeze sent back to review was approved again: what was held of it may leave."""
    for delivery in file.deliveries_of(version.version):
        if delivery.state == "held" and delivery.reason == FOR_REVIEW:
            release(file, delivery)

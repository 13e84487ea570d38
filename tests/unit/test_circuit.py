"""A channel that is down is left alone over all cases; the others go on, and one probe finds out when it is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sangfroid.outbound.errors import ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from tests.support.desks import Platform, TestDesk


class Broken(Platform):
    """Counts the calls that reach it, and fails as long as it has a fault."""

    calls = 0
    down: ChannelFault | None = ChannelRefused("503")
    meanwhile: Callable[[Letter], None] | None = None

    def publish(self, letter: Letter) -> Receipt:
        self.calls += 1
        if self.meanwhile is not None:
            self.meanwhile(letter)
        if self.down is not None:
            raise self.down
        return self.publish_for_real(letter)


def world_with(
    cases: int, fault: ChannelFault | None = None
) -> tuple[TestDesk, Broken, list[tuple[str, str]]]:
    """A desk whose channel x is down, and the deliveries to x of some approved responses."""
    world = TestDesk()
    broken = world.platforms["x"] = Broken("x")
    broken.down = fault or ChannelRefused("503")
    places = []
    for number in range(cases):
        case = world.report(text=["Panne", "Fuite d'eau", "Colis perdu", "Mauvais accueil"][number])
        world.triage(case, 1)
        version = world.write(case, {"fr": "Bonjour."})
        world.review(case, version)
        keys = world.desk.publication.plan(case, version.version, "all")["deliveries"]
        places += [(case, key) for key in keys if ":x:" in key]
    return world, broken, places


def fail_until_open(world: TestDesk, place: tuple[str, str]) -> None:
    for _ in range(world.organisation.retrying.open_after):
        delivery = world.desk.casework.read(place[0]).deliveries[place[1]]
        world.now = delivery.next_attempt_at or world.now
        assert world.desk.publication.send(*place).outcome == "retry"


def test_failures_over_all_cases_open_the_circuit_and_a_person_hears_of_each_that_waits() -> None:
    world, broken, places = world_with(2)
    (first, second) = places
    fail_until_open(world, first)
    calls = broken.calls
    assert calls == world.organisation.retrying.open_after
    for place, called in ((second, True), (second, False)):
        sent = world.desk.publication.send(*place)
        assert (sent.outcome, sent.call_a_person) == ("retry", called)
        assert sent.until is not None
        assert sent.until > world.now
    delivery = world.desk.casework.read(second[0]).deliveries[second[1]]
    assert (delivery.state, delivery.attempts, broken.calls) == ("waiting", 0, calls)
    assert "left alone" in str(delivery.reason)
    # Another channel of the same case is not concerned.
    other = second[1].replace(":x:", ":newsroom:")
    assert world.desk.publication.send(second[0], other).outcome == "published"


def test_one_probe_goes_first_and_its_success_closes_the_circuit() -> None:
    world, broken, (first, second, third) = world_with(3)
    fail_until_open(world, first)
    calls = broken.calls
    world.advance(timedelta(minutes=5))
    broken.down = None

    def look(letter: Letter) -> None:
        if letter.key == second[1]:
            # While the probe is under way, another sender stays out.
            assert world.desk.publication.send(*third).outcome == "retry"
            assert broken.calls == calls + 1

    broken.meanwhile = look
    assert world.desk.publication.send(*second).outcome == "published"
    assert world.table.get("CHANNEL#x", "CIRCUIT") is None
    assert world.desk.publication.send(*third).outcome == "published"
    world.advance(timedelta(hours=1))
    assert world.desk.publication.send(*first).outcome == "published"


def test_each_probe_that_fails_opens_it_for_longer_up_to_a_bound() -> None:
    world, broken, (first,) = world_with(1)
    fail_until_open(world, first)
    spans = []
    for _ in range(6):
        world.advance(timedelta(hours=1))
        before = broken.calls
        world.desk.publication.send(*first)
        assert broken.calls == before + 1
        item = world.table.get("CHANNEL#x", "CIRCUIT")
        assert item is not None
        spans.append((datetime.fromisoformat(item["until"]) - world.now) / timedelta(minutes=1))
    assert spans == [4, 8, 15, 15, 15, 15]


def test_a_refused_letter_and_a_plea_to_slow_down_open_nothing() -> None:
    for fault in (ChannelRefused("not you", permanent=True), ChannelThrottled(1)):
        world, _, (first,) = world_with(1, fault)
        for _ in range(10):
            world.desk.publication.send(*first)
            world.advance(timedelta(minutes=5))
        assert world.table.get("CHANNEL#x", "CIRCUIT") is None


def test_a_platform_that_is_down_for_thirty_hours_does_not_lose_its_delivery() -> None:
    world, broken, (first,) = world_with(1)
    end = world.now + timedelta(hours=30)
    while world.now < end:
        sent = world.desk.publication.send(*first)
        assert sent.outcome == "retry"
        assert sent.until is not None
        world.now = max(sent.until, world.now + timedelta(seconds=1))
    broken.down = None
    world.advance(timedelta(minutes=31))
    assert world.desk.publication.send(*first).outcome == "published"
    assert len(broken.published) == 1

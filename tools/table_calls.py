"""`make table-calls`: what a rehearsal asks of the table, act by act: how often it ran, its calls, and of what kind they were."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Document = dict[str, Any]


def act_of(function: str, event: Document) -> str:
    """What an invocation is there for, in a few words."""
    match function:
        case "api":
            return f"api {event.get('routeKey', '')}"
        case "relay":
            actions = {one["dynamodb"]["NewImage"]["action"]["S"] for one in event["Records"]}
            return f"relay {' + '.join(sorted(actions))}"
        case "notify" if event.get("news"):
            return "notify news"
        case "notify":
            return f"notify {event['kind']}{' (climbs)' if event.get('until') else ''}"
        case "playbook":
            return f"playbook {event['step']}"
        case "wait":
            return f"wait {event['until'].partition(':')[0]}"
        case "clock":
            return f"clock {'acts' if event['act'] else 'looks'}"
        case _:
            return function


def read_or_written(operation: str, body: Document) -> str:
    """A call in a few words, without what makes it another one each time."""
    if operation == "TransactWriteItems":
        keys = sorted({_key(next(iter(one.values()))) for one in body["TransactItems"]})
        return f"write {', '.join(keys)}"
    if operation == "BatchGetItem":
        (asked,) = body["RequestItems"].values()
        return f"read {', '.join(sorted({_short(one) for one in asked['Keys']}))}"
    if operation == "GetItem":
        return f"read {_short(body['Key'])}"
    values = [str(one.get("S")) for one in body.get("ExpressionAttributeValues", {}).values()]
    return f"query {' / '.join(map(_plain, values))}"


def _key(action: Document) -> str:
    return _short(action.get("Item") or action["Key"])


def _short(key: Document) -> str:
    return f"{_plain(key['pk']['S'])} / {_plain(key['sk']['S']).partition('#')[0]}"


def _plain(text: str) -> str:
    text = re.sub(r"case-\d{8}-[0-9a-f]+(:v\d+.*)?", "…", text)
    return re.sub(
        r"[0-9a-f]{16,}|\d{4,}[-T:.Z0-9]*|(?<=BRAND#).*|(?<=CHANNEL#).*|(?<=PERMITS / ).*", "…", text
    )


class Acts:
    """Calls of the table while it is counted, by act; and the bytes that went to and fro."""

    def __init__(self) -> None:
        from local.mends import calls

        self.ran: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.bytes = 0
        self._hook = calls
        self._seen: set[str] = set()

    def __enter__(self) -> Acts:
        from local.virtual_time import CLOCK

        self._around = self._hook.around_call[0]

        def around(request: Any, carry_out: Callable[[], Any]) -> Any:
            target, thread = request.headers.get("X-Amz-Target", b""), CLOCK.current()
            name = target.decode() if isinstance(target, bytes) else target
            answer = self._around(request, carry_out)
            if name.startswith("DynamoDB_") and thread is not None and "event" in thread.context:
                self._count(name.partition(".")[2], thread, request, answer)
            return answer

        self._hook.around_call[:] = [around]
        return self

    def __exit__(self, *_: object) -> None:
        self._hook.around_call[:] = [self._around]

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.calls.values())

    def by_function(self) -> Counter[str]:
        """Calls by the first word of the act."""
        found: Counter[str] = Counter()
        for act, count in self.calls.items():
            found[act.partition(" ")[0]] += count
        return found

    def _count(self, operation: str, thread: Any, request: Any, answer: Any) -> None:
        act = act_of(thread.context["function"].removeprefix("sangfroid-"), thread.context["event"])
        self.ran[act] += thread.name not in self._seen
        self._seen.add(thread.name)
        self.calls[act] += 1
        self.kinds[act][read_or_written(operation, json.loads(request.body))] += 1
        body = answer.content
        shown = json.dumps(body.parsed, default=str) if hasattr(body, "parsed") else body
        self.bytes += len(request.body) + len(shown)


def played(path: Path) -> tuple[Acts, int]:
    """Rehearse a script; what it asked of the table, and how many publications left."""
    from local.rehearse import Rehearsal, Teller, read_script
    from local.stack import Stack

    script = read_script(path)
    stack = Stack.borrow(now=script.starts)
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - the functions log there
    try:
        with Acts() as acts:
            Rehearsal(stack, script, Teller(io.StringIO())).play()
    finally:
        sys.stdout.close()
        sys.stdout = out
    return acts, sum(1 for one in stack.outbox() if one["audience"] not in ("team", "out_of_band"))


def main(case: str) -> int:
    """Rehearse one case and print its acts, the most expensive first."""
    from local.rehearse import SCRIPTS

    path = Path(case) if case.endswith(".yaml") else SCRIPTS / f"case_{case}.yaml"
    acts, sent = played(path if path.exists() else SCRIPTS / f"{case}.yaml")
    print(f"{acts.total} calls, {acts.bytes:,} bytes; {sent} publications left")
    for act, count in acts.calls.most_common():
        print(f"{count:6}  {acts.ran[act]:4} x {act}")
        for kind, times in acts.kinds[act].most_common():
            print(f"            {times:5}  {kind}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "2"))

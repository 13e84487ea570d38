"""The store's grain: one DynamoDB table, whole items, and all-or-nothing writes with equality conditions.

Rules never see DynamoDB: they get this narrow protocol, so the very same code runs on AWS, on the emulator and on the
in-memory table with which the tests explore interleavings.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sangfroid.errors import StoreRefused, Unavailable

Item = dict[str, Any]
BATCH_ATTEMPTS = 6
"""How often a batch of reads is asked for what the store had no time for."""

ABSENT: Mapping[str, Any] = {"__absent__": True}
"""Expectation that no item stands under the key."""


class ConditionFailed(Exception):
    """Somebody else wrote first: nothing of the transaction was applied. `keys` names the items that did not match."""

    def __init__(self, keys: list[tuple[str, str]]) -> None:
        super().__init__(f"condition failed for {keys}")
        self.keys = keys


@dataclass(frozen=True)
class Put:
    """Write a whole item; `expect` is ABSENT, or attribute values that the stored item must have, or None for no condition."""

    item: Item
    expect: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Delete:
    """Remove an item; `expect` as for Put."""

    pk: str
    sk: str
    expect: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Check:
    """Write nothing, but fail the transaction unless the item is as expected.

    With `or_absent` a missing item passes as well.
    """

    pk: str
    sk: str
    expect: Mapping[str, Any] = field(default_factory=dict)
    or_absent: bool = False


Write = Put | Delete | Check


@dataclass(frozen=True)
class Page:
    """One page of a query: the items and the sort key to go on after, or None at the end."""

    items: list[Item]
    next: str | None


class Table(Protocol):
    """What the domain needs of a store. Reads are strongly consistent, except `listing`."""

    def get(self, pk: str, sk: str) -> Item | None:
        """The item under the key, or None."""

    def get_many(self, places: Sequence[tuple[str, str]]) -> list[Item | None]:
        """The items under these keys (at most 100), in their order, each as it stood at some moment of the call."""

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        limit: int | None = None,
        after: str | None = None,
        newest_first: bool = False,
    ) -> Page:
        """Items of one partition whose sort key begins with `prefix`, in order of the sort key."""

    def listing(self, name: str, *, limit: int, after: str | None = None) -> Page:
        """Items of the index `by_status` under `name`, newest first; `after` is a cursor of an earlier page."""

    def transact(self, writes: Sequence[Write]) -> None:
        """Apply all or nothing. Raises ConditionFailed; Unavailable for now, or StoreRefused for good."""


_serialise: Callable[[Any], Any] = TypeSerializer().serialize
_deserialise: Callable[[Any], Any] = TypeDeserializer().deserialize


def _to_dynamo(value: Any) -> dict[str, Any]:
    """One attribute value. The kinds that documents have go straight, since every act writes hundreds; boto knows the rest."""
    kind = type(value)
    if kind is str:
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if kind is bool:
        return {"BOOL": value}
    if kind is int:
        return {"N": str(value)}
    if kind is dict:
        return {"M": {key: _to_dynamo(inner) for key, inner in value.items()}}
    if kind is list:
        return {"L": [_to_dynamo(inner) for inner in value]}
    if isinstance(value, str):
        return {"S": str.__str__(value)}  # a word of an enumeration, as plain text
    if isinstance(value, float):
        return _to_dynamo(Decimal(str(value)))
    encoded: Any = _serialise(value)
    return dict(encoded)


def _from_dynamo(image: Mapping[str, Any]) -> Any:
    """The value of one attribute: numbers as int where they are whole, as float otherwise."""
    ((kind, value),) = image.items()
    if kind == "S" or kind == "BOOL":
        return value
    if kind == "M":
        return {key: _from_dynamo(inner) for key, inner in value.items()}
    if kind == "L":
        return [_from_dynamo(inner) for inner in value]
    if kind == "N":
        if _WHOLE.fullmatch(value):
            return int(value)
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)
    if kind == "B":
        return bytes(_deserialise(image))
    return None if kind == "NULL" else _deserialise(image)


_WHOLE = re.compile(r"-?\d{1,38}")


def _encode(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _to_dynamo(value) for key, value in item.items()}


def _decode(image: Mapping[str, Any]) -> Item:
    return {key: _from_dynamo(value) for key, value in image.items()}


image_of = _encode
"""Encoder of an item into a DynamoDB image, as `decode_image` reads it."""

decode_image = _decode
"""Decoder of a DynamoDB image (stream record or answer) into an item."""


class DynamoTable:
    """`Table` on DynamoDB."""

    def __init__(self, name: str, client: Any = None) -> None:
        self._name = name
        # Short limits: the caller is an API request or a retried task; a stuck call must not eat the Lambda's time.
        self._client = client or boto3.client(
            "dynamodb",
            config=Config(
                connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4}
            ),
        )

    def get(self, pk: str, sk: str) -> Item | None:
        answer = self._call("get_item", Key=_encode({"pk": pk, "sk": sk}), ConsistentRead=True)
        return _decode(answer["Item"]) if "Item" in answer else None

    def get_many(self, places: Sequence[tuple[str, str]]) -> list[Item | None]:
        wanted = [_encode({"pk": pk, "sk": sk}) for pk, sk in dict.fromkeys(places)]
        found: dict[tuple[str, str], Item] = {}
        for attempt in range(BATCH_ATTEMPTS):
            if not wanted:
                break
            # Real time, not the clock of the rules: what DynamoDB had no time for is asked again a little later.
            time.sleep(0.05 * (2**attempt - 1))
            answer = self._call_batch({self._name: {"Keys": wanted, "ConsistentRead": True}})
            for image in answer["Responses"].get(self._name, []):
                item = _decode(image)
                found[item["pk"], item["sk"]] = item
            wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
        if wanted:
            raise Unavailable("The store is busy. Please try again.")
        return [found.get(place) for place in places]

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        limit: int | None = None,
        after: str | None = None,
        newest_first: bool = False,
    ) -> Page:
        names, values = {"#pk": "pk"}, {":pk": pk}
        condition = "#pk = :pk"
        if prefix:
            names["#sk"], values[":prefix"] = "sk", prefix
            condition += " AND begins_with(#sk, :prefix)"
        items: list[Item] = []
        start = {"pk": pk, "sk": after} if after else None
        while True:
            asked: dict[str, Any] = {
                "KeyConditionExpression": condition,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": _encode(values),
                "ConsistentRead": True,
                "ScanIndexForward": not newest_first,
            }
            if start:
                asked["ExclusiveStartKey"] = _encode(start)
            if limit is not None:
                asked["Limit"] = limit - len(items)
            answer = self._call("query", **asked)
            items += [_decode(image) for image in answer["Items"]]
            start = _decode(answer["LastEvaluatedKey"]) if "LastEvaluatedKey" in answer else None
            if start is None or (limit is not None and len(items) >= limit):
                return Page(items, start["sk"] if start else None)

    def listing(self, name: str, *, limit: int, after: str | None = None) -> Page:
        asked: dict[str, Any] = {
            "IndexName": "by_status",
            "KeyConditionExpression": "listing = :name",
            "ExpressionAttributeValues": _encode({":name": name}),
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after:
            listed_at, pk, sk = after.split("|", 2)
            asked["ExclusiveStartKey"] = _encode(
                {"listing": name, "listed_at": listed_at, "pk": pk, "sk": sk}
            )
        answer = self._call("query", **asked)
        last = _decode(answer["LastEvaluatedKey"]) if "LastEvaluatedKey" in answer else None
        cursor = f"{last['listed_at']}|{last['pk']}|{last['sk']}" if last else None
        return Page([_decode(image) for image in answer["Items"]], cursor)

    def transact(self, writes: Sequence[Write]) -> None:
        try:
            self._client.transact_write_items(TransactItems=[self._one(write) for write in writes])
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            failed = [
                _key(write)
                for write, reason in zip(writes, reasons, strict=False)
                if reason in ("ConditionalCheckFailed", "TransactionConflict")
            ]
            if failed:
                raise ConditionFailed(failed) from error
            lasting = [reason for reason in reasons if reason not in (None, "None", *PASSING)]
            if lasting:
                raise _refused(str(lasting[0]), error) from error
            raise Unavailable("The store is busy; nothing was changed. Please try again.") from error
        except (ClientError, BotoCoreError) as error:
            if (code := _lasting(error)) is not None:
                raise _refused(code, error) from error
            raise Unavailable(
                "The store did not answer, so it is not known whether this was done. Look, then try again if it was not."
            ) from error

    def _one(self, write: Write) -> Any:
        if isinstance(write, Put):
            body: dict[str, Any] = {"TableName": self._name, "Item": _encode(write.item)}
            return {"Put": body | _condition(write.expect)}
        body = {"TableName": self._name, "Key": _encode({"pk": write.pk, "sk": write.sk})}
        if isinstance(write, Delete):
            return {"Delete": body | _condition(write.expect)}
        return {"ConditionCheck": body | _condition(write.expect, or_absent=write.or_absent)}

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._asked(operation, TableName=self._name, **arguments)

    def _call_batch(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return self._asked("batch_get_item", RequestItems=wanted)

    def _asked(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**arguments)
        except (ClientError, BotoCoreError) as error:
            if (code := _lasting(error)) is not None:
                raise _refused(code, error) from error
            raise Unavailable("The store did not answer. Please try again.") from error
        return answer


PASSING = (
    "ThrottlingError", "ThrottlingException", "ProvisionedThroughputExceeded", "ProvisionedThroughputExceededException",
    "RequestLimitExceeded", "TransactionInProgressException", "InternalServerError", "ServiceUnavailable",
)  # fmt: skip
"""Codes of refusals that pass: of a call, and of one action of a transaction (API reference of DynamoDB)."""


def _lasting(error: ClientError | BotoCoreError) -> str | None:
    """The code of a refusal that will be the same next time, or None."""
    if not isinstance(error, ClientError):
        return None
    code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return code if status < 500 and code not in PASSING else None


def _refused(code: str, error: Exception) -> StoreRefused:
    return StoreRefused(
        f"The store refuses this for good ({code}); nothing was changed, and sending it again will not help. "
        f"The engineers must look: {error}"
    )


def _key(write: Write) -> tuple[str, str]:
    return (write.item["pk"], write.item["sk"]) if isinstance(write, Put) else (write.pk, write.sk)


def _condition(expect: Mapping[str, Any] | None, *, or_absent: bool = False) -> dict[str, Any]:
    if expect is None:
        return {}
    if expect is ABSENT:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    parts, names, values = [], {}, {}
    for position, (attribute, value) in enumerate(sorted(expect.items())):
        names[f"#a{position}"], values[f":v{position}"] = attribute, value
        parts.append(f"#a{position} = :v{position}")
    expression = " AND ".join(parts) or "attribute_exists(pk)"
    if or_absent:
        expression = f"attribute_not_exists(pk) OR ({expression})"
    condition: dict[str, Any] = {"ConditionExpression": expression}
    if parts:
        condition |= {"ExpressionAttributeNames": names, "ExpressionAttributeValues": _encode(values)}
    return condition

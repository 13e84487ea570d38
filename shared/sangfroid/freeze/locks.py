"""The second lock (I2): while frozen, AWS itself refuses the channels' credentials to the sending roles.

An explicit Deny in the resource policy of each channel's secret stands above every Allow of a role. With it goes a Deny of
changing that policy for everybody but the release role and the account's root (a deleted role must not lock the owner out).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

READING, LIFTING = "SangfroidFreezeReading", "SangfroidFreezeLifting"


@dataclass(frozen=True)
class Locks:
    """Locks the secrets `<stack>/channels/<channel>` through a Secrets Manager client.

    `sending_roles` are the ARNs of the roles that send; `release_role` is the ARN of the one that may lift the lock.
    """

    client: Any
    stack: str
    sending_roles: tuple[str, ...]
    release_role: str

    def lock(self, channel_id: str) -> str:
        """`locked`, or `none` where the channel has no secret. Doing it again changes nothing."""
        statements = self._statements(channel_id)
        if statements is None:
            return "none"
        if {READING, LIFTING} <= {statement.get("Sid") for statement in statements}:
            return "locked"
        others = [statement for statement in statements if statement.get("Sid") not in (READING, LIFTING)]
        self._put(channel_id, [*others, *self._denials()])
        return "locked"

    def unlock(self, channel_id: str) -> str:
        """`open`, or `none` where the channel has no secret. Takes away exactly what `lock` added."""
        statements = self._statements(channel_id)
        if statements is None:
            return "none"
        others = [statement for statement in statements if statement.get("Sid") not in (READING, LIFTING)]
        if len(others) == len(statements):
            return "open"
        if others:
            self._put(channel_id, others)
        else:
            self.client.delete_resource_policy(SecretId=self._name(channel_id))
        return "open"

    def is_locked(self, channel_id: str) -> bool:
        """Whether the lock stands in the policy now; True where there is nothing to lock."""
        statements = self._statements(channel_id)
        return statements is None or READING in {statement.get("Sid") for statement in statements}

    def _denials(self) -> list[dict[str, Any]]:
        account = self.release_role.split(":")[4]
        partition = self.release_role.split(":")[1]
        root = f"arn:{partition}:iam::{account}:root"
        return [
            {
                "Sid": READING,
                "Effect": "Deny",
                "Principal": {"AWS": list(self.sending_roles)},
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "*",
            },
            {
                "Sid": LIFTING,
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"],
                "Resource": "*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [self.release_role, root]}},
            },
        ]

    def _statements(self, channel_id: str) -> list[dict[str, Any]] | None:
        try:
            answer = self.client.get_resource_policy(SecretId=self._name(channel_id))
        except self.client.exceptions.ResourceNotFoundException:
            return None
        text = answer.get("ResourcePolicy")
        statements: list[dict[str, Any]] = json.loads(text)["Statement"] if text else []
        return statements

    def _put(self, channel_id: str, statements: list[dict[str, Any]]) -> None:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client.put_resource_policy(SecretId=self._name(channel_id), ResourcePolicy=policy)

    def _name(self, channel_id: str) -> str:
        return f"{self.stack}/channels/{channel_id}"

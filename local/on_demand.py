"""What the template deploys and the desk itself never asks for: made when somebody does, with AWS's CLI, boto3 or a function.

Roles, the register of functions, keys, queues, topics, alarms and pools cost a start more than all that the desk works with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from local.mends import calls
from local.template import ACCOUNT, REGION, Template

Make = Callable[[], Any]


class OnDemand:
    """The resources of one deployment that are still to be made, by service."""

    def __init__(
        self, template: Template, resolve: Callable[[Any], Any], client: Callable[[str], Any]
    ) -> None:
        self._template, self._resolve, self._client = template, resolve, client
        self._later: dict[str, list[Make]] = {
            "monitoring": [self._make_alarms],
            "cognito-idp": [self._make_user_pools],
        }
        self._making: set[str] = set()
        self._turn = threading.RLock()

    def add(self, service: str, make: Make) -> None:
        """Make a resource before the first call of its service, which is named as its address begins, is answered."""
        self._later.setdefault(service, []).append(make)

    def prepare(self, service: str) -> None:
        """Make all that is left of a service. Whoever asks at the same time waits."""
        if service == "lambda":
            self.prepare("iam")  # a function's role must exist
        if service not in self._later:
            return
        with self._turn, calls.aside():
            if service in self._making:
                return  # one of its own calls
            self._making.add(service)
            try:
                left = self._later.get(service, [])
                while left:
                    left[0]()
                    left.pop(0)
                self._later.pop(service, None)
            finally:
                self._making.discard(service)

    def _make_alarms(self) -> None:
        client = self._client("cloudwatch")
        for resource in self._template.resources.values():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                # CloudFormation makes alarms whose metrics have no data yet: that is the state in which they begin.
                client.put_metric_alarm(**_alarm(self._resolve(resource["Properties"])))
            elif resource["Type"] == "AWS::CloudWatch::Dashboard":
                given = self._resolve(resource["Properties"])
                client.put_dashboard(
                    DashboardName=given["DashboardName"], DashboardBody=given["DashboardBody"]
                )

    def _make_user_pools(self) -> None:
        """moto's pools behind those of the template."""
        from moto.cognitoidp.models import cognitoidp_backends

        backend = cognitoidp_backends[ACCOUNT][REGION]
        client = self._client("cognito-idp")
        for logical_id, resource in self._template.resources.items():
            if resource["Type"] != "AWS::Cognito::UserPool":
                continue
            given = self._resolve(resource["Properties"])
            known = (
                "AliasAttributes",
                "UsernameAttributes",
                "UsernameConfiguration",
                "AutoVerifiedAttributes",
            )
            made = client.create_user_pool(
                PoolName=given.get("UserPoolName", logical_id),
                **{key: given[key] for key in known if key in given},
            )["UserPool"]["Id"]
            pool = backend.user_pools.pop(made)
            pool.id = self._resolve({"Ref": logical_id})
            backend.user_pools[pool.id] = pool
            for group in self._template.resources.values():
                if group["Type"] == "AWS::Cognito::UserPoolGroup":
                    client.create_group(UserPoolId=pool.id, GroupName=group["Properties"]["GroupName"])


def make_key(client: Any, key_id: str, description: str) -> None:
    """A key of KMS under an id that was known before: moto gives one of its own."""
    from moto.kms.models import kms_backends

    keys = kms_backends[ACCOUNT][REGION].keys
    made = keys.pop(client.create_key(Description=description)["KeyMetadata"]["KeyId"])
    made.arn = made.arn.replace(made.id, key_id)
    made.id = key_id
    keys[key_id] = made


def _alarm(given: dict[str, Any]) -> dict[str, Any]:
    """An alarm's properties with the types that the API wants; CloudFormation takes numbers as text."""
    whole, numbers = ("Period", "EvaluationPeriods", "DatapointsToAlarm"), ("Threshold",)
    typed: dict[str, Any] = {key: int(given[key]) for key in whole if key in given}
    return given | typed | {key: float(given[key]) for key in numbers if key in given}

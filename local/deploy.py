"""Deploys the resources of a template on moto, each when it is first referred to.

moto's CloudFormation knows neither HTTP APIs nor running state machines and loads every service it has; so each
resource is made by the call that CloudFormation itself would make.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from local import kept
from local.lambdas import Function, Runtime
from local.mends.aliases import publish_version
from local.on_demand import OnDemand, make_key
from local.streams import Mapping
from local.template import ACCOUNT, REGION, SafeLoader, Template, TemplateError

IGNORED = {
    "AWS::ApiGatewayV2::Stage": "the door serves one stage",
    "AWS::ApplicationInsights::Application": "observability of the account, no behaviour",
    "AWS::CodeDeploy::Application": "versions are not shifted here: the alias is the newest one",
    "AWS::CodeDeploy::DeploymentGroup": "versions are not shifted here: the alias is the newest one",
    "AWS::CloudWatch::Alarm": "made when somebody asks for alarms; they look at metrics, which are not kept here",
    "AWS::CloudWatch::Dashboard": "made when somebody asks for dashboards",
    "AWS::Cognito::UserPoolDomain": "sign-in pages; tokens come from /_local/token",
    "AWS::Cognito::ManagedLoginBranding": "sign-in pages; tokens come from /_local/token",
    "AWS::Cognito::UserPoolGroup": "made with the pool, when somebody asks for it; roles stand in the tokens of /_local/token",
    "AWS::Cognito::UserPoolUser": "users stand in the tokens that /_local/token makes",
    "AWS::IAM::ManagedPolicy": "permissions are not enforced here",
    "AWS::IAM::Policy": "permissions are not enforced here",
    "AWS::Lambda::EventInvokeConfig": "asynchronous invocations are retried with the defaults",
    "AWS::Lambda::LayerVersion": "the layer's folder is on the import path",
    "AWS::Lambda::Permission": "permissions are not enforced here",
    "AWS::Logs::LogGroup": "logs go to the terminal",
    "AWS::Logs::MetricFilter": "metrics are not kept here",
    "AWS::Logs::QueryDefinition": "questions to logs, which go to the terminal",
    "AWS::Logs::ResourcePolicy": "permissions are not enforced here",
    "AWS::ResourceGroups::Group": "a list of resources, no behaviour",
    "AWS::SNS::Subscription": "alarm topics have no local subscriber",
    "AWS::SNS::TopicPolicy": "permissions are not enforced here",
    "AWS::SQS::QueuePolicy": "permissions are not enforced here",
    "AWS::S3::BucketPolicy": "permissions are not enforced here",
}

# The terminal is for people: only what went wrong is logged there, unless the environment of the stack says otherwise.
QUIET = {"POWERTOOLS_LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING")}


class Deployment:
    """One deployment: what exists, under which names."""

    def __init__(
        self, template: Template, runtime: Runtime, client: Callable[[str], Any], overrides: dict[str, str]
    ) -> None:
        self.template, self.runtime, self._client = template, runtime, client
        self._overrides = overrides
        self._attributes: dict[str, dict[str, Any]] = {}
        self._under_way: list[str] = []
        self.mappings: list[Mapping] = []
        self.rules: list[dict[str, Any]] = []
        self.apis: dict[str, dict[str, Any]] = {}
        self.machines: dict[str, str] = {}
        self.tables: list[str] = []
        self.on_demand = OnDemand(template, self.resolve, client)

    def deploy(self) -> None:
        """Makes every resource. TemplateError for a type that is neither known nor listed in IGNORED."""
        for logical_id in self.template.resources:
            self._attributes_of(logical_id)

    def attribute(self, logical_id: str, name: str) -> Any:
        """What Ref ("Ref") or GetAtt gives for a resource; deploys it if that has not happened yet."""
        attributes = self._attributes_of(logical_id)
        if name not in attributes:
            kind = self.template.resources[logical_id]["Type"]
            raise TemplateError(f"{logical_id} ({kind}) has no attribute {name} on the local stack")
        return attributes[name]

    def resolve(self, value: Any) -> Any:
        """A value of the template with its references worked out."""
        return self.template.resolve(value, self.attribute)

    def _attributes_of(self, logical_id: str) -> dict[str, Any]:
        if logical_id in self._attributes:
            return self._attributes[logical_id]
        if logical_id not in self.template.resources:
            raise TemplateError(f"there is no resource {logical_id}")
        if logical_id in self._under_way:
            circle = " → ".join([*self._under_way[self._under_way.index(logical_id) :], logical_id])
            raise TemplateError(f"circular dependency: {circle}")
        resource = self.template.resources[logical_id]
        kind: str = resource["Type"]
        method: Callable[[str, dict[str, Any]], dict[str, Any]] | None = getattr(
            self, "_" + kind.removeprefix("AWS::").replace("::", "_").lower(), None
        )
        if method is None and kind not in IGNORED:
            raise TemplateError(f"{logical_id}: the local stack does not know {kind}; see local/deploy.py")
        self._under_way.append(logical_id)
        if method is None:
            attributes = {"Ref": self._name(logical_id), "Arn": f"arn:aws:local:::{self._name(logical_id)}"}
        else:
            attributes = method(logical_id, self.resolve(resource.get("Properties", {})))
        self._under_way.pop()
        self._attributes[logical_id] = attributes
        return attributes

    def _name(self, logical_id: str) -> str:
        return f"{self.template.stack_name}-{logical_id}"

    def _short_id(self, logical_id: str) -> str:
        return hashlib.sha256(self._name(logical_id).encode()).hexdigest()[:10]

    # One method a resource type, named after it ------------------------------------------------------------------
    def _dynamodb_table(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        client = self._client("dynamodb")
        known = {
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "LocalSecondaryIndexes",
            "BillingMode",
        }
        request = {key: value for key, value in given.items() if key in known}
        request["TableName"] = given.get("TableName", self._name(logical_id))
        request.setdefault("BillingMode", "PAY_PER_REQUEST")
        if "StreamSpecification" in given:
            request["StreamSpecification"] = given["StreamSpecification"] | {"StreamEnabled": True}
        table = client.create_table(**request)["TableDescription"]
        if "TimeToLiveSpecification" in given:
            client.update_time_to_live(
                TableName=request["TableName"], TimeToLiveSpecification=given["TimeToLiveSpecification"]
            )
        self.tables.append(request["TableName"])
        arns = {"Arn": table["TableArn"]}
        if "LatestStreamArn" in table:
            arns["StreamArn"] = table["LatestStreamArn"]
        return {"Ref": request["TableName"], **arns}

    def _sqs_queue(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        fifo = given.get("FifoQueue") in (True, "true")
        name = given.get("QueueName", self._name(logical_id) + (".fifo" if fifo else ""))
        known = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "RedrivePolicy", "FifoQueue")
        values = {key: given[key] for key in known if key in given}
        attributes = {
            key: json.dumps(value) if isinstance(value, dict) else str(value).lower()
            for key, value in values.items()
        }
        if "RedrivePolicy" in values:
            attributes["RedrivePolicy"] = json.dumps(values["RedrivePolicy"])
        self.on_demand.add(
            "sqs", lambda: self._client("sqs").create_queue(QueueName=name, Attributes=attributes)
        )
        url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        return {
            "Ref": url,
            "QueueUrl": url,
            "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
            "QueueName": name,
        }

    def _sns_topic(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("TopicName", self._name(logical_id))
        self.on_demand.add("sns", lambda: self._client("sns").create_topic(Name=name))
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
        return {"Ref": arn, "TopicArn": arn, "TopicName": name}

    def _ses_configurationset(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("Name", self._name(logical_id))
        self._client("sesv2").create_configuration_set(ConfigurationSetName=name)
        return {"Ref": name}

    def _kms_key(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        key = str(uuid.uuid5(uuid.NAMESPACE_DNS, self._name(logical_id)))
        description = given.get("Description", logical_id)
        self.on_demand.add("kms", lambda: make_key(self._client("kms"), key, description))
        return {"Ref": key, "KeyId": key, "Arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"}

    def _kms_alias(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name, key = given["AliasName"], given["TargetKeyId"]
        self.on_demand.add("kms", lambda: self._client("kms").create_alias(AliasName=name, TargetKeyId=key))
        return {"Ref": given["AliasName"]}

    def _secretsmanager_secret(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("Name", self._name(logical_id))
        text = given.get("SecretString")
        if text is None:
            rule = given.get("GenerateSecretString", {})
            generated = hashlib.sha256(name.encode()).hexdigest()[:32]
            text = generated
            if "GenerateStringKey" in rule:
                content = json.loads(rule.get("SecretStringTemplate", "{}"))
                text = json.dumps(content | {rule["GenerateStringKey"]: generated})
        arn = self._client("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"]
        return {"Ref": arn, "Id": arn, "Arn": arn}

    def _ssm_parameter(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("Name", self._name(logical_id))
        self._client("ssm").put_parameter(
            Name=name, Value=str(given["Value"]), Type=given.get("Type", "String")
        )
        return {"Ref": name, "Type": given.get("Type", "String"), "Value": given["Value"]}

    def _s3_bucket(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("BucketName", self._name(logical_id).lower())
        self._client("s3").create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=given.get("ObjectLockEnabled") in (True, "true"),
        )
        if given.get("VersioningConfiguration", {}).get("Status") == "Enabled":
            self._client("s3").put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
        return {"Ref": name, "Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com"}

    def _iam_role(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("RoleName", self._name(logical_id))[:64]
        return {"Ref": name, "Arn": self._role(name)}

    def _role(self, name: str) -> str:
        """The ARN of a role; Lambda refuses one that does not exist."""
        self.on_demand.add(
            "iam", lambda: self._client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        )
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def _cognito_userpool(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        pool = f"{REGION}_{self._short_id(logical_id)}"
        provider = f"cognito-idp.{REGION}.amazonaws.com/{pool}"
        arn = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}"
        return {
            "Ref": pool,
            "UserPoolId": pool,
            "Arn": arn,
            "ProviderName": provider,
            "ProviderURL": f"https://{provider}",
        }

    def _cognito_userpoolclient(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        client = self._short_id(logical_id) * 2
        return {"Ref": client, "ClientId": client}

    def _lambda_function(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("FunctionName", self._name(logical_id))
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        path = self.template.paths.get(logical_id)
        if path is None:
            raise TemplateError(f"{logical_id}: only code in a folder can run here")
        timeout, memory = float(given.get("Timeout", 3)), int(given.get("MemorySize", 128))
        variables = {key: self._on_this_machine(str(value)) for key, value in self._variables(given).items()}
        variables |= {key: value for key, value in (QUIET | self._overrides).items() if key in variables}
        variables |= {
            "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory), "TZ": "UTC",
        }  # fmt: skip
        self.runtime.functions[name] = Function(
            name, path.name, path, given["Handler"], arn, timeout, memory, variables
        )
        role = given.get("Role") or self._role(f"{logical_id}-local")
        self.on_demand.add(
            "lambda",
            lambda: self._client("lambda").create_function(
                FunctionName=name,
                Runtime=given.get("Runtime", "python3.13"),
                Handler=given["Handler"],
                Role=role,
                Timeout=int(timeout),
                MemorySize=memory,
                Code={"ZipFile": b"the code runs from its folder"},
                Environment={"Variables": variables},
            ),
        )
        return {"Ref": name, "Arn": arn}

    def _variables(self, given: dict[str, Any]) -> dict[str, Any]:
        variables: dict[str, Any] = given.get("Environment", {}).get("Variables", {})
        return variables

    def _on_this_machine(self, value: str) -> str:
        """A path inside a layer, which is under /opt on AWS, is the same file of the layer's folder here."""
        if value.startswith("/opt/"):
            inside = value.removeprefix("/opt/").removeprefix("python/")
            for logical_id, path in self.template.paths.items():
                if self.template.serverless[logical_id] == "AWS::Serverless::LayerVersion":
                    for root in (path, path / "python"):
                        if (root / inside).exists():
                            return str(root / inside)
        return value

    def _lambda_version(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        arn = self.runtime.functions[given["FunctionName"].split(":")[-1]].arn
        return {"Ref": arn, "FunctionArn": arn, "Version": "$LATEST"}

    def _lambda_alias(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        arn = self.runtime.functions[given["FunctionName"].split(":")[-1]].arn
        return {"Ref": f"{arn}:{given['Name']}", "AliasArn": f"{arn}:{given['Name']}"}

    def _lambda_eventsourcemapping(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        source = given["EventSourceArn"]
        if ":dynamodb:" not in source:
            raise TemplateError(f"{logical_id}: only DynamoDB streams are read here, not {source}")
        retries = int(given.get("MaximumRetryAttempts", -1))
        filters = [
            json.loads(entry["Pattern"]) for entry in given.get("FilterCriteria", {}).get("Filters", [])
        ]
        failure = given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        self.mappings.append(
            Mapping(
                function=given["FunctionName"].split(":function:")[-1].split(":")[0],
                table=source.split("/")[1],
                stream_arn=source,
                batch_size=int(given.get("BatchSize", 100)),
                attempts=None if retries < 0 else retries + 1,
                bisect=bool(given.get("BisectBatchOnFunctionError", False)),
                partial="ReportBatchItemFailures" in given.get("FunctionResponseTypes", []),
                filters=filters,
                on_failure=failure,
            )
        )
        return {"Ref": self._name(logical_id), "Id": self._name(logical_id)}

    def _stepfunctions_statemachine(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("StateMachineName", self._name(logical_id))
        path = self.template.paths.get(logical_id)
        text = path.read_text(encoding="utf-8") if path is not None else given["DefinitionString"]
        for key, value in given.get("DefinitionSubstitutions", {}).items():
            text = text.replace("${" + key + "}", str(value))
        if path is not None and path.suffix in (".yaml", ".yml"):
            text = _as_json(text)
        arn = self._client("stepfunctions").create_state_machine(
            name=name, definition=text, roleArn=given.get("RoleArn", f"arn:aws:iam::{ACCOUNT}:role/local")
        )["stateMachineArn"]
        self.machines[arn] = _plain_name(path, logical_id)
        # Which revision a version is of, is known to `publish` alone; here each machine has the one that it was made with.
        return {"Ref": arn, "Arn": arn, "Name": name, "StateMachineRevisionId": "INITIAL"}

    def _stepfunctions_statemachineversion(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        arn = publish_version(given["StateMachineArn"])
        return {"Ref": arn, "Arn": arn}

    def _stepfunctions_statemachinealias(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        version = given["DeploymentPreference"]["StateMachineVersionArn"]
        routing = [{"stateMachineVersionArn": version, "weight": 100}]
        arn = self._client("stepfunctions").create_state_machine_alias(
            name=given["Name"], routingConfiguration=routing
        )["stateMachineAliasArn"]
        return {"Ref": arn, "Arn": arn}

    def _events_rule(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("Name", self._name(logical_id))
        self.rules.append(given | {"Name": name})
        return {"Ref": name, "Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"}

    def _scheduler_schedule(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("Name", self._name(logical_id))
        self.rules.append(given | {"Name": name, "Targets": [given["Target"]]})
        return {"Ref": name, "Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"}

    def _apigatewayv2_api(self, logical_id: str, given: dict[str, Any]) -> dict[str, Any]:
        identity = self._short_id(logical_id)
        self.apis[logical_id] = given
        return {
            "Ref": identity,
            "ApiId": identity,
            "ApiEndpoint": f"https://{identity}.execute-api.{REGION}.amazonaws.com",
        }


@functools.lru_cache(maxsize=256)
def _as_json(text: str) -> str:
    """The definition as JSON; kept on disk, since YAML takes a while to read."""
    name = kept.key(text)
    content = kept.find("definitions", name)
    if content is None:
        content = json.dumps(yaml.load(text, SafeLoader)).encode()  # noqa: S506 - a safe loader
        kept.keep("definitions", name, content)
    return content.decode()


def _plain_name(path: Path | None, logical_id: str) -> str:
    return path.name.split(".")[0] if path is not None else logical_id

"""The composition root: the one place where the parts are put together from the environment of a Lambda."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from sangfroid import wall_clock
from sangfroid.casework.organisation import in_force
from sangfroid.desk import Desk
from sangfroid.evidence import vault as evidence_vault
from sangfroid.freeze.locks import Locks
from sangfroid.freeze.machine import Machine
from sangfroid.http.sign_in import SignIn, SignInSettings
from sangfroid.listening.secrets import Secrets
from sangfroid.observability import count_events, logger
from sangfroid.organisation import Organisation, load
from sangfroid.organisation_parts import ChannelSettings, Triage
from sangfroid.organisation_source import Current, Versions
from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.aws import code_of
from sangfroid.outbound.channels.base import Channel, Parts
from sangfroid.outbound.errors import ChannelRefused, NotConnected
from sangfroid.table import DynamoTable, Table
from sangfroid.tracing.looking import Looking
from sangfroid.triage import Bedrock, Embedded
from sangfroid.triage.bedrock import Converse
from sangfroid.triage.report import Classifier
from sangfroid.triage.wording import SECONDS, BedrockDrafter, Drafter

if TYPE_CHECKING:
    from sangfroid.tracing.findings import Tracing
    from sangfroid.tracing.tracer import Tracer

# At DEBUG botocore logs every request with the session token of the Lambda, and every secret that it reads.
logging.getLogger("botocore").setLevel(logging.INFO)


class EnvironmentFault(Exception):
    """A Lambda lacks an environment variable; the message names all that are missing."""


@dataclass(frozen=True)
class Environment:
    """What a Lambda is told by its environment, read once when it is loaded."""

    table_name: str
    stack_name: str
    organisation_file: str = ""
    organisation_bucket: str = ""
    email_set: str | None = None
    """The stack's own configuration set of SES, for those functions that send or stop e-mail."""
    stage: str = "prod"
    """What the deployment is for. Outside `prod` a freeze holds back what the desk sends, and stops nobody's account."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Environment:
        """Read the environment; raises EnvironmentFault with every missing name."""
        env = os.environ if env is None else env
        missing = [name for name in ("TABLE_NAME", "STACK_NAME") if not env.get(name)]
        file, bucket = env.get("ORGANISATION_FILE", ""), env.get("ORGANISATION_BUCKET", "")
        if not file and not bucket:
            missing.append("ORGANISATION_BUCKET (or ORGANISATION_FILE)")
        if missing:
            raise EnvironmentFault(f"missing environment variables: {', '.join(missing)}")
        return cls(
            env["TABLE_NAME"],
            env["STACK_NAME"],
            file,
            bucket,
            env.get("EMAIL_CONFIGURATION_SET") or None,
            # Whoever leaves the stage out has the real desk: a freeze that stops nothing would be the worse mistake.
            env.get("STAGE") or "prod",
        )


class Channels:
    """The adapters of the organisation's channels, each built when it is first needed."""

    def __init__(
        self, organisation: Organisation, table: Table, stack_name: str, email_set: str | None = None
    ) -> None:
        self._organisation = organisation
        self._table = table
        self._stack = stack_name
        self._built: dict[str, tuple[ChannelSettings, Channel]] = {}
        self._email_set = email_set
        self._clients: dict[str, Any] = {}
        # Deliveries that leave together call on threads of their own. Clients serve many threads; making one does not.
        self._making = RLock()

    def __call__(self, channel_id: str) -> Channel:
        with self._making:
            return self._adapter(channel_id)

    def _adapter(self, channel_id: str) -> Channel:
        settings = self._organisation.channel(channel_id)
        built = self._built.get(channel_id)
        if built is None or built[0] != settings:  # the organisation may have changed since
            if settings.type not in ADAPTERS:
                raise ChannelRefused(f"no adapter for channel type {settings.type!r}", permanent=True)
            parts = Parts(
                channel_id=channel_id,
                settings=settings.settings,
                time_limit=settings.time_limit,
                credentials=self._credentials(channel_id),
                table=self._table,
                client=lambda service: self._client(service, settings.time_limit.total_seconds()),
                email_set=self._email_set,
            )
            built = self._built[channel_id] = (settings, ADAPTERS[settings.type](parts))
        return built[1]

    def _client(self, service: str, seconds: float) -> Any:
        with self._making:
            if service not in self._clients:
                # One attempt only: whether a call may be repeated is decided by the door, never by a client library (I6).
                config = Config(
                    connect_timeout=min(3.0, seconds),
                    read_timeout=seconds,
                    retries={"total_max_attempts": 1, "mode": "standard"},
                )
                # The names of services are many; each adapter knows its own.
                make: Any = boto3.client
                self._clients[service] = make(service, config=config)
            return self._clients[service]

    def _credentials(self, channel_id: str) -> Callable[[], Mapping[str, Any]]:
        def read() -> Mapping[str, Any]:
            # Read at every use: a rotated secret serves from the next call on.
            client = self._client("secretsmanager", 5.0)
            try:
                answer = client.get_secret_value(SecretId=f"{self._stack}/channels/{channel_id}")
            except ClientError as error:
                code = code_of(error)
            else:
                secret: Mapping[str, Any] = json.loads(answer["SecretString"])
                return secret
            # Raised outside the handler: the original error holds the service's answer.
            if code == "ResourceNotFoundException":
                raise NotConnected("the channel has no credentials yet")
            # AccessDenied while the second lock of a freeze stands: nothing was sent.
            raise ChannelRefused(f"the channel's credentials cannot be read ({code})")

        return read


def chosen_classifier(settings: Triage, client: Callable[[float], Converse] | None = None) -> Classifier:
    """The classifier that the organisation names; `client` makes Bedrock's client from the time limit in seconds."""
    if settings.model != "bedrock" or settings.bedrock_model_id is None:
        return Embedded.load()
    seconds = settings.time_limit.total_seconds()
    made = (client or _bedrock_client)(seconds)
    return Bedrock(made, settings.bedrock_model_id, Embedded.load(), seconds)


def chosen_drafter(settings: Triage, client: Callable[[float], Converse] | None = None) -> Drafter | None:
    """Who words first drafts, or None where the playbook's stand as they are."""
    if settings.drafts != "bedrock" or settings.bedrock_model_id is None:
        return None
    return BedrockDrafter((client or _bedrock_client)(SECONDS), settings.bedrock_model_id)


def _bedrock_client(seconds: float) -> Converse:
    # One attempt, cut off at the time limit: afterwards the embedded classifier decides, nobody waits for a retry.
    config = Config(
        connect_timeout=3.0, read_timeout=seconds, retries={"total_max_attempts": 1, "mode": "standard"}
    )
    made: Any = boto3.client
    client: Converse = made("bedrock-runtime", config=config)
    return client


def versions() -> Versions:
    """The versions of the organisation, for the Lambda `organisation`. Raises EnvironmentFault."""
    bucket = os.environ.get("ORGANISATION_BUCKET")
    if not bucket:
        raise EnvironmentFault("missing environment variables: ORGANISATION_BUCKET")
    return Versions(_s3(), bucket)


def _s3() -> Any:
    config = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"})
    made: Any = boto3.client
    return made("s3", config=config)


def organisation_source(environment: Environment) -> Callable[[], Organisation]:
    """Gives the organisation that holds at the moment: the active version of the bucket, or always that of a file."""
    if environment.organisation_file:
        fixed = load(environment.organisation_file)
        return lambda: fixed
    return Current(Versions(_s3(), environment.organisation_bucket), _organisation_not_read)


def _organisation_not_read(error: Exception) -> None:
    logger.error("organisation_not_read", exc_info=error)


def desk() -> Desk:
    """The desk of a Lambda, put together from its environment; called once, when the Lambda is loaded."""
    environment = Environment.from_env()
    source = organisation_source(environment)
    table = DynamoTable(environment.table_name)
    organisation = in_force(source, table)
    channels = Channels(organisation, table, environment.stack_name, environment.email_set)
    return Desk(
        table,
        organisation,
        # Loaded on first use: of nine Lambdas one classifies. The environment is read now, with everything else.
        cache(lambda: chosen_classifier(organisation.triage)),
        channels,
        wall_clock.now,
        count_events,
        vault=evidence_vault.from_env(),
        drafter=cache(lambda: chosen_drafter(organisation.triage)),
    )


def listening() -> Secrets:
    """The secrets of listening sources, for the Lambda `api`."""
    return Secrets(Environment.from_env().stack_name)


def looking(whole: Desk) -> Looking:
    """Looks at pages before they are reported, for the Lambda `api`."""

    def tracer() -> Tracer:
        from sangfroid.tracing.fetch import Fetcher, Limits  # what it needs of HTTP, few calls use
        from sangfroid.tracing.tracer import Tracer

        # Up to four fetches within the time of one call.
        return Tracer(Fetcher(limits=Limits(seconds=4.0)))

    return Looking(whole.casework, cache(tracer))


def sign_in() -> SignIn:
    """Exchanges the codes of the login, for the Lambda `api`."""
    return SignIn(SignInSettings.from_env(os.environ))


def tracing() -> Tracing:
    """Looks at pages of the public internet, for the Lambda `trace`."""
    # What it needs of HTTP, only one Lambda uses.
    from sangfroid.tracing.fetch import Fetcher
    from sangfroid.tracing.findings import Tracing
    from sangfroid.tracing.tracer import Tracer

    whole = desk()
    return Tracing(whole.casework, whole.evidence, Tracer(Fetcher()))


def freeze_machine() -> Machine:
    """The steps of the machine `freeze`, for the Lambdas `freeze` and `release`.

    Besides the desk's environment: `SENDING_ROLES` (ARNs, separated by commas) and `RELEASE_ROLE` (ARN). Raises EnvironmentFault.
    """
    missing = [name for name in ("SENDING_ROLES", "RELEASE_ROLE") if not os.environ.get(name)]
    if missing:
        raise EnvironmentFault(f"missing environment variables: {', '.join(missing)}")
    client = boto3.client(
        "secretsmanager", config=Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3})
    )
    environment = Environment.from_env()
    locks = Locks(
        client,
        environment.stack_name,
        tuple(os.environ["SENDING_ROLES"].split(",")),
        os.environ["RELEASE_ROLE"],
    )
    whole = desk()
    silences = environment.stage == "prod"
    return Machine(whole.casework, whole.freezer, whole.teller, whole.channels, locks, silences=silences)

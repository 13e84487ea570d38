"""The local stack: one object that holds the deployed template, its clock and its doors. One at a time in a process."""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local import RUNNING, identity, local_api, virtual_threads
from local.answers import Request, Response
from local.faults import Faults, Outbox, around_aws_call
from local.lambdas import Runtime
from local.template import ACCOUNT, REGION, Template
from local.virtual_time import CLOCK, Clock

ROOT = Path(__file__).resolve().parent.parent
SETTLE_PATIENCE = 3.0  # real seconds that a request waits for what it has caused
MOST_CORES = 4  # that embed one text together: more wait for each other longer than they save
READS = ("GET", "HEAD", "OPTIONS")
_running: list[Stack] = []


class Stack:
    """The deployed template on this machine. Make it with ``Stack.start``."""

    @classmethod
    def start(
        cls,
        template: str | Path = "template.yaml",
        now: datetime | None = None,
        organisation: str | Path | None = None,
        serve_port: int | None = None,
        parameters: dict[str, str] | None = None,
    ) -> Stack:
        """Deploys a template; returns when it is ready. The clock stands still until it is advanced or given a speed.

        ``template``: its path, relative to the repository's root. ``now``: aware; the real time if left out.
        ``organisation``: the organisation's YAML in place of the template's. ``serve_port``: also serves HTTP there.
        Raises RuntimeError while another stack runs in this process, TemplateError, OSError for a taken port.
        """
        if _running:
            raise RuntimeError("one stack at a time in a process: stop the other one first")
        stack = cls(ROOT / template, organisation, parameters or {})
        _running.append(stack)
        try:
            stack._begin(now or datetime.now(UTC), serve_port)
        except BaseException:
            stack.stop()
            raise
        return stack

    @classmethod
    def borrow(
        cls,
        template: str | Path = "template.yaml",
        now: datetime | None = None,
        organisation: str | Path | None = None,
    ) -> Stack:
        """For tests: the stack of this process, empty, at ``now`` and standing still; started if need be.

        A stack of another template is stopped first. Whoever borrows does not stop it: the process takes it along.
        """
        wanted = (ROOT / template, organisation)
        for stack in _running.copy():
            if (stack.template_path, stack._organisation) == wanted and stack.port is None:
                stack.clock.set_speed(0)
                stack.clock.interleave(None)
                stack.reset(now or datetime.now(UTC))
                return stack
            stack.stop()
        return cls.start(template, now, organisation)

    def __init__(self, template: Path, organisation: str | Path | None, parameters: dict[str, str]) -> None:
        self.clock: Clock = CLOCK
        self.template_path = template
        self._organisation = organisation
        self._overrides = {"ORGANISATION_FILE": str(Path(organisation).resolve())} if organisation else {}
        self._parameters = parameters
        self._clients: dict[str, Any] = {}
        self._gate = threading.Condition()
        self._inside = 0
        self._closed = False
        self._mock: Any = None
        self._server: Any = None
        self._partner: Any = None
        self.stopped = threading.Event()
        self._environment: dict[str, str | None] = {}
        self.channels: list[str] | None = None
        self.organisation: dict[str, Any] = {}
        self.faults = Faults(self._functions, lambda: self.channels)
        self._outbox = Outbox(self.faults)
        self.runtime = Runtime(self.faults)

    # Using it ----------------------------------------------------------------------------------------------------
    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Sends a request through the same door as HTTP does, without a socket.

        ``path`` may carry a query. ``body``: bytes and text go as they are, anything else as JSON.
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        content = b""
        if isinstance(body, (bytes, str)):
            content = body.encode("utf-8") if isinstance(body, str) else body
        elif body is not None:
            content = json.dumps(body).encode("utf-8")
            sent.setdefault("content-type", "application/json")
        plain, _, query = path.partition("?")
        sent.setdefault("host", "localhost")
        return self.handle(Request(method.upper(), plain, query, sent, content))

    def handle(self, request: Request) -> Response:
        """The door: local test interface, AWS calls, or the HTTP API. What changes something is answered settled."""
        if request.path == "/_local/reset":
            return local_api.handle(self, request)
        with self._entered():
            if request.path.startswith("/_local/"):
                return local_api.handle(self, request)
            from local import aws_door

            if aws_door.is_aws(request):
                answer = local_api.foreign(request) or aws_door.handle(request, self)
            else:
                self.clock.catch_up()
                answer = self.api.handle(request)
            if request.method not in READS:
                self.clock.settled(SETTLE_PATIENCE)
            return answer

    def settle(self) -> None:
        """Returns when every managed thread is parked and the streams are drained. Raises NotSettled."""
        self.clock.settle()

    def token(self, sub: str, roles: list[str], life: timedelta = identity.LIFE) -> str:
        """A token that the API accepts for ``life``, for a person with these roles."""
        authorizer = self._authorizer
        audience = authorizer.audiences[0] if authorizer.audiences else "local"
        return identity.make(sub, roles, authorizer.issuer, audience, self.clock.now(), life)

    def client(self, service: str) -> Any:
        """A boto3 client on the stack; one a service."""
        if service not in self._clients:
            import boto3

            make: Any = boto3.client
            self._clients[service] = make(
                service,
                region_name=REGION,
                aws_access_key_id="local",
                aws_secret_access_key="local",  # noqa: S106
            )
        return self._clients[service]

    def executions(self) -> list[dict[str, Any]]:
        """Every execution in the order of its start: {"machine", "name", "status", "start", "stop", "arn"}.

        ``machine`` is the name of its file under statemachine/; times are aware, ``stop`` None while it runs.
        """
        from moto.stepfunctions.parser.models import stepfunctions_parser_backends

        found = [
            {
                "machine": self.deployment.machines.get(machine.arn, machine.name),
                "name": execution.name,
                "status": execution.status,
                "start": execution.start_date,
                "stop": execution.stop_date,
                "arn": execution.execution_arn,
            }
            for machine in stepfunctions_parser_backends[ACCOUNT][REGION].state_machines
            for execution in machine.executions
        ]
        return sorted(found, key=lambda entry: entry["start"])

    def outbox(self, since: datetime | None = None) -> list[dict[str, Any]]:
        """Everything that left the system, as the contract's ``/_local/outbox`` shows it."""
        return self._outbox.items(since)

    def _functions(self) -> list[str]:
        return self.runtime.folders()

    # Life --------------------------------------------------------------------------------------------------------
    def reset(self, now: datetime | None = None) -> None:
        """Empty again: no data, no executions, no outbox, no faults. The time goes on, unless ``now`` is given."""
        with self._alone():
            speed = self.clock.speed
            self.clock.set_speed(0)
            self._forget()
            self._deploy(now or self.clock.now())
            self.clock.set_speed(speed)

    def stop(self) -> None:
        """Ends everything; no thread, port or patched hook stays behind. Stopping twice is no error."""
        if self not in _running:
            return
        from local.mends import clients, short_way

        with self._gate:
            self._closed = True
        if self._server is not None:
            self._server.stop()
        self.clock.set_speed(0)
        if self._partner is not None:
            self._partner.stop()
        self._forget()
        if self._mock is not None:
            self._mock.stop()
        for name, value in self._environment.items():
            _set_variable(name, value)
        self._clients.clear()
        for module in (clients, short_way):
            module.dismiss()
        virtual_threads.dismiss()
        gc.unfreeze()
        _running.remove(self)
        self.stopped.set()
        # A stack is one large knot, and the collector comes by too seldom to see it before the next one is frozen with it.
        gc.collect()

    @property
    def port(self) -> int | None:
        """The port of the HTTP door, or None without one."""
        return None if self._server is None else int(self._server.port)

    def _begin(self, now: datetime, serve_port: int | None) -> None:
        settings: dict[str, str | None] = {
            "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
            "POWERTOOLS_TRACE_DISABLED": "true", "POWERTOOLS_METRICS_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
            # Whoever has an account of their own configured keeps it out of here.
            "ORGANISATION_FILE": None, "ORGANISATION_BUCKET": None,
            "AWS_SESSION_TOKEN": None, "AWS_PROFILE": None, "AWS_ENDPOINT_URL": None, "AWS_SECURITY_TOKEN": None,
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }  # fmt: skip
        for name, value in settings.items():
            self._environment[name] = os.environ.get(name)
            _set_variable(name, value)
        if serve_port is not None:
            from local.http_door import Server

            # The port is taken before the slow part, so that a taken one is told at once.
            self._server = Server(serve_port, self.handle)
        from moto import mock_aws

        from local import mends

        mends.apply()
        config: Any = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
        self._mock = mock_aws(config=config)
        self._mock.start()
        self.template = Template(self.template_path, self._parameters)
        self._deploy(now)
        # The parsed template, the engine and its grammar stay for good: the collector need not look at them again and
        # again, which would take longer than most executions.
        gc.freeze()
        gc.set_threshold(*RUNNING)
        if self._server is not None:
            self._server.start()

    def _deploy(self, now: datetime) -> None:
        from local import mends
        from local.deploy import Deployment
        from local.http_api import HttpApi, local_authorizer
        from local.mends import calls, dynamodb, executions, lambda_door
        from local.schedules import Schedules
        from local.streams import Pump

        mends.apply()
        self.clock.restart(now)
        self.runtime.functions.clear()
        self._import_layers()
        self.deployment = Deployment(self.template, self.runtime, self.client, self._overrides)
        self.deployment.deploy()
        self.outputs = {
            name: self.deployment.resolve(output["Value"])
            for name, output in self.template.outputs.items()
            if "Condition" not in output or self.template.condition(output["Condition"])
        }
        self.api = HttpApi(self.deployment, self.runtime)
        self._authorizer = self.api.authorizer() or local_authorizer()
        lambda_door.invoke_function[:] = [self.runtime.invoke]
        lambda_door.mappings[:] = self.deployment.mappings
        calls.before_service[:] = [self.deployment.on_demand.prepare]
        calls.around_call[:] = [around_aws_call(self.faults)]
        self.pumps = [
            Pump(mapping, self.runtime, self._send_to_queue) for mapping in self.deployment.mappings
        ]
        dynamodb.on_record[:] = self.pumps
        for pump in self.pumps:
            pump.start()
        schedules = Schedules(self.deployment.rules, self.runtime, self.client, self.deployment.machines)
        executions.on_end[:] = [schedules.execution_ended]
        schedules.start()
        self._install_domain()
        self._seed()

    def _import_layers(self) -> None:
        for logical_id, path in self.template.paths.items():
            if self.template.serverless[logical_id] == "AWS::Serverless::LayerVersion":
                root = str(path / "python" if (path / "python").is_dir() else path)
                if root not in sys.path:
                    sys.path.insert(0, root)

    def _install_domain(self) -> None:
        if str(ROOT / "shared") not in sys.path:
            sys.path.insert(0, str(ROOT / "shared"))
        from local.side_by_side import run
        from sangfroid import side_by_side, wall_clock
        from sangfroid.outbound import hooks
        from sangfroid.triage import sentences

        wall_clock.install(now=self.clock.now, sleep=self.clock.sleep)
        side_by_side.install(run)
        hooks.around_channel = self._outbox.around_channel
        sentences.around = self.clock.aside
        # Tests run side by side; a desk that serves has the machine to itself.
        sentences.cores = 1 if self._server is None else min(MOST_CORES, os.cpu_count() or 1)

    def _seed(self) -> None:
        """What an operator prepares once in an account; nothing for a template without an organisation."""
        environments = [function.environment for function in self.runtime.functions.values()]
        bucket = next(
            (one["ORGANISATION_BUCKET"] for one in environments if one.get("ORGANISATION_BUCKET")), None
        )
        file = next((one["ORGANISATION_FILE"] for one in environments if one.get("ORGANISATION_FILE")), None)
        if bucket is None and file is None:
            return
        from local.organisation_files import EXAMPLE, read_sound

        ready = read_sound(str(self._organisation or file or EXAMPLE), self.clock.now())
        if bucket is not None:
            from sangfroid.organisation_source import Versions

            # As `make upload-organisation` does it on AWS; the check is done, and a machine of one's own may start with
            # nights that nobody covers.
            versions = Versions(self.client("s3"), bucket)
            versions.hold(versions.keep(ready.text), "local", self.clock.now())
        self.channels = [channel.id for channel in ready.organisation.channels]
        self.organisation = ready.organisation.model_dump(mode="json")
        from local.partner import Partner
        from local.seed import sow

        self._partner = self._partner or Partner()
        self._partner.forget()
        self._outbox.recognised = self._partner.has
        sow(self, ready.organisation, self.template.stack_name, self._partner)

    def _forget(self) -> None:
        """Ends all work and empties every store."""
        from moto.core.base_backend import BackendDict

        from local.mends import calls, clients, dynamodb, executions, lambda_door, tokens

        for listeners in (
            calls.before_service,
            calls.around_call,
            lambda_door.invoke_function,
            dynamodb.on_record,
            executions.on_end,
        ):
            listeners.clear()
        self.clock.kill_all()
        for module in (calls, clients, dynamodb, executions, tokens):
            module.forget()
        self.faults.clear()
        self._outbox.clear()
        BackendDict.reset()
        from sangfroid import side_by_side, wall_clock
        from sangfroid.outbound import hooks
        from sangfroid.triage import sentences

        wall_clock.install()
        side_by_side.install()
        hooks.around_channel = None
        sentences.around, sentences.cores = None, 1

    def _send_to_queue(self, arn: str, message: dict[str, Any]) -> None:
        if ":sqs:" in arn:
            queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{arn.rsplit(':', 1)[1]}"
            self.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(message))
        else:
            self.client("sns").publish(TopicArn=arn, Message=json.dumps(message))

    @contextmanager
    def _entered(self) -> Iterator[None]:
        with self._gate:
            self._gate.wait_for(lambda: not self._closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._gate:
                self._inside -= 1
                self._gate.notify_all()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No request is inside; those that come wait."""
        with self._gate:
            self._gate.wait_for(lambda: not self._closed)
            self._closed = True
            self._gate.wait_for(lambda: self._inside == 0, SETTLE_PATIENCE)
        try:
            yield
        finally:
            with self._gate:
                self._closed = False
                self._gate.notify_all()


def _set_variable(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value

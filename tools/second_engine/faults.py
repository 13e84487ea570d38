"""What the second engine does otherwise than AWS documents, each fault with its proof: a small machine that shows it.

A fault that keeps a story from its close is mended for the play, by as little as can be; the others only stand here. When a new
version of the engine has lost a fault, its proof says so and the lane fails: then the entry goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.second_engine.probe import Probe

TASK = "arn:aws:states:::lambda:invoke"


@dataclass(frozen=True)
class Fault:
    """One fault: what is wrong, where AWS documents it, which states of ours meet it.

    `shown(probe)`: whether the engine still has it. `mend(engine)`: what is changed for a play, where a story needs it.
    """

    id: str
    what: str
    source: str
    where: str
    shown: Callable[[Probe], bool]
    mend: Callable[[Any], None] | None = None


def _evaluated_limit(second: Any) -> None:
    plain = second._execute_task

    def execute(state: dict[str, Any], given: Any, execution: Any, ctx: Any) -> Any:
        if isinstance(state.get("TimeoutSeconds"), str):
            limit = second._jsonata_state_field(state, "TimeoutSeconds", "number", given, ctx)
            state = state | {"TimeoutSeconds": limit}
        return plain(state, given, execution, ctx)

    second._execute_task = execute


def _output_of_succeed(second: Any) -> None:
    plain = second._apply_output_path

    def output(state: dict[str, Any], data: Any, ctx: Any = None) -> Any:
        if state.get("Type") == "Succeed" and second._state_query_language(state, ctx) == "JSONata":
            return second._apply_jsonata_output(state, data, ctx, default=data)
        return plain(state, data, ctx)

    second._apply_output_path = output


def _parallel(second: Any) -> None:
    plain = second._run_parallel_branches

    def branches(state: dict[str, Any], given: Any, execution: Any, ctx: Any) -> Any:
        entered = dict(ctx["State"])
        results, following = plain(state, given, execution, ctx)
        ctx["State"] = entered
        output = second._apply_jsonata_output(state, given, ctx, result=results, default=results)
        second._apply_state_assign(state, given, ctx, result=results)
        return output, following

    second._run_parallel_branches = branches


def _pass(output: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Output": output, "End": True} | more


_BRANCH = {"StartAt": "B", "States": {"B": _pass(1)}}

FAULTS = (
    Fault(
        "limit-as-expression",
        "TimeoutSeconds given as an expression is not evaluated: a wait for a token breaks with a type error of Python, which "
        "ends the execution past every Catch",
        "docs.aws.amazon.com/step-functions/latest/dg/state-task.html (TimeoutSeconds takes a JSONata expression)",
        "ask.WaitForPeople",
        lambda probe: probe.outcome({"A": {"Type": "Task", "Resource": TASK, "Arguments": {"FunctionName": "none", "Payload": {}},
                               "TimeoutSeconds": "{% 1 %}", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": True},
                         "C": _pass("caught")}) != "caught",
        _evaluated_limit,
    ),
    Fault(
        "output-of-succeed",
        "Output of a Succeed state is ignored: the machine answers with what went into the state",
        "docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html (Output in JSONata states)",
        "every Succeed with an Output; its caller takes the wrong branch",
        lambda probe: probe.outcome({"A": {"Type": "Succeed", "Output": {"outcome": "closed"}}}) != {"outcome": "closed"},
        _output_of_succeed,
    ),
    Fault(
        "output-of-parallel",
        "Output and Assign of a Parallel state are ignored; what its branches wrote into the context object stays in it",
        "docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html (Output, Assign)",
        "freeze.StopEverything",
        lambda probe: probe.outcome({"A": {"Type": "Parallel", "Branches": [_BRANCH], "Output": "mine", "Next": "C"},
                         "C": _pass("{% $states.input %}")}) != "mine",
        _parallel,
    ),
    Fault(
        "assign-one-after-another",
        "an Assign sees what the same Assign has just set; AWS evaluates all of it with the values from before",
        "docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (evaluation order in an Assign field)",
        "no state: none of ours reads in an Assign what it sets there",
        lambda probe: probe.outcome({"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
                         "B": {"Type": "Pass", "Assign": {"x": 2, "y": "{% $x %}"}, "Next": "C"},
                         "C": _pass("{% $y %}")}) != 1,
    ),
    Fault(
        "error-of-a-child",
        "a failed child fails its parent with the child's own error name; AWS says States.TaskFailed",
        "docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html (.sync)",
        "no state: every .sync state of ours catches States.ALL",
        lambda probe: probe.outcome({"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
                               "Arguments": {"StateMachineArn": "FAILING", "Input": {}}, "End": True,
                               "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Output": "{% $states.errorOutput.Error %}",
                                          "Next": "C"}]},
                         "C": _pass("{% $states.input %}")}) != "States.TaskFailed",
    ),
    Fault(
        "longest-delay",
        "MaxDelaySeconds and JitterStrategy are not read: every pause is the backoff, at most 60 s",
        "docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (MaxDelaySeconds, JitterStrategy)",
        "publication (all deliveries: up to 600 s) would repeat sooner; no repetition is needed in the stories",
        lambda probe: probe.play({"A": {"Type": "Task", "Resource": TASK, "Arguments": {"FunctionName": "none", "Payload": {}},
                                        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 40, "BackoffRate": 1,
                                                   "MaxDelaySeconds": 10, "MaxAttempts": 1}],
                                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": True},
                                  "C": _pass(0)}).seconds > 30,
    ),
    Fault(
        "events-are-waited-for",
        "InvocationType Event is not read: the state waits for the function and fails with it",
        "docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html (InvocationType)",
        "crisis.TraceTheSource: the same path, one step later",
        lambda probe: probe.outcome({"A": {"Type": "Task", "Resource": TASK, "End": True,
                               "Arguments": {"FunctionName": "ECHO", "InvocationType": "Event", "Payload": {"a": 1}},
                               "Output": "{% $states.result.StatusCode %}"}}) != 202,
    ),
    Fault(
        "a-callback-that-fails",
        "where the function of a .waitForTaskToken state fails, the failure is dropped and the state waits until its time limit",
        "docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html (wait for callback)",
        "the four waits for people would be asked for again only after a silence; the function does not fail in the stories",
        lambda probe: probe.outcome({"A": {"Type": "Task", "Resource": TASK + ".waitForTaskToken", "End": True,
                               "TimeoutSeconds": 5,
                               "Arguments": {"FunctionName": "none", "Payload": {}},
                               "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}",
                                          "Next": "C"}]},
                         "C": _pass("{% $states.input %}")}) == "States.Timeout",
    ),
    Fault(
        "no-history-of-branches",
        "states within a Parallel or a Map leave no events in the history; they are counted here where the engine looks them up",
        "docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html",
        "freeze, publication, release and what else has a Map: nothing of ours reads a history",
        lambda probe: "PassStateEntered"
        not in probe.play({"A": {"Type": "Parallel", "Branches": [_BRANCH], "End": True}}).events,
    ),
    Fault(
        "stopping",
        "StopExecution takes effect only when the state that runs is over, and leaves the child of a .sync state running",
        "docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html",
        "no state: nothing of ours stops an execution",
        lambda probe: probe.child_of_a_stopped_execution() == "SUCCEEDED",
    ),
)  # fmt: skip
"""Every fault that is known, mended or not."""

MENDS = tuple(fault.mend for fault in FAULTS if fault.mend is not None)

# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""JSONata: moto has no engine for it; its way of writing variables into the expression breaks on a quote in a text.

Here every expression is compiled once and its variables are bound as values.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
import re
import uuid
from datetime import datetime
from typing import Any

from local.virtual_time import CLOCK

_STATES = re.compile(r"\$states\b")
_STATES_PART = re.compile(r"\$states\.(?:input|context|result|errorOutput)\b")


def to_query(value: Any) -> Any:
    """JSON for the query engine: null becomes its null, since None stands for "nothing" there."""
    from jsonata.utils import Utils

    kind = type(value)
    if kind is str or kind is bool or kind is int or kind is float:
        return value
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: to_query(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_query(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def from_query(value: Any) -> Any:
    """Plain JSON out of an answer: whole numbers as int, as AWS writes them. TypeError for a function."""
    from jsonata.utils import Utils

    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {key: from_query(item) for key, item in value.items()}
    if isinstance(value, (list, range)) or hasattr(value, "__iter__"):
        return [from_query(item) for item in value]
    raise TypeError("returned an unsupported result type.")


@functools.lru_cache(maxsize=8192)
def _compiled(expression: str) -> Any:
    from jsonata.jsonata import Jsonata

    query = Jsonata(expression)
    query.set_output_convert_nulls(False)
    # AWS adds these to JSONata; moto answers $uuid and $hash with an apology.
    query.register_lambda("uuid", lambda *_: str(uuid.uuid4()))
    query.register_lambda("parse", lambda text, *_: to_query(json.loads(text)))
    query.register_lambda("hash", _hash)
    query.register_lambda("random", lambda seed=None, *_: random.Random(seed).random())
    return query


def _hash(value: Any, algorithm: str, *_: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(from_query(value), separators=(",", ":"))
    return hashlib.new(algorithm.replace("-", "").lower(), text.encode()).hexdigest()


def evaluate(expression: str, bindings: dict[str, Any]) -> Any:
    """The answer in the query engine's own values; None where there is nothing. Raises what the engine raises."""
    from jsonata.jsonata import Jsonata

    query = _compiled(expression)
    Jsonata.CURRENT.jsonata = query
    return query.evaluate(None, bindings)


_MISSING = object()
_PATH = re.compile(r"\s*\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\s*")


@functools.lru_cache(maxsize=8192)
def _steps(expression: str) -> tuple[str, ...]:
    """The names of an expression that is nothing but a variable and the way into it, or ()."""
    path = _PATH.fullmatch(expression)
    return (path[1], *path[2].split(".")[1:]) if path is not None else ()


def _looked_up(expression: str, env: Any) -> Any:
    """What such an expression stands for; _MISSING, KeyError or TypeError where the query engine has to say it.

    A list on the way, or at its end, is the query engine's: it has rules of its own for them.
    """
    steps = _steps(expression)
    if not steps:
        return _MISSING
    store, first = env.variable_store, steps[0]
    if first == "states":
        value = env.states._states_data
    else:
        value = store._inner_scope[first] if first in store._inner_scope else store._outer_scope[first]
    for step in steps[1:]:
        if type(value) is not dict:
            return _MISSING
        value = value[step]
    return value


def apply() -> None:
    """Replaces the evaluation of ``{% … %}`` and of bare variables in the engine."""
    from jsonata.timebox import Timebox
    from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
    from moto.stepfunctions.parser.asl.component.common.error_name import failure_event, states_error_name
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
        StatesErrorNameType,
    )
    from moto.stepfunctions.parser.asl.component.common.string import string_expression
    from moto.stepfunctions.parser.asl.component.intrinsic.jsonata import get_intrinsic_functions_declarations
    from moto.stepfunctions.parser.asl.eval import variable_store
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
    from moto.stepfunctions.parser.asl.jsonata import jsonata as engine

    own_functions = {"$uuid", "$parse", "$hash"}
    parts = {"input", "context", "result", "errorOutput"}

    def failure(env: Any, cause: str) -> Any:
        name = states_error_name.StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
        details = EventDetails(
            evaluationFailedEventDetails=EvaluationFailedEventDetails(cause=cause, error=name.error_name)
        )
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.EvaluationFailed,
            event_details=details,
        )
        return failure_event.FailureEventException(
            failure_event.FailureEvent(
                env=env, error_name=name, event_type=HistoryEventType.EvaluationFailed, event_details=details
            )
        )

    @functools.lru_cache(maxsize=8192)
    def prepared(expression: str) -> tuple[str, frozenset[str], frozenset[str] | None]:
        """What is compiled, the variables that it names, and which parts of `$states` (None: maybe all)."""
        references = engine.extract_jsonata_variable_references(expression)
        functions = get_intrinsic_functions_declarations(references - own_functions)
        names = frozenset(reference.split(".")[0] for reference in references)
        of_states = [reference.split(".") for reference in references if reference.split(".")[0] == "$states"]
        named = all(len(path) > 1 and path[1] in parts for path in of_states)
        # Each look at the variable has its part behind it, or the part is not known from the text alone.
        plain = named and len(_STATES.findall(expression)) == len(_STATES_PART.findall(expression))
        parts_named = frozenset(path[1] for path in of_states) if plain else None
        return (f"({functions}{expression})" if functions else expression), names, parts_named

    def eval_body(self: Any, env: Any) -> None:
        try:
            known = _looked_up(self.expression, env)
        except (KeyError, TypeError):
            known = _MISSING
        if known is not _MISSING and type(known) is not list:
            env.stack.append(from_query(to_query(known)))
            return
        expression, names, parts_named = prepared(self.expression)
        bindings: dict[str, Any] = {}
        if "$states" in names:
            data = env.states._states_data
            bindings["states"] = to_query(
                data if parts_named is None else {part: data[part] for part in parts_named if part in data}
            )
        store = env.variable_store
        for scope in (store._outer_scope, store._inner_scope):
            for name, value in scope.items():
                if f"${name}" in names:
                    bindings[name] = to_query(value)
        try:
            answer = evaluate(expression, bindings)
            result = from_query(answer)
        except Exception as error:
            raise failure(env, f"The JSONata expression '{self.expression}' {error}") from error
        if answer is None:
            raise failure(env, f"The JSONata expression '{self.expression}' returned nothing (undefined).")
        env.stack.append(result)

    def evaluate_alone(expression: str) -> Any:
        return from_query(evaluate(expression, {}))

    plain_sample = string_expression.StringVariableSample._eval_body

    def eval_sample(self: Any, env: Any) -> None:
        jsonata_mode = self.query_language_mode == string_expression.QueryLanguageMode.JSONata
        (eval_body if jsonata_mode else plain_sample)(self, env)

    def encode(bindings: dict[str, Any]) -> str:
        return "".join(f"{name}:={json.dumps(value, default=str)};" for name, value in bindings.items())

    engine._eval_jsonata = evaluate_alone
    string_expression.StringJSONata._eval_body = eval_body
    string_expression.StringVariableSample._eval_body = eval_sample
    # Used for variables in JSONPath machines: a text with a quote in it must stay one text.
    variable_store.encode_jsonata_variable_declarations = encode
    Timebox.current_milli_time = staticmethod(lambda: CLOCK.micros() // 1000)

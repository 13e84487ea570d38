"""Faults of the organisation file: each with its place, its line, what is wrong and how it is mended, in French and English.

The words stand in `faults.yaml`. What pydantic finds is said in the same words.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from sangfroid.data_files import LOADER, data

Language = Literal["fr", "en"]
Place = tuple[str | int, ...]
LONGEST_VALUE = 80


@dataclass(frozen=True)
class Fault:
    """One fault. `place` is the way to it in the file; `values` fill the words of its code."""

    code: str
    place: Place = ()
    values: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None

    def told(self, language: Language) -> str:
        """The fault in one paragraph: line and place, what is wrong, how it is mended."""
        words = _words()[self.code][language]
        values = {name: _in(value, language) for name, value in self.values.items()}
        line = {"fr": "ligne", "en": "line"}[language]
        where = [f"{line} {self.line}"] if self.line else []
        where += [".".join(map(str, self.place))] if self.place else []
        colon = {"fr": " : ", "en": ": "}[language]
        told = f"{words['what'].format_map(values)}. {words['mend'].format_map(values)}"
        return f"{', '.join(where)}{colon}{told}" if where else told

    def shown(self) -> dict[str, object]:
        """The fault for a program: its code, its line, and its words in both languages."""
        return {"code": self.code, "line": self.line, "fr": self.told("fr"), "en": self.told("en")}


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    words: dict[str, dict[str, dict[str, str]]] = data("sangfroid", "faults.yaml")
    return words


@dataclass(frozen=True)
class InWords:
    """A value that is said differently in the two languages."""

    fr: str
    en: str


def _in(value: object, language: Language) -> str:
    return getattr(value, language) if isinstance(value, InWords) else str(value)


def nearest(given: object, known: Iterable[str]) -> InWords:
    """“Did you mean …?”, or nothing."""
    found = difflib.get_close_matches(str(given), list(known), 1, 0.6)
    return (
        InWords(f"Vouliez-vous dire « {found[0]} » ? ", f"Did you mean `{found[0]}`? ")
        if found
        else InWords("", "")
    )


def of_validation(error: ValidationError, model: type[BaseModel], before: Place = ()) -> list[Fault]:
    """What pydantic found wrong with `model`'s document, as faults; `before` is the way to that document in the file."""
    return [_fault(one, model, before) for one in error.errors(include_url=False)]


def _fault(one: Any, model: type[BaseModel], before: Place) -> Fault:
    place: Place = (*before, *(part for part in one["loc"] if not _is_inner(part)))
    kind, given = one["type"], one.get("input")
    value = str(given)
    value = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
    if kind == "extra_forbidden":
        name = str(place[-1])
        known = sorted(_names(model, one["loc"][:-1]))
        return Fault(
            "unknown_name", place, {"name": name, "nearest": nearest(name, known), "known": ", ".join(known)}
        )
    if kind == "missing":
        return Fault("missing_name", place, {"name": str(place[-1])})
    if kind.startswith("time_delta") or kind == "duration":
        return Fault("bad_duration", place, {"value": value})
    if kind == "literal_error":
        known = [part.strip("' ") for part in one["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return Fault(
            "not_one_of", place, {"value": value, "nearest": nearest(value, known), "known": ", ".join(known)}
        )
    message = str(one["msg"]).removeprefix("Value error, ")
    if isinstance(given, (dict, BaseModel)):
        return Fault("does_not_agree", place, {"detail": message})
    return Fault("bad_value", place, {"value": value, "detail": message})


def _is_inner(part: object) -> bool:
    """Parts of pydantic's way that are no place of the file: which member of a union was tried."""
    return isinstance(part, str) and ("[" in part or part in ("date", "datetime", "constrained-str"))


def _names(model: type[BaseModel], way: Place) -> Iterator[str]:
    """The names that the file may use where `way` leads."""
    kind: Any = model
    for part in way:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(part, str):
            found = next((one for name, one in kind.model_fields.items() if part in (name, one.alias)), None)
            kind = _model_in(found.annotation) if found else None
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, one in kind.model_fields.items():
            yield one.alias or name


def _model_in(annotation: Any) -> Any:
    """The model within a list, mapping or union."""
    if get_origin(annotation) is None:
        return annotation
    inner = (_model_in(one) for one in get_args(annotation))
    return next((one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)), None)


def with_lines(faults: Iterable[Fault], text: str) -> list[Fault]:
    """The faults with the lines of their places in the YAML `text`, in the order of the file."""
    try:
        root = yaml.compose(text, LOADER)
    except yaml.YAMLError:
        return list(faults)
    found = [Fault(one.code, one.place, one.values, _line(root, one.place)) for one in faults]
    return sorted(found, key=lambda one: one.line or 0)


def _line(node: Any, place: Place) -> int | None:
    """Line of the deepest part of the place that the file has."""
    line: int | None = None
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line

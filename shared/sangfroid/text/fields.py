"""Types of the fields that people and tools send in, for the models of pydantic: `Annotated[str, Text(200)]`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, StringConstraints

from sangfroid.text.lines import one_line, said, web_address


@dataclass(frozen=True)
class Text(GroupedMetadata):
    """A text that says something to a reader, of at most `longest` characters."""

    longest: int

    def __iter__(self) -> Iterator[object]:
        yield StringConstraints(min_length=1, max_length=self.longest, pattern=r"\S")
        yield AfterValidator(said)


@dataclass(frozen=True)
class Line(GroupedMetadata):
    """One line without control characters, of at most `longest` characters; `empty` where it may say nothing."""

    longest: int
    empty: bool = False

    def __iter__(self) -> Iterator[object]:
        if self.empty:
            yield StringConstraints(max_length=self.longest)
        else:
            yield from Text(self.longest)
        yield AfterValidator(one_line)


@dataclass(frozen=True)
class WebAddress(GroupedMetadata):
    """An address with http or https, of at most 2,000 characters."""

    longest: int = 2_000

    def __iter__(self) -> Iterator[object]:
        yield StringConstraints(max_length=self.longest)
        yield AfterValidator(web_address)

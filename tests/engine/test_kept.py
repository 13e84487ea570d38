"""What is kept from one process to the next is used when it is whole, and never breaks anything when it is not."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import kept
from local.mends import machines

pytestmark = pytest.mark.usefixtures("stack")
ROOT = Path(__file__).parents[2]
PASS = {"Type": "Pass", "Comment": "x" * machines.SHORT, "End": True}
DEFINITION = json.dumps({"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": PASS}})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "cache")
    machines.program.cache_clear()
    return tmp_path / "cache" / machines.KIND


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every definition that is really parsed."""
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

    plain, seen = AmazonStateLanguageParser.parse, []

    def parse(definition: str) -> Any:
        seen.append(definition)
        return plain(definition)

    monkeypatch.setattr(AmazonStateLanguageParser, "parse", staticmethod(parse))
    return seen


def shape(program: Any) -> str:
    """All that a program consists of, without the addresses of its objects; sets, which have no order, in one."""
    plain = re.sub(r" at 0x[0-9a-f]+", "", str(program))
    return re.sub(r"\{('\w[^'{}]*'(?:, '[^'{}]*')*)\}", lambda one: str(sorted(one[1].split(", "))), plain)


def test_a_definition_is_parsed_once_for_all_processes(folder: Path, parsed: list[str]) -> None:
    first = machines.program(DEFINITION)
    assert machines.program(DEFINITION) is first
    machines.program.cache_clear()  # as in the next process
    again = machines.program(DEFINITION)
    assert parsed == [DEFINITION]
    assert again is not first
    assert shape(again) == shape(first)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("path", sorted((ROOT / "statemachine").glob("*.asl.*")), ids=lambda path: path.stem)
def test_every_machine_of_the_desk_is_kept_as_it_was_parsed(folder: Path, path: Path) -> None:
    definition = json.dumps(yaml.safe_load(path.read_text("utf-8")))
    first = machines.program(definition)
    machines.program.cache_clear()
    assert machines.program(definition) is not first
    assert shape(machines.program(definition)) == shape(first)
    assert len(list(folder.iterdir())) == 1


def test_another_definition_or_another_moto_is_parsed_anew(
    folder: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.program(DEFINITION)
    machines.program(DEFINITION + " ")
    machines.program.cache_clear()
    monkeypatch.setattr(machines, "_versions", lambda: "another")
    machines.program(DEFINITION)
    assert parsed == [DEFINITION, DEFINITION + " ", DEFINITION]
    assert len(list(folder.iterdir())) == 3


class _Malice:
    def __reduce__(self) -> Any:
        return (print, ("read",))


@pytest.mark.parametrize(
    "damage", ["cut", "empty", "changed", "no program", "another program's code", "folder"]
)
def test_what_is_damaged_is_made_again(
    folder: Path, parsed: list[str], damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = machines.program(DEFINITION)
    (path,) = folder.iterdir()
    content = path.read_bytes()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    elif damage in ("no program", "another program's code"):
        kept.keep(machines.KIND, path.name, b"?" if damage == "no program" else pickle.dumps(_Malice()))
    else:
        path.write_bytes({"cut": content[:-9], "empty": b"", "changed": content[:-9] + b"123456789"}[damage])
    machines.program.cache_clear()
    assert shape(machines.program(DEFINITION)) == shape(first)
    assert parsed == [DEFINITION, DEFINITION]
    assert capsys.readouterr().out == ""
    if damage != "folder":
        assert kept.find(machines.KIND, path.name) == content[32:]


def test_where_nothing_can_be_written_everything_works(folder: Path, parsed: list[str]) -> None:
    folder.parent.write_text("a file where the folder would be", "utf-8")
    machines.program(DEFINITION)
    machines.program.cache_clear()
    machines.program(DEFINITION)
    assert parsed == [DEFINITION, DEFINITION]


def test_the_oldest_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    for number in range(5):
        kept.keep("some", str(number), b"content")
    assert len(list((folder.parent / "some").iterdir())) == 3


def test_many_processes_at_once_keep_it_whole(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys; from local import kept; kept.FOLDER = pathlib.Path(sys.argv[1]); kept.MOST = 2\n"
        "for n in range(300):\n"
        "    found = kept.find('some', str(n % 5))\n"
        "    assert found in (None, b'x' * 50_000), len(found)\n"
        "    kept.keep('some', str(n % 5), b'x' * 50_000)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]  # noqa: S603 - our own interpreter
    assert [one.wait() for one in running] == [0, 0, 0]
    assert len(list((tmp_path / "some").iterdir())) <= 3

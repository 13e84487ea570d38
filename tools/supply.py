"""What ships, by whom, under which licence, and what is known against it: `make sbom`, `make licences`, `make audit`.

What ships: the shared layer (requirements/runtime.txt), the layer of the sentence model (layers/classify/requirements.txt), our
own functions, and the packages bundled into the console (console/package-lock.json, without what only builds it).

    python -m tools.supply sbom [FILE]   a CycloneDX document, build/sbom.json if no file is named
    python -m tools.supply licences      exit status 1 where a licence is not on the list of tools/licences.yaml
    python -m tools.supply audit         exit status 1 for a known vulnerability, 3 where a package could not be looked up
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ("requirements/runtime.txt", "layers/classify/requirements.txt")
CONSOLE_LOCK = "console/package-lock.json"
ALLOWED = ROOT / "tools" / "licences.yaml"
NOT_LOOKED_UP = 3


def shipped_python() -> dict[str, str]:
    """Name -> version of every PyPI package in a layer, from the locks."""
    return {
        found[1]: found[2]
        for lock in PYTHON_LOCKS
        for found in re.finditer(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    }


def shipped_npm() -> dict[str, dict[str, Any]]:
    """Name -> entry of the lock of every npm package that is bundled into the page."""
    packages = json.loads((ROOT / CONSOLE_LOCK).read_text("utf-8"))["packages"]
    return {
        path.removeprefix("node_modules/"): entry
        for path, entry in packages.items()
        if path and not entry.get("dev") and not entry.get("optional")
    }


def licence_of(name: str) -> str:
    """What the installed package says of its licence: SPDX expression, classifiers, or the first line of the field."""
    said: Any = importlib.metadata.metadata(name)
    if expression := said.get("License-Expression"):
        return str(expression)
    classified = [
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License ::")
    ]
    return " AND ".join(classified) or str(said.get("License") or "nothing").strip().splitlines()[0]


def licences() -> dict[str, tuple[str, str]]:
    """Package -> (version, licence) of everything that ships."""
    python = {name: (version, licence_of(name)) for name, version in shipped_python().items()}
    npm = {
        name: (str(one["version"]), str(one.get("license", "nothing"))) for name, one in shipped_npm().items()
    }
    return python | npm


def check_licences() -> int:
    """Print every package; the exit status."""
    allowed = yaml.safe_load(ALLOWED.read_text("utf-8"))
    known: dict[str, str] = allowed["licences"]
    judged: dict[str, str] = allowed["packages"]
    wrong = 0
    for name, (version, licence) in sorted(licences().items()):
        why = judged.get(name) or known.get(licence)
        wrong += why is None
        print(
            f"  {'✗' if why is None else '·'} {name} {version}: {licence}"
            + (f" ({judged[name]})" if name in judged else "")
        )
    unused = set(judged) - set(licences())
    for name in sorted(unused):
        print(f"  ✗ tools/licences.yaml judges {name}, which no longer ships")
    print(
        f"{len(licences())} packages ship, {wrong} under a licence that is not on the list, {len(unused)} entries unused"
    )
    return 1 if wrong or unused else 0


def sbom(target: Path) -> int:
    """Write the CycloneDX document; the exit status."""
    locks = "\n".join((ROOT / lock).read_text("utf-8") for lock in PYTHON_LOCKS)
    made = subprocess.run(  # noqa: S603
        [_tool("cyclonedx-py"), "requirements", "--output-reproducible", "--validate", "-"],
        input=locks, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    document = json.loads(made.stdout)
    found = licences()
    for component in document["components"]:
        component["description"] = "in a Lambda layer"
        component["licenses"] = [_licence(found[component["name"]][1])]
        for reference in component.get("externalReferences", []):
            # Its hashes say what it is; from where it was downloaded is nobody's matter.
            reference.pop("comment", None)
    document["components"] += [
        {
            "bom-ref": f"npm-{name}", "type": "library", "name": name, "version": entry["version"],
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}", "description": "bundled into the console",
            "licenses": [_licence(str(entry["license"]))],
        }
        for name, entry in shipped_npm().items()
    ]  # fmt: skip
    functions = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
    document["metadata"]["component"] = {
        "bom-ref": "sangfroid", "type": "application", "name": "sangfroid", "version": own_version(),
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "components": [
            {"bom-ref": f"function-{name}", "type": "application", "name": f"functions/{name}"} for name in functions
        ],
    }  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(
        f"{target}: {len(document['components'])} packages, {len(functions)} functions, CycloneDX {document['specVersion']}"
    )
    return 0


def audit() -> int:
    """Ask for known vulnerabilities of every PyPI package that ships; the exit status."""
    worst = 0
    for lock in PYTHON_LOCKS:
        asked = subprocess.run(  # noqa: S603
            [_tool("pip-audit"), "-r", lock, "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        try:
            packages = json.loads(asked.stdout)["dependencies"]
        except (ValueError, KeyError):
            print(
                f"  {lock}: the service of known vulnerabilities cannot be reached: {asked.stderr.strip()[-300:]}"
            )
            worst = max(worst, NOT_LOOKED_UP) if worst != 1 else 1
            continue
        skipped = [one["name"] for one in packages if "skip_reason" in one]
        hurt = [(one["name"], fault["id"]) for one in packages for fault in one.get("vulns", [])]
        print(
            f"  {lock}: {len(packages) - len(skipped)} looked up, {len(skipped)} not, {len(hurt)} vulnerabilities"
        )
        for name, fault in hurt:
            print(f"    ✗ {name}: {fault}")
        if skipped:
            print(f"    not looked up (the service does not answer for them here): {', '.join(skipped)}")
        worst = 1 if hurt or worst == 1 else NOT_LOOKED_UP if skipped or worst else 0
    print(
        {0: "nothing is known against what ships", 1: "vulnerabilities are known"}.get(
            worst, "NOT AUDITED: see above"
        )
    )
    return worst


def own_version() -> str:
    """The version of this repository."""
    import tomllib

    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def _licence(said: str) -> dict[str, Any]:
    if re.fullmatch(r"[A-Za-z0-9.+-]+", said) and said not in ("nothing",):
        return {"license": {"id": said}} if said in _SPDX else {"license": {"name": said}}
    if re.fullmatch(r"[A-Za-z0-9.+-]+( (AND|OR) [A-Za-z0-9.+-]+)+", said):
        return {"expression": said}
    return {"license": {"name": said}}


_SPDX = frozenset(
    ["MIT", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause", "ISC", "MPL-2.0", "MIT-0", "PSF-2.0", "CNRI-Python"]
)


def _tool(name: str) -> str:
    return str(ROOT / ".venv-supply" / "bin" / name)


def main(arguments: list[str]) -> int:
    """The exit status of what was asked for."""
    what = arguments[0] if arguments else ""
    if what == "sbom":
        return sbom(ROOT / (arguments[1] if len(arguments) > 1 else "build/sbom.json"))
    if what in ("licences", "audit"):
        return check_licences() if what == "licences" else audit()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

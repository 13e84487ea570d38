"""``python -m tools.organisation``: the organisation file, from the first look to people who can sign in.

check FILE                 every fault with its place and how it is mended, or a summary of who does what
upload FILE                check it, upload it, and make it hold in the deployed stack
versions                   what held, the newest first
activate DIGEST            make an earlier version hold again
people [FILE]              make the people of the file in the user pool: groups, language, zone; who has left is shut out

``--stack`` (or STACK) names the deployed stack, by default `sangfroid`; credentials, region and AWS_ENDPOINT_URL are those of the
AWS CLI.
``--language`` fr or en, by default that of LANG.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from local.organisation_files import Ready, read
from sangfroid.faults import Fault, Language
from sangfroid.organisation import Organisation, OrganisationFault, parse
from sangfroid.organisation_check import CELL
from sangfroid.organisation_source import Versions
from sangfroid.roster import Roster
from sangfroid.roster.hours import local
from tools.organisation_words import WORDS


def main() -> int:
    """Runs one command; answers the exit status."""
    options = _options()
    logging.getLogger("botocore").setLevel(logging.WARNING)
    commands: dict[str, Callable[[argparse.Namespace, Language], int]] = {
        "check": _check, "upload": _upload, "versions": _versions, "activate": _activate, "people": _people,
    }  # fmt: skip
    language: Language = "fr" if options.language == "fr" else "en"
    try:
        return commands[options.command](options, language)
    except OrganisationFault as fault:
        _tell_faults(fault.path, fault.faults, language)
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.organisation", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("command", choices=["check", "upload", "versions", "activate", "people"])
    parser.add_argument("what", nargs="?", default="")
    parser.add_argument("--stack", default=os.environ.get("STACK") or "sangfroid")
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    parser.add_argument("--language", choices=["fr", "en"], default="fr" if spoken.startswith("fr") else "en")
    parser.add_argument("--force", action="store_true", help="let channels vanish that cases may still use")
    options = parser.parse_args()
    if options.command in ("check", "upload", "activate") and not options.what:
        parser.error(
            {"activate": "which version? its digest", "check": "which file?"}.get(
                options.command, "which file?"
            )
        )
    return options


def _tell_faults(path: str, faults: list[Fault], language: Language) -> None:
    words = WORDS[language]
    count = words["one_fault"] if len(faults) == 1 else words["faults"].format(count=len(faults))
    print(f"{path}{words['colon']}{count}", file=sys.stderr)
    for fault in faults:
        print(f"  ✗ {fault.told(language)}", file=sys.stderr)


# check -----------------------------------------------------------------------------------------------------------------
def _check(options: argparse.Namespace, language: Language) -> int:
    now = datetime.now(UTC)
    ready = read(options.what, now)
    if ready.faults:
        _tell_faults(options.what, ready.faults, language)
        return 1
    print(summary(ready, now, language))
    return 0


def summary(ready: Ready, now: datetime, language: Language) -> str:
    """Who does what, who is on duty in the coming week, and the remarks."""
    organisation, words = ready.organisation, WORDS[language]
    lines = [f"{organisation.name} · {organisation.time_zone}", "", words["people"]]
    for person in organisation.people:
        roles = ", ".join(person.duties) or words["none"]
        access = ", ".join(person.access) or words["none"]
        ways = ", ".join(reach.channel for reach in person.reach) or words["none"]
        left = f" ({words['left']})" if person.left else ""
        lines.append(
            f"  {person.id:<12} {person.name}{left} · {person.language} · {words['access']} {access} · "
            f"{words['does']} {roles} · {words['reached']} {ways}"
        )
    lines += ["", words["cell"]]
    for role in dict.fromkeys([*CELL, *organisation.cell]):
        names = [person.name for person in organisation.with_duty(role)]
        if names:
            deputies = f" ({words['then']} {', '.join(names[1:])})" if names[1:] else ""
            lines.append(f"  {role:<24} {names[0]}{deputies}")
    lines += ["", words["on_duty"]]
    roster = Roster(organisation)
    for role in roster.roles_on_duty():
        for shift in roster.shifts(role, now, now + timedelta(days=7)):
            zone = organisation.time_zone
            span = f"{_shown(shift.start, zone, language)} – {_shown(shift.end, zone, language)}"
            behind = [one.person.name for one in roster.ranked(role, shift.start)[1:3]]
            then = f" ({words['then']} {', '.join(behind)})" if behind else ""
            person_of = organisation.person(shift.person)
            lines.append(f"  {role:<12} {span}  {person_of.name if person_of else shift.person}{then}")
    if ready.remarks:
        lines += ["", words["remarks"], *(f"  · {remark.told(language)}" for remark in ready.remarks)]
    return "\n".join([*lines, "", words["sound"]])


def _shown(moment: datetime, zone: str, language: Language) -> str:
    clock = local(moment, zone)
    return f"{WORDS[language]['days'].split()[clock.weekday()]} {clock:%d.%m. %H:%M}"


# the deployed stack ------------------------------------------------------------------------------------------------------
def _client(service: str) -> Any:
    import boto3

    make: Any = boto3.client
    return make(service)


def outputs(stack: str) -> dict[str, str]:
    """The outputs of a deployed stack, or those that the environment names (ORGANISATION_BUCKET, USER_POOL_ID)."""
    given = {
        "OrganisationBucketName": os.environ.get("ORGANISATION_BUCKET"),
        "UserPoolId": os.environ.get("USER_POOL_ID"),
    }
    known = {name: value for name, value in given.items() if value}
    if len(known) == len(given):
        return known
    found = _client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    return {one["OutputKey"]: one["OutputValue"] for one in found} | known


def _upload(options: argparse.Namespace, language: Language) -> int:
    ready = read(options.what, datetime.now(UTC))
    if ready.faults:
        _tell_faults(options.what, ready.faults, language)
        return 1
    bucket = outputs(options.stack)["OrganisationBucketName"]
    digest = Versions(_client("s3"), bucket).keep(ready.text)
    return _make_hold(options, digest, language)


def _activate(options: argparse.Namespace, language: Language) -> int:
    versions = Versions(_client("s3"), outputs(options.stack)["OrganisationBucketName"])
    digest = next(
        (one.digest for one in versions.history() if one.digest.startswith(options.what)), options.what
    )
    return _make_hold(options, digest, language)


def _make_hold(options: argparse.Namespace, digest: str, language: Language) -> int:
    by = str(_client("sts").get_caller_identity()["Arn"])
    event = {"activate": digest, "by": by, "force": options.force}
    called = _client("lambda").invoke(
        FunctionName=f"{options.stack}-organisation:live", Payload=json.dumps(event).encode()
    )
    answer = json.loads(called["Payload"].read())
    words = WORDS[language]
    if "active" not in answer:
        for fault in answer.get("faults", [{language: answer.get("errorMessage", "?")}]):
            print(f"  ✗ {fault[language]}", file=sys.stderr)
        print(words["not_active"], file=sys.stderr)
        return 1
    for remark in answer["remarks"]:
        print(f"  · {remark[language]}")
    print(words["active"].format(digest=digest))
    return 0


def _versions(options: argparse.Namespace, _: Language) -> int:
    for one in Versions(_client("s3"), outputs(options.stack)["OrganisationBucketName"]).history():
        print(f"{one.at}  {one.digest}  {one.by}")
    return 0


def _people(options: argparse.Namespace, language: Language) -> int:
    from tools.user_pool import UserPool

    place = outputs(options.stack)
    pool = UserPool(_client("cognito-idp"), place["UserPoolId"])
    organisation = _organisation(options, place)
    for line in pool.make(organisation, datetime.now(UTC)):
        print(line.told(language))
    return 0


def _organisation(options: argparse.Namespace, place: dict[str, str]) -> Organisation:
    """That of the file, or the one that holds."""
    if options.what:
        return read(options.what, datetime.now(UTC)).organisation
    versions = Versions(_client("s3"), place["OrganisationBucketName"])
    active = versions.active()
    if active is None:
        raise SystemExit("no organisation is active: upload one first, or name a file")
    return parse(versions.text(active.digest))


if __name__ == "__main__":
    sys.exit(main())

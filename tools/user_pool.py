"""The people of the organisation file as users of the pool (Amazon Cognito): one identity, made from one place.

The user name is the person's id, so that a token names the person whom cases name (decision 0029). Nobody's password is set or
seen here: who is new gets an invitation by e-mail. A run changes only what differs, and can be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from botocore.exceptions import ClientError

from sangfroid.faults import Language
from sangfroid.model import Role
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person
from sangfroid.roster import Roster

DONE: dict[str, dict[Language, str]] = {
    "invited": {"fr": "invité(e)", "en": "invited"},
    "changed": {"fr": "mis(e) à jour", "en": "changed"},
    "unchanged": {"fr": "inchangé(e)", "en": "unchanged"},
    "shut_out": {"fr": "exclu(e) : n'est plus là", "en": "shut out: has left"},
    "no_email": {"fr": "sans e-mail (people[].email) : pas de compte", "en": "no e-mail address (people[].email): no account"},
    "no_access": {"fr": "sans accès : pas de compte", "en": "no access: no account"},
    "unknown": {"fr": "dans l'annuaire, pas dans le fichier", "en": "in the pool, not in the file"},
}  # fmt: skip
ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True)
class Done:
    """What was done for one person; `detail` is shown as it is."""

    person: str
    what: str
    detail: str = ""

    def told(self, language: Language) -> str:
        """One line for people."""
        return f"{self.person:<12} {DONE[self.what][language]}{f' ({self.detail})' if self.detail else ''}"


class UserPool:
    """A user pool of Cognito; `client` is boto3's of `cognito-idp`."""

    def __init__(self, client: Any, pool: str) -> None:
        self._client, self._pool = client, pool

    def make(self, organisation: Organisation, now: datetime) -> Iterator[Done]:
        """Make the pool hold the people of the file: users, attributes, groups; whoever has left at `now` (aware) is shut out."""
        roster = Roster(organisation)
        for person in organisation.people:
            yield from self._one(person, organisation, roster.has_left(person.id, now))
        known = {person.id for person in organisation.people} | {
            name for one in organisation.people for name in one.subjects
        }
        for name in self._names():
            if name not in known:
                yield Done(name, "unknown")

    def _one(self, person: Person, organisation: Organisation, left: bool) -> Iterator[Done]:
        user = self._user(person.id)
        if left:
            if user is not None and user["Enabled"]:
                self._client.admin_disable_user(UserPoolId=self._pool, Username=person.id)
                # Tokens that were given out last an hour at most; the desk refuses the person at the next call all the same.
                self._client.admin_user_global_sign_out(UserPoolId=self._pool, Username=person.id)
                yield Done(person.id, "shut_out")
            return
        if not person.access:
            yield Done(person.id, "no_access")
            return
        email = person.email or _mailbox(person)
        if email is None:
            yield Done(person.id, "no_email")
            return
        wanted = {
            "email": email,
            "email_verified": "true",
            "name": person.name,
            "locale": person.language,
            "zoneinfo": person.time_zone or organisation.time_zone,
        }
        if user is None:
            self._client.admin_create_user(
                UserPoolId=self._pool,
                Username=person.id,
                UserAttributes=[{"Name": name, "Value": value} for name, value in wanted.items()],
                DesiredDeliveryMediums=["EMAIL"],
            )
        changed = self._adjust(person, wanted, user) if user is not None else False
        changed = self._regroup(person) or changed
        what = "invited" if user is None else "changed" if changed else "unchanged"
        yield Done(person.id, what, f"{email}; {', '.join(person.access)}")

    def _adjust(self, person: Person, wanted: dict[str, str], user: dict[str, Any]) -> bool:
        has = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
        differing = {name: value for name, value in wanted.items() if has.get(name) != value}
        if differing:
            self._client.admin_update_user_attributes(
                UserPoolId=self._pool,
                Username=person.id,
                UserAttributes=[{"Name": name, "Value": value} for name, value in differing.items()],
            )
        if not user["Enabled"]:
            self._client.admin_enable_user(UserPoolId=self._pool, Username=person.id)
        return bool(differing) or not user["Enabled"]

    def _regroup(self, person: Person) -> bool:
        answer = self._client.admin_list_groups_for_user(UserPoolId=self._pool, Username=person.id)
        # Groups beside the desk's roles are somebody else's business.
        has = {group["GroupName"] for group in answer["Groups"]} & set(ROLES)
        wanted = set(person.access)
        for group in sorted(wanted - has):
            self._client.admin_add_user_to_group(UserPoolId=self._pool, Username=person.id, GroupName=group)
        for group in sorted(has - wanted):
            self._client.admin_remove_user_from_group(
                UserPoolId=self._pool, Username=person.id, GroupName=group
            )
        return has != wanted

    def _user(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.admin_get_user(UserPoolId=self._pool, Username=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "UserNotFoundException":
                return None
            raise
        return found

    def _names(self) -> Iterator[str]:
        for page in self._client.get_paginator("list_users").paginate(UserPoolId=self._pool):
            for user in page["Users"]:
                yield user["Username"]


def _mailbox(person: Person) -> str | None:
    """The first address of the person that is one of e-mail."""
    return next((reach.address for reach in person.reach if "@" in reach.address), None)

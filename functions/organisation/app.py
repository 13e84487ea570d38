"""`organisation`: makes an uploaded version of the organisation hold, after the whole check; nothing else may."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap, wall_clock
from sangfroid.observability import observed
from sangfroid.organisation import OrganisationFault
from sangfroid.organisation_source import NoOrganisation

versions = bootstrap.versions()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"activate": digest, "by", "force"}` -> `{"active", "remarks": […]}` or `{"faults": [{"code", "line", "fr", "en"}]}`."""
    try:
        active, checked = versions.activate(
            str(event.get("activate")),
            str(event.get("by") or "operator"),
            wall_clock.now(),
            force=event.get("force") is True,
        )
    except OrganisationFault as fault:
        return {"faults": [one.shown() for one in fault.faults]}
    except NoOrganisation as missing:
        return {"faults": [{"code": "no_version", "line": None, "fr": str(missing), "en": str(missing)}]}
    return {
        "active": {"digest": active.digest, "at": active.at, "by": active.by},
        "remarks": [one.shown() for one in checked.remarks],
    }

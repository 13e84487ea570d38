"""What needs no token: liveness, and the description of all of this."""

from typing import Literal

from aws_lambda_powertools.event_handler import Response

from sangfroid.http.fields import Shape
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls

calls = Calls()


class Health(Shape):
    """Whether the desk answers."""

    status: Literal["ok"]


@calls.get("/health", responses={200: shows(Health, "Alive.")})
def health() -> Response[str]:
    """Whether the desk answers."""
    return answer({"status": "ok"})

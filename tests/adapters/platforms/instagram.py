"""Instagram: its strict fake."""

from __future__ import annotations

from typing import Any

from tests.adapters.graph import Graph
from tests.adapters.kind import Kind
from tests.adapters.strict import Call, Reply


class FakeInstagram(Graph):
    """Containers, their publication and deletion.

    https://developers.facebook.com/docs/instagram-platform/content-publishing/ and …/reference/instagram-media; names of
    parameters and fields, and that a picture can be deleted, from api_specs (IGUser, IGMedia) of
    facebook/facebook-business-sdk-codegen, v25.0.
    """

    prefix = "instagram"
    user = "17841405822304914"

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, dict[str, Any]] = {}

    def publishes(self, call: Call) -> bool:
        return call.path.endswith("/media_publish")

    def route(self, call: Call, route: str) -> Reply:
        if (call.method, route) == ("POST", f"{self.user}/media"):
            form = call.form
            self.rule(set(form) == {"image_url", "alt_text", "caption"}, "parameters of a picture")
            self.rule(form["image_url"].startswith("https://"), "the picture is public")
            self.rule(len(form["caption"]) <= 2_200, "length of a caption")
            self.rule(len(form["alt_text"]) <= 1_000, "length of an alternative text")
            container = self.next_id()
            self.containers[container] = {**form, "asked": 0}
            return Reply(200, {"id": container})
        if (call.method, route) == ("POST", f"{self.user}/media_publish"):
            self.rule(set(call.form) == {"creation_id"}, "parameters of a publication")
            container = self.containers.pop(call.form["creation_id"])
            self.rule(container["asked"] > 1, "published only after the container was FINISHED")
            media = self.next_id()
            self.published[media] = {"caption": container["caption"]}
            return Reply(200, {"id": media})
        if (call.method, route) == ("GET", f"{self.user}/media"):
            return Reply(200, {"data": [self._shown(one) for one in reversed(self.published)]})
        if call.method == "DELETE":
            return Reply(200, {"success": True}) if self.published.pop(route, None) else self.missing(route)
        self.rule(call.method == "GET", "everything else is read")
        if route in self.containers:
            self.rule(call.query == {"fields": "status_code"}, "fields of a container")
            self.containers[route]["asked"] += 1
            status = "FINISHED" if self.containers[route]["asked"] > 1 else "IN_PROGRESS"
            return Reply(200, {"status_code": status, "id": route})
        return Reply(200, self._shown(route)) if route in self.published else self.missing(route)

    def _shown(self, media: str) -> dict[str, Any]:
        return {
            "id": media,
            "caption": self.published[media]["caption"],
            "permalink": f"https://www.instagram.com/p/{media}/",
        }


KIND = Kind(
    "instagram",
    FakeInstagram,
    settings={
        "user_id": FakeInstagram.user,
        "images": {"fr": "https://nuage.example/fr.jpg", "en": "https://nuage.example/en.jpg"},
        "alt_texts": {"fr": "Déclaration de Nuage", "en": "Statement of Nuage"},
    },
    secret={"access_token": FakeInstagram.token},
    words="caption",
    longest=2_200,
    looks=True,
    throttled_for=120,
)

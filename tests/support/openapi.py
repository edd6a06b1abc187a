"""Judges what the server answers by its OpenAPI document."""

import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from chalicelib.api.openapi import document
from chalicelib.settings import load_settings

# What the server says before it looks for the route, and of what is no route.
OF_NO_ROUTE = {404, 405, 413}
WITHOUT_A_SAY = {"HEAD", "OPTIONS"}


@cache
def contract() -> "Contract":
    """By the document of this checkout."""
    return Contract(document(load_settings({})))


def check_answer(response: httpx.Response) -> None:
    """Raises AssertionError for an answer that is not in the document; for httpx's hooks."""
    response.read()
    contract().check(response)


class Contract:
    """A document, and validators of what it says, each made when it is first wanted."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.document = described
        # Without parameters first: /api/cards/actions is no card.
        templates = sorted(described["paths"], key=lambda path: (path.count("{"), path))
        self._patterns = [(_pattern(template), template) for template in templates]
        self._validators: dict[tuple[str, str, int], Any] = {}

    def template_of(self, method: str, path: str) -> str | None:
        """The path of the document that a request was for."""
        paths: dict[str, Any] = self.document["paths"]
        for pattern, template in self._patterns:
            if pattern.fullmatch(path) and method.lower() in paths[template]:
                return str(template)
        return None

    def check(self, response: httpx.Response) -> None:
        """Raises AssertionError for an answer that is not in the document."""
        request = response.request
        method, status = request.method, response.status_code
        if method in WITHOUT_A_SAY:
            return
        template = self.template_of(method, request.url.raw_path.decode().partition("?")[0])
        if template is None or (
            status in OF_NO_ROUTE and self.described(method, template, status) is None
        ):
            assert status in OF_NO_ROUTE, f"{method} {request.url.path} is not in the document"
            self._check_json(("", "", status), {"$ref": "#/components/schemas/Error"}, response)
            return
        described = self.described(method, template, status)
        assert described is not None, (
            f"{method} {template} answered {status}, which the document does not know: add it to "
            f"its Operation in chalicelib/api/openapi/answers. {response.text[:300]}"
        )
        self._check_headers(described, response)
        self._check_content((method, template, status), described, response)

    def described(self, method: str, template: str, status: int) -> dict[str, Any] | None:
        """What the document says of such an answer."""
        found = self.document["paths"][template][method.lower()]["responses"].get(str(status))
        if found and "$ref" in found:
            found = self.document["components"]["responses"][found["$ref"].rpartition("/")[2]]
        described: dict[str, Any] | None = found
        return described

    def _check_headers(self, described: dict[str, Any], response: httpx.Response) -> None:
        for name, header in described.get("headers", {}).items():
            assert name in response.headers or not header.get("required"), f"no header {name}"

    def _check_content(
        self, key: tuple[str, str, int], described: dict[str, Any], response: httpx.Response
    ) -> None:
        content = described.get("content", {})
        if not content:
            assert not response.content, key
            return
        kind = response.headers["Content-Type"].partition(";")[0]
        assert kind in content or "*/*" in content, f"{key} answered {kind}"
        schema = content.get(kind, {}).get("schema")
        if schema:
            self._check_json(key, schema, response)

    def _check_json(
        self, key: tuple[str, str, int], schema: dict[str, Any], response: httpx.Response
    ) -> None:
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = self.validator(schema)
        problems = [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in validator.iter_errors(response.json())
        ]
        assert not problems, (
            f"{' '.join(map(str, key))}: the answer is not what its model in "
            f"chalicelib/api/openapi/answers says: {problems[:5]} {response.text[:1000]}"
        )

    def validator(self, schema: dict[str, Any]) -> Any:
        """Of a schema that may refer to the document's components."""
        return jsonschema_rs.Draft202012Validator(
            schema | {"components": self.document["components"]}
        )


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))

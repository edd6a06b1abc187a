"""The page: every route with what it takes and gives, and every model."""

import base64
import hashlib
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from javumbo.reference.elements import Html, element, join, prose
from javumbo.reference.schemas import kind_of, members, notes_on

Document = dict[str, Any]
Operation = dict[str, Any]

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Nothing but its own style, which is known by its hash.
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_OK = range(200, 400)


def reference_page(document: Document) -> str:
    """The document as HTML without scripts, which loads nothing."""
    info = document["info"]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{info['title']} API"),
        element("style", Html(_STYLE)),
    )
    header = element(
        "header",
        element("h1", info["title"], " API ", element("small", info["version"])),
        element("p", prose(info["description"])),
        element(
            "p",
            "Log in with ",
            _link("POST", "/api/login"),
            " and send its token as ",
            element("code", "Authorization: Bearer <token>"),
            ". The same for programs: ",
            element("a", "/openapi.json", href="/openapi.json"),
            ".",
        ),
    )
    main = element("main", header, *_sections(document), _models(document))
    page = element("html", head, element("body", _contents(document), main), lang="en")
    return f"<!doctype html>\n{page}\n"


def _contents(document: Document) -> Html:
    groups = [
        element(
            "li",
            element("a", tag["name"], href=f"#{_anchor(tag['name'])}"),
            element("ul", *(_entry(method, path) for method, path, _ in found)),
        )
        for tag, found in _by_tag(document)
    ]
    models = element("li", element("a", "models", href="#models"))
    opened = element("summary", "Contents")
    return element("nav", element("details", opened, element("ul", *groups, models), open="open"))


def _entry(method: str, path: str) -> Html:
    link = element("a", _badge(method), " ", _breakable(path), href=f"#{_anchor(method, path)}")
    return element("li", link)


def _sections(document: Document) -> Iterator[Html]:
    for tag, found in _by_tag(document):
        yield element(
            "section",
            element("h2", tag["name"], id=_anchor(tag["name"])),
            element("p", prose(tag["description"])),
            *(_operation(document, *one) for one in found),
        )


def _operation(document: Document, method: str, path: str, operation: Operation) -> Html:
    anchor = _anchor(method, path)
    public = operation.get("security") == []
    return element(
        "article",
        element(
            "h3",
            element("a", _badge(method), " ", _breakable(path), href=f"#{anchor}"),
            element("span", "no login", class_="public") if public else "",
        ),
        element("p", prose(operation["summary"])),
        element("p", prose(operation["description"])) if "description" in operation else "",
        _parameters(document, operation),
        _body(document, operation),
        _answers(document, operation),
        id=anchor,
    )


def _parameters(document: Document, operation: Operation) -> Html:
    found = [_resolved(document, one) for one in operation.get("parameters", [])]
    rows = [
        join(
            element(
                "dt",
                element("code", one["name"]),
                element("span", one["in"], class_="place"),
                "" if one.get("required") else element("span", "optional", class_="optional"),
            ),
            element(
                "dd",
                element("span", kind_of(one["schema"]), class_="kind"),
                " ",
                prose(one.get("description", "")),
                " ",
                notes_on(one["schema"]),
            ),
        )
        for one in found
    ]
    return join(element("h4", "Parameters"), element("dl", *rows)) if rows else Html("")


def _body(document: Document, operation: Operation) -> Html:
    if "requestBody" not in operation:
        return Html("")
    parts = [element("h4", "Body")]
    for kind, content in operation["requestBody"]["content"].items():
        schema = content.get("schema", {})
        shown = kind_of(schema) if schema else Html("the file")
        parts += [
            element("p", element("code", kind), " ", shown),
            members(_resolved(document, schema)),
            _examples(content),
        ]
    return join(*parts)


def _answers(document: Document, operation: Operation) -> Html:
    parts = [element("h4", "Answers")]
    for status, answer in operation["responses"].items():
        found = _resolved(document, answer)
        parts.append(_answer(status, found))
    return join(*parts)


def _answer(status: str, answer: dict[str, Any]) -> Html:
    parts: list[Html] = []
    for kind, content in answer.get("content", {}).items():
        if "allOf" not in content.get("schema", {}):
            schema = kind_of(content["schema"]) if "schema" in content else Html("")
            parts.append(element("p", element("code", kind), " ", schema))
        parts.append(_examples(content))
    headers = [
        join(element("dt", element("code", name)), element("dd", prose(header["description"])))
        for name, header in answer.get("headers", {}).items()
    ]
    parts += [element("dl", *headers)] if headers else []
    return element(
        "details",
        element(
            "summary",
            element("span", status, class_="good" if int(status) in _OK else "bad"),
            f" {HTTPStatus(int(status)).phrase}. ",
            prose(answer["description"]),
        ),
        *parts,
        **({"open": "open"} if status == "200" else {}),
    )


def _examples(content: dict[str, Any]) -> Html:
    named = [one["value"] for one in content.get("examples", {}).values()]
    shown = [content["example"]] if "example" in content else named
    return join(*(element("pre", json.dumps(one, ensure_ascii=False, indent=2)) for one in shown))


def _models(document: Document) -> Html:
    return element(
        "section",
        element("h2", "models", id="models"),
        *(_model(name, schema) for name, schema in document["components"]["schemas"].items()),
    )


def _model(name: str, schema: dict[str, Any]) -> Html:
    description = schema.get("description", "")
    return element(
        "article",
        element("h3", element("a", name, href=f"#model-{name}")),
        element("p", prose(description)) if description else "",
        members(schema),
        id=f"model-{name}",
    )


def _by_tag(
    document: Document,
) -> Iterator[tuple[dict[str, str], list[tuple[str, str, Operation]]]]:
    """The operations of each tag, those with several names once."""
    for tag in document["tags"]:
        found = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"] and "x-alias-of" not in operation
        ]
        if found:
            yield tag, found


def _resolved(document: Document, node: dict[str, Any]) -> dict[str, Any]:
    for step in node.get("$ref", "#").split("/")[1:]:
        document = document[step]
    return document if "$ref" in node else node


def _link(method: str, path: str) -> Html:
    return element("a", element("code", f"{method} {path}"), href=f"#{_anchor(method, path)}")


def _badge(method: str) -> Html:
    return element("b", method, class_=method.lower())


def _breakable(path: str) -> Html:
    """A path that a narrow page may break before its slashes."""
    return Html("<wbr>/".join(join(part) for part in path.split("/")))


def _anchor(*parts: str) -> str:
    words = " ".join(parts).lower()
    kept = "".join(one if one.isalnum() or one == "_" else "-" for one in words)
    return "-".join(filter(None, kept.split("-")))

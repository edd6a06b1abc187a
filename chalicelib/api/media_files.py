"""Serving media files to browsers, which ask for them without a login.

What a card shows is somebody else's: whatever the file is, it is to run nothing.
"""

from http import HTTPStatus
from urllib.parse import unquote

from chalice.app import Response

from chalicelib.api.byte_ranges import asked_range
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.collection.unicode import nfc
from chalicelib.errors import NotFoundError
from chalicelib.media import MediaEntry, MediaLibrary
from chalicelib.media.kinds import content_disposition, content_type
from chalicelib.media.presigning import MediaAddresses
from chalicelib.media.staging import chunks_between

routes = Routes()

# How long a browser may keep the address of the content, which has to outlast it.
_REDIRECT_S = 900
_ADDRESS_S = 3600

Headers = dict[str, str | list[str]]

_CONFINED = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@routes.add("GET", "/media/{token}/{name}", public=True)
def serve_media(request: ApiRequest) -> Response:
    """A file of the person whom the token is for; where S3 has it, the way there."""
    owner, left_s = request.services.media_links.owner(request.params["token"], request.now_ms)
    library = request.services.media(owner)
    entry = library.entry(*_possible_names(request.params["name"]))
    addresses = request.services.media_addresses
    if addresses:
        return _redirect(addresses, library.key(entry), entry.name, left_s)
    headers: Headers = {
        **_CONFINED,
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={left_s}",
        "Content-Disposition": content_disposition(entry.name),
        "Content-Type": content_type(entry.name),
        "ETag": _etag(entry),
    }
    return _content(request, library, entry, headers)


def _redirect(addresses: MediaAddresses, key: str, name: str, left_s: int) -> Response:
    headers: Headers = {
        **_CONFINED,
        "Cache-Control": f"private, max-age={min(left_s, _REDIRECT_S)}",
        "Location": addresses.address(key, name, _ADDRESS_S),
    }
    return Response("", headers, HTTPStatus.FOUND)


def _content(
    request: ApiRequest, library: MediaLibrary, entry: MediaEntry, headers: Headers
) -> Response:
    asked, etag = request.headers, _etag(entry)
    if _is_known(asked.get("if-none-match"), etag):
        return Response(b"", headers, HTTPStatus.NOT_MODIFIED)
    # A range is only of the content that the caller has the rest of.
    same = asked.get("if-range", etag) == etag
    wanted = asked_range(asked.get("range") if same else None, entry.size)
    if wanted is None:
        return Response(_bytes(library, entry, range(entry.size)), headers)
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{entry.size}"
    return Response(_bytes(library, entry, wanted), headers, HTTPStatus.PARTIAL_CONTENT)


def _bytes(library: MediaLibrary, entry: MediaEntry, wanted: range) -> bytes:
    with library.content(entry) as path:
        return b"".join(chunks_between(path, wanted.start, wanted.stop))


def _possible_names(in_path: str) -> list[str]:
    """The names that a path may mean: API Gateway decodes some of it, a local server nothing.

    Raises NotFoundError for what decodes to no text.
    """
    try:
        decoded = unquote(in_path, errors="strict")
        in_path.encode()
    except UnicodeError:
        raise NotFoundError from None
    return [nfc(decoded), nfc(in_path)]


def _etag(entry: MediaEntry) -> str:
    return f'"{entry.sha256.hex()}"'


def _is_known(if_none_match: str | None, etag: str) -> bool:
    given = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in given or given == ["*"]

"""A person's media files: listing, adding, renaming, removing and checking them."""

from typing import Annotated, Any

import msgspec

from chalicelib.api.documented import PerPage
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import BYTES, Routes
from chalicelib.collection.media_references import media_references
from chalicelib.errors import BadInputError
from chalicelib.media import MediaEntry, MediaLibrary, check_media
from chalicelib.media.kinds import content_type

routes = Routes()

_DEFAULT_PER_PAGE = 50
_MAX_PAGE_NUMBER = 1_000_000


class MediaListQuery(msgspec.Struct):
    name: str = ""
    page: Annotated[int, msgspec.Meta(ge=1, le=_MAX_PAGE_NUMBER)] = 1
    per_page: PerPage = _DEFAULT_PER_PAGE


class MediaNameQuery(msgspec.Struct):
    name: str


class NewNameBody(msgspec.Struct):
    name: str


@routes.add("GET", "/api/media", query=MediaListQuery)
def list_media(request: ApiRequest) -> dict[str, Any]:
    """One page of the files whose names contain `name`, and how much of the quota they all take."""
    query, settings = request.query(MediaListQuery), request.services.settings
    if query.per_page > settings.max_page:
        raise BadInputError(fields={"per_page": f"must be at most {settings.max_page}"})
    library = media_of(request)
    total, entries = library.page(
        containing=query.name, offset=(query.page - 1) * query.per_page, limit=query.per_page
    )
    usage = library.usage()
    return {
        "media": [_entry_json(entry) for entry in entries],
        "pagination": {
            "total": total,
            "page": query.page,
            "per_page": query.per_page,
            "total_pages": -(-total // query.per_page),
        },
        "usage": {
            "files": usage.files,
            "bytes": usage.size,
            "quota_bytes": settings.media_quota_bytes,
        },
        "media_url": media_url(request),
    }


@routes.add("POST", "/api/media", content_type=BYTES, query=MediaNameQuery)
def add_media(request: ApiRequest) -> dict[str, Any]:
    """Store the body as a file; the name that notes are to refer to it by."""
    name = request.query(MediaNameQuery).name
    return {"name": media_of(request).add(name, [request.raw_body], request.asked())}


@routes.add("PUT", "/api/media", query=MediaNameQuery, body=NewNameBody)
def rename_media(request: ApiRequest) -> dict[str, Any]:
    """Give a file another name. Notes that refer to the old one stay as they are."""
    name, new_name = request.query(MediaNameQuery).name, request.body(NewNameBody).name
    return {"name": media_of(request).rename(name, new_name, request.asked())}


@routes.add("DELETE", "/api/media", query=MediaNameQuery)
def remove_media(request: ApiRequest) -> dict[str, Any]:
    """Remove a file. Notes that refer to it stay as they are."""
    name = request.query(MediaNameQuery).name
    return {"deleted": {"media": media_of(request).remove([name], request.asked())}}


@routes.add("GET", "/api/media/check")
def check(request: ApiRequest) -> dict[str, Any]:
    """Which files are missing, and which are not used; nothing is changed."""
    found = check_media(request.read(media_references), media_of(request).files())
    return {"missing": found.missing, "unused": found.unused, "note_ids": found.note_ids}


def media_of(request: ApiRequest) -> MediaLibrary:
    """The caller's media."""
    return request.services.media(request.owner)


def media_url(request: ApiRequest) -> str:
    """What the names in the caller's cards are relative to, for half an hour at least."""
    return f"/media/{request.services.media_links.token(request.owner, request.now_ms)}/"


def _entry_json(entry: MediaEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "size": entry.size,
        "added_at": entry.added_ms,
        "type": content_type(entry.name),
    }

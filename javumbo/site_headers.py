"""The headers under which browsers get the web client; whoever serves it sends these.

Source: Content Security Policy Level 3, Trusted Types.
"""

import mimetypes
from pathlib import PurePosixPath

_APP_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:{media}",
    "media-src 'self' blob:{media}",
    "font-src 'self'",
    "connect-src 'self'{api}{media}",
    "frame-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types dompurify javumbo",
)
# What a card is shown in: no script, nothing from elsewhere, and styles of its own. The sandbox
# keeps its origin so that the page around can fill and measure it.
_CARD_POLICY = (
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src 'self' data:{media}{remote}",
    "media-src 'self'{media}{remote}",
    "font-src 'self' data:{media}{remote}",
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "sandbox allow-same-origin",
)
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
_PERMISSIONS = ("camera", "geolocation", "microphone", "payment", "usb")

# The page that cards are shown in, and the one for decks whose remote pictures are allowed.
CARD_PAGE, REMOTE_CARD_PAGE = "/card.html", "/card-remote.html"


def site_headers(path: str, *, api_origin: str = "", media_origin: str = "") -> dict[str, str]:
    """The headers of the client's file at `path`.

    The origins are those of the API, and of media and large files, where these are not the
    client's own.
    """
    return {
        "Content-Security-Policy": _policy(path, api_origin, media_origin),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _PERMISSIONS),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": cache_control(path),
    }


def cache_control(path: str) -> str:
    """Files under `/assets/` are named after what is in them; the others may change at any time."""
    return "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"


def content_type(path: str) -> str:
    """Of the client's file at `path`; what this machine says of JavaScript cannot be relied on."""
    suffix = PurePosixPath(path).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _policy(path: str, api_origin: str, media_origin: str) -> str:
    remote = " https:" if path == REMOTE_CARD_PAGE else ""
    is_card = path in {CARD_PAGE, REMOTE_CARD_PAGE}
    text = "; ".join(_CARD_POLICY if is_card else _APP_POLICY)
    return text.format(api=_after(api_origin), media=_after(media_origin), remote=remote)


def _after(origin: str) -> str:
    return f" {origin}" if origin else ""

"""HTML elements from Python; all text is escaped."""

import re
from html import escape

_VOID = {"meta", "link"}
_CODE = re.compile("`([^`]+)`")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str) -> Html:
    """An element. An attribute's name may end with an underscore where Python has the word."""
    named = "".join(f' {key.strip("_")}="{escape(value)}"' for key, value in attributes.items())
    opened = f"<{name}{named}>"
    return Html(opened if name in _VOID else f"{opened}{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """One after the other; what is no HTML is escaped."""
    return Html("".join(one if isinstance(one, Html) else escape(one) for one in children))


def prose(text: str) -> Html:
    """Text with `code` in it."""
    return Html(_CODE.sub(r"<code>\1</code>", escape(text, quote=False)))

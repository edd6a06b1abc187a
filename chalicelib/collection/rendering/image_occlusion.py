r"""Clozes that cover a shape of an image: `{{c1::image-occlusion:rect:left=.1:top=.2}}`.

Here they become the elements that Anki's own script draws from; nothing here draws.
Source of the rules: Anki's rslib/src/image_occlusion/imageocclusion.rs.
"""

import re
from collections.abc import Iterator

from chalicelib.collection.html_attributes import escape_attribute

_MARK = "image-occlusion:"
_SHAPES = {"rect", "ellipse", "polygon", "text"}
_PROPERTY = re.compile(r"([^=]*)=((?:[^\\:]|\\[\\:])+)(?::|\Z)")
_ESCAPE = re.compile(r"\\(.)")
_ATTRIBUTES = {
    **{name: name for name in ("left", "top", "width", "height", "rx", "ry", "angle")},
    **{name: name for name in ("points", "text", "scale", "fill")},
    "oi": "occludeInactive",
    "fs": "font-size",
}


def is_image_occlusion(text: str) -> bool:
    return text.startswith(_MARK)


def occlusion_html(text: str, *, css_class: str, ordinals: str) -> str:
    """The empty element that stands for the shape which `text` describes."""
    data = "".join(f'data-{name}="{value}" ' for name, value in _data(text[len(_MARK) :]))
    return f'<div class="{css_class}" data-ordinal="{ordinals}" {data}></div>'


def _data(description: str) -> Iterator[tuple[str, str]]:
    shape, _, properties = description.partition(":")
    if shape in _SHAPES and ":" in description:
        yield "shape", shape
    position = 0
    while found := _PROPERTY.match(properties, position):
        position = found.end()
        name, value = found[1], _ESCAPE.sub(r"\1", found[2])
        if name in _ATTRIBUTES and (value := _attribute_value(name, value)):
            yield _ATTRIBUTES[name], value


def _attribute_value(name: str, value: str) -> str:
    if name == "text":
        return escape_attribute(value)
    if name == "points":
        return " ".join(point for point in value.split(" ") if "," in point)
    return value

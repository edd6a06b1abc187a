"""The OpenAPI document as a page to read, at /docs of `javumbo serve`."""

from javumbo.reference.serving import Reference

__all__ = ["Reference"]

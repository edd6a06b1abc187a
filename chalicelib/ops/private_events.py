"""Events that only who may invoke the function can send: they have no route.

API Gateway makes the event of a request: a caller decides what is in its body and its headers,
never which members the event has.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Chalice

KEY = "javumbo"

Order = Mapping[str, Any]
Handler = Callable[[Order], Mapping[str, Any]]


class PrivateChalice(Chalice):
    """A Chalice app whose API handler takes private events, and is told when a request begins."""

    def __init__(self, app_name: str, *, at_request: Callable[[], None]) -> None:
        super().__init__(app_name)
        self._at_request = at_request
        self._private: dict[str, Handler] = {}

    def private(self, name: str) -> Callable[[Handler], Handler]:
        """Register the decorated function for the private events of that name."""

        def register(handler: Handler) -> Handler:
            self._private[name] = handler
            return handler

        return register

    def __call__(self, event: Any, context: Any) -> Any:
        if is_private(event):
            order = event[KEY]
            return self._private[order["do"]](order)
        self._at_request()
        return super().__call__(event, context)


def private_event(name: str, **order: Any) -> dict[str, Any]:
    """The event by which an API handler is asked for something."""
    return {KEY: {"do": name, **order}}


def is_private(event: Any) -> bool:
    """Whether this is no request: those always have a context."""
    return isinstance(event, dict) and KEY in event and "requestContext" not in event

"""Lambda in memory: functions by their names."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from chalicelib.errors import StorageUnavailableError
from chalicelib.ops.invoking import Event


class MemoryInvoker:
    """Calls functions of this process; notes what is sent, which nobody does until `deliver`."""

    def __init__(self, functions: Mapping[str, Callable[[Event], Any]]) -> None:
        self.functions = functions
        self.called: list[tuple[str, Event]] = []
        self.sent: list[tuple[str, Event]] = []
        self._lock = Lock()

    def call(self, function: str, event: Event) -> Any:
        with self._lock:
            self.called.append((function, event))
        return self._function(function)(event)

    def send(self, function: str, event: Event) -> None:
        self._function(function)
        self.sent.append((function, event))

    def deliver(self) -> int:
        """Have the functions do what was sent, and what that sends; how many events it were."""
        delivered = 0
        while self.sent:
            function, event = self.sent.pop(0)
            self._function(function)(event)
            delivered += 1
        return delivered

    def _function(self, name: str) -> Callable[[Event], Any]:
        if name not in self.functions:
            raise StorageUnavailableError
        return self.functions[name]

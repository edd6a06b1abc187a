"""The numbered changes of what is stored, each in a module of its own, in order.

A step says for whom it has something to do, and does it for one of them, forwards and backwards.
Both may be cut short and repeated at any point: what is done already is found done.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from migrations.target import Target


class Step(ABC):
    """One change, from version `number` - 1 of the data to version `number`."""

    number: ClassVar[int]
    name: ClassVar[str]

    @abstractmethod
    def subjects(self, target: Target) -> Sequence[str]:
        """For whom there is something to do: usernames, or whatever else the step goes by."""

    @abstractmethod
    def forward(self, target: Target, subject: str) -> None:
        """Bring what the subject has to this version; raises JavumboError."""

    @abstractmethod
    def backward(self, target: Target, subject: str) -> None:
        """Bring what the subject has to the version before; raises JavumboError."""


class PeopleOfTheFlaskVersion(Step):
    """Version 1: what `take_all` makes and `give_back_all` writes back.

    They have commands of their own, for they need to know where the old install is; a service
    that began without one has nothing to do.
    """

    number = 1
    name = "people of the Flask version taken over"

    def subjects(self, target: Target) -> Sequence[str]:  # noqa: ARG002
        return ()

    def forward(self, target: Target, subject: str) -> None:
        """Nobody is left."""

    def backward(self, target: Target, subject: str) -> None:
        """Nobody is left."""


STEPS: tuple[Step, ...] = (PeopleOfTheFlaskVersion(),)

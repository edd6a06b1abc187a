"""What a search is made of, once it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    """How the text of a field or a tag is compared."""

    PLAIN = "plain"
    REGEX = "re"
    NO_ACCENTS = "nc"


class Operator(Enum):
    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    UNEQUAL = "!="
    AT_LEAST = ">="
    MORE = ">"


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty search."""


@dataclass(frozen=True, slots=True)
class Text:
    """A word anywhere in a note."""

    text: str
    ignore_accents: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern anywhere in a note; `position` is where it stands in the search."""

    pattern: str
    position: int


@dataclass(frozen=True, slots=True)
class WholeWords:
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class ClozeNotetype:
    """Notes that have deletions."""


@dataclass(frozen=True, slots=True)
class WithoutClozes:
    """A word in a note whose deletions are shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    text: str
    way: Way
    position: int


@dataclass(frozen=True, slots=True)
class Tag:
    text: str
    way: Way
    position: int


@dataclass(frozen=True, slots=True)
class Duplicates:
    notetype_id: int
    text: str


@dataclass(frozen=True, slots=True)
class NotetypeNamed:
    name: str


@dataclass(frozen=True, slots=True)
class NotetypeId:
    id: int


@dataclass(frozen=True, slots=True)
class NoteIds:
    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class EditedInDays:
    days: int


@dataclass(frozen=True, slots=True)
class TemplateNamed:
    name: str


@dataclass(frozen=True, slots=True)
class TemplateOrdinal:
    ordinal: int


@dataclass(frozen=True, slots=True)
class Deck:
    name: str


@dataclass(frozen=True, slots=True)
class DeckIds:
    """Cards in one of these decks, not in their subdecks, or borrowed from one of them."""

    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Preset:
    """Decks with the options of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class State:
    name: str


@dataclass(frozen=True, slots=True)
class Flag:
    flag: int


@dataclass(frozen=True, slots=True)
class CardIds:
    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class AddedInDays:
    days: int


@dataclass(frozen=True, slots=True)
class IntroducedInDays:
    days: int


@dataclass(frozen=True, slots=True)
class Rated:
    """Answered on a day counted from today (0, -1, ...).

    `ease` None: with any button, 0: with none, which is a manual reschedule.
    """

    operator: Operator
    days: int
    ease: int | None


@dataclass(frozen=True, slots=True)
class Property:
    """A number of a card, compared."""

    name: str
    operator: Operator
    value: float


@dataclass(frozen=True, slots=True)
class CustomNumber:
    key: str
    operator: Operator
    value: float


@dataclass(frozen=True, slots=True)
class CustomText:
    key: str
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class HasCustomData:
    key: str


NoteTerm = (
    Text
    | Regex
    | WholeWords
    | ClozeNotetype
    | WithoutClozes
    | Field
    | Tag
    | Duplicates
    | NotetypeNamed
    | NotetypeId
    | EditedInDays
)
CardTerm = (
    Deck
    | DeckIds
    | Preset
    | State
    | Flag
    | CardIds
    | AddedInDays
    | IntroducedInDays
    | Rated
    | Property
    | CustomNumber
    | CustomText
    | HasCustomData
)
Term = NoteTerm | CardTerm | NoteIds | TemplateNamed | TemplateOrdinal | Everything


@dataclass(frozen=True, slots=True)
class Spliced:
    """Two terms that stand in a search as if they had been typed so: a `-` is the first one's.

    Source: Anki's rslib/src/search/sqlwriter.rs (`sc:`).
    """

    first: Term
    second: Term


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but these."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """What every part matches."""

    parts: Sequence["Node"]


@dataclass(frozen=True, slots=True)
class Any:
    """What at least one part matches."""

    parts: Sequence["Node"]


Node = Term | Not | All | Any

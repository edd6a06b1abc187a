"""A card as the API shows it."""

import sqlite3
from dataclasses import asdict
from typing import Any

from chalicelib.collection.cards import Card, get_card
from chalicelib.collection.col import JsonObject
from chalicelib.collection.day import day_start_ms
from chalicelib.collection.deck_options.auto_advance import auto_advance
from chalicelib.collection.deck_options.groups import effective_options
from chalicelib.collection.filtered import FIRST_EPOCH_DUE
from chalicelib.collection.notes import Note, get_note
from chalicelib.collection.notetypes.lookup import field_names, get_notetype
from chalicelib.collection.rendering.render import RenderedCard, render_card, template_name
from chalicelib.collection.study.answering import answer_token, button_labels
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.typed_answer import typed_answer
from chalicelib.collection.tags import join_tags
from chalicelib.errors import NotFoundError, UnusableFileError
from chalicelib.scheduler.states import CardType
from chalicelib.scheduler.timing import Timing

# As in Anki's browser; only a damaged collection has such cards.
NO_DECK = "[no deck]"
# What Anki's reviewer shows as a star.
MARKED_TAG = "marked"
_SCHEDULE = (
    *("note_id", "deck_name", "state", "suspended", "buried"),
    *("due_at", "interval_days", "ease", "reps", "lapses"),
)


class CardPresenter:
    """Shows cards of one collection at one moment; decks and notetypes are read once.

    `front` and `back` are the note's first two fields; `question` and `answer` are what its
    template makes of them.
    """

    def __init__(
        self, conn: sqlite3.Connection, timing: Timing, context: StudyContext | None = None
    ) -> None:
        self._conn = conn
        self._timing = timing
        self._context = context or StudyContext(conn)
        self._notetypes: dict[int, JsonObject] = {}
        self._reviewer: dict[int, dict[str, Any]] = {}

    def summary(self, card: Card) -> dict[str, Any]:
        """A row of a list of cards."""
        return self._summary(card, get_note(self._conn, card.nid))

    def detail(self, card: Card) -> dict[str, Any]:
        """One card with all its fields and both its sides."""
        note = get_note(self._conn, card.nid)
        notetype = self._notetype(note)
        rendered = self._render(card, note)
        return {
            **self._summary(card, note),
            "notetype": notetype["name"],
            "fields": dict(zip(field_names(notetype), note.fields, strict=False)),
            "question": rendered.question,
            "answer": rendered.answer,
            "css": rendered.css,
        }

    def info(self, card: Card) -> dict[str, Any]:
        """Its schedule and where it belongs, as Anki's Card Info has it."""
        note = get_note(self._conn, card.nid)
        notetype = self._notetype(note)
        group = self._context.groups.of_deck(self._context.decks.get(card.home_deck_id))
        summary = self._summary(card, note)
        position = card.custom_data().get("pos", summary["due_position"])
        return {
            **{name: summary[name] for name in _SCHEDULE},
            "card_id": card.id,
            "added_at": card.id,
            "due_position": position if type(position) is int else None,
            "notetype": notetype["name"],
            "template": template_name(notetype, card.ord),
            "home_deck_name": self._name_of_deck(card.home_deck_id),
            "options_name": str(group.get("name", "")),
        }

    def to_study(self, card_id: int) -> dict[str, Any] | None:
        """A card to be answered: its sides, and what each button would do.

        None for one that is not there, and for one that only a damaged collection has: without its
        note, notetype or deck it cannot be shown, and must not keep the others from it.
        """
        try:
            return self._to_study(get_card(self._conn, card_id))
        except (NotFoundError, UnusableFileError):
            return None

    def _to_study(self, card: Card) -> dict[str, Any]:
        note = get_note(self._conn, card.nid)
        rendered = self._render(card, note)
        group = self._context.groups.of_deck(self._context.decks.get(card.home_deck_id))
        typed = typed_answer(rendered.question, self._notetype(note), card.ord, note.fields)
        labels = button_labels(card, group, self._timing, self._context.learn_ahead_s)
        return {
            "id": card.id,
            "note_id": card.nid,
            "notetype_id": note.notetype_id,
            "ord": card.ord,
            "deck_id": card.did,
            "deck_name": self._deck_name(card),
            "question": rendered.question,
            "answer": rendered.answer,
            "css": rendered.css,
            "front": note.fields[0],
            "back": _second(note.fields),
            "tags": note.tags,
            "marked": _is_marked(note),
            "flag": card.flag,
            "state": card.state_name,
            "typed": asdict(typed) if typed else None,
            "options": self._reviewer_options(group),
            "intervals": {str(int(rating)): label for rating, label in labels.items()},
            "answer_token": answer_token(card),
        }

    def _summary(self, card: Card, note: Note) -> dict[str, Any]:
        return {
            "id": card.id,
            "note_id": card.nid,
            "notetype_id": note.notetype_id,
            "ord": card.ord,
            "deck_id": card.did,
            "deck_name": self._deck_name(card),
            "front": note.fields[0],
            "back": _second(note.fields),
            "tags": note.tags,
            "marked": _is_marked(note),
            "state": card.state_name,
            "due_at": self._due_at_ms(card),
            "due_position": card.due if card.type == CardType.NEW else None,
            "interval_days": card.ivl,
            "ease": card.factor / 1000,
            "reps": card.reps,
            "lapses": card.lapses,
            "flag": card.flag,
            "suspended": card.is_suspended,
            "buried": card.is_buried and not self._context.is_new_day(self._timing),
            "modified_at": card.mod * 1000,
        }

    def _due_at_ms(self, card: Card) -> int | None:
        due = card.scheduling_state().due
        if card.type == CardType.NEW:
            return None
        return due * 1000 if due > FIRST_EPOCH_DUE else day_start_ms(self._timing, due)

    def _reviewer_options(self, group: JsonObject) -> dict[str, Any]:
        """What the options of the card's home deck say about showing it."""
        shown = self._reviewer.get(id(group))
        if shown is None:
            options = effective_options(group)
            advance = auto_advance(group)
            shown = self._reviewer[id(group)] = {
                "show_timer": options["timer"] == 1,
                "max_taken_ms": options["maxTaken"] * 1000,
                "autoplay": options["autoplay"],
                "replay_question": options["replayq"],
                "auto_advance": asdict(advance) if advance else None,
            }
        return shown

    def _render(self, card: Card, note: Note) -> RenderedCard:
        return render_card(
            self._notetype(note),
            card.ord,
            note.fields,
            tags=join_tags(note.tags).strip(),
            deck_name=self._deck_name(card),
            card_flag=card.flag,
        )

    def _notetype(self, note: Note) -> JsonObject:
        if note.notetype_id not in self._notetypes:
            self._notetypes[note.notetype_id] = get_notetype(self._conn, note.notetype_id)
        return self._notetypes[note.notetype_id]

    def _deck_name(self, card: Card) -> str:
        return self._name_of_deck(card.did)

    def _name_of_deck(self, deck_id: int) -> str:
        deck = self._context.decks.by_id.get(deck_id)
        return deck["name"] if deck else NO_DECK


def _is_marked(note: Note) -> bool:
    return any(tag.casefold() == MARKED_TAG for tag in note.tags)


def _second(fields: list[str]) -> str:
    return fields[1] if len(fields) > 1 else ""

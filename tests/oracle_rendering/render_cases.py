"""Ask real Anki how it stores, generates and renders notes.

    python -m tests.oracle_rendering.render_cases CASES.json      (- reads standard input)

Development only: needs the `anki` package, which nothing shipped may import.

A case is an object:
  type       0 standard, 1 cloze
  fields     the names of the fields; values: their contents, as a person typed them
  templates  [[name, question format, answer format], ...]
  sortf, tags, deck, flag, css, name     optional
  ordinals   cards to render beside the ones that Anki makes (their rows are added by hand)

A result is an object, or {"refused": why} where Anki takes no such notetype or note:
  notetype, fields, templates, tags   names, formats and tags as Anki stored them
  stored, sfld, csum what the note's row holds; sfld as text
  made       the ordinals of the cards that adding the note made
  needed     those that "Empty Cards" would leave, of all the cards that were rendered
  cards      {ordinal: {question, answer, css}}: `[sound:]` stays as written, no LaTeX is run
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import anki.collection  # first: it and anki.cards import each other
from anki.cards import Card, CardId
from anki.dbproxy import DBProxy
from anki.errors import AnkiException, TemplateError
from anki.models import NotetypeDict, NotetypeId
from anki.notes import Note
from anki.template import PartiallyRenderedCard, TemplateRenderContext, apply_custom_filters
from anki.utils import to_json_bytes

Json = dict[str, Any]


def notetype_json(case: Json, name: str) -> Json:
    """The schema-11 object of a case's notetype, with id 0: not stored yet."""
    return {
        "id": 0,
        "name": case.get("name", name),
        "type": case["type"],
        "mod": 0,
        "usn": 0,
        "sortf": case.get("sortf", 0),
        "did": None,
        "css": case.get("css", ""),
        "flds": [
            {"name": field, "ord": ord_, "sticky": False, "rtl": False, "font": "Arial", "size": 20}
            for ord_, field in enumerate(case["fields"])
        ],
        "tmpls": [
            {"name": template[0], "qfmt": template[1], "afmt": template[2], "ord": ord_}
            for ord_, template in enumerate(case["templates"])
        ],
    }


def add_notetype(col: anki.collection.Collection, case: Json, name: str) -> NotetypeDict:
    """Store the notetype, malformed templates included."""
    added = col._backend.add_or_update_notetype(
        json=to_json_bytes(notetype_json(case, name)),
        preserve_usn_and_mtime=False,
        skip_checks=True,
    )
    notetype = col.models.get(NotetypeId(added))
    assert notetype is not None
    return notetype


def _database(col: anki.collection.Collection) -> DBProxy:
    assert col.db is not None
    return col.db


def add_note(col: anki.collection.Collection, notetype: NotetypeDict, case: Json) -> Note:
    note = col.new_note(notetype)
    note.fields = list(case["values"])
    note.tags = case.get("tags", "").split()
    deck_id = col.decks.id(case.get("deck", "Default"))
    assert deck_id is not None
    col.add_note(note, deck_id)
    return note


def add_missing_cards(col: anki.collection.Collection, note: Note, ordinals: set[int]) -> None:
    """Give the note cards that Anki would not make, to see how they render all the same."""
    cards = note.cards()
    next_id = _database(col).scalar("select max(id) from cards") + 1
    for offset, ord_ in enumerate(sorted(ordinals - {card.ord for card in cards})):
        _database(col).execute(
            "insert into cards values (?,?,?,?,0,0,0,0,0,0,0,0,0,0,0,0,0,'')",
            next_id + offset,
            note.id,
            cards[0].did,
            ord_,
        )


def render(col: anki.collection.Collection, card: Card) -> Json:
    """Both sides as `Card.render_output` makes them, just before sounds and LaTeX are taken out."""
    context = TemplateRenderContext.from_existing_card(card, browser=False)
    try:
        partial = PartiallyRenderedCard.from_proto(
            col._backend.render_existing_card(card_id=card.id, browser=False, partial_render=True)
        )
    except TemplateError as error:
        return {"question": str(error), "answer": str(error), "css": ""}
    question = apply_custom_filters(partial.qnodes, context, front_side=None)
    answer = apply_custom_filters(partial.anodes, context, front_side=question)
    return {"question": question, "answer": answer, "css": partial.css}


def empty_card_ids(col: anki.collection.Collection) -> set[int]:
    return {cid for note in col.get_empty_cards().notes for cid in note.card_ids}


def try_case(col: anki.collection.Collection, case: Json, number: int) -> Json:
    notetype = add_notetype(col, case, f"Notetype {number}")
    note = add_note(col, notetype, case)
    made = sorted(card.ord for card in note.cards())
    wanted = set(case.get("ordinals", ()))
    if case["type"] == 0:
        wanted |= set(range(len(notetype["tmpls"])))
    add_missing_cards(col, note, wanted)
    cards = note.cards()
    if case.get("flag"):
        col.set_user_flag_for_cards(case["flag"], [card.id for card in cards])
    row = _database(col).first("select flds, sfld, csum, tags from notes where id = ?", note.id)
    assert row is not None
    stored, sfld, csum, tags = row
    return {
        "notetype": notetype["name"],
        "tags": tags,
        "fields": [field["name"] for field in notetype["flds"]],
        "templates": [[t["name"], t["qfmt"], t["afmt"]] for t in notetype["tmpls"]],
        "stored": stored.split("\x1f"),
        "sfld": str(sfld),
        "csum": csum,
        "made": made,
        "card_ids": {card.ord: card.id for card in cards},
        "cards": {card.ord: render(col, col.get_card(CardId(card.id))) for card in cards},
    }


def run_case(col: anki.collection.Collection, case: Json, number: int) -> Json:
    try:
        return try_case(col, case, number)
    except AnkiException as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def run_cases(cases: list[Json]) -> list[Json]:
    with tempfile.TemporaryDirectory() as folder:
        col = anki.collection.Collection(str(Path(folder) / "collection.anki2"))
        results = [run_case(col, case, number) for number, case in enumerate(cases)]
        empty = empty_card_ids(col)
        col.close()
    for result in results:
        card_ids: dict[int, int] = result.pop("card_ids", {})
        result["needed"] = sorted(ord_ for ord_, cid in card_ids.items() if cid not in empty)
    return results


def main() -> None:
    source = sys.argv[1]
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    json.dump(run_cases(json.loads(text)), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()

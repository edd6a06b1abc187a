"""What real Anki does with collections and packages; run as a script.

anki_side.py make SEED...   random collections, each in a directory of its own under the current
                            one: SEED/collection.anki2 in schema 11, and SEED/collection.media
anki_side.py run            the jobs of stdin, a JSON list; what each gives, as a JSON list:
    {"do": "export", "collection", "target", "limit": null | {"deck"} | {"notes"} | {"search"},
     "options": {...}}                      an .apkg of a copy of the collection
    {"do": "export all", "collection", "target", "media", "legacy"}          a .colpkg
    {"do": "import", "package", "directory"}  what Check Database says of an empty profile in
                            DIRECTORY after importing into it; it is left in schema 11
"""

import json
import shutil
import sys
from pathlib import Path
from random import Random
from typing import Any

from anki.collection import (
    Collection,
    DeckIdLimit,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
    NoteIdsLimit,
)
from anki.decks import DeckId, FilteredDeckConfig
from anki.notes import Note, NoteId

SOME_FIELDS = [
    "plain",
    "<b>bold</b> &amp; more",
    '<img src="a.png">',
    "<img src='b &amp; c.png' alt=x>",
    "<img class=latex src=ü.jpg>",
    "[sound:s.mp3] and [sound:missing.mp3]",
    "[sound:x &amp; y.mp3]",
    "[anki:tts][en_US][sound:spoken.mp3][/anki:tts] then [sound:after.mp3]",
    '<object data="o.swf"></object><video src=v.webm></video>',
    "<img src=../outside.png> <img src=sub/inside.png>",
    "[latex]one<br>two<div>&amp; three[/latex]",
    "[$]x^2<br>+ y[/$] [$$]a &lt; b<div>c[/$$]",
    "[$][/$]y[/$] [latex]never closed",
    "[sound:]odd].mp3]",
]
FILES = [
    "a.png", "b & c.png", "ü.jpg", "s.mp3", "x & y.mp3", "spoken.mp3", "after.mp3", "o.swf",
    "v.webm", "unused.png", "_unused.png", "_font.woff", "_import.css", "_single.css",
    "_plain.png", "_template.png", "_quoted.js", "_sound.mp3", "_UPPER.PNG", "_back.png",
    "latex-0000000000000000000000000000000000000000.png", "inside.png", "_spaced name.png",
]  # fmt: skip
CSS = """
@import url("_font.woff"); @import "_import.css"; @IMPORT '_single.css';
.a { background: url( _plain.png ); } .b { background: URL('_UPPER.PNG') }
.c { background: url(not_underscored.png) } .d { background: url("_spaced name.png") }
"""
QUESTION = '{{Front}} <img src=_template.png> <script src="_quoted.js"></script> "_nothing"'
ANSWER = "{{FrontSide}}<hr id=answer>{{Back}} [sound:_sound.mp3] <img src='_back.png'>"
TAGS = ["marked", "leech", "Leech", "verb", "a::b", "MARKED", "markedly", "ähnlich"]


def make(directory: Path) -> None:
    """A random collection; the directory's name is the seed."""
    (directory / "collection.media").mkdir(parents=True)
    for number, name in enumerate(FILES):
        path = directory / "collection.media" / name
        path.write_bytes(f"content {number % 20} ".encode() * (1 + number * 37))
    col = Collection(str(directory / "collection.anki2"))
    random = Random(directory.name)
    _change_notetypes(col, random)
    decks = _add_decks(col, random)
    for number in range(random.randint(5, 40)):
        _add_note(col, random, decks, number)
    _add_latex_images(col, directory)
    _study(col, random)
    _mark(col, random)
    for number in range(random.randint(0, 3)):
        _add_filtered_deck(col, random, number)
    if random.random() < 0.3:
        deck = col.decks.get(DeckId(1))
        assert deck is not None
        deck["name"] = "Not the default"
        col.decks.save(deck)
        if random.random() < 0.5:
            col.decks.id("Default")
    col.fix_integrity()
    col.close(downgrade=True)


def _change_notetypes(col: Collection, random: Random) -> None:
    for notetype in col.models.all():
        if random.random() < 0.5:
            notetype["css"] += CSS
            notetype["latexsvg"] = random.random() < 0.5
            if notetype["flds"][0]["name"] == "Front":
                notetype["tmpls"][0]["qfmt"] = QUESTION
                notetype["tmpls"][0]["afmt"] = ANSWER
            col.models.update_dict(notetype)


def _add_decks(col: Any, random: Random) -> list[int]:
    presets = [1]
    for number in range(random.randint(0, 3)):
        options = col.decks.add_config(f"Preset {number}")
        options["new"]["perDay"] = random.randint(1, 99)
        options["unknown"] = {"kept": number}
        options["fsrsParams6"] = [number + 0.5] * 21
        col.decks.update_config(options)
        presets.append(options["id"])
    names = [
        "Default",
        "One",
        "One::Two",
        "One::Two::Three",
        "Ünïcode::漢字",
        "Other::deep::deeper",
    ]
    decks = []
    for name in random.sample(names, random.randint(1, len(names))):
        deck = col.decks.get(col.decks.id(name))
        deck.update(
            conf=random.choice(presets),
            desc=random.choice(["", "what *for*"]),
            md=random.random() < 0.5,
            collapsed=random.random() < 0.5,
            extendNew=random.randint(0, 5),
            newLimit=random.choice([None, 7]),
            reviewLimitToday=random.choice([None, {"limit": 5, "today": 3}]),
            desiredRetention=random.choice([None, 85]),
            unknown=[1],
        )
        col.decks.save(deck)
        decks.append(deck["id"])
    return decks


def _add_note(col: Any, random: Random, decks: list[int], number: int) -> None:
    names = ["Basic", "Basic (and reversed card)", "Cloze", "Basic (type in the answer)"]
    notetype = col.models.by_name(random.choice(names))
    note: Note = col.new_note(notetype)
    note.fields = [random.choice(SOME_FIELDS) for _ in note.fields]
    note.fields[0] += f" {number} {{{{c1::a}}}} {{{{c2::b}}}}"
    note.tags = random.sample(TAGS, random.randint(0, 3))
    col.add_note(note, DeckId(random.choice(decks)))


def _add_latex_images(col: Any, directory: Path) -> None:
    """Those of the present notes, as if they had been shown."""
    for nid in col.find_notes(""):
        note = col.get_note(nid)
        for field in note.fields:
            for svg in (False, True):
                found = col._backend.extract_latex(text=field, svg=svg, expand_clozes=False)
                for latex in found.latex:
                    (directory / "collection.media" / latex.filename).write_bytes(b"latex")


def _study(col: Any, random: Random) -> None:
    cards = list(col.find_cards(""))
    for card_id in random.sample(cards, len(cards) * 2 // 3):
        for _ in range(random.randint(1, 4)):
            card = col.get_card(card_id)
            card.start_timer()
            states = col._backend.get_scheduling_states(card_id)
            answer = col.sched.build_answer(card=card, states=states, rating=random.randint(0, 3))
            col.sched.answer_card(answer)


def _mark(col: Any, random: Random) -> None:
    for card_id in col.find_cards(""):
        what = random.random()
        if what < 0.1:
            col.sched.suspend_cards([card_id])
        elif what < 0.2:
            col.sched.bury_cards([card_id], manual=random.random() < 0.5)
        elif what < 0.3:
            col.set_user_flag_for_cards(random.randint(1, 7), [card_id])
        elif what < 0.4:
            col.sched.set_due_date([card_id], "1-9!")
        elif what < 0.5:
            col.sched.schedule_cards_as_new([card_id])


def _add_filtered_deck(col: Any, random: Random, number: int) -> None:
    deck = col.sched.get_or_create_filtered_deck(deck_id=DeckId(0))
    deck.name = random.choice(["Filtered", "One::Filtered", "Fresh::Filtered"]) + str(number)
    searches = ["is:due", "is:new", "deck:One", "", "is:learn"]
    del deck.config.search_terms[:]
    term = FilteredDeckConfig.SearchTerm(
        search=random.choice(searches),
        limit=random.randint(1, 20),
        order=random.randint(0, 5),  # type: ignore[arg-type]
    )
    deck.config.search_terms.append(term)
    deck.config.reschedule = random.random() < 0.5
    deck.allow_empty = True
    filtered_id = col.sched.add_or_update_filtered_deck(deck).id
    for card_id in col.find_cards(f"did:{filtered_id}"):
        if random.random() < 0.3:
            card = col.get_card(card_id)
            card.start_timer()
            states = col._backend.get_scheduling_states(card_id)
            col.sched.answer_card(
                col.sched.build_answer(card=card, states=states, rating=random.randint(0, 3))
            )
        elif random.random() < 0.2:
            col.sched.suspend_cards([card_id])


def _copy(collection: str) -> Path:
    """A copy beside the media, which exporting may change."""
    path = Path(collection)
    copied = path.with_name("copy.anki2")
    shutil.copy(path, copied)
    media = path.with_suffix(".media")
    if media.exists():
        shutil.copytree(media, copied.with_suffix(".media"), dirs_exist_ok=True)
    return copied


def export(job: dict[str, Any]) -> dict[str, Any]:
    col = Collection(str(_copy(job["collection"])))
    limit = job["limit"] or {}
    notes = limit.get("notes")
    if "search" in limit:
        notes = list(col.find_notes(limit["search"]))
    try:
        count = col.export_anki_package(
            out_path=job["target"],
            options=ExportAnkiPackageOptions(**job["options"]),
            limit=DeckIdLimit(DeckId(limit["deck"]))
            if "deck" in limit
            else None
            if notes is None
            else NoteIdsLimit([NoteId(note) for note in notes]),
        )
    finally:
        col.close()
    return {"count": count, "notes": notes}


def export_all(job: dict[str, Any]) -> dict[str, Any]:
    col = Collection(str(_copy(job["collection"])))
    col.export_collection_package(job["target"], job["media"], job["legacy"])
    return {}


def import_package(job: dict[str, Any]) -> dict[str, Any]:
    path = Path(job["directory"], "collection.anki2")
    if job["package"].endswith(".colpkg"):
        col = _imported_collection(path, job["package"])
    else:
        col = Collection(str(path))
        options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True)
        request = ImportAnkiPackageRequest(package_path=job["package"], options=options)
        col.import_anki_package(request)
    report, ok = col.fix_integrity()
    col.close(downgrade=True)
    return {"ok": ok, "report": report}


def _imported_collection(path: Path, package: str) -> Collection:
    col = Collection(str(path))
    col.close_for_full_sync()
    col._backend.close_collection(downgrade_to_schema11=False)
    media = path.with_suffix(".media")
    media.mkdir(exist_ok=True)
    col._backend.import_collection_package(
        col_path=str(path),
        backup_path=package,
        media_folder=str(media),
        media_db=str(path.with_suffix(".media.db2")),
    )
    return Collection(str(path))


JOBS = {"export": export, "export all": export_all, "import": import_package}


def main() -> None:
    if sys.argv[1] == "make":
        for seed in sys.argv[2:]:
            make(Path(seed))
        return
    jobs = json.load(sys.stdin)
    print(json.dumps([JOBS[job["do"]](job) for job in jobs]))


if __name__ == "__main__":
    main()

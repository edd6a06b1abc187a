"""Collections as odd as real Anki makes them, in every kind of file that it writes.

Run as a module, `python -m tests.packages.exporting.anki_travels DIRECTORY SEED...`: makes
SEED/collection.anki2 in schema 11, SEED/collection.media, and beside these packages and text
files of all there is; "later" ones were made after some more work.
"""

import shutil
import struct
import sys
import unicodedata
import zlib
from pathlib import Path
from random import Random
from typing import Any

from anki.collection import Collection, ExportAnkiPackageOptions
from anki.decks import DeckId

from tests.packages.exporting.anki_side import make

# As a person's files are called; Anki stores them in NFC.
NAMES = [
    "with blank.png", "50%.png", "%41%20b.png", "Überraschung.mp3", "日本語 ファイル.mp3",
    "が decomposed.png", "it's, (odd) & #1 + 2=3;.png", "a%2Fb.png", "no_extension", "..dots..png",
    "emoji 😀.gif", "_Unterlänge.css", "UPPER.PNG", "upper.png", "ﬁ ligature Å.png",
]  # fmt: skip
_REFERENCES = [
    '<img src="{}">',
    "<img src='{}'>",
    "[sound:{}]",
    '<img alt=x src="{}" width=3><br>[sound:{}]',
]
_TEXTS = [
    "漢字[かんじ] <ruby>x</ruby>", "a\ttab", "line<br>break<div>block</div>", "&nbsp;&lt;b&gt;",
    "\u200bzero \u00a0 width", "quote \" and ' and ; and , and |", "#not a comment", "=1+1",
    "e\u0301 decomposed", "😀", "\\(x^2\\) \\[y\\]", "new\nline", "<!-- comment -->shown", "",
]  # fmt: skip
_OCCLUSION = "{{c%d::image-occlusion:rect:left=.1:top=.2:width=.3:height=.4:oi=1}}<br>"
_SEARCHES = ["is:new", "is:due or is:learn", "tag:verb", "-is:suspended", "rated:2"]


def make_odd(directory: Path) -> None:
    """A random collection, with what else there may be in one, and its exports."""
    random = Random(directory.name)
    make(directory)
    col = Collection(str(directory / "collection.anki2"))
    _add_media(col, random)
    _add_notetype(col, random)
    _add_occlusions(col, random)
    _add_settings(col, random)
    _study(col, random)
    _remove_something(col, random)
    col.fix_integrity()
    _make_older(col)
    _export(col, directory)
    col.close(downgrade=True)
    _go_on(directory, random)


def _make_older(col: Any) -> None:
    """Make what comes later newer."""
    col.db.execute("UPDATE notes SET mod = mod - 1000")
    col.db.execute("UPDATE notetypes SET mtime_secs = mtime_secs - 1000 WHERE mtime_secs > 0")
    col.close()
    col.reopen()


def _go_on(directory: Path, random: Random) -> None:
    """Make the later packages, of a copy of the collection."""
    later = directory / "later"
    shutil.copytree(directory / "collection.media", later / "collection.media")
    shutil.copy(directory / "collection.anki2", later)
    col = Collection(str(later / "collection.anki2"))
    _change_notes(col, random)
    _change_notetypes(col, random)
    _change_files(col, random)
    _add_media(col, random)
    _add_settings(col, random)
    _study(col, random)
    col.fix_integrity()
    _export(col, later)
    col.close(downgrade=True)


def _change_notes(col: Any, random: Random) -> None:
    notes = list(col.find_notes(""))
    for note_id in random.sample(notes, len(notes) // 2):
        note = col.get_note(note_id)
        note.fields[-1] = random.choice(_TEXTS)
        note.tags = [*note.tags, "later"]
        col.update_note(note)


def _change_notetypes(col: Any, random: Random) -> None:
    for notetype in col.models.all():
        choice = random.random()
        if choice < 0.3:
            notetype["css"] += ".later {}"
        elif choice < 0.5:
            col.models.add_field(notetype, col.models.new_field("Later"))
        elif choice < 0.6 and notetype["name"].startswith("Own"):
            template = col.models.new_template("Later")
            template.update(qfmt="later {{Wort}}", afmt="{{意味}}")
            col.models.add_template(notetype, template)
        col.models.update_dict(notetype)


def _change_files(col: Any, random: Random) -> None:
    """Others may have a file of that name as it was.

    Anki takes no file with capitals for one that is there already, and overwrites it.
    """
    found = sorted(Path(col.media.dir()).iterdir())
    files = [file for file in found if file.name.islower() and file.suffix]
    for file in random.sample(files, len(files) // 3):
        file.write_bytes(b"later" + file.read_bytes())


def _add_media(col: Any, random: Random) -> None:
    """Files of odd names, and notes that refer to them in one of the ways that work."""
    deck = col.decks.id("Media::" + unicodedata.normalize("NFD", "Bücher が"))
    for name in random.sample(NAMES, random.randint(3, len(NAMES))):
        # Of two files without an extension, Anki gives the second a name that it then refuses.
        data = random.randbytes(random.randint(0, 3000)) if "." in name else b"the same"
        stored = col.media.write_data(name, data)
        note = col.new_note(col.models.by_name(random.choice(["Basic", "Cloze"])))
        written = random.choice([stored, stored.replace("&", "&amp;"), _decomposed(stored)])
        text = random.choice(_REFERENCES)
        note.fields[0] = f"{{{{c1::{len(name)}}}}} {text.format(written, written)}"
        note.fields[1] = random.choice(_TEXTS)
        note.tags = random.sample(["grün", "日本", "a::b::c", "x-y", "Verb"], random.randint(0, 2))
        col.add_note(note, deck)


def _decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def _add_notetype(col: Any, random: Random) -> None:
    """One of somebody's own: more fields and templates, a deck and a style of its own."""
    notetype = col.models.new(f"Own: “{random.randint(1, 99)}” & é")
    for name in ("Wort", "意味", "Extra-Feld", "Empty"):
        field = col.models.new_field(name)
        field.update(rtl=random.random() < 0.3, font="Noto Sans", size=random.randint(8, 40))
        field.update(description="what", sticky=random.random() < 0.3, plainText=True)
        col.models.add_field(notetype, field)
    for number in range(random.randint(1, 3)):
        template = col.models.new_template(f"Card é {number}")
        template["qfmt"] = (
            f"{{{{Wort}}}} {number} {{{{#Extra-Feld}}}}{{{{hint:意味}}}}{{{{/Extra-Feld}}}}"
        )
        template["afmt"] = "{{FrontSide}}<hr id=answer>{{意味}} {{Tags}}"
        template["bqfmt"] = random.choice(["", "{{Wort}}"])
        template["did"] = random.choice([None, col.decks.id("By template")])
        col.models.add_template(notetype, template)
    notetype["css"] += ".card { font-family: 'Ü'; }"
    notetype["sortf"] = random.randint(0, 2)
    col.models.add(notetype)
    deck = DeckId(col.decks.id("Own::deep::deeper::deepest"))
    for number in range(random.randint(1, 8)):
        note = col.new_note(col.models.by_name(notetype["name"]))
        note.fields = [f"{number}", *random.choices(_TEXTS, k=3)]
        col.add_note(note, deck)


def _add_occlusions(col: Any, random: Random) -> None:
    for number in range(random.randint(0, 2)):
        picture = Path(col.media.dir()).parent / f"picture {number}.png"
        picture.write_bytes(_png(random))
        col.add_image_occlusion_note(
            notetype_id=col.models.by_name("Image Occlusion")["id"],
            image_path=str(picture),
            occlusions="".join(_OCCLUSION % (each + 1) for each in range(random.randint(1, 3))),
            header="head",
            back_extra="[sound:extra.mp3]",
            tags=["occluded"],
        )


def _png(random: Random) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(bytes([0, random.randint(0, 255)]))
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", pixel), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _add_settings(col: Any, random: Random) -> None:
    """Of the collection itself, which only a whole one brings."""
    col.set_config("fsrs", random.random() < 0.3)
    col.set_config("savedFilters", {"mine": "deck:One"})
    col.set_config("newSpread", random.randint(0, 2))
    col.set_config("dayLearnFirst", random.random() < 0.5)
    col.set_config("addToCur", random.random() < 0.5)
    col.set_config("add-on", {"any": ["thing", 1.5, None, "ü"]})
    deck = col.decks.get(DeckId(1))
    deck["desc"] = "Beschreibung <b>é</b>\n*second* line"
    col.decks.save(deck)
    for options in col.decks.all_config():
        _change_options(options, random)
        col.decks.update_config(options)
    for deck in col.decks.all():
        if random.random() < 0.3:
            deck["add-on"] = {"ü": [1, None]}
            col.decks.save(deck)


def _change_options(options: Any, random: Random) -> None:
    options["new"].update(
        delays=random.choice([[1.0, 10.0], [0.5], [], [1440.0, 15.0, 3.25]]),
        ints=[random.randint(1, 9), random.randint(1, 9), 0],
        initialFactor=random.randint(1310, 3000),
        order=random.randint(0, 1),
        bury=random.random() < 0.5,
    )
    options["rev"].update(
        perDay=random.randint(0, 9999),
        ease4=random.choice([1.3, 1.15, 2.0]),
        ivlFct=random.choice([1.0, 0.95, 1.3]),
        maxIvl=random.choice([36500, 90, 1]),
        hardFactor=random.choice([1.2, 1.0, 0.7]),
    )
    options["lapse"].update(
        delays=random.choice([[10.0], [], [1.0, 1440.0]]),
        leechFails=random.randint(1, 20),
        minInt=random.randint(1, 9),
        mult=random.choice([0.0, 0.33, 1.0]),
        leechAction=random.randint(0, 1),
    )
    options.update(
        autoplay=random.random() < 0.5,
        timer=random.randint(0, 1),
        maxTaken=random.randint(1, 900),
        newMix=random.randint(0, 2),
        reviewOrder=random.randint(0, 12),
        newSortOrder=random.randint(0, 5),
        newGatherPriority=random.randint(0, 4),
        desiredRetention=random.choice([0.9, 0.83, 0.7]),
        fsrsParams6=[random.random() for _ in range(21)] if random.random() < 0.3 else [],
        easyDaysPercentages=random.choice([[1.0] * 7, [1.0, 0.5, 0.0, 1.0, 1.0, 1.0, 0.5]]),
        weightSearch=random.choice(["", "preset:x"]),
        ignoreRevlogsBeforeDate=random.choice(["", "2024-02-29"]),
        secondsToShowQuestion=random.choice([0.0, 2.5]),
        questionAction=random.randint(0, 1),
        answerAction=random.randint(0, 4),
        waitForAudio=random.random() < 0.5,
        stopTimerOnAnswer=random.random() < 0.5,
    )


def _study(col: Any, random: Random) -> None:
    """Some more cards, some of them in another way."""
    cards = list(col.find_cards("deck:Own or deck:Media or tag:occluded"))
    for card_id in random.sample(cards, len(cards) // 2):
        for _ in range(random.randint(1, 3)):
            card = col.get_card(card_id)
            card.start_timer()
            states = col._backend.get_scheduling_states(card_id)
            rating = random.randint(0, 3)
            col.sched.answer_card(col.sched.build_answer(card=card, states=states, rating=rating))
    for card_id in random.sample(cards, len(cards) // 4):
        choice = random.randint(0, 3)
        if choice == 0:
            col.sched.suspend_cards([card_id])
        elif choice == 1:
            col.sched.bury_cards([card_id], manual=random.random() < 0.5)
        elif choice == 2:
            col.set_user_flag_for_cards(random.randint(1, 7), [card_id])
        else:
            col.sched.reposition_new_cards([card_id], random.randint(0, 500), 1, False, False)


def _remove_something(col: Any, random: Random) -> None:
    """So that there are graves, and reviews of cards that are no more."""
    notes = list(col.find_notes(""))
    col.remove_notes(random.sample(notes, min(2, len(notes) // 4)))
    decks = [deck.id for deck in col.decks.all_names_and_ids() if deck.id != 1]
    if random.random() < 0.3:
        col.decks.remove([random.choice(decks)])


def _export(col: Any, directory: Path) -> None:
    for is_legacy, name in ((False, "latest"), (True, "legacy")):
        options = ExportAnkiPackageOptions(
            with_scheduling=True, with_deck_configs=True, with_media=True, legacy=is_legacy
        )
        col.export_anki_package(
            out_path=str(directory / f"{name}.apkg"), options=options, limit=None
        )
    options = ExportAnkiPackageOptions(with_media=True)
    col.export_anki_package(out_path=str(directory / "shared.apkg"), options=options, limit=None)
    col.export_card_csv(out_path=str(directory / "cards.txt"), limit=None, with_html=True)
    col.export_note_csv(
        out_path=str(directory / "notes.txt"),
        limit=None,
        with_html=True,
        with_tags=True,
        with_deck=True,
        with_notetype=True,
        with_guid=True,
    )
    for is_legacy, name in ((False, "latest"), (True, "legacy")):
        col.export_collection_package(str(directory / f"{name}.colpkg"), True, is_legacy)
        col.reopen()


if __name__ == "__main__":
    for seed in sys.argv[2:]:
        make_odd(Path(sys.argv[1], seed))

"""What real Anki does with packages and collections; run as a script.

anki_side.py make DIRECTORY           a collection with nothing at its default, as DIRECTORY/
                                      legacy.colpkg, latest.colpkg, legacy.apkg, latest.apkg
anki_side.py upgrade FILE...          open .anki2 files and leave them in schema 18
anki_side.py reexport PACKAGE TARGET  take over a .colpkg, check it, write it as a legacy one;
                                      prints a JSON list of the problems found
anki_side.py names                    a JSON list of file names from stdin, as Anki stores them
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from anki.collection import Collection, ExportAnkiPackageOptions
from anki.decks import DeckId, FilteredDeckConfig

ORDERS = FilteredDeckConfig.SearchTerm.ADDED, FilteredDeckConfig.SearchTerm.REVERSE_ADDED


def make(directory: str) -> None:
    target = Path(directory)
    col = Collection(str(target / "rich.anki2"))
    change_notetypes(col)
    change_options(col)
    change_decks(col)
    add_notes(col)
    add_filtered_decks(col)
    change_settings(col)
    for name, legacy in (("legacy.apkg", True), ("latest.apkg", False)):
        options = ExportAnkiPackageOptions(
            with_scheduling=True, with_deck_configs=True, with_media=True, legacy=legacy
        )
        col.export_anki_package(out_path=str(target / name), options=options, limit=None)
    for name, legacy in (("legacy.colpkg", True), ("latest.colpkg", False)):
        col.export_collection_package(str(target / name), include_media=True, legacy=legacy)
        col.reopen()
    col.close()


def change_notetypes(col: Collection) -> None:
    for number, notetype in enumerate(col.models.all()):
        notetype.update(
            sortf=min(1, len(notetype["flds"]) - 1),
            css=f".card {{ color: #{number}; }} /* ünïcode 漢字 */",
            latexPre="\\documentclass{article}",
            latexPost="\\end{document}",
            latexsvg=number % 2 == 0,
            did=1 if number % 2 else None,
            originalId=1_500_000_000_000 + number,
            unknown={"kept": [1, 2.5, None, "ä"]},
        )
        for field in notetype["flds"]:
            field.update(
                sticky=True,
                rtl=True,
                font="Noto Sans",
                size=37,
                description="what it is",
                plainText=True,
                collapsed=True,
                excludeFromSearch=True,
                preventDeletion=True,
                tag=7,
                odd={"a": 1},
            )
        for template in notetype["tmpls"]:
            template.update(
                bqfmt="{{Front}}!", bafmt="{{Back}}!", bfont="Arial", bsize=23, did=1, odd=[1, 2]
            )
        col.models.update_dict(notetype)


def change_options(col: Collection) -> None:
    options = col.decks.add_config("Every value its own")
    options.update(
        maxTaken=77,
        autoplay=False,
        timer=1,
        replayq=False,
        newMix=2,
        newPerDayMinimum=3,
        interdayLearningMix=1,
        reviewOrder=12,
        newSortOrder=4,
        newGatherPriority=5,
        buryInterdayLearning=True,
        fsrsWeights=[0.1, 1.25, 3.3],
        fsrsParams5=[0.5] * 19,
        fsrsParams6=[0.2172, 1.1771, 3.2602] * 7,
        desiredRetention=0.87,
        ignoreRevlogsBeforeDate="2020-02-29",
        easyDaysPercentages=[0.0, 0.5, 1.0] * 2 + [1.0],
        stopTimerOnAnswer=True,
        secondsToShowQuestion=2.5,
        secondsToShowAnswer=3.75,
        questionAction=1,
        answerAction=3,
        waitForAudio=False,
        sm2Retention=0.83,
        weightSearch="deck:current is:review",
        unknown={"x": [1]},
    )
    options["new"].update(
        bury=True,
        delays=[0.5, 7.25, 1440.0],
        initialFactor=2750,
        ints=[3, 9, 0],
        order=0,
        perDay=41,
        separate=True,
    )
    options["rev"].update(
        bury=True, ease4=1.45, ivlFct=0.95, maxIvl=999, perDay=321, hardFactor=1.15, fuzz=0.05
    )
    options["lapse"].update(
        delays=[3.5, 12.0], leechAction=0, leechFails=5, minInt=2, mult=0.35, odd="kept"
    )
    col.decks.update_config(options)


def change_decks(col: Any) -> None:
    options_id = next(each["id"] for each in col.decks.all_config() if each["id"] != 1)
    for number, name in enumerate(["Ünïcode::漢字::deep", "With limits", "ΐ and ﬃ"]):
        deck = col.decks.get(col.decks.id(name))
        deck.update(
            conf=options_id,
            desc="*what* for",
            md=True,
            collapsed=True,
            browserCollapsed=False,
            extendNew=number + 1,
            extendRev=number + 2,
            reviewLimit=number,
            newLimit=0,
            reviewLimitToday={"limit": 10, "today": 500},
            newLimitToday={"limit": 0, "today": 3},
            desiredRetention=80 + number,
            newToday=[400, 1],
            revToday=[400, 2],
            lrnToday=[400, 3],
            timeToday=[400, 4567],
            odd={"kept": True},
        )
        col.decks.update(deck)


def add_notes(col: Any) -> None:
    deck_ids = [each.id for each in col.decks.all_names_and_ids()]
    for number, notetype in enumerate(col.models.all()):
        note = col.new_note(notetype)
        note.fields = [f"{{{{c1::f{n}}}}} {number}" for n in range(len(note.fields))]
        note.tags = ["Tag", "tag::deep", f"münchen{number}"]
        col.add_note(note, deck_ids[number % len(deck_ids)])
    image = col.new_note(col.models.by_name("Basic"))
    image.fields[0] = f'<img src="{col.media.write_data("bild ä.png", b"PNG")}">'
    col.add_note(image, 1)
    removed = col.new_note(col.models.by_name("Basic"))
    removed.fields[0] = "removed"
    col.add_note(removed, 1)
    col.remove_notes([removed.id])
    col.tags.set_collapsed("Tag", False)


def add_filtered_decks(col: Collection) -> None:
    for number in range(2):
        deck = col.sched.get_or_create_filtered_deck(deck_id=DeckId(0))
        deck.name = f"Filtered {number}"
        deck.config.reschedule = number == 0
        del deck.config.search_terms[:]
        deck.config.search_terms.extend(
            [
                FilteredDeckConfig.SearchTerm(search="tag:Tag", limit=2 + number, order=ORDERS[0]),
                FilteredDeckConfig.SearchTerm(search="deck:Default", limit=1, order=ORDERS[1]),
            ]
        )
        deck.config.delays.extend([1.5, 2.25] if number == 0 else [])
        deck.config.preview_delay = 11
        deck.config.preview_again_secs = 12
        deck.config.preview_hard_secs = 13
        deck.config.preview_good_secs = 14
        col.sched.add_or_update_filtered_deck(deck)


def change_settings(col: Collection) -> None:
    values: dict[str, Any] = {
        "number": 1.5,
        "text": 'ä"\\',
        "nothing": None,
        "list": [1, [2, {"a": []}]],
        "rollover": 5,
    }
    for key, value in values.items():
        col.set_config(key, value)


def upgrade(*files: str) -> None:
    for file in files:
        Collection(file).close(downgrade=False)


def taken_over(package: str, work: str) -> Collection:
    """The collection of a .colpkg, with its media in `collection.media` of `work`."""
    path = str(Path(work) / "collection.anki2")
    media = Path(work) / "collection.media"
    col = Collection(path)
    col.close_for_full_sync()
    col._backend.close_collection(downgrade_to_schema11=False)
    media.mkdir(exist_ok=True)
    col._backend.import_collection_package(
        col_path=path,
        backup_path=package,
        media_folder=str(media),
        media_db=str(Path(work) / "collection.media.db2"),
    )
    return Collection(path)


def reexport(package: str, target: str) -> None:
    with tempfile.TemporaryDirectory() as work:
        col = taken_over(package, work)
        assert col.db is not None
        integrity = [row for (row,) in col.db.all("pragma integrity_check") if row != "ok"]
        problems = [*integrity, *col._backend.check_database()]
        col.export_collection_package(target, include_media=True, legacy=True)
        print(json.dumps(problems))


def names(package: str) -> None:
    with tempfile.TemporaryDirectory() as work:
        taken_over(package, work).close()
        media = Path(work) / "collection.media"
        print(json.dumps({file.name: file.read_text() for file in media.iterdir()}))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])

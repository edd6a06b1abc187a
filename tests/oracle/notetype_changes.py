#!/usr/bin/env python3
"""Change notetypes in real Anki and tell what became of the collection after each change.

    notetype_changes.py < JOBS.json

A job is {"collection": path, "old_s": time, "steps": [step, ...]}; the file is changed in place.
A step is one of
    {"do": "update", "notetype": name, "state": {name?, css?, sort_field?, fields?, templates?}}
        fields and templates: [{"name", "was": present name or null, "members": {schema 11 keys}}]
    {"do": "add", "name", "copy_of": name} or {"do": "add", "name", "stock": number}
    {"do": "remove", "notetype": name}
Names are unique, and the field to sort by is not a new one. Rows whose `mod` is not `old_s` count
as touched. Gives, per job, the list of {"error"} or {"models", "notes", "cards", "graves",
"bare", "scm", "nextPos", "curModel"}; `bare` are notes that lost their last card so far, and then got
those that Anki gives to a note that is saved.
"""

import copy
import json
import sys

from anki.collection import Collection
from anki.errors import BackendError

CARD = "nid did ord type queue due ivl factor reps lapses left odue odid flags data".split()


def arranged(present, wanted, blank):
    by_name = {part["name"]: part for part in present}
    made = []
    for part in wanted:
        was = part["was"]
        one = blank(part["name"]) if was is None else copy.deepcopy(by_name[was])
        made.append(one | part["members"] | {"name": part["name"]})
    return made


def update(col, step):
    models = col.models
    notetype = copy.deepcopy(models.by_name(step["notetype"]))
    state = step["state"]
    old_names = [field["name"] for field in notetype["flds"]]
    if "fields" in state:
        notetype["flds"] = arranged(notetype["flds"], state["fields"], models.new_field)
        new_names = {field["name"]: field["ord"] for field in notetype["flds"]}
    else:
        new_names = {name: ordinal for ordinal, name in enumerate(old_names)}
    if "templates" in state:
        notetype["tmpls"] = arranged(notetype["tmpls"], state["templates"], models.new_template)
    if "sort_field" in state:
        notetype["sortf"] = new_names[state["sort_field"]]
    for key in ("name", "css"):
        if key in state:
            notetype[key] = state[key]
    models.update_dict(notetype)
    settle(col, notetype["id"])


def settle(col, notetype_id):
    """`req` is reckoned before fields are renamed; the next update sets it right."""
    notetype = col.models.get(notetype_id)
    usual = col.db.scalar("select scm from col")
    col.models.update_dict(notetype)
    assert col.db.scalar("select scm from col") == usual


def add(col, step):
    if "copy_of" in step:
        made = copy.deepcopy(col.models.by_name(step["copy_of"])) | {"id": 0, "originalId": None}
    else:
        made = json.loads(col._backend.get_stock_notetype_legacy(step["stock"]))
    col.models.add_dict(made | {"name": step["name"]})


def remove(col, step):
    col.models.remove(col.models.id_for_name(step["notetype"]))


def bare_notes(col):
    bare = col.db.list(
        "select id from notes where not exists (select 1 from cards where nid = notes.id)"
    )
    if bare:
        col.after_note_updates(bare, mark_modified=False, generate_cards=True)
    return bare


def snapshot(col, old_s, bare, scm):
    notes = col.db.all("select id, mid, flds, sfld, csum, tags, mod from notes order by id")
    cards = col.db.all(f"select {', '.join(CARD)}, mod from cards order by nid, ord, id")
    return {
        "models": {
            one["name"]: one
            for one in (col.models.get(x.id) for x in col.models.all_names_and_ids())
        },
        "notes": [[*row[:-1], row[-1] != old_s] for row in notes],
        "cards": [[*row[:-1], row[-1] != old_s] for row in cards],
        "graves": col.db.all("select oid, type from graves order by type, oid"),
        "bare": bare,
        "scm": scm != col.db.scalar("select scm from col"),
        "nextPos": col.get_config("nextPos"),
        "curModel": col.models.get(col.get_config("curModel"))["name"],
    }


def run(job):
    col = Collection(job["collection"])
    told, bare = [], []
    try:
        for step in job["steps"]:
            # So that a change within the same millisecond is seen, too.
            col.db.execute("update col set scm = scm - 1")
            scm = col.db.scalar("select scm from col")
            col.models._clear_cache()
            try:
                {"update": update, "add": add, "remove": remove}[step["do"]](col, step)
            except (BackendError, LookupError) as error:
                col.models._clear_cache()
                told.append({"error": str(error).translate({0x2068: None, 0x2069: None})})
                continue
            col.models._clear_cache()
            bare += bare_notes(col)
            told.append(snapshot(col, job["old_s"], sorted(set(bare)), scm))
    finally:
        col.close(downgrade=True)
    return told


if __name__ == "__main__":
    json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)

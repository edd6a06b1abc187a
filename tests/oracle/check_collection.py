#!/usr/bin/env python3
"""Open a COPY of a .anki2 / .apkg / .colpkg with real Anki and report as JSON.

    check_collection.py FILE [--no-lint]

Exit status 0 = Anki opened it, "Check Database" found nothing, and (unless
--no-lint) nothing was silently rewritten by it; 1 = problems; 2 = could not open.
For .anki2 the file's own rows are compared before/after Check Database, and again
after a downgrade back to schema 11; any difference is reported under "lint".
"""

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile

TABLES = {
    "notes": "id,guid,mid,mod,usn,tags,flds,sfld,csum,flags,data",
    "cards": "id,nid,did,ord,mod,usn,type,queue,due,ivl,factor,reps,lapses,left,odue,odid,flags,data",
    "revlog": "id,cid,usn,ease,ivl,lastIvl,factor,time,type",
}


def snapshot(query):
    return {t: {r[0]: tuple(r) for r in query(f"select {c} from {t}")} for t, c in TABLES.items()}


def diff(before, after, when, limit=5):
    out = []
    for t, colnames in TABLES.items():
        names = colnames.split(",")
        b, a = before[t], after[t]
        gone, new = sorted(b.keys() - a.keys()), sorted(a.keys() - b.keys())
        if gone:
            out.append(f"{when}: {len(gone)} {t} rows removed, e.g. {gone[:limit]}")
        if new:
            out.append(f"{when}: {len(new)} {t} rows added, e.g. {new[:limit]}")
        fields = {}
        for k in b.keys() & a.keys():
            for i, n in enumerate(names):
                if b[k][i] != a[k][i]:
                    fields.setdefault(n, []).append((k, b[k][i], a[k][i]))
        for n, l in fields.items():
            out.append(
                f"{when}: {t}.{n} changed in {len(l)} rows, e.g. id={l[0][0]}: {l[0][1]!r} -> {l[0][2]!r}"
            )
    return out


def load_everything(col, limit=5) -> list[str]:
    """Check Database does not read every column; loading each row through the
    backend and rendering each card catches bad enums, bad types and template errors."""
    out = []
    for cid in col.db.list("select id from cards"):
        try:
            col.get_card(cid).answer()
        except Exception as e:
            out.append(f"card {cid} cannot be loaded/rendered: {type(e).__name__}: {str(e)[:120]}")
    bad = col.db.scalar(
        "select count() from revlog where type not between 0 and 5 or ease not between 0 and 4"
    )
    if bad:
        out.append(f"{bad} revlog rows with type/ease out of range")
    return out[:limit] + ([f"... and {len(out) - limit} more"] if len(out) > limit else [])


def flatten(node, prefix=""):
    for ch in node.children:
        name = f"{prefix}::{ch.name}" if prefix else ch.name
        yield name, ch
        yield from flatten(ch, name)


def inspect(path: str, lint: bool, work: str) -> tuple[dict, int]:
    from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

    rep: dict = {"file": path, "ok": False, "problems": [], "lint": []}
    ext = os.path.splitext(path)[1].lower()
    target = os.path.join(work, "collection.anki2")
    raw_before = None
    try:
        if ext in (".anki2", ".anki21"):
            shutil.copy(path, target)
            for side in ("-wal", "-journal"):
                if os.path.exists(path + side):
                    rep["lint"].append(f"file has a leftover {side} beside it")
            db = sqlite3.connect(target)
            try:
                rep["sqlite_integrity"] = db.execute("pragma integrity_check").fetchone()[0]
                rep["ver"] = db.execute("select ver from col").fetchone()[0]
                rep["journal_mode"] = db.execute("pragma journal_mode").fetchone()[0]
                if rep["journal_mode"] == "wal":
                    rep["lint"].append(
                        "file is in WAL mode; checkpoint and switch to journal_mode=delete"
                    )
                raw_before = snapshot(lambda q: db.execute(q))
            finally:
                db.close()
            col = Collection(target)
        elif ext == ".apkg":
            col = Collection(target)
            log = col.import_anki_package(
                ImportAnkiPackageRequest(
                    package_path=os.path.abspath(path),
                    options=ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True),
                )
            )
            rep["import"] = {
                f: len(getattr(log.log, f))
                for f in (
                    "new",
                    "updated",
                    "duplicate",
                    "conflicting",
                    "missing_notetype",
                    "missing_deck",
                )
            }
            rep["import"]["found_notes"] = log.log.found_notes
            for f in ("conflicting", "missing_notetype", "missing_deck"):
                if rep["import"][f]:
                    rep["problems"].append(f"import: {rep['import'][f]} notes {f}")
        elif ext == ".colpkg":
            col = Collection(target)
            col.close_for_full_sync()
            col._backend.close_collection(downgrade_to_schema11=False)
            media = os.path.join(work, "collection.media")
            os.makedirs(media, exist_ok=True)
            col._backend.import_collection_package(
                col_path=target,
                backup_path=os.path.abspath(path),
                media_folder=media,
                media_db=os.path.join(work, "collection.media.db2"),
            )
            col = Collection(target)
        else:
            return rep | {"error": f"unknown file type {ext}"}, 2
    except Exception as e:
        rep["error"] = f"{type(e).__name__}: {e}"
        return rep, 2

    try:
        media = os.path.join(work, "collection.media")
        rep["media_files"] = sorted(os.listdir(media)) if os.path.isdir(media) else []
        rep["counts"] = {
            t: col.db.scalar(f"select count() from {t}")
            for t in ("notes", "cards", "revlog", "graves")
        }
        rep["decks"] = sorted(d.name for d in col.decks.all_names_and_ids())
        rep["notetypes"] = sorted(n.name for n in col.models.all_names_and_ids())
        rep["sched_ver"] = [col.get_config("schedVer"), col.get_config("sched2021")]
        rep["today"] = col.sched.today
        rep["due"] = {
            name: {
                "new": n.new_count,
                "learn": n.learn_count,
                "review": n.review_count,
                "total": n.total_in_deck,
            }
            for name, n in flatten(col.sched.deck_due_tree())
        }
        if rep["sched_ver"] != [2, True]:
            rep["problems"].append(
                f"not on the v3 scheduler: schedVer/sched2021={rep['sched_ver']}"
            )
        else:
            rep["queue"] = {}
            current = col.decks.get_current_id()
            for d in col.decks.all_names_and_ids():
                col.decks.set_current(d.id)
                q = col.sched.get_queued_cards()
                rep["queue"][d.name] = {
                    "new": q.new_count,
                    "learn": q.learning_count,
                    "review": q.review_count,
                }
            col.decks.set_current(current)
        rep["problems"] += load_everything(col)
        before = snapshot(col.db.all)
        rep["problems"] += [
            p.replace("\u2068", "").replace("\u2069", "") for p in col._backend.check_database()
        ]
        if lint:
            rep["lint"] += diff(before, snapshot(col.db.all), "Check Database")
        col.close(downgrade=True)
        col = None
        if lint and raw_before is not None:
            db = sqlite3.connect(target)
            after = snapshot(lambda q: db.execute(q))
            db.close()
            seen = set(rep["lint"])
            rep["lint"] += [
                x
                for x in diff(raw_before, after, "open+check+downgrade")
                if x.split(": ", 1)[1] not in {s.split(": ", 1)[-1] for s in seen}
            ]
    except Exception as e:
        rep["problems"].append(f"{type(e).__name__}: {e}")
    finally:
        if col is not None:
            try:
                col.close()
            except Exception:
                pass
    rep["ok"] = not rep["problems"] and not (lint and rep["lint"])
    return rep, 0 if rep["ok"] else 1


def main() -> int:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("file")
    ap.add_argument("--no-lint", action="store_true")
    a = ap.parse_args()
    with tempfile.TemporaryDirectory(prefix="anki-check-") as work:
        rep, code = inspect(a.file, not a.no_lint, work)
    print(json.dumps(rep, ensure_ascii=False, indent=1))
    return code


if __name__ == "__main__":
    sys.exit(main())

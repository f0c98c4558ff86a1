"""`tongue-viewer cases verify` and `cases audit`: is all well, who did what and when, and can it be proved."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from tongue_viewer.cli.output import EXIT_OK, EXIT_SOME_FAILED, result, say, write_json
from tongue_viewer.core.errors import StoreError, UsageError
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_log import EditRow, digest_text
from tongue_viewer.storage.case_store_place import existing_database

_TIME = "%Y-%m-%dT%H:%M:%SZ"


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """What `cases verify` takes beside the folder."""
    parser.add_argument(
        "--head",
        default="",
        metavar="SHA256",
        help="a hash that 'cases audit' gave earlier: also check that the log of now goes on from there",
    )


def add_audit_arguments(parser: argparse.ArgumentParser) -> None:
    """What `cases audit` takes beside the folder."""
    parser.add_argument("--photo", default="", metavar="NAME", help="of this photo only")
    parser.add_argument(
        "--figures",
        action="store_true",
        help="also steps, minutes and Dice with the model's mask for each case",
    )


def run_verify(args: argparse.Namespace) -> int:
    """Check the whole database: SQLite's own check, the hash chain of the log, every mask against its log."""
    database = str(existing_database(args.folder) or args.folder)
    try:
        with open_existing(args.folder) as store:
            problems = store.verify()
            if args.head and args.head.lower() not in {row.sha256 for row in _log(store, "")}:
                problems.append(
                    f"the edit log holds no entry with the hash {args.head}: it was cut or rewritten since"
                )
    except StoreError as error:
        problems = [str(error)]
    if args.json:
        write_json(
            {"folder": str(args.folder), "database": database, "ok": not problems, "problems": problems}
        )
    else:
        for problem in problems:
            result(problem)
        say(f"{database}: " + (f"{len(problems)} problems" if problems else "all is well"))
    return EXIT_SOME_FAILED if problems else EXIT_OK


def run_audit(args: argparse.Namespace) -> int:
    """The edit log, in the order of saving, and its last hash."""
    with open_existing(args.folder) as store:
        names = store.names()
        rows = _log(store, args.photo)
        head = _log(store, "")[-1:] if args.photo else rows[-1:]
        cases = _figures(store, names, args.photo) if args.figures else []
    edits = [_edit(row, names) for row in rows]
    last = {"number": head[0].number, "sha256": head[0].sha256} if head else None
    if args.json:
        document: dict[str, Any] = {"folder": str(args.folder), "head": last, "edits": edits}
        write_json({**document, "cases": cases} if args.figures else document)
        return EXIT_OK
    for edit in edits:
        result("\t".join(str(edit[key]) for key in ("number", "made", "user", "name", "action", "status")))
    for case in cases:
        result("\t".join(f"{key} {value}" for key, value in case.items() if key != "case_id"))
    if last is not None:
        say(f"{last['number']} entries; the hash of the last one is {last['sha256'] or 'not there yet'}.")
    return EXIT_OK


def open_existing(folder: Path) -> CaseStore:
    """The database of a folder, read-only; makes none.

    Raises:
        UsageError: no folder, or it has no database.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    if existing_database(folder) is None:
        raise UsageError(f"{folder} has no case database yet; open it in the window, or import masks.")
    return CaseStore.open(folder, read_only=True)


def iso(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC; "" for 0."""
    return time.strftime(_TIME, time.gmtime(seconds)) if seconds else ""


def _log(store: CaseStore, photo: str) -> list[EditRow]:
    cases = [case_id for case_id, name in store.names().items() if photo in ("", name)]
    if photo and not cases:
        raise UsageError(f"{store.folder} has no case {photo!r}; 'cases list' shows the names.")
    return sorted((row for case_id in cases for row in store.audit(case_id)), key=lambda row: row.number)


def _edit(row: EditRow, names: dict[str, str]) -> dict[str, Any]:
    return {
        "number": row.number,
        "name": names[row.case_id],
        "case_id": row.case_id,
        "made": iso(row.made),
        "user": row.user,
        "action": row.action,
        "tool": row.tool,
        "mask_by": row.origin,
        "status": row.status.value,
        "note": row.note,
        "revision": row.revision,
        "patch_bytes": len(row.patch),
        "model": row.model,
        "model_sha256": row.model_sha256,
        "threshold": row.threshold,
        "digest_text": digest_text(row),
        "sha256": row.sha256,
    }


def _figures(store: CaseStore, names: dict[str, str], photo: str) -> list[dict[str, Any]]:
    found = []
    for case_id, name in names.items():
        if photo in ("", name):
            figures = store.figures(case_id)
            model_dice = None if figures.model_dice is None else round(figures.model_dice, 5)
            found.append(
                {
                    "name": name,
                    "case_id": case_id,
                    "steps": figures.steps,
                    "minutes": round(figures.minutes, 2),
                    "dice_with_model": model_dice,
                    "reviewed_by": figures.reviewed_by,
                }
            )
    return found

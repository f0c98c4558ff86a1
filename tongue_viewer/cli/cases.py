"""`tongue-viewer cases`: look at, fill and check the case database of a folder."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tongue_viewer.cli.cases_import import add_arguments, run_import
from tongue_viewer.cli.output import EXIT_OK, EXIT_SOME_FAILED, result, say, write_json
from tongue_viewer.core.cases import CaseSummary
from tongue_viewer.core.errors import StoreError, UsageError
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_place import existing_database
from tongue_viewer.storage.folder import list_photos

_EXAMPLE = """example:
  tongue-viewer cases list photos
  tongue-viewer cases import photos masks --status reviewed
  tongue-viewer cases import photos masks --inverted yes
  tongue-viewer cases verify photos
  tongue-viewer cases audit photos --photo 12.bmp --json
"""
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `cases` to the command line."""
    parser = subparsers.add_parser(
        "cases",
        help="list, import, verify or audit the cases of a folder",
        description="The case database of FOLDER: masks, statuses and the edit log.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(title="what to do", metavar="ACTION", required=True)
    _add(kinds, "list", "every photo with its status", run_list)
    importing = _add(kinds, "import", "take in masks made elsewhere, paired by file stem", run_import)
    add_arguments(importing)
    _add(kinds, "verify", "check the whole database", run_verify)
    audit = _add(kinds, "audit", "the edit log: who did what, and when", run_audit)
    audit.add_argument("--photo", default="", metavar="NAME", help="of this photo only")


def _add(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = kinds.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of photos")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(run=run)
    return parser


def run_list(args: argparse.Namespace) -> int:
    """Every photo with its status; makes no database where there is none."""
    photos = list_photos(args.folder)
    if existing_database(args.folder) is None:
        summaries: Sequence[CaseSummary] = [CaseSummary(path) for path in photos]
        database = ""
    else:
        with CaseStore.open(args.folder, read_only=True) as store:
            summaries, database = store.summaries(photos), str(store.database)
    counts = Counter(summary.status.value for summary in summaries)
    if args.json:
        cases = [
            {
                "name": summary.path.name,
                "case_id": summary.case_id,
                "status": summary.status.value,
                "note": summary.note,
                "quality": summary.quality,
                "changed": _iso(summary.changed),
            }
            for summary in summaries
        ]
        write_json({"folder": str(args.folder), "database": database, "counts": counts, "cases": cases})
    else:
        for summary in summaries:
            result("\t".join((summary.path.name, summary.status.value, _iso(summary.changed), summary.note)))
        say(f"{len(summaries)} photos: " + ", ".join(f"{n} {status}" for status, n in counts.items()))
    return EXIT_OK


def run_verify(args: argparse.Namespace) -> int:
    """Check the whole database."""
    database = str(existing_database(args.folder) or args.folder)
    try:
        with _open(args.folder) as store:
            problems = store.verify()
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
    """The edit log, in the order of saving."""
    with _open(args.folder) as store:
        names = {case_id: name for case_id, name in store.names().items() if args.photo in ("", name)}
        if not names:
            raise UsageError(f"{args.folder} has no case {args.photo!r}; 'cases list' shows the names.")
        rows = sorted((row for case_id in names for row in store.audit(case_id)), key=lambda row: row.number)
    edits = [
        {
            "number": row.number,
            "name": names[row.case_id],
            "case_id": row.case_id,
            "made": _iso(row.made),
            "user": row.user,
            "action": row.action,
            "tool": row.tool,
            "mask_by": row.origin,
            "status": row.status.value,
            "note": row.note,
            "revision": row.revision,
            "patch_bytes": len(row.patch),
        }
        for row in rows
    ]
    if args.json:
        write_json({"folder": str(args.folder), "edits": edits})
    else:
        for edit in edits:
            result(
                "\t".join(str(edit[key]) for key in ("number", "made", "user", "name", "action", "status"))
            )
    return EXIT_OK


def _open(folder: Path) -> CaseStore:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    if existing_database(folder) is None:
        raise UsageError(f"{folder} has no case database yet; open it in the window, or import masks.")
    return CaseStore.open(folder, read_only=True)


def _iso(seconds: float) -> str:
    return time.strftime(_TIME, time.gmtime(seconds)) if seconds else ""

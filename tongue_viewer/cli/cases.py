"""`tongue-viewer cases`: look at, fill and check the case database of a folder."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tongue_viewer.cli import cases_rescue
from tongue_viewer.cli.cases_audit import (
    add_audit_arguments,
    add_verify_arguments,
    iso,
    run_audit,
    run_verify,
)
from tongue_viewer.cli.cases_import import add_arguments, run_import
from tongue_viewer.cli.output import EXIT_OK, result, say, write_json
from tongue_viewer.core.cases import CaseSummary
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.patients import ids_of
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_place import existing_database
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.settings_file import load_settings

_EXAMPLE = """example:
  tongue-viewer cases list photos
  tongue-viewer cases import photos masks --status reviewed
  tongue-viewer cases import photos masks --inverted yes
  tongue-viewer cases verify photos
  tongue-viewer cases audit photos --photo 12.bmp --json
"""


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
    listing = _add(kinds, "list", "every photo with its status", run_list)
    listing.add_argument(
        "--group-pattern",
        metavar="REGEX",
        help="its first group in the name, or the one named patient, is the patient; the one named visit the visit"
        " (that of the settings)",
    )
    importing = _add(kinds, "import", "take in masks made elsewhere, paired by file stem", run_import)
    add_arguments(importing)
    add_verify_arguments(_add(kinds, "verify", "check the whole database", run_verify))
    cases_rescue.add_parser(kinds)
    add_audit_arguments(_add(kinds, "audit", "the edit log: who did what, and when", run_audit))


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
    pattern = load_settings().patient_pattern if args.group_pattern is None else args.group_pattern
    try:
        ids = ids_of(pattern, [path.stem for path in photos])
    except ValueError as error:
        raise UsageError(f"The group pattern {pattern!r} {error}.") from error
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
                "changed": iso(summary.changed),
                "patient": whose.patient,
                "visit": whose.visit,
                "reviewed_by": summary.reviewed_by,
            }
            for summary, whose in zip(summaries, ids, strict=True)
        ]
        write_json({"folder": str(args.folder), "database": database, "counts": counts, "cases": cases})
    else:
        for summary in summaries:
            result("\t".join((summary.path.name, summary.status.value, iso(summary.changed), summary.note)))
        say(f"{len(summaries)} photos: " + ", ".join(f"{n} {status}" for status, n in counts.items()))
    return EXIT_OK

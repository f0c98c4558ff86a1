"""`tongue-viewer cases import`: take in masks made elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tongue_viewer.cli.output import (
    EXIT_OK,
    EXIT_SOME_FAILED,
    ProgressReporter,
    ctrl_c_cancels,
    say,
    write_json,
)
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.events import Progress
from tongue_viewer.core.imports import ImportChoice, ImportScanned, MaskImported, MaskRefused
from tongue_viewer.core.mask_polarity import Polarity, Turning
from tongue_viewer.jobs.import_masks import import_masks
from tongue_viewer.jobs.import_scan import hand_made, scan_masks
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_place import existing_database
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.login_name import login_name

_NAMED = 10
_TURNING = {"yes": Turning.ALL, "no": Turning.NONE, "each": Turning.INVERTED}
_OPTIONS = (
    "Give --inverted yes (turn all masks round), --inverted no (take all as they are), or --inverted each"
    " (turn round only the ones that look inverted)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `cases import` beside FOLDER."""
    parser.add_argument("masks", type=Path, metavar="MASKS", help="a folder of masks (0/1 or 0/255)")
    parser.add_argument(
        "--status", choices=("edited", "reviewed"), default="edited", help="of the cases after it"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace masks that a person made")
    parser.add_argument(
        "--inverted",
        choices=("ask", *_TURNING),
        default="ask",
        help="masks that mark the background: ask (default), turn all round (yes), take all as they are (no),"
        " or turn round the ones that look it (each)",
    )


def run_import(args: argparse.Namespace) -> int:
    """Look through the masks, ask where they look inverted, and take them in."""
    photos = list_photos(args.folder)
    token, progress = CancelToken(), ProgressReporter()
    with ctrl_c_cancels(token):
        scan = _scan(token, progress, photos, args)
        turning = _TURNING.get(args.inverted) or _ask(scan)
        choice = ImportChoice(CaseStatus(args.status), args.overwrite, turning)
        failed = {problem.source.name: problem.error for problem in scan.problems}
        imported: list[str] = []
        with CaseStore.open(args.folder, user_name=login_name()) as store:
            if not store.writable:
                raise UsageError(store.note)
            for event in import_masks(token, store=store, pairs=scan.pairs, choice=choice):
                if isinstance(event, Progress):
                    progress.show(event)
                elif isinstance(event, MaskRefused):
                    failed[event.photo.name] = event.reason
                elif isinstance(event, MaskImported):
                    imported.append(event.summary.path.name)
    progress.close()
    _report(args, scan, imported, failed)
    return EXIT_SOME_FAILED if failed else EXIT_OK


def _scan(
    token: CancelToken, progress: ProgressReporter, photos: list[Path], args: argparse.Namespace
) -> ImportScanned:
    """What there is to import; makes no database."""
    by_hand: list[Path] = []
    if existing_database(args.folder) is not None:
        with CaseStore.open(args.folder, read_only=True) as store:
            by_hand = hand_made(store)
    scan = None
    for event in scan_masks(token, photos=photos, masks=args.masks, by_hand=by_hand):
        if isinstance(event, Progress):
            progress.show(event)
        elif isinstance(event, ImportScanned):
            scan = event
    progress.close()
    if scan is None or len(scan.without) == len(photos):
        raise UsageError(
            f"No file in {args.masks} has the stem of a photo in {args.folder}; name masks after"
            " their photos."
        )
    return scan


def _ask(scan: ImportScanned) -> Turning:
    """What is to be turned round; asks a person, or stops where there is none to ask."""
    counts = scan.counts
    if not counts.asks:
        return Turning.NONE
    wanted = Polarity.INVERTED if counts.inverted else Polarity.UNCLEAR
    names = [pair.mask.name for pair in scan.pairs if pair.polarity is wanted]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    text = f"{counts.describe()} {', '.join(names[:_NAMED])}{more}"
    if not sys.stdin.isatty():
        raise UsageError(f"{text}. Nothing was imported. {_OPTIONS}.")
    say(text)
    say("Turn round: [y] all masks, [n] none, [e] only the ones that look inverted, [q] stop?")
    answers = {key[0]: turning for key, turning in _TURNING.items()}
    answer = sys.stdin.readline().strip().lower()[:1]
    if answer not in answers:
        raise UsageError(f"Nothing was imported. {_OPTIONS}.")
    return answers[answer]


def _report(
    args: argparse.Namespace, scan: ImportScanned, imported: list[str], failed: dict[str, str]
) -> None:
    without = [photo.name for photo in scan.without]
    if args.json:
        errors = [{"name": name, "error": reason} for name, reason in failed.items()]
        inverted = [pair.mask.name for pair in scan.pairs if pair.polarity is Polarity.INVERTED]
        document = {"folder": str(args.folder), "imported": imported, "failed": errors}
        write_json({**document, "without_mask": without, "looks_inverted": inverted})
    for name, reason in failed.items():
        say(f"{name}: {reason}")
    say(f"{len(imported)} masks imported, {len(failed)} failed, {len(without)} photos have none.")

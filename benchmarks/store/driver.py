"""A child process: the real window over a folder, worked on without rest until it is killed or told to close.

    python -m benchmarks.store.driver FOLDER --journal FILE [--seed 0] [--orders FILE] [--exports FOLDER]
    python -m benchmarks.store.driver --serve

When the file of the orders appears, it tries again what was not saved, goes on a little, and closes the window as a
person does. With `--exports` it also asks now and then for another try, for an export, and to close the window.
With `--serve` it loads everything and forks a driver for each line of its standard input.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from random import Random

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.store.hand import Button, Worker
from benchmarks.store.journal import Journal, mask_digest
from benchmarks.store.photos import KnowingSource
from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.app.closing import Closing
from tongue_viewer.app.export_desk import failed_files
from tongue_viewer.core.cases import EditStep
from tongue_viewer.core.events import CaseFailed, EditSaved, ExportFinished, JobEvent
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.core.settings import Settings
from tongue_viewer.ui.dialogs.export_dialog import ExportRequest
from tongue_viewer.workers.job_runner import JobFailure

_PAUSE_MS = (2, 60)
_TRIES = 200


class Watch(QObject):
    """Writes down what the window does and says."""

    def __init__(self, app: TongueViewerApp, journal: Journal) -> None:
        super().__init__(app)
        self._app, self._journal = app, journal
        self._saved = ""
        app.document.step_made.connect(self._on_step)
        app.cases.runner.reported.connect(self._on_event)
        app.cases.saves.saving_changed.connect(self._on_saving)
        app.cases.runner.failed.connect(self._on_failed)
        app.predictions.runner.failed.connect(self._on_failed)
        app.exports.runner.failed.connect(self._on_failed)
        app.exports.export_finished.connect(self._on_exported)
        app.cases.case_failed.connect(self._on_case_failed)
        app.window.messages.changed.connect(self._on_message)

    def look(self) -> None:
        """Whether work that is not on the disk is told at this moment, and whether it can be tried again."""
        if self._app.cases.saves.unsaved and not self._app.cases.saves.waiting:
            messages = self._app.window.messages
            told = "not saved" in self._app.window.status_line.saved.text()
            offered = messages.word == "retry_save" and messages.button.isVisible()
            button = "offered" if offered else "covered" if messages.isVisible() else ""
            self._journal.write("unsaved", status="told" if told else "hidden", tool=button)

    @Slot(object)
    def _on_step(self, step: EditStep) -> None:
        path = self._app.document.path
        self._journal.write(
            "step",
            photo=path.name if path else "",
            case_id=step.case_id,
            mask=mask_digest(step.mask),
            status=step.status.value,
            tool=step.tool,
            made=step.made,
            revision=step.revision,
        )

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        if isinstance(event, EditSaved):
            summary = event.summary
            self._journal.write(
                "durable", photo=summary.path.name, case_id=summary.case_id, revision=event.revision
            )

    @Slot()
    def _on_saving(self) -> None:
        cases = self._app.cases.saves
        text = self._app.window.status_line.saved.text()
        if not cases.waiting and not cases.unsaved and "saved" in text and "not" not in text:
            self._journal.write("saved", text=text)

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        kind = "save" if failure.ticket.durable else "other"
        fault = "" if failure.expected else "fault"
        self._journal.write(
            "failed", photo=failure.label, tool=kind, status=fault, shown=self._shown(), text=failure.message
        )

    def _shown(self) -> str:
        """The words that the person reads at this moment."""
        messages = self._app.window.messages
        return messages.text.text() if messages.isVisible() else ""

    @Slot(object)
    def _on_case_failed(self, failed: CaseFailed) -> None:
        self._journal.write("failed", tool="photo", photo=failed.path.name, text=failed.message)

    @Slot(object)
    def _on_exported(self, finished: ExportFinished) -> None:
        if failed_files(finished):
            self._journal.write("failed", tool="export", text=f"{len(failed_files(finished))} files")

    @Slot()
    def _on_message(self) -> None:
        messages = self._app.window.messages
        if messages.text.text():
            self._journal.write("message", tool=messages.word, text=messages.text.text())


class Driver(QObject):
    """Works by a timer, so that everything else of the program goes on in between."""

    def __init__(
        self, app: TongueViewerApp, watch: Watch, journal: Journal, options: argparse.Namespace
    ) -> None:
        super().__init__(app)
        self._app, self._watch, self._journal = app, watch, journal
        self._out: Path | None = options.exports
        self._orders: Path | None = options.orders
        self._random = Random(options.seed)
        self._worker = Worker(app, self._random)
        self._closing = next(child for child in app.children() if isinstance(child, Closing))
        self._question: QObject | None = None
        self._left: int | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_time)
        self._timer.start(0)

    @Slot()
    def _on_time(self) -> None:
        self._watch.look()
        if self._left is None and self._orders is not None and self._orders.exists():
            self._left = _TRIES
            self._journal.write("mark", text="finish")
        if self._left is None:
            self._go_on()
        else:
            self._finish()
        if self._left == 0 or not self._app.window.isVisible():
            self._end()
            return
        self._timer.start(self._random.randrange(*_PAUSE_MS))

    def _go_on(self) -> None:
        if self._answered():
            return
        if self._out is not None and self._random.random() < 0.08:
            deeds = (self._try_again, self._try_again, self._leave, self._export, self._close_message)
            self._random.choice(deeds)()
        elif self._app.document.is_open:
            self._worker.work()
        elif self._random.random() < 0.3:
            self._worker.key(
                self._random.choice((Worker.NEXT, Worker.PREVIOUS))
            )  # the photo could not be read: another one

    def _finish(self) -> None:
        """One thing on the way out."""
        if self._answered():
            return
        self._left = (self._left or 1) - 1
        if self._left > _TRIES - 5:
            self._try_again()
            if self._app.document.is_open:
                self._worker.work()
        else:
            self._app.window.close()

    def _end(self) -> None:
        self._journal.write("mark", text="gave up" if self._app.window.isVisible() else "closed")
        self._app.shutdown()
        QApplication.exit(0)

    def _answered(self) -> bool:
        """Give the safe answer to the question on the screen, if there is one."""
        question = self._closing.question
        if question is None:
            self._question = None
            return self._worker.answer()
        if question is not self._question:
            self._question = question
            self._journal.write("question", text=question.text())
        keep = next(button for button in question.buttons() if "Keep" in button.text())
        QTest.mouseClick(keep, Button.LeftButton)
        return True

    def _leave(self) -> None:
        """Close the window; only where it will ask."""
        if self._app.cases.saves.unsaved:
            self._app.window.close()

    def _export(self) -> None:
        folder = self._app.window.folder
        if self._out is not None and folder is not None and not self._app.exports.busy:
            plan = ExportPlan(("mask", "csv"), overwrite=True)
            self._app.exports.start(ExportRequest(plan, self._out, "all"), folder, None)

    def _close_message(self) -> None:
        """Close what was read, but for the offer to try again."""
        messages = self._app.window.messages
        if messages.isVisible() and messages.word != "retry_save":
            QTest.mouseClick(messages.close_button, Button.LeftButton)

    def _try_again(self) -> None:
        messages = self._app.window.messages
        if messages.word == "retry_save" and messages.button.isVisible():
            QTest.mouseClick(messages.button, Button.LeftButton)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the end, whatever kind of end it is."""
    parser = argparse.ArgumentParser(prog="benchmarks.store.driver")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--orders", type=Path)
    parser.add_argument("--exports", type=Path)
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    journal = Journal(options.journal)
    settings = Settings(user_name="driver", theme="dark")
    app = TongueViewerApp(application, settings=settings, models=KnowingSource(seed=options.seed))
    watch = Watch(app, journal)
    app.window.resize(1000, 640)
    app.window.show()
    QTest.qWaitForWindowExposed(app.window)
    app.open(options.folder)
    journal.write("mark", text="shown")
    Driver(app, watch, journal, options)
    return application.exec()


def serve() -> None:
    """For each order a child; its process id and then, when it has ended, its exit code are printed."""
    for row in sys.stdin:
        order = json.loads(row)
        child = os.fork()
        if not child:
            _begin(order["home"], order["errors"])
            code = 70
            try:
                code = main(order["arguments"])
            finally:
                if code == 70:
                    traceback.print_exc()
                os._exit(code)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _begin(home: str, errors: str) -> None:
    """A folder of its own for the program, and nothing that is shared with the server."""
    os.environ["TONGUE_VIEWER_HOME"] = home
    file = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(source, target)


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        sys.exit(main())

"""Asks whether a mask that was made for the same photo elsewhere, or before the photo was changed, shall be taken over."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from tongue_viewer.app.case_desk import CaseDesk
from tongue_viewer.core.events import JobEvent, MaskOffer, MaskTaken
from tongue_viewer.editor.document import Document
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.offers import decline_offer, take_over
from tongue_viewer.ui.message_bar import MessageBar

_WORD = "offer"


class OfferDesk(QObject):
    """Shows one offer, of the open photo; the person's first step on the photo withdraws it."""

    def __init__(self, library: Library, cases: CaseDesk, document: Document, messages: MessageBar) -> None:
        super().__init__(cases)
        self._library, self._cases, self._document, self._messages = library, cases, document, messages
        self._offer: MaskOffer | None = None
        cases.offered.connect(self._on_offer)
        cases.wanted_changed.connect(self._withdraw)
        cases.runner.reported.connect(self._on_event)
        document.step_made.connect(self._withdraw)
        messages.action_requested.connect(self._on_yes)
        messages.declined.connect(self._on_no)

    @Slot(object)
    def _on_offer(self, offer: MaskOffer) -> None:
        self._offer = offer
        self._messages.show_message(offer.text, "info", "Take it over", _WORD, no="Do not ask again")

    @Slot()
    def _withdraw(self) -> None:
        self._offer = None
        self._messages.withdraw(_WORD)

    @Slot(str)
    def _on_yes(self, word: str) -> None:
        offer, self._offer = self._offer, self._offer if word != _WORD else None
        if word == _WORD and offer is not None:
            job = partial(take_over, library=self._library, folder=self._cases.folder, offer=offer)
            self._cases.runner.submit(job, f"Take a mask over for {offer.path.name}")

    @Slot(str)
    def _on_no(self, word: str) -> None:
        offer, self._offer = self._offer, self._offer if word != _WORD else None
        if word == _WORD and offer is not None:
            folder, case_id = self._cases.folder, offer.case_id
            job = partial(decline_offer, library=self._library, folder=folder, case_id=case_id)
            self._cases.runner.submit(job, f"Keep {offer.path.name} as it is")

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        if isinstance(event, MaskTaken):
            self._cases.summary_changed.emit(event.summary)
            if event.summary.path == self._document.path:
                self._cases.reload()

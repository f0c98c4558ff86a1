"""Brightness, contrast, gamma and channel of the view; the photo itself is never changed."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from tongue_viewer.core.tone import CHANNELS, NEUTRAL, Tone
from tongue_viewer.ui.fields import NumberField
from tongue_viewer.ui.parts import ComboBox, FoldHead, quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE

_CHANNEL_WORDS = {"L*": "L* lightness", "a*": "a* green to red", "b*": "b* blue to yellow"}
_OCTAVE = 50
"""Steps of the gamma slider that double the exponent."""

_NOTE = "Changes what you see, never the file. Judge colours with everything at 0."


class TonePanel(QWidget):
    """Folded away until it is wanted.

    Signals:
        tone_chosen(Tone): only by the person's hand.
    """

    tone_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = FoldHead("Photo on the screen")
        self.fields = {
            name: NumberField(text, -100, 100, "", f"{text} of the view")
            for name, text in (("brightness", "Brightness"), ("contrast", "Contrast"), ("gamma", "Gamma"))
        }
        self.channel = ComboBox("Channel that is shown")
        for channel in CHANNELS:
            self.channel.addItem(_CHANNEL_WORDS.get(channel, channel.capitalize()), channel)
        self.reset_button = QPushButton("As in the file")
        self.reset_button.setFixedHeight(CONTROL_HEIGHT)
        note = quiet(_NOTE)
        note.setWordWrap(True)
        self._body = QWidget()
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(SPACE)
        for field in self.fields.values():
            field.chosen.connect(self._on_changed)
            inner.addWidget(field)
        for widget in (self.channel, self.reset_button, note):
            inner.addWidget(widget)
        self.channel.activated.connect(self._on_changed)
        self.reset_button.clicked.connect(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.head)
        layout.addWidget(self._body)
        self._body.hide()
        self.head.toggled.connect(self._body.setVisible)
        self._show(NEUTRAL)

    @property
    def tone(self) -> Tone:
        """What is chosen."""
        return Tone(
            self.fields["brightness"].value,
            self.fields["contrast"].value,
            2.0 ** (self.fields["gamma"].value / _OCTAVE),
            CHANNELS[self.channel.currentIndex()],
        )

    @Slot()
    def reset(self) -> None:
        """Show the photo as it is in its file."""
        self._show(NEUTRAL)
        self.tone_chosen.emit(NEUTRAL)

    def _show(self, tone: Tone) -> None:
        for name, value in (
            ("brightness", tone.brightness),
            ("contrast", tone.contrast),
            ("gamma", round(math.log2(tone.gamma) * _OCTAVE)),
        ):
            self.fields[name].show_value(value)
        self.channel.setCurrentIndex(CHANNELS.index(tone.channel))
        self.reset_button.setEnabled(not tone.neutral)

    @Slot()
    def _on_changed(self) -> None:
        self.reset_button.setEnabled(not self.tone.neutral)
        self.tone_chosen.emit(self.tone)

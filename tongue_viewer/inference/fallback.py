"""Going on with another engine when one fails."""

from __future__ import annotations

from collections.abc import Callable

from tongue_viewer.core.errors import EngineError
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.inference.engine import Engine


class NotedEngine:
    """An engine with something to say, for example why it runs and not the one that was wanted."""

    def __init__(self, engine: Engine, note: str) -> None:
        self._engine, self._own_note = engine, note

    @property
    def name(self) -> str:
        """Of the engine inside."""
        return self._engine.name

    @property
    def note(self) -> str:
        """What was to be said, then what the engine has to say itself."""
        return " ".join(text for text in (self._own_note, self._engine.note) if text)

    def run(self, batch: RgbArray) -> ProbabilityArray:
        """As `Engine.run`."""
        return self._engine.run(batch)

    def close(self) -> None:
        """Close the engine inside."""
        self._engine.close()


class FallbackEngine:
    """An engine with a spare: the first failure of the first one is the last time that it is asked."""

    def __init__(self, first: Engine, spare: Callable[[], Engine]) -> None:
        self._engine = first
        self._spare: Callable[[], Engine] | None = spare
        self._reason = ""

    @property
    def name(self) -> str:
        """Of the engine that runs now."""
        return self._engine.name

    @property
    def note(self) -> str:
        """Why the spare runs, then what it has to say itself."""
        return " ".join(text for text in (self._reason, self._engine.note) if text)

    def run(self, batch: RgbArray) -> ProbabilityArray:
        """As `Engine.run`; repeated on the spare where the first engine fails."""
        if self._spare is None:
            return self._engine.run(batch)
        try:
            return self._engine.run(batch)
        except EngineError as error:
            self._switch(error, self._spare)
        return self._engine.run(batch)

    def close(self) -> None:
        """Close the engine that runs now; no spare is made any more."""
        self._spare = None
        self._engine.close()

    def _switch(self, error: EngineError, spare: Callable[[], Engine]) -> None:
        failed = self._engine.name
        self._engine.close()  # first: two models at once may be more than the memory holds
        self._engine = spare()  # where this fails too, the next photo tries it again and says why
        self._spare = None
        self._reason = f"{failed} failed ({error}); {self._engine.name} goes on instead."

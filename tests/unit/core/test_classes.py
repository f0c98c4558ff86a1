"""The classes of a mask, as the settings keep them."""

from __future__ import annotations

import pytest

from tongue_viewer.core.classes import DEFAULT_CLASSES, MOST_CLASSES, MaskClass, parse_classes, usual_colour


def test_texts_and_classes_are_the_same_thing() -> None:
    classes = (MaskClass(1, "tongue", (0, 213, 224)), MaskClass(2, "thick coating", (255, 176, 0)))
    assert [known.text for known in classes] == ["tongue #00d5e0", "thick coating #ffb000"]
    assert parse_classes(known.text for known in classes) == classes


def test_without_any_there_is_the_tongue() -> None:
    assert parse_classes([]) == DEFAULT_CLASSES
    assert DEFAULT_CLASSES[0].name == "tongue"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["tongue"], "name #rrggbb"),
        (["#00ff00"], "name #rrggbb"),
        (["tongue #12345"], "name #rrggbb"),
        (["tongue #00d5e0", "Tongue #ffffff"], "one name"),
        ([f"c{n} #000000" for n in range(MOST_CLASSES + 1)], "10 classes"),
    ],
)
def test_what_cannot_be_a_class_is_named(texts: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_classes(texts)


def test_usual_colours_differ() -> None:
    assert len({usual_colour(index) for index in range(1, MOST_CLASSES + 1)}) == MOST_CLASSES

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.settings import MAX_RECENT_FOLDERS, Settings

CHANGED = Settings(
    theme="dark",
    language="zh",
    overlay_mode="outline",
    overlay_opacity=0.6,
    classes=("tongue #00d5e0", "coating #ffb000"),
    scales={"/a/舌诊": 11.5},
    brush_size=77,
    threshold=0.31,
    two_panes=False,
    show_list=False,
    show_inspector=False,
    touch=True,
    predict_ahead=False,
    recent_folders=("/a/舌诊", "b"),
    user_name="李医生",
    patient_pattern=r"^(?P<patient>\d+)_(?P<visit>\d+)",
    export_format="tiff",
    export_values="0/1",
    engine="torch",
    device="cpu",
    model="mine",
    undo_megabytes=64,
    live_folders={"/a/舌诊": "/a/masks"},
    shortcuts={"brush": "Shift+B"},
)


def test_every_field_survives_json() -> None:
    assert all(getattr(CHANGED, item.name) != getattr(Settings(), item.name) for item in fields(Settings))
    for settings in (Settings(), CHANGED):
        assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == (settings, [])


WRONG: dict[str, list[object]] = {
    "theme": ["pink", 1, None],
    "overlay_opacity": [-0.1, 1.1, "0.5", True, float("nan"), None],
    "brush_size": [0, 1001, 2.5, "24", True],
    "two_panes": ["true", 1, 0, None],
    "recent_folders": ["folder", [1], {"a": 1}],
    "user_name": [7, "n" * 1001],
    "patient_pattern": ["([", "(a+)+", 7],
    "export_values": ["0/2"],
    "shortcuts": [[], {"brush": 1}],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_falls_back_alone_and_is_named(name: str, value: object) -> None:
    settings, warnings = Settings.from_json(CHANGED.to_json() | {name: value})
    assert settings == replace(CHANGED, **{name: getattr(Settings(), name)})
    assert len(warnings) == 1
    assert warnings[0].startswith(f"The setting {name} should be ")
    unchecked: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=f"the setting {name} should be"):
        Settings(**unchecked)


def test_unknown_and_missing_keys_do_no_harm() -> None:
    assert Settings.from_json({"hologram": True, "brush_size": 9}) == (Settings(brush_size=9), [])
    assert Settings.from_json({}) == (Settings(), [])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([item.name for item in fields(Settings)]) | st.text(max_size=3), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_gives_settings(values: object) -> None:
    settings, warnings = Settings.from_json(values)
    assert isinstance(settings, Settings)
    assert all(warnings)


def test_recent_folders_are_few_unique_and_newest_first() -> None:
    settings = Settings()
    for number in [*range(20), 15]:
        settings = settings.with_recent_folder(f"f{number}")
    assert len(settings.recent_folders) == MAX_RECENT_FOLDERS
    assert settings.recent_folders[:3] == ("f15", "f19", "f18")
    assert len(set(settings.recent_folders)) == MAX_RECENT_FOLDERS


def test_a_table_with_keys_that_are_no_texts() -> None:
    settings, warnings = Settings.from_json({"shortcuts": {1: "B"}})
    assert settings == Settings()
    assert "shortcuts" in warnings[0]

"""Hostile settings, model cards, lock files and names."""

from __future__ import annotations

import json
import random
from dataclasses import fields
from typing import Any

from benchmarks.store.hostile_bytes import mutate
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.settings import Settings

_DEEP = "[" * 700 + "]" * 700
RAW = (
    "1e999", "-1e999", "NaN", "Infinity", "9" * 6000, "1" + "0" * 400, "null", "true", "{}", "[]", '""', "-1", "0", "1.5",
    "9223372036854775808", '"\\ud800"', '"a\\u0000b"', '"../../x"', '"/dev/zero"', '["a", 1]', '{"a": {"b": [null]}}',
    '{"": ""}',
    '["x #zzzzzz"]', '["x #123456", "X #123456"]', _DEEP, '{"a":' * 500 + "1" + "}" * 500, '"' + "x" * 100_000 + '"',
)  # fmt: skip
"""JSON values, as text, for there are some that Python would not write."""


def settings_text() -> str:
    """Settings as the program writes them."""
    values = Settings().with_recent_folder("photos").to_json()
    values["scales"] = {"photos": 12.5}
    values["classes"] = ["tongue #00d5e0", "coating #ffb000"]
    return json.dumps(values, ensure_ascii=False, indent=2)


def card_text() -> str:
    """A card as the program writes it."""
    card = ModelCard(
        "base", {"class_names": ["tongue"], "architecture": "resnet50"}, 512, files={"a.safetensors": "f" * 64},
        created="2026-01-01T00:00:00Z", limits=("not for diagnosis",), forms={"openvino-int8": {"files": {}}},
    )  # fmt: skip
    return json.dumps(card.to_json(), ensure_ascii=False)


def names_text() -> str:
    """`current.json` as the program writes it."""
    return json.dumps({"name": "base", "previous": ["older"]})


_KEYS = (
    [item.name for item in fields(Settings)]
    + [item.name for item in fields(ModelCard)]
    + ["previous", "pid", "user"]
)


def hostile_text(rng: random.Random, text: str, others: list[bytes]) -> tuple[bytes, str]:
    """The text with a value, a key or its bytes changed; returns the bytes and what was done."""
    roll = rng.random()
    if roll < 0.6:
        values: dict[str, Any] = json.loads(text)
        done: list[tuple[str, str]] = []
        for _ in range(rng.choice([1, 1, 2, 5])):
            key = rng.choice([*values] * 3 + _KEYS)
            values[key] = f"<{len(done)}>"
            done.append((key, rng.choice(RAW)))
        out = json.dumps(values)
        for index, (_, raw) in enumerate(done):
            out = out.replace(f'"<{index}>"', raw)
        return out.encode(), ", ".join(f"{key}={raw:.20}" for key, raw in done)
    if roll < 0.75:
        raw = rng.choice(
            [*RAW, "[" * 200_000, '{"a":' * 100_000, "\ufeff" + text, text * 2, "", "{", text[:-1]]
        )
        return raw.encode(), f"whole: {raw:.20}"
    if roll < 0.8:
        return text.encode(rng.choice(["utf-16", "utf-32", "utf-8-sig"])), "encoding"
    return mutate(rng, text.encode(), others)


NAMES = (
    b"\xff\xfe.bmp", b"a\xed\xa0\x80b.bmp", b"..bmp.bmp", b"a\nb.bmp", b"'; DROP TABLE photo; --.bmp", b"x" * 250 + b".bmp",
    "舌.bmp".encode(), "\u202egnp.bmp".encode(), b"%s%n{0}.bmp", b"con.bmp", b" .bmp", b"a..b.bmp", b"a\\b.bmp", b"-rf.bmp",
    "e\u0301.bmp".encode(), b"a%00b.bmp", b"a?mode=rw.bmp", b"a#b.bmp", b"CASES.DB.bmp", b"\x1b[31m.bmp",
)  # fmt: skip
"""Names of files that disks take and programs stumble over."""

BAD_PATHS = (
    "a\0b.bmp",
    "",
    ".",
    "..",
    "../../../etc/passwd",
    "/dev/null",
    "/proc/self/mem",
    "x" * 5000,
    "\ud800.bmp",
    "a/\0/b.png",
)
"""Paths that no photo has."""

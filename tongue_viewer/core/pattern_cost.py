"""How many steps the search for a regular expression can take at worst, from its text alone."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_GROUP = re.compile(r"\((?:\?(?:P<\w+>|P=\w+\)|[a-zA-Z-]*:|<?[=!]|>|\(\w+\)|[a-zA-Z]+\)|#[^)]*\)))?")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_LETTER_X = re.compile(r"\(\?[a-zA-Z]*x")
_OPEN = 16
"""A repeat with more choices than this counts as open, like `*`."""

_NESTED = "has a repeat, or a choice by |, inside of a repeat: such a search can take for ever"


@dataclass(frozen=True)
class PatternCost:
    """The parts of a pattern that leave a choice; a search may have to try every combination.

    Attributes:
        open: repeats without a near end, such as `.*`; each can end at any later place of the name. A search that may
            begin anywhere has one more.
        choices: how many combinations the others leave: `?`, `{1,3}`, `|`.
    """

    open: int = 0
    choices: int = 1

    @property
    def leaves_choice(self) -> bool:
        """Whether there is more than one way through it."""
        return self.open > 0 or self.choices > 1

    def steps(self, length: int) -> int:
        """An upper bound for a text of `length` characters: the ends of the open repeats never decrease."""
        return math.comb(length + self.open, self.open) * self.choices

    def then(self, other: PatternCost) -> PatternCost:
        """One after the other."""
        return PatternCost(self.open + other.open, self.choices * other.choices)

    def repeated(self, low: int, high: int | None) -> PatternCost:
        """From `low` to `high` times; None: without an end.

        Raises:
            ValueError: a choice inside of a repeat.
        """
        if self.leaves_choice and high != 1 and not (low == high and low <= _OPEN):
            raise ValueError(_NESTED)
        if self.leaves_choice:
            times = max(low, 1)
            return PatternCost(self.open * times, self.choices**times * (1 if low == high else 2))
        if high is None or high - low >= _OPEN:
            return PatternCost(1)
        return PatternCost(0, high - low + 1)


@dataclass
class _Level:
    """What has been read of a group: what stands before its last atom, and that atom."""

    before: PatternCost = field(default_factory=PatternCost)
    atom: PatternCost = field(default_factory=PatternCost)
    branches: int = 1

    def add(self, atom: PatternCost) -> None:
        self.before, self.atom = self.before.then(self.atom), atom

    def cost(self) -> PatternCost:
        whole = self.before.then(self.atom)
        return PatternCost(whole.open, whole.choices * self.branches)


def cost_of(pattern: str) -> PatternCost:
    """The cost of a pattern that Python compiles.

    Raises:
        ValueError: it could take for ever, or it cannot be told; the end of a sentence ("the pattern …").
    """
    if _LETTER_X.search(pattern):
        raise ValueError("uses (?x), which is not supported; leave the blanks out")
    levels, at = [_Level()], 0
    while at < len(pattern):
        at = _read(pattern, at, levels)
    whole = levels[0].cost()
    anchored = pattern.startswith(("^", r"\A")) and levels[0].branches == 1
    return whole if anchored else PatternCost(whole.open + 1, whole.choices)


def _read(pattern: str, at: int, levels: list[_Level]) -> int:
    """Read one piece; returns where the next one begins."""
    char, level = pattern[at], levels[-1]
    repeat = _repeat_at(pattern, at)
    if repeat is not None:
        low, high, end = repeat
        level.atom = level.atom.repeated(low, high)
        return end + (pattern[end : end + 1] in ("?", "+"))  # lazy, or never given back
    if char == "(":
        group = _GROUP.match(pattern, at)
        text = group.group() if group else char
        if text.startswith("(?P="):
            level.add(PatternCost(0, 2))  # repeated, it is as dear as what it stands for
        elif not text.endswith(")"):
            levels.append(_Level())
        return at + len(text)
    if char == ")" and len(levels) > 1:
        levels.pop()
        levels[-1].add(level.cost())
    elif char == "|":
        level.add(PatternCost())
        level.branches += 1
    elif char == "\\":
        back = pattern[at + 1 : at + 2].isdigit() and pattern[at + 1] != "0"
        level.add(PatternCost(0, 2) if back else PatternCost())
        return at + 2
    elif char == "[":
        known = _CLASS.match(pattern, at)
        level.add(PatternCost())
        return known.end() if known else at + 1
    else:
        level.add(PatternCost())
    return at + 1


def _repeat_at(pattern: str, at: int) -> tuple[int, int | None, int] | None:
    """(least, most, where it ends) of the repeat that stands here, if one does."""
    simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(pattern[at])
    if simple is not None:
        return *simple, at + 1
    braces = _REPEAT.match(pattern, at)
    if braces is None or braces.group() == "{}":  # that one is text
        return None
    low = int(braces[1] or 0)
    high = (int(braces[3]) if braces[3] else None) if braces[2] else low
    return low, high, braces.end()

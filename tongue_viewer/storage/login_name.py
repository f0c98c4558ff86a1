"""Who is logged in at this computer."""

from __future__ import annotations

import getpass


def login_name() -> str:
    """The name of the person's account, "" where there is none; for the history where the person gave no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such account: containers, some Windows services
        return ""

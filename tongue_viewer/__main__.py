"""`python -m tongue_viewer` and the console script `tongue-viewer`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line on `sys.argv`, or the window that it asks for; returns the exit code."""
    from tongue_viewer.cli.main import main as run_command

    answer = run_command()
    if isinstance(answer, int):
        return answer
    from tongue_viewer.app import run as run_window

    return run_window(answer.folder)


if __name__ == "__main__":
    sys.exit(main())

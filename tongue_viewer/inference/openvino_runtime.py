"""OpenVINO and NNCF, silent: no other module imports them.

Both report their use when they are imported (a post to an analytics host, a file with a client number in the
home folder) by way of the package `openvino_telemetry`. With None in its place its import fails, which both
expect, and nothing is sent. The entry stays, because parts of OpenVINO are imported later.
"""

from __future__ import annotations

import logging
import sys
from types import ModuleType

from tongue_viewer.core.errors import EngineError

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # Python's own mark for "not to be found"

import openvino  # noqa: E402 - the line above has to come first

__all__ = ["import_nncf", "openvino", "version"]


def version() -> str:
    """Release and build of OpenVINO: what it compiled is only good for itself."""
    return str(openvino.__version__)


def import_nncf() -> ModuleType:
    """NNCF, the tool that makes int8 forms; its messages go where the program's own go.

    Raises:
        EngineError: it is not installed.
    """
    try:
        import nncf
    except ImportError as error:
        raise EngineError(
            "The int8 form of a model is made with NNCF, which is not installed here. "
            'Install it: uv sync --extra quantize, or pip install "tongue-viewer[quantize]".'
        ) from error
    logger = logging.getLogger("nncf")
    logger.handlers.clear()  # NNCF writes to stdout, which belongs to a command's results
    logger.setLevel(logging.ERROR)
    module: ModuleType = nncf
    return module

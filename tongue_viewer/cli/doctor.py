"""`tongue-viewer doctor`: what is installed, what works, what is missing and the remedy."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from tongue_viewer.cli.display import missing_libraries, missing_library, window_problem
from tongue_viewer.cli.output import EXIT_OK, EXIT_SOME_FAILED, result, write_json
from tongue_viewer.core.errors import ModelError
from tongue_viewer.inference.forms import verify_forms
from tongue_viewer.inference.registry import list_models, read_card
from tongue_viewer.storage.locations import models_folder, resources_folder, user_data_folder

_LIBRARIES = (
    "numpy", "opencv-python-headless", "openvino", "pillow", "platformdirs", "PySide6-Essentials",
    "qimage2ndarray", "QtAwesome", "safetensors", "scipy", "torch", "torchvision",
)  # fmt: skip

_QT_SECONDS = 60
_QT_PROBE = """
import json
from PySide6 import __version__
from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QApplication
app = QApplication([])
screens = [[s.geometry().width(), s.geometry().height(), s.devicePixelRatio()] for s in app.screens()]
found = {"pyside": __version__, "qt": qVersion(), "platform": app.platformName(), "screens": screens}
print(json.dumps(found))
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="what is installed, what is missing, and the remedy",
        description="Versions, devices, engines, models, the window. Exit code 1 if something is broken.",
        epilog="example: tongue-viewer doctor --json > report.json",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look at everything; 0 if all works or only the window is missing here, 1 if something is broken."""
    report = examine()
    if args.json:
        write_json(report)
    else:
        for line in _lines(report):
            result(line)
    return EXIT_SOME_FAILED if any(problem["broken"] for problem in report["problems"]) else EXIT_OK


def examine() -> dict[str, Any]:
    """All findings as plain JSON values; "problems" lists what is wrong, with the remedy."""
    report: dict[str, Any] = {
        "program": {
            "version": metadata.version("tongue-viewer"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "folder": str(Path(__file__).resolve().parents[1]),
        },
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "cpu": {"name": cpu_name(), "cores": os.cpu_count()},
        "folders": _folders(),
        "models": [],
        "qt": _qt(),
    }
    report["torch"] = _torch()
    report["engines"] = _engines(report["torch"])
    if report["torch"]["works"]:
        report["cpu"]["amx_bf16"] = report["torch"]["amx_bf16"]
        report["models"] = _models()
    report["problems"] = list(_problems(report))
    return report


def cpu_name() -> str:
    """The processor as its maker calls it, or its architecture where the system does not tell."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _folders() -> dict[str, Any]:
    own = user_data_folder()
    nearest = next(folder for folder in (own, *own.parents) if folder.exists())
    return {
        "models": str(models_folder()),
        "resources": str(resources_folder()),
        "own": str(own),
        "own_writable": os.access(nearest, os.W_OK),
    }


def _torch() -> dict[str, Any]:
    """Whether torch can be loaded, and what it finds; a broken installation must not break the doctor."""
    try:
        import torch

        from tongue_viewer.inference.torch_engine import NO_CUDA_DEVICE, cpu_multiplies_bfloat16, cuda_problem
    except (
        ImportError,
        OSError,
        RuntimeError,
    ) as error:  # torch raises all three when its own libraries do not fit
        return {"works": False, "reason": str(error).splitlines()[0]}
    problem = cuda_problem()
    names = [] if problem else [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    return {
        "works": True,
        "threads": torch.get_num_threads(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "amx_bf16": cpu_multiplies_bfloat16(),
        "cuda": {"built": torch.version.cuda, "devices": names, "problem": problem},
        "cuda_absent": problem == NO_CUDA_DEVICE,
    }


def _engines(torch_report: dict[str, Any]) -> dict[str, Any]:
    works = torch_report["works"]
    precision = "bfloat16" if torch_report.get("amx_bf16") else "float32"
    return {
        "torch-cpu": {"available": works, "precision": precision if works else None},
        "torch-cuda": {"available": works and not torch_report["cuda"]["problem"]},
        "openvino": _openvino(),
    }


def _openvino() -> dict[str, Any]:
    """Whether OpenVINO can be loaded; NNCF is only needed to make int8 forms."""
    try:
        from tongue_viewer.inference.openvino_runtime import version
    except (ImportError, OSError) as error:
        return {"available": False, "reason": str(error)}
    return {"available": True, "version": version(), "nncf": _version("nncf")}


def _models() -> list[dict[str, Any]]:
    """Every model, read and compared with its card."""
    from tongue_viewer.network.weights import verify_model

    found = []
    for entry in list_models():
        reason = entry.problem
        if not reason:
            try:
                verify_model(entry.folder)
                verify_forms(entry.folder, read_card(entry.folder))
            except ModelError as error:
                reason = str(error)
        forms = list(entry.card.forms) if entry.card else []
        found.append(
            {
                "name": entry.name,
                "current": entry.current,
                "ok": not reason,
                "reason": reason,
                "forms": forms,
            }
        )
    return found


def _qt() -> dict[str, Any]:
    """Qt, started once in a child process: this one stays without it, and a crash there is only a finding."""
    found: dict[str, Any] = {"works": False, "missing": missing_libraries(), "reason": window_problem() or ""}
    if importlib.util.find_spec("PySide6") is None or missing_library():
        return found
    environment = dict(os.environ)
    if found["reason"]:
        environment["QT_QPA_PLATFORM"] = "offscreen"  # at least its version and its libraries can be told
    try:
        child = subprocess.run(
            [sys.executable, "-c", _QT_PROBE],
            capture_output=True, text=True, timeout=_QT_SECONDS, check=False, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {**found, "reason": f"Qt did not start within {_QT_SECONDS} s"}
    if child.returncode != 0:
        lines = [line for line in child.stderr.splitlines() if line.strip()]
        return {**found, "reason": lines[-1] if lines else f"Qt ended with code {child.returncode}"}
    return {**found, **json.loads(child.stdout.splitlines()[-1]), "works": not found["reason"]}


def _problems(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is wrong: `broken` where photos cannot be predicted, not where only the window cannot open."""
    for name, version in report["libraries"].items():
        if version is None:
            yield _problem(f"{name} is not installed", "Install the program again: uv sync")
    openvino = report["engines"]["openvino"]
    if not openvino["available"]:
        remedy = "Install the program again: uv sync. PyTorch is used until then."
        yield _problem(f"OpenVINO cannot be loaded: {openvino['reason']}", remedy, broken=False)
    if not report["torch"]["works"]:
        yield _problem(
            f"torch cannot be loaded: {report['torch']['reason']}", "Install the program again: uv sync"
        )
    elif report["torch"]["cuda"]["problem"] and not report["torch"]["cuda_absent"]:
        yield _problem(
            f"CUDA cannot be used: {report['torch']['cuda']['problem']}",
            "Update the driver; the CPU is used until then.",
            broken=False,
        )
    if not report["models"]:
        yield _problem("there is no model", "Install the program again, or name a model with --model FOLDER.")
    for model in report["models"]:
        if not model["ok"]:
            yield _problem(
                f"the model {model['name']} is damaged: {model['reason']}", "Copy its folder again."
            )
    if not report["folders"]["own_writable"]:
        yield _problem(
            f"{report['folders']['own']} cannot be written", "Set TONGUE_VIEWER_HOME to a folder of your own."
        )
    for library, package in report["qt"]["missing"].items():
        remedy = f"On Debian or Ubuntu: sudo apt-get install {package}"
        yield _problem(f"the window needs the system library {library}", remedy, broken=False)
    if not report["qt"]["works"]:
        remedy = "Every command except the window works without it."
        yield _problem(f"no window can open here: {report['qt']['reason']}", remedy, broken=False)


def _problem(what: str, remedy: str, *, broken: bool = True) -> dict[str, Any]:
    return {"what": what, "remedy": remedy, "broken": broken}


def _lines(report: dict[str, Any]) -> Iterator[str]:
    program, cpu, qt = report["program"], report["cpu"], report["qt"]
    yield f"tongue-viewer {program['version']}, Python {program['python']}, {program['platform']}"
    yield f"processor: {cpu['name']}, {cpu['cores']} cores"
    yield "libraries: " + ", ".join(
        f"{name} {version or 'MISSING'}" for name, version in report["libraries"].items()
    )
    for name, engine in report["engines"].items():
        detail = engine.get("precision") or engine.get("version") or engine.get("reason") or ""
        yield f"engine {name}: {'available' if engine['available'] else 'not available'} {detail}".rstrip()
    for device in report["torch"].get("cuda", {}).get("devices", ()):
        yield f"CUDA device: {device}"
    for model in report["models"]:
        used = " (used)" if model["current"] else ""
        forms = f", with {', '.join(model['forms'])}" if model["forms"] else ", no int8 form"
        state = "complete and unchanged" + forms if model["ok"] else model["reason"]
        yield f"model {model['name']}{used}: {state}"
    window = "works" if qt["works"] else qt["reason"]
    yield f"window: Qt {qt.get('qt', '–')}, platform {qt.get('platform', '–')}, {window}"
    yield f"own files: {report['folders']['own']}"
    for problem in report["problems"]:
        yield f"{'BROKEN' if problem['broken'] else 'note'}: {problem['what']}. {problem['remedy']}"
    if not report["problems"]:
        yield "Everything works."

"""OpenVINO and NNCF send nothing and leave nothing in the home folder, from conversion to quantisation to a photo.

Both are silent on their own where `CI` is set, so the child process gets an empty environment (`run_child`). A second
child shows that the trap works: the same libraries without this program's precaution walk into it.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.test_silence import WATCHED, files_below, run_child, user_data_prefix

GUARDED = (
    WATCHED
    + """
from pathlib import Path
from tests.int8_models import add_int8_form
from tests.tiny_models import random_photo, save_tiny_model
from tongue_viewer.inference.predictor import Predictor
place = Path(sys.argv[1])
add_int8_form(place / "tiny", save_tiny_model(place / "tiny"), place / "work")
for engine in ("openvino", "openvino-f32"):
    predictor = Predictor(place / "tiny", engine=engine)
    predictor.predict(random_photo())
    print(predictor.engine_name, file=sys.stderr)
import openvino, nncf
facts = {"seen": seen, "telemetry": [m for m in sys.modules if m.startswith("openvino_telemetry.")]}
print(json.dumps(facts))
"""
)

# The audit hook refuses, so that this test sends nothing either.
UNGUARDED = """
import atexit, json, sys
seen = []
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.append(event)
        raise ConnectionError("refused by the test")
sys.addaudithook(watch)
import openvino_telemetry.backend.backend_ga4
import openvino, nncf
import openvino as ov
from openvino import opset13
x = opset13.parameter([1, 3, 8, 8])
network = ov.Model([opset13.relu(x)], [x])
import numpy as np
nncf.quantize(network, nncf.Dataset([np.zeros((1, 3, 8, 8), np.float32)]), subset_size=1)
import time
for _ in range(100):
    if seen:
        break
    time.sleep(0.1)
print(json.dumps({"seen": seen}))
"""


def test_conversion_quantisation_and_prediction_are_silent(tmp_path: Path) -> None:
    home, place = tmp_path / "home", tmp_path / "place"
    home.mkdir()
    place.mkdir()
    child = run_child(GUARDED, home, str(place))
    assert child.returncode == 0, child.stderr
    assert "openvino-int8" in child.stderr
    assert "openvino-f32" in child.stderr
    facts = json.loads(child.stdout.splitlines()[-1])
    assert facts == {"seen": [], "telemetry": []}
    own = files_below(home)
    assert any(
        name.endswith("-f32/model.xml") for name in own
    )  # the cache, so the comparison looks at the right place
    assert {name for name in own if not name.startswith(user_data_prefix())} == set()
    assert not [name for name in own if "openvino_ga" in name or name.endswith("cid")]


def test_without_the_precaution_the_trap_would_close(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    child = run_child(UNGUARDED, home)
    assert child.returncode == 0, child.stderr
    seen = json.loads(child.stdout.splitlines()[-1])["seen"]
    assert seen or files_below(home), "neither a socket nor a file: this test proves nothing any more"

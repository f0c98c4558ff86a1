"""Rendered tongues with exact masks: sample photos and test input that owes nothing to a real person."""

from tests.phantoms.randoms import random_spec
from tests.phantoms.render import render
from tests.phantoms.samples import sample_specs
from tests.phantoms.spec import PhantomSpec

__all__ = ["PhantomSpec", "random_spec", "render", "sample_specs"]

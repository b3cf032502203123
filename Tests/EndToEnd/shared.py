"""The documents that the project was created from: beside the checkout, not part of it."""

import functools

from lab import ROOT

SHARED = ROOT.parent / "shared"
SEEDS, SAMPLES = SHARED / "seed-configs", SHARED / "istio-samples"


class LeftOut(Exception):
    """A test that has nothing to show here; its text says why."""


def needs_shared(test):
    """Leaves a test out where the documents are missing."""
    @functools.wraps(test)
    def run(fixture):
        if not SHARED.exists():
            raise LeftOut(f"{SHARED} is not here")
        test(fixture)
    return run

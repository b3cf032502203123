"""`make demo` itself: its last line, its time, and that nothing of it stays."""

import contextlib
import pathlib
import subprocess
import time

DEMO = pathlib.Path(__file__).resolve().parents[1] / "Demo/demo"


class Fixture:
    def __init__(self, programs):
        self.programs = programs

    def show(self):
        pass


@contextlib.contextmanager
def suite(programs):
    yield Fixture(programs)


def test_the_demo_passes(fixture):
    started = time.monotonic()
    done = subprocess.run([DEMO, "--bin", fixture.programs], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if "FAILED" in line) + done.stderr[-2000:]
    assert done.stdout.splitlines()[-1].endswith(" passed, 0 failed"), done.stdout[-500:]
    assert time.monotonic() - started < 90, "the demo takes under 90 seconds once built"

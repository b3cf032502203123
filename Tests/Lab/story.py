"""What the reader of a demonstration sees, and the count of what held."""

import shlex

from lab import ROOT


class Story:
    """Chapters, the commands in them, and checks in plain words."""

    def __init__(self):
        self.passed = self.failed = 0

    def chapter(self, text):
        print(f"\n=== {text}", flush=True)

    def shows(self, what, holds, detail=""):
        """One check: in plain words what was to be seen, and whether it was."""
        self.passed += bool(holds)
        self.failed += not holds
        print(f"  {'ok    ' if holds else 'FAILED'} {what}" + (f": {detail}" if detail else ""), flush=True)

    def command(self, place, *words):
        """Prints a command before it runs, as a person would type it on the host of that name."""
        text = " ".join(shlex.quote(str(word)).replace(f"{ROOT}/", "") for word in words)
        print(f"  {place}$ {text}", flush=True)

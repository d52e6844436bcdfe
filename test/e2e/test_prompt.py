"""The PIN at a terminal: asked for once, never shown, and one progress line while a batch runs."""

import os
import pty
import select
import tempfile
import time
import unittest
from pathlib import Path

import kpd_test_kit as kit


def converse(arguments, answers, patience=120):
    """Runs the program on a terminal of its own; types an answer whenever its prompt comes.

    answers: pairs of a prompt's text and what is typed then. Returns exit code and all output.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.execv(kit.KPD, [kit.KPD, *map(str, arguments)])
    seen = b""
    waiting = list(answers)
    end = time.monotonic() + patience
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the program closed its terminal
            break
        if not piece:
            break
        seen += piece
        if waiting and waiting[0][0].encode() in seen:
            os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


class Prompt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.area = kit.Area.make(Path(cls.folder.name) / "area")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_pin_is_asked_for_once_and_not_shown(self):
        prompt = "PIN of token kpd-preparation"
        code, seen = converse(["run", self.area.job], [(prompt, self.area.pin)])
        self.assertEqual(code, kit.DONE, seen)
        self.assertEqual(seen.count("PIN of token"), 1)
        self.assertNotIn(self.area.pin, seen)
        self.assertIn("480 prepared", seen)
        self.assertIn("preparing 2", seen)  # the progress line, after the first chunk

    def test_a_wrong_pin_is_not_asked_for_again(self):
        code, seen = converse(["run", self.area.job], [("PIN of token", "0000")])
        self.assertEqual(code, kit.HOLD, seen)
        self.assertEqual(seen.count("PIN of token"), 1)
        self.assertIn("not tried again", seen)


if __name__ == "__main__":
    unittest.main()

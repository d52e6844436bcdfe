"""The stations' books: nothing made twice, nothing lost, whatever ends the program."""

import fcntl
import json
import signal
import subprocess
import time
import unittest

import kpd_test_kit as kit

CARDS = 10  # two of each product


class Books(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(CARDS // len(kit.PRODUCTS))

    def setUp(self):
        """A card file that no books know, since its keys are new."""
        result = self.area.run("run", self.area.job)
        self.expect(result, kit.DONE)

    def chips(self, **options):
        chips = kit.Chips(self.area, self.folder / "pcscd", **options)
        self.addCleanup(chips.stop)
        self.environment = chips.environment

    def arguments(self, *more):
        return ("load", self.area.cards, "--area", self.area.yaml, "--json", "--wait", 2,
                "--reader", "00 00", *more)

    def load(self, *more, code=kit.DONE):
        result = self.area.run(*self.arguments(*more), environment=self.environment)
        return self.expect(result, code).json()

    def books(self, *more):
        return self.expect(kit.run("books", "show", self.area.cards, "--area", self.area.yaml,
                                         "--json", *more), kit.DONE).json()

    def counts(self):
        books = self.books()
        return [books[state] for state in ("done", "failed", "doubt", "begun", "untouched")]

    def right(self):
        verified = self.area.run("verify", self.area.cards, "--job", self.area.job, "--json",
                                 "--wait", 2, "--reader", "00 00", "--conveyor",
                                 environment=self.environment).json()
        self.assertEqual(verified["wrong"], 0)
        return verified["right"]

    def test_what_was_made_is_passed_over(self):
        self.chips(chips=CARDS + 1)
        self.assertEqual(self.load("--conveyor", "--count", 3)["loaded"], 3)
        self.assertEqual(self.counts(), [3, 0, 0, 0, CARDS - 3])
        again = self.load("--conveyor", "--count", 5)
        self.assertEqual((again["loaded"], again["before"]), (2, 3))
        rest = self.load("--conveyor")
        self.assertEqual((rest["loaded"], rest["before"], rest["untouched"]), (5, 5, 0))
        self.assertEqual(self.counts(), [CARDS, 0, 0, 0, 0])
        self.assertEqual(self.right(), CARDS)

        entries = self.books()["entries"]
        self.assertEqual([entry["index"] for entry in entries], list(range(1, CARDS + 1)))
        self.assertEqual(len({entry["chip"] for entry in entries}), CARDS)
        text = json.dumps(entries)
        for row in self.area.good_rows():
            self.assertNotIn(row["pan"], text)
        one = entries[0]["record"]
        self.assertEqual(self.load("--conveyor", "--remake", one)["loaded"], 1)
        self.assertEqual(self.books()["entries"][0]["chips"], 2)

    def test_a_killed_run_is_taken_up_by_the_next_one(self):
        self.chips(chips=CARDS)
        for delay in (0.25, 0.35, 0.3, 0.4, 0.28, 0.32):
            process = self.area.start(*self.arguments("--conveyor"), environment=self.environment,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        before = self.books()
        self.assertLessEqual(before["begun"], 1)
        last = self.load("--conveyor", "--chips-a-card", 3)
        self.assertEqual(last["untouched"], 0)
        self.assertEqual(self.counts(), [CARDS, 0, 0, 0, 0])
        self.assertEqual(self.right(), CARDS)

    def test_two_programs_do_not_load_one_file(self):
        self.chips(chips=1)
        # the second reader of the pair stays empty: this run waits for a card
        waiting = self.area.start("load", self.area.cards, "--area", self.area.yaml, "--wait", 60,
                                  "--reader", "00 01", environment=self.environment,
                                  stderr=subprocess.PIPE)
        try:
            deadline = time.monotonic() + kit.PATIENCE
            while not self.books_are_held():
                self.assertLess(time.monotonic(), deadline)
                self.assertIsNone(waiting.poll())
                time.sleep(0.05)
            result = self.area.run(*self.arguments("--count", 1), environment=self.environment)
            self.expect(result, kit.TRY_AGAIN, "another process")
        finally:
            waiting.terminate()
            _, said = waiting.communicate(timeout=kit.PATIENCE)
        self.assertIn(waiting.returncode, (kit.HOLD, -signal.SIGTERM), said)

    def books_are_held(self):
        for file in (self.area.folder / "books").glob("*.lock"):
            with open(file, "rb") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return True
        return False

    def test_a_card_in_doubt_is_settled_by_hand(self):
        self.chips(chips=CARDS)
        database = self.spoil_first()
        self.assertEqual(self.counts()[2], 1)
        record = self.books("--state", "doubt")["entries"][0]["record"]
        self.assertEqual(self.load("--conveyor", "--first", 1, "--count", 1)["before"], 1)
        self.expect(kit.run("books", "settle", self.area.cards, "no-such", "failed", "--area",
                                  self.area.yaml, "--reason", "x"), kit.USAGE, "no card in doubt")
        self.expect(kit.run("books", "settle", self.area.cards, record, "failed", "--area",
                                  self.area.yaml, "--reason", "shredded"), kit.DONE)
        self.assertEqual(self.counts()[:3], [0, 1, 0])
        self.assertEqual(self.load("--conveyor", "--count", 1, "--remake", "failed")["loaded"], 1)
        self.assertEqual(self.counts()[:3], [1, 0, 0])
        self.assertTrue(database.exists())

    def spoil_first(self):
        """The first card as a power cut would leave it: its line says begun, nobody is at work."""
        import sqlite3
        self.load("--conveyor", "--count", 1)
        database = max((self.area.folder / "books").glob("*.db"), key=lambda f: f.stat().st_mtime)
        with sqlite3.connect(database) as books:
            books.execute("UPDATE card SET state = 'begun', chip = '00000000000000000000'")
        books.close()
        self.load("--conveyor", "--first", 1, "--count", 1)
        return database

    def test_finished_cards_are_not_made_again_wholesale_outside_test_areas(self):
        self.chips(chips=1)
        with self.area.edited("area.yaml", "test: true", "test: false"):
            result = self.area.run(*self.arguments("--remake", "all"), environment=self.environment)
            self.expect(result, kit.USAGE, "test areas")


if __name__ == "__main__":
    unittest.main()

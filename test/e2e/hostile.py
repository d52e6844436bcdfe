"""What tests of hostile input share: little time and memory for every command, nothing of a card's data in
what people read, nothing written when the job cannot run."""

import json
import os
import re
import resource
import threading

import kpd_test_kit as kit
from card_files import CardFile

MEMORY = 512 * 1024 * 1024  # bytes of address space; an ordinary run has 300 MB
SECONDS = 60  # of processor time

SOURCE = 'source: {format: csv, file: data/cards.csv, delimiter: ";"}'
PRIVATE = ("pan", "name", "pin_block")


def limit():
    """Of a child: what a command may take."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


class HostileTest(kit.AreaTest):
    """A job over a few good records, changed by each test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = [row for row in cls.area.good_rows() if row["product"] == "LOCAL-ID" and
                    not set(row["emboss_line4"]) & set(';"')][:4]
        cls.columns = list(cls.rows[0])
        cls.area.write_rows(cls.rows)
        cls.text = cls.area.job.read_text()

    def tearDown(self):
        self.area.job.write_text(self.text)

    def run_job(self, *changes):
        """The job with other texts in it, within the limits. Nothing is left of a run before."""
        for path in self.area.cards.parent.iterdir():
            path.unlink()
        text = self.text
        for old, new in changes:
            text = kit.changed(text, old, new)
        self.area.job.write_text(text)
        return self.checked(self.area.run("run", self.area.job, "--json", preexec_fn=limit))

    def check(self, *arguments):
        """`kpd template check`, within the limits."""
        return self.checked(kit.run("template", "check", *arguments, "--no-token", preexec_fn=limit))

    def checked(self, result):
        told = result.err + result.out.decode(errors="replace")
        if self.area.rejects.exists():
            told += self.area.rejects.read_text()
        for row in self.rows:
            for column in PRIVATE:
                self.assertNotIn(row[column], told)
        return result

    def refused(self, result, code, *texts):
        """An end with a message, and no output."""
        self.expect(result, code, *texts)
        self.assertEqual(list(self.area.cards.parent.iterdir()), [])

    def rejected(self, result, faults, good=None):
        """The faults of the batch by line, and its cards: the good records (all unless said)."""
        self.expect(result, kit.DONE)
        rejects = [json.loads(line) for line in self.area.rejects.read_text().splitlines()]
        self.assertEqual({one["line"]: one["fault"] for one in rejects}, faults)
        self.assertEqual([card.id for card in CardFile(self.area.cards).cards],
                         [row["record_id"] for row in (self.rows if good is None else good)])
        return rejects

    def write(self, name, content):
        """A file of the job's data folder."""
        path = self.area.folder / "data" / name
        path.unlink(missing_ok=True)  # perhaps a pipe
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.addCleanup(path.unlink, missing_ok=True)

    def stream(self, name, parts):
        """A file of the data folder that is written while it is read: a pipe. The writer goes on until
        the reader has enough."""
        path = self.area.folder / "data" / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        self.addCleanup(path.unlink, missing_ok=True)

        def write():
            try:
                with open(path, "wb", buffering=0) as pipe:
                    for part in parts:
                        pipe.write(part)
            except BrokenPipeError:
                pass

        threading.Thread(target=write, daemon=True).start()

    def place(self, path, text):
        """file:line:column of a text, as a pattern."""
        before = path.read_text().split(text)[0]
        return re.escape(f"{path}:{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}")

"""What the end-to-end tests share: the program, work areas of their own, virtual chips.

Two variables come from outside: KPD_BIN, the program, and KPD_SOURCE_DIR, the source tree with the
templates and the starter job.
"""

import contextlib
import csv
import dataclasses
import json
import os
import re
import secrets
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

KPD = os.environ["KPD_BIN"]
SOURCE = Path(os.environ["KPD_SOURCE_DIR"])

# Exit codes (kpd/exit_code.h).
DONE, USAGE, HOLD, AWAY, IO, TRY_AGAIN = 0, 64, 65, 69, 74, 75

PRODUCTS = ("VISA-CLASSIC", "VISA-GOLD", "MC-STANDARD", "MC-DEBIT19", "LOCAL-ID")
PATIENCE = 600  # seconds for one command, also where every instruction is watched


@dataclasses.dataclass
class Result:
    """How a command ended."""

    code: int
    out: bytes
    err: str

    def json(self):
        return json.loads(self.out)


def start(arguments, pin=None, environment=None, **options):
    """The program as a subprocess. The PIN comes through a pipe that it inherits."""
    command = [KPD, *map(str, arguments)]
    variables = dict(os.environ, **(environment or {}))
    if pin is None:
        return subprocess.Popen(command, env=variables, **options)
    reading, writing = os.pipe()
    try:
        os.write(writing, pin.encode() + b"\n")
        os.close(writing)
        command += ["--pin-fd", str(reading)]
        return subprocess.Popen(command, env=variables, pass_fds=(reading,), **options)
    finally:
        os.close(reading)


def run(*arguments, pin=None, environment=None, stdin=b"", **options):
    """Runs the program to its end."""
    process = start(arguments, pin, environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, **options)
    try:
        out, err = process.communicate(stdin, timeout=PATIENCE)
    finally:
        process.kill()
    return Result(process.returncode, out, err.decode(errors="replace"))


def stopped(start_process):
    """Ctrl-C in the middle of a command's work: its exit code and what it said. On a busy machine the
    command may need longer until it listens."""
    for delay in (1.5, 4, 12, 30):
        process = start_process()
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        if process.returncode != -signal.SIGINT:
            break
    return process.returncode, said


def changed(text, old, new):
    """`text` with `new` for the one `old` in it."""
    if text.count(old) != 1:
        raise AssertionError(f"{old!r} stands {text.count(old)} times in the text")
    return text.replace(old, new)


class Area:
    """A work area made by `kpd init`, with a PIN of its own."""

    def __init__(self, folder, pin):
        self.folder = Path(folder)
        self.pin = pin
        self.job = self.folder / "job.yaml"
        self.yaml = self.folder / "area.yaml"
        self.cards = self.folder / "out" / "batch.cps"
        self.rejects = self.folder / "out" / "batch.rejects.jsonl"

    @classmethod
    def make(cls, folder, source=SOURCE):
        area = cls(folder, secrets.token_hex(6))
        result = area.run("init", folder, "--from", source)
        if result.code != DONE:
            raise AssertionError(f"kpd init: {result.code}: {result.err}")
        return area

    def run(self, *arguments, pin=None, **options):
        return run(*arguments, pin=pin or self.pin, **options)

    def start(self, *arguments, **options):
        return start(arguments, self.pin, **options)

    def edit(self, file, old, new):
        """Changes a text file of the area."""
        path = self.folder / file
        path.write_text(changed(path.read_text(), old, new))

    @contextlib.contextmanager
    def edited(self, file, old, new):
        """The same for a while."""
        path = self.folder / file
        before = path.read_text()
        try:
            path.write_text(changed(before, old, new))
            yield
        finally:
            path.write_text(before)

    def copy(self, folder):
        """The same area elsewhere, tokens included."""
        shutil.copytree(self.folder, folder)
        copy = Area(folder, self.pin)
        copy.edit("softhsm2.conf", str(self.folder / "tokens"), str(copy.folder / "tokens"))
        return copy

    def rows(self):
        """The starter job's card records, good and bad, as maps."""
        with open(SOURCE / "examples/starter/data/cards.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, delimiter=";"))

    def good_rows(self):
        bad = expected_rejects()
        return [row for row in self.rows() if row["record_id"] not in bad]

    def write_rows(self, rows):
        """Makes `rows` the job's input."""
        with open(self.folder / "data/cards.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def keep_of_each_product(self, count):
        """Leaves `count` good records of each product in the job's input."""
        rows = self.good_rows()
        self.write_rows([row for product in PRODUCTS
                         for row in [r for r in rows if r["product"] == product][:count]])

    def tokens_environment(self):
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}


class AreaTest(unittest.TestCase):
    """Tests that share one folder and one work area in it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="kpd-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.area = Area.make(cls.folder / "area")

    def expect(self, result, code, *texts):
        """The exit code, and what the message says; never one that blames kpd itself."""
        self.assertEqual(result.code, code, result.err)
        for text in texts:
            self.assertRegex(result.err, text)
        self.assertNotIn("defect", result.err)
        return result


class Chips:
    """Virtual chips behind a pcscd of their own, until stop()."""

    def __init__(self, area, folder, readers=1, chips=1, serial=1, profile=None):
        self._process = start(
            ["chip", "--area", area.yaml, "--readers", readers, "--chips", chips,
             "--serial", serial, "--pcscd", folder] + (["--profile", profile] if profile else []),
            area.pin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ready, _, _ = select.select([self._process.stdout], [], [], 60)
        line = self._process.stdout.readline().decode() if ready else ""
        found = re.fullmatch(r"export PCSCLITE_CSOCK_NAME=(\S+)\n", line)
        if not found:
            self._process.kill()
            raise AssertionError("no chips: " + self._process.communicate()[1].decode())
        self.environment = {"PCSCLITE_CSOCK_NAME": found[1]}

    def stop(self):
        self._process.terminate()
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


class OneOfEach(AreaTest):
    """One card of each product, and chips of any make on a conveyor. Files are loaded again and
    again, whatever their books say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(1)
        result = cls.area.run("run", cls.area.job)
        if result.code != DONE:
            raise AssertionError(result.err)

    def chips(self, profile, chips=len(PRODUCTS), **options):
        """Of a profile by its path, or of one that comes with kpd."""
        running = Chips(self.area, self.folder / "pcscd", chips=chips,
                        profile=SOURCE / "templates/chips" / profile, **options)
        self.addCleanup(running.stop)
        self.environment = running.environment

    def load(self, *more, cards=None):
        log = self.folder / "load.log"
        log.unlink(missing_ok=True)
        result = self.area.run("load", cards or self.area.cards, "--area", self.area.yaml, "--json",
                               "--wait", 3, "--log", log, "--reader", "00 00", "--conveyor",
                               "--remake", "all", *more, environment=self.environment)
        self.logged = [json.loads(line) for line in log.read_text().splitlines()]
        return result

    def verified(self, cards=None, job=None):
        """Counts of `kpd verify`: cards, right, wrong, unknown."""
        result = self.area.run("verify", cards or self.area.cards, "--job", job or self.area.job,
                               "--json", "--reader", "00 00", "--conveyor", "--wait", 3,
                               environment=self.environment)
        self.expect(result, DONE)
        return [result.json()[key] for key in ("cards", "right", "wrong", "unknown")]


def expected_rejects():
    """Record id to kind of fault, for the starter job."""
    return json.loads((SOURCE / "test/samples/starter-expected.json").read_text())["bad"]

"""Full disks, missing folders, broken pipes, kills, readers that vanish: a file is there whole or not at
all, the old one stays, and every command says what happened."""

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import kpd_test_kit as kit
from card_files import CardFile
from test_cards import SPY, CardsTest


def limit_files(size):
    """For a child: no file grows beyond `size`, as on a full disk, and writing says so."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


class Files(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(10)
        started = time.monotonic()
        result = cls.area.run("run", cls.area.job)
        cls.seconds = time.monotonic() - started
        if result.code != kit.DONE:
            raise AssertionError(result.err)

    def setUp(self):
        self.out = Path(tempfile.mkdtemp(dir=self.folder))

    def make(self, output, **options):
        return self.area.run("run", self.area.job, "-o", output, **options)

    def old_files(self):
        """A card file and a reject file that were there before."""
        output = self.out / "batch.cps"
        output.write_bytes(b"the old cards")
        output.with_suffix(".rejects.jsonl").write_bytes(b"the old rejects")
        return output

    def nothing_changed(self):
        found = {path.name: path.read_bytes() for path in self.out.iterdir()}
        self.assertEqual(found, {"batch.cps": b"the old cards",
                                 "batch.rejects.jsonl": b"the old rejects"})

    def test_a_folder_that_is_not_there_is_named(self):
        self.expect(self.make(self.out / "none" / "x.cps"), kit.IO, "none/x")
        (self.out / "file").write_text("not a folder")
        self.expect(self.make(self.out / "file" / "x.cps"), kit.IO, "file/x")
        (self.out / "folder.cps").mkdir()
        self.expect(self.make(self.out / "folder.cps"), kit.IO, "folder")
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), ["file", "folder.cps"])

    def test_a_file_that_cannot_grow_leaves_the_old_one(self):
        output = self.old_files()
        whole = self.area.cards.stat().st_size
        # no less than SoftHSM's own files need: it writes its token at each log-in
        for size in (4096, whole // 2, whole - 1):
            with self.subTest(size=size):
                self.expect(self.make(output, preexec_fn=limit_files(size)), kit.IO)
                self.nothing_changed()

    def test_a_full_disk_leaves_the_old_file(self):
        self.old_files()
        script = ('mount -t tmpfs -o size=48k tmpfs "$1" && cp "$2"/* "$1" && shift 2 && '
                  '{ "$@"; code=$?; } && cat "${9%/*}"/* && ls -A "${9%/*}" && exit $code')
        # in a mount namespace of its own, so that nothing of it stays
        command = ["unshare", "--mount", "sh", "-c", script, "sh"]
        disk = self.out / "disk"
        disk.mkdir()
        old = self.out / "old"
        old.mkdir()
        for name in ("batch.cps", "batch.rejects.jsonl"):
            (self.out / name).rename(old / name)
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.write(writing, self.area.pin.encode() + b"\n")
        os.close(writing)
        command += [disk, old, kit.KPD, "run", self.area.job, "--json", "--pin-fd", str(reading),
                    "--fail-on-reject", "-o", disk / "batch.cps"]
        done = subprocess.run([str(part) for part in command], capture_output=True, check=False,
                              pass_fds=(reading,), timeout=kit.PATIENCE)
        err = done.stderr.decode()
        if "unshare:" in err or "mount:" in err:
            self.skipTest("no right to mount: " + err)
        self.assertEqual(done.returncode, kit.IO, err)
        self.assertEqual(done.stdout, b"the old cardsthe old rejectsbatch.cps\nbatch.rejects.jsonl\n")

    def test_a_stage_that_cannot_write_says_so(self):
        with open("/dev/full", "wb") as full:
            process = self.area.start("ingest", self.area.job, stdout=full, stderr=subprocess.PIPE)
            err = process.communicate(timeout=kit.PATIENCE)[1].decode()
        self.assertEqual(process.returncode, kit.IO, err)
        self.assertIn("stage file cannot be written", err)

        process = self.area.start("ingest", self.area.job, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        process.stdout.close()  # as when the next stage of a pipe has ended
        err = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=kit.PATIENCE), kit.IO, err)

    def test_a_killed_run_leaves_the_old_file_or_all_of_the_new_one(self):
        output = self.old_files()
        chance = random.Random(20261122)
        tokens, safe = self.area.folder / "tokens", self.out.parent / "tokens-before"
        shutil.copytree(tokens, safe)
        self.addCleanup(shutil.rmtree, safe)
        for _ in range(12):
            # SoftHSM does not replace its files atomically: a kill at a log-in may cost a token
            shutil.rmtree(tokens)
            shutil.copytree(safe, tokens)
            process = self.area.start("run", self.area.job, "-o", output,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=chance.uniform(0, self.seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.assertIn(process.returncode, (kit.DONE, -signal.SIGKILL))
            # A kill may come when the new file stands already and the process has not ended yet.
            if process.returncode == kit.DONE or output.read_bytes() != b"the old cards":
                self.assertEqual(len(CardFile(output).cards), 50)
                self.old_files()
            for path in self.out.iterdir():
                if path.name.startswith("."):  # what the killed one was writing
                    self.assertEqual(path.stat().st_mode & 0o077, 0)
                    path.unlink()
        self.expect(self.make(output), kit.DONE)
        self.assertEqual(len(CardFile(output).cards), 50)

    def test_a_stage_killed_in_a_pipe_gives_no_file(self):
        output = self.old_files()
        ingest = self.area.start("ingest", self.area.job, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        prepare = self.area.start("prepare", self.area.job, stdin=ingest.stdout,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        sign = self.area.start("sign", self.area.job, stdin=prepare.stdout, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        emit = self.area.start("emit", self.area.job, "-o", output, stdin=sign.stdout,
                               stderr=subprocess.PIPE)
        for process in (ingest, prepare, sign):
            process.stdout.close()
        time.sleep(self.seconds / 3)
        prepare.kill()
        err = emit.communicate(timeout=kit.PATIENCE)[1].decode()
        self.assertEqual([ingest.wait() in (kit.DONE, kit.IO), prepare.wait(), sign.wait(),
                          emit.returncode], [True, -signal.SIGKILL, kit.HOLD, kit.HOLD], err)
        self.nothing_changed()

    def test_with_windows_refused_no_secret_is_asked_of_the_device(self):
        self.assertTrue(os.path.exists(SPY), "package opensc-pkcs11")
        module = re.search(r"^module: (\S+)$", self.area.yaml.read_text(), re.MULTILINE)[1]
        windows = re.search("host_window: .*", self.area.job.read_text())[0]
        trace = self.out / "calls.log"
        environment = {"PKCS11SPY": module, "PKCS11SPY_OUTPUT": str(trace)}
        calls = {}
        with self.area.edited("area.yaml", f"module: {module}", f"module: {SPY}"):
            for policy, code in ((windows, kit.DONE), ("host_window: refuse", kit.HOLD)):
                trace.unlink(missing_ok=True)
                with self.area.edited("job.yaml", windows, policy):
                    self.expect(self.make(self.out / "x.cps", environment=environment), code)
                calls[code] = set(re.findall(r"\bC_\w+", trace.read_text()))
        self.assertIn("C_Decrypt", calls[kit.DONE])
        self.assertFalse(calls[kit.HOLD] & {"C_Decrypt", "C_DecryptUpdate", "C_DeriveKey",
                                            "C_UnwrapKey", "C_CreateObject"})


class Readers(CardsTest):
    PER_PRODUCT = 6

    def test_readers_that_vanish_end_the_run_with_a_reason(self):
        chips = self.chips(readers=2, chips=40)
        process = self.area.start("load", self.area.cards, "--area", self.area.yaml, "--conveyor",
                                  "--wait", 3, "--log", self.log, environment=self.environment,
                                  stderr=subprocess.PIPE)
        while not self.log.exists() or self.log.stat().st_size == 0:
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        chips.stop()
        err = process.communicate(timeout=kit.PATIENCE)[1].decode()
        self.assertIn(process.returncode, (kit.HOLD, kit.AWAY), err)
        self.assertNotIn("defect", err)
        self.assertTrue(err.strip())
        log = self.logged()
        self.assertEqual(len({card["index"] for card in log}), len(log))
        self.assertLess(sum(card["outcome"] == "done" for card in log), 30)

    def test_a_log_that_cannot_be_written_stops_the_run(self):
        self.chips(chips=3)
        result = self.area.run("load", self.area.cards, "--area", self.area.yaml, "--reader", "00 00",
                               "--conveyor", "--log", "/dev/full", environment=self.environment)
        self.expect(result, kit.IO, "log")


if __name__ == "__main__":
    unittest.main()

"""RSA pairs made ahead: filled, taken once whatever ends a run, watched, purged."""

import json
import os
import signal
import subprocess
import time
import unittest

import kpd_test_kit as kit
from card_files import CardFile

def moduli(file):
    """The card moduli in a card file: of each ICC certificate (9F46) and its remainder (9F48)."""
    found = []
    for record in CardFile(file).cards:
        for application in record.record.applications:
            elements = application.elements()
            if 0x9F46 in elements:
                found.append(elements[0x9F46] + elements.get(0x9F48, b""))
    return found


class Pool(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(12)
        cls.area.edit("job.yaml", "icc_key_source: factory", "icc_key_source: pool")

    def status(self, *options):
        result = kit.run("pool", "status", "--area", self.area.folder, "--json", *options)
        return result.code, {(row["bits"], row["exponent"]): row["pairs"] for row in result.json()}

    def fill(self, level):
        result = self.area.run("pool", "fill", self.area.job, "--level", level, "--json", "--urgent")
        self.expect(result, kit.DONE)
        return result.json()

    def setUp(self):
        self.expect(kit.run("pool", "purge", "--area", self.area.folder, "--all"), kit.DONE)

    def test_an_empty_pool_ends_the_run_and_says_what_to_do(self):
        result = self.area.run("run", self.area.job)
        self.expect(result, kit.HOLD, "kpd pool fill", "empty_pool")
        self.assertFalse(self.area.cards.exists())
        with self.area.edited("job.yaml", "icc_key_source: pool\n",
                              "icc_key_source: pool\n  empty_pool: factory\n"):
            summary = self.expect(self.area.run("run", self.area.job, "--json"), kit.DONE).json()
        self.assertEqual(summary["icc_keys"]["pool"], 0)
        self.assertGreater(summary["icc_keys"]["factory"], 0)
        self.area.cards.unlink()

    def test_what_was_filled_is_taken_and_the_rest_goes_back(self):
        made = self.fill(40)
        code, levels = self.status("--job", self.area.job, "--at-least", 40)
        self.assertEqual(code, kit.DONE)
        self.assertEqual(sum(levels.values()), made["made"])
        summary = self.expect(self.area.run("run", self.area.job, "--json"), kit.DONE).json()
        used = summary["icc_keys"]["pool"]
        self.assertGreater(used, 0)
        code, after = self.status("--at-least", 40)
        self.assertEqual(code, kit.HOLD)
        self.assertEqual(sum(after.values()), made["made"] - used)
        self.assertEqual(self.fill(40)["made"], used)
        self.area.cards.unlink()

    def test_no_pair_is_used_twice_though_runs_are_killed(self):
        seen = []
        for delay in (0.15, 0.3, 0.45, None, 0.2, 0.6, None):
            self.fill(80)
            process = self.area.start("run", self.area.job)
            if delay is not None:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
            process.wait()
            if process.returncode == 0:
                seen += moduli(self.area.cards)
                self.area.cards.unlink()
        self.assertGreater(len(seen), 0)
        self.assertEqual(len(seen), len(set(seen)))
        # Every file that is left is still whole, and the next fill knows what is missing.
        self.fill(80)
        code, levels = self.status("--job", self.area.job, "--at-least", 80)
        self.assertEqual((code, set(levels.values())), (kit.DONE, {80}))

    def test_two_runs_at_the_same_time_share_the_pool(self):
        self.fill(160)
        files = [self.folder / f"together-{i}.cps" for i in range(2)]
        runs = [self.area.start("run", self.area.job, "-o", file) for file in files]
        self.assertEqual([run.wait(kit.PATIENCE) for run in runs], [0, 0])
        seen = moduli(files[0]) + moduli(files[1])
        self.assertEqual(len(seen), len(set(seen)))

    def test_filling_ends_when_asked_and_keeps_what_was_made(self):
        code, said = kit.stopped(
            lambda: self.area.start("pool", "fill", self.area.job, "--level", 100000, "--urgent",
                                    stderr=subprocess.PIPE))
        self.assertEqual(code, kit.TRY_AGAIN, said)
        _, levels = self.status()
        self.assertGreater(sum(levels.values()), 0)

    def test_what_is_done_to_the_pool_stands_in_the_audit_log(self):
        # Behind everything else on the machine, as it is unless one says otherwise.
        self.expect(self.area.run("pool", "fill", self.area.job, "--level", 2), kit.DONE)
        self.expect(kit.run("pool", "purge", "--area", self.area.folder, "--all"), kit.DONE)
        text = (self.area.folder / "audit.jsonl").read_text()
        entries = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([entry["action"] for entry in entries[-2:]], ["pool fill", "pool purge"])
        self.assertEqual(entries[-1]["pairs"], entries[-2]["pairs"])

    def test_the_files_are_private_and_show_nothing(self):
        self.fill(8)
        folder = self.area.folder / "pool"
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        for file in folder.iterdir():
            self.assertEqual(file.stat().st_mode & 0o777, 0o600, file)
        os.chmod(folder, 0o755)
        result = self.area.run("pool", "fill", self.area.job, "--level", 9)
        os.chmod(folder, 0o700)
        self.expect(result, kit.IO, "must be private")

    def test_a_refused_window_keeps_the_pool_empty(self):
        with self.area.edited("job.yaml", "icc_keys: allow", "icc_keys: refuse"):
            self.expect(self.area.run("pool", "fill", self.area.job), kit.HOLD, "icc_keys")


if __name__ == "__main__":
    unittest.main()

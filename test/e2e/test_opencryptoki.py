"""opencryptoki's soft token: another maker's device, prepared for as far as it goes."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import kpd_test_kit as kit
from card_files import CardFile

SLOTS = Path(__file__).parent / "opencryptoki_slots.sh"
PIN = "24681357"


class Machine:
    """A machine of its own for the device: see opencryptoki_slots.sh."""

    def __init__(self):
        self._process = subprocess.Popen(["unshare", "--mount", "--ipc", "--fork", SLOTS],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE)
        if self._process.stdout.readline() != b"ready\n":
            raise unittest.SkipTest("no namespace for the device's daemon: "
                                    + self._process.communicate()[1].decode())
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        self._inside = children.split()[0]

    def run(self, *arguments):
        """kpd beside the daemon."""
        reading, writing = os.pipe()
        os.write(writing, PIN.encode() + b"\n")
        os.close(writing)
        try:
            done = subprocess.run(
                ["nsenter", "--target", self._inside, "--mount", "--ipc", kit.KPD,
                 *map(str, arguments), "--pin-fd", str(reading)],
                pass_fds=(reading,), capture_output=True, timeout=kit.PATIENCE)
        finally:
            os.close(reading)
        return kit.Result(done.returncode, done.stdout, done.stderr.decode())

    def stop(self):
        self._process.communicate(b"")


@unittest.skipUnless(os.geteuid() == 0, "its daemon and its places in the system need root")
@unittest.skipUnless(shutil.which("pkcsslotd"), "package opencryptoki")
class SoftToken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="kpd-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.stop)
        cls.area = kit.Area(cls.folder / "area", PIN)
        result = cls.machine.run("init", cls.area.folder, "--device", "opencryptoki", "--from",
                                 kit.SOURCE)
        if result.code != kit.DONE:
            raise AssertionError(result.err)

    def test_it_prepares_cards_and_says_what_it_cannot(self):
        self.area.keep_of_each_product(1)
        result = self.machine.run("run", self.area.job, "--json")
        self.assertEqual(result.code, kit.DONE, result.err)
        self.assertEqual(result.json()["prepared"], 5)
        self.assertEqual(len(CardFile(self.area.cards).cards), 5)

        result = self.machine.run("hsm", "doctor", "--job", self.area.job, "--json")
        self.assertEqual(result.code, kit.DONE, result.err)
        told = result.json()
        verdicts = {probe["name"]: probe["verdict"] for probe in told["probes"]}
        self.assertEqual(verdicts["CKM_DES3_ECB wrap des3"], "works")
        self.assertEqual(verdicts["CKM_DES3_ECB wrap des2"], "listed, does not work")
        self.assertEqual(verdicts["CKM_DES3_ECB_ENCRYPT_DATA"], "not listed")
        self.assertEqual(verdicts["CKM_AES_GCM"], "not listed")
        self.assertEqual(verdicts["RSA 1976 e=3"], "works")
        self.assertEqual({one["path"] for one in told["secrets"]}, {"host window"})

        with self.area.edited("job.yaml", "card_keys: allow", "card_keys: refuse"):
            result = self.machine.run("run", self.area.job)
        self.assertEqual(result.code, kit.HOLD, result.err)
        self.assertIn("may not derive", result.err)


if __name__ == "__main__":
    unittest.main()

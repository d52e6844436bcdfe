"""A work area whose transport keys are published, and what comes out of its card files."""

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import kpd_test_kit as kit
import openssl
from card_files import CardFile
from test_secrets import KEK2, published_keys, source_with_static_keys

PIN_SOURCE = "pin: {from: block, format: 0, key: KEK1}"
PIN_FIELD = "    pin_block:    {type: pin-block}\n"
STORAGE_LINE = '  STORAGE:  "pkcs11:object=STORAGE"\n'
POLICY = "  pin_check: host\n"


class StaticAreaTest(kit.AreaTest):
    """Tests that open every secret of the card file with openssl."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="kpd-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        source = source_with_static_keys(cls.folder / "source")
        cls.area = kit.Area.make(cls.folder / "area", source)
        cls.keys = published_keys()

    def setUp(self):
        self.area.cards.unlink(missing_ok=True)
        self.area.rejects.unlink(missing_ok=True)

    def rows(self, count=1, products=kit.PRODUCTS):
        """So many good records of each product."""
        rows = self.area.good_rows()
        return [row for product in products
                for row in [r for r in rows if r["product"] == product][:count]]

    @contextlib.contextmanager
    def job(self, *changes, keys=(), policy=""):
        """The starter job with other texts in it and more keys, for a while."""
        before = self.area.job.read_text()
        text = before
        for old, new in changes:
            text = kit.changed(text, old, new)
        more = "".join(f'  {key}: "pkcs11:object={key}"\n' for key in keys)
        text = kit.changed(text, STORAGE_LINE, STORAGE_LINE + more)
        text = kit.changed(text, POLICY, POLICY + policy)
        try:
            self.area.job.write_text(text)
            yield
        finally:
            self.area.job.write_text(before)

    def template(self, name, text):
        """A template of the test's own."""
        path = self.area.folder / "templates" / f"{name}.yaml"
        path.write_text(text)
        self.addCleanup(path.unlink, missing_ok=True)

    def run_job(self, rows):
        """The batch of these records: its cards by record id."""
        self.area.write_rows(rows)
        self.expect(self.area.run("run", self.area.job), kit.DONE)
        file = CardFile(self.area.cards)
        self.transport = {bytes.fromhex(key["id"]): bytes.fromhex(KEK2[key["kek"]])
                          for key in file.header["keys"] if key["use"] != "mac"}
        self.uses = {bytes.fromhex(key["id"]): key["use"] for key in file.header["keys"]}
        return {card.id: card for card in file.cards}

    def opened(self, card, number, use, expected_mode=0x11):
        """A secret DGI, opened with the transport key of its use."""
        ((key, mode),) = [(key, mode) for key, _, mode, dgis in card.payment.keys if number in dgis]
        self.assertEqual((self.uses[key], mode), (use, expected_mode))
        self.assertIn(number, card.payment.enciphered)
        return openssl.open_secret(self.transport[key], mode, bytes(8), card.payment.dgi(number))

    def rejects(self):
        """Record id to field and fault of the last batch."""
        found = {}
        for line in self.area.rejects.read_text().splitlines():
            reject = json.loads(line)
            found[reject["record"]] = (reject["field"], reject["fault"])
        return found

"""The library of templates: one card of each card template is prepared, loaded and read back."""

import csv
import re
import unittest

import kpd_test_kit as kit
from card_files import CardFile

PHOTO = bytes.fromhex("FFD8FFE000104A464946") + bytes(range(256)) * 3
# The subscriber's key 00112233445566778899AABBCCDDEEFF under KEK1 of the starter's area, and its KCV.
KI, KI_KCV = "1A38D864C36E72028298B6771136BB53", "FB0975"

# Card template to the starter's product whose records it can take: the issuer goes by the PAN.
TEMPLATES = {
    "classic-sda": "VISA-CLASSIC", "gold-dda": "VISA-GOLD", "standard-cda": "MC-STANDARD",
    "debit19-sda": "MC-DEBIT19", "local-id": "LOCAL-ID", "dual-dda": "VISA-GOLD",
    "advance-cda": "MC-STANDARD", "cpa-neutral": "LOCAL-ID", "by-risk": "VISA-CLASSIC",
    "four-applications": "VISA-CLASSIC", "loyalty": "VISA-CLASSIC", "id-card": "VISA-CLASSIC",
    "access-id": "VISA-CLASSIC", "transport": "VISA-CLASSIC", "fuel": "VISA-CLASSIC",
    "sim": "VISA-CLASSIC",
}
# What the applications want beyond the starter's fields: name, type, a value for every record.
FIELDS = {
    "risk_class": ("{type: an, max: 8, required: false}", ""),
    "member_no": ("{type: an, length: 10}", "L000000042"),
    "tier": ("{type: an, max: 8}", "GOLD"),
    "points": ("{type: n, max: 9}", "1200"),
    "document_no": ("{type: an, length: 9}", "D{id}"),
    "birth_date": ("{type: n, length: 8}", "19800229"),
    "sex": ("{type: n, length: 1}", "2"),
    "issue_date": ("{type: n, length: 8}", "20261101"),
    "expiry_date": ("{type: n, length: 8}", "20361031"),
    "categories": ("{type: ans, max: 20}", "A B"),
    "photo": ("{type: file, folder: photos, max: 16000}", "face.jpg"),
    "card_no": ("{type: an, max: 20}", "8075600{id}"),
    "insurer": ("{type: an, max: 9}", "108310400"),
    "group_no": ("{type: an, max: 10}", "G77"),
    "site": ("{type: an, max: 8}", "NORTH"),
    "badge_no": ("{type: n, length: 8}", "{id}"),
    "zones": ("{type: b, length: 4}", "C001"),
    "valid_from": ("{type: date}", "261101"),
    "valid_until": ("{type: date}", "311031"),
    "purse_no": ("{type: n, length: 16}", "97600000{id}"),
    "product_code": ("{type: n, max: 4}", "11"),
    "balance": ("{type: n, max: 12}", "2500"),
    "vehicle": ("{type: ans, max: 12}", "AB 123 CD"),
    "fuel_products": ("{type: b, length: 4}", "0007"),
    "limit_transaction": ("{type: n, max: 12}", "15000"),
    "limit_day": ("{type: n, max: 12}", "30000"),
    "authorised": ("{type: n, max: 12}", "50000"),
    "iccid": ("{type: n, length: 19}", "89440000000{id}"),
    "imsi": ("{type: n, length: 15}", "2340900{id}"),
    "ki": ("{type: b, length: 32}", KI),
    "ki_kcv": ("{type: b, length: 6}", KI_KCV),
}
MORE_KEYS = ("IMK-CVC3", "IMK-LOAD", "IMK-DEBIT")
PAYING = {name for name in TEMPLATES if name not in
          ("loyalty", "id-card", "access-id", "transport", "fuel", "sim")}


class LibraryTest(kit.AreaTest):
    """An area with a job of all card templates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.area.folder / "photos").mkdir()
        (cls.area.folder / "photos/face.jpg").write_bytes(PHOTO)
        job = cls.area.job.read_text()
        fields = "".join(f"    {name}: {kind}\n" for name, (kind, _) in FIELDS.items())
        job = re.sub(r"  joins:\n.*?\nkeys:\n", lambda _: fields + "\nkeys:\n" + "".join(
            f'  {key}: "pkcs11:object={key}"\n' for key in MORE_KEYS), job, flags=re.DOTALL)
        products = "".join(f"  {name.upper()}: cards/{name}\n" for name in TEMPLATES)
        cls.area.job.write_text(re.sub(r"\nproducts:\n(  .*\n)*",
                                       lambda _: "\nproducts:\n" + products, job))

    def write_cards(self, templates, **values):
        """A record for each of the templates, in this order."""
        stock = {product: [row for row in self.area.good_rows() if row["product"] == product]
                 for product in kit.PRODUCTS}
        rows = []
        for number, name in enumerate(templates, 1):
            row = stock[TEMPLATES[name]].pop(0)
            more = {field: value.replace("{id}", f"{number:08}")
                    for field, (_, value) in FIELDS.items()}
            rows.append(dict(row, product=name.upper(), **dict(more, **values)))
        self.area.write_rows(rows)
        return rows

    def prepare(self, templates, **values):
        rows = self.write_cards(templates, **values)
        self.expect(self.area.run("run", self.area.job), kit.DONE,
                    f"{len(rows)} read, {len(rows)} prepared")
        return CardFile(self.area.cards).cards

    def load_and_verify(self, count):
        chips = kit.Chips(self.area, self.folder / "pcscd", chips=count)
        self.addCleanup(chips.stop)
        where = ("--reader", "00 00", "--conveyor", "--json")
        loaded = self.area.run("load", self.area.cards, "--area", self.area.yaml, *where,
                               environment=chips.environment)
        self.expect(loaded, kit.DONE)
        self.assertEqual((loaded.json()["loaded"], loaded.json()["failed"]), (count, 0))
        return self.expect(self.area.run(
            "verify", self.area.cards, "--job", self.area.job, *where, "--details",
            environment=chips.environment), kit.DONE).json()


class OneOfEach(LibraryTest):
    def test_the_test_knows_every_card_template(self):
        library = {file.stem for file in (kit.SOURCE / "templates/cards").glob("*.yaml")}
        self.assertEqual(library, set(TEMPLATES))

    def test_one_card_of_each_template_is_prepared_loaded_and_read_back(self):
        self.prepare(TEMPLATES)
        verified = self.load_and_verify(len(TEMPLATES))
        self.assertEqual([verified[key] for key in ("cards", "right", "wrong", "unknown")],
                         [len(TEMPLATES), len(TEMPLATES), 0, 0])
        for proof in ("ARQC", "ARPC", "TC", "plaintext PIN"):
            self.assertEqual(verified["passed"][proof], len(PAYING), proof)
        self.assertEqual(verified["passed"]["SDA"], 5)
        self.assertEqual(verified["passed"]["CDA"], 2)
        self.assertEqual(verified["passed"]["DDA"], 5)
        # three more applications on the card of four
        self.assertEqual(verified["passed"]["prepared data"], len(TEMPLATES) + 3)
        for name, report in zip(TEMPLATES, verified["reports"]):
            self.assertEqual([finding for finding in report["findings"]
                              if finding["severity"] == "error"], [], name)
            self.assertEqual({application["methods"]["comparison"]
                              for application in report["applications"]}, {"passed"}, name)


class Risk(LibraryTest):
    def test_cardholders_of_different_risk_get_different_chips(self):
        cards = []
        for risk in ("STANDARD", "LOW", ""):
            cards += self.prepare(["by-risk"], risk_class=risk)
            self.assertEqual(self.load_and_verify(1)["right"], 1)
        standard, low, unsaid = (card.payment for card in cards)
        for tag in (0x8E, 0x9F0D, 0x9F0F):
            self.assertNotEqual(standard.elements()[tag], low.elements()[tag])
        self.assertEqual((standard.dgi(0x9010).hex(), low.dgi(0x9010).hex()), ("0303", "0505"))
        self.assertNotEqual(standard.dgi(0x0E01), low.dgi(0x0E01))
        self.assertNotEqual(standard.elements()[0x93], low.elements()[0x93])
        self.assertEqual(unsaid.elements(), standard.elements())

    def test_a_risk_that_no_profile_is_for_is_a_reject(self):
        self.write_cards(["by-risk"], risk_class="HIGH")
        result = self.expect(self.area.run("run", self.area.job), kit.DONE, "1 rejected")
        self.assertRegex(result.err, r"risk +1")


class Contents(LibraryTest):
    """Bytes that other systems read, written down here by hand."""

    def test_a_telephony_card_has_the_coding_of_its_files(self):
        (card,) = self.prepare(["sim"])
        (sim,) = card.record.applications
        self.assertEqual(sim.dgi(0x2FE2).hex().upper(), swapped("8944000000000000001F"))
        self.assertEqual(sim.dgi(0x6F07).hex().upper(), "08" + swapped("9" + "234090000000001"))
        self.assertEqual(sim.dgi(0x6F46), b"\0KPD MOBILE")
        self.assertEqual(len(sim.dgi(0x6F3A)), 28)
        self.assertEqual(len(sim.dgi(0x8000)), 16)

    def test_the_contactless_directory_names_the_kernels(self):
        dual, advance, contact = self.prepare(["dual-dda", "advance-cda", "gold-dda"])
        for card, aid, label, kernel in ((dual, "A0000000031010", b"VISA DUAL", "03"),
                                         (advance, "A0000000041010", b"MASTERCARD", "02")):
            ppse = card.record.applications[1]
            self.assertEqual(ppse.aid, b"2PAY.SYS.DDF01")
            entry = (bytes.fromhex("4F07" + aid + "50") + bytes([len(label)]) + label +
                     bytes.fromhex("8701019F2A01" + kernel))
            self.assertTrue(ppse.dgi(0x9102).endswith(entry))
        self.assertEqual(len(contact.record.applications), 2)


def swapped(digits):
    """Two digits a byte, the first in the lower half."""
    return "".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2))


if __name__ == "__main__":
    unittest.main()

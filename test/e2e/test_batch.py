"""The starter job in one go: what is counted, what is rejected, what the files hold and hide."""

import json
import re
import stat
import unittest

import kpd_test_kit as kit
import openssl
from card_files import CardFile

# What a fault of the sample is called in the reject file: field and fault code.
FAULTS = {
    "month": ("expiry", "month"),
    "day": ("effective", "day"),
    "luhn": ("pan", "luhn"),
    "pin-hex": ("pin_block", "pin-hex"),
    "pin-length": ("pin_block", "pin-length"),
    "pin-other-pan": ("pin_block", "pin-block"),
    "name-length": ("name", "name-length"),
    "name-character": ("name", "name-character"),
    "duplicate": ("pan", "duplicate"),
    "product": ("product", "product"),
    "dates-order": ("effective", "dates-order"),
    "missing-pan": ("pan", "missing"),
    "country": ("country", "country"),
    "service-code": ("service_code", "service-code"),
    "psn": ("psn", "format"),
    "join": ("client_id", "join"),
}
FOUND_WHERE_THE_PIN_IS_OPENED = {"pin-length", "pin-other-pan"}


def opened_pin_blocks(area, rows):
    """Record id to the clear PIN block, by the published KEK1."""
    plan = (kit.SOURCE / "examples/starter/area-plan.yaml").read_text()
    kek1 = bytes.fromhex(re.search(r'KEK1: .*value: "(\w+)"', plan)[1])
    rows = [row for row in rows if re.fullmatch("[0-9A-F]{16}", row["pin_block"])]
    clear = openssl.tdes(kek1, bytes.fromhex("".join(row["pin_block"] for row in rows)),
                         decipher=True)
    return {row["record_id"]: clear[8 * i:8 * i + 8] for i, row in enumerate(rows)}


class Batch(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.result = cls.area.run("run", cls.area.job, "--json")
        if cls.result.code != kit.DONE:
            raise AssertionError(f"kpd run: {cls.result.code}: {cls.result.err}")
        cls.summary = cls.result.json()
        cls.file = CardFile(cls.area.cards)
        cls.reject_text = cls.area.rejects.read_text()
        cls.rejects = [json.loads(line) for line in cls.reject_text.splitlines()]
        cls.rows = cls.area.rows()

    def test_the_summary_counts_every_record(self):
        self.assertEqual([self.summary[key] for key in ("job", "read", "prepared", "rejected")],
                         ["starter", 500, 480, 20])
        counts = {}
        for kind in kit.expected_rejects().values():
            counts[FAULTS[kind][1]] = counts.get(FAULTS[kind][1], 0) + 1
        self.assertEqual(self.summary["rejects_by_fault"], counts)
        self.assertEqual(self.summary["card_file"], str(self.area.cards))
        self.assertEqual(self.summary["reject_file"], str(self.area.rejects))
        self.assertEqual(self.summary["card_file_digest"], self.file.trailer["digest"])
        self.assertEqual(self.summary["plan"], self.file.header["plan_digest"])

    def test_each_bad_record_is_rejected_for_its_own_fault(self):
        expected = {record: FAULTS[kind] for record, kind in kit.expected_rejects().items()}
        found = {reject["record"]: (reject["field"], reject["fault"]) for reject in self.rejects}
        self.assertEqual(found, expected)
        self.assertEqual(len(self.rejects), 20)

    def test_a_reject_says_line_reason_and_stage(self):
        kinds = kit.expected_rejects()
        for reject in self.rejects:
            with self.subTest(record=reject["record"]):
                number = int(reject["record"])
                self.assertEqual((reject["ordinal"], reject["line"]), (number - 1, number + 1))
                self.assertTrue(reject["reason"])
                in_prepare = kinds[reject["record"]] in FOUND_WHERE_THE_PIN_IS_OPENED
                self.assertEqual(reject["stage"], "prepare" if in_prepare else "ingest")

    def test_every_good_record_is_in_the_card_file_in_order(self):
        good = self.area.good_rows()
        self.assertEqual([(card.id, card.product) for card in self.file.cards],
                         [(row["record_id"], row["product"]) for row in good])
        for card, row in zip(self.file.cards, good):
            elements = card.payment.elements()
            with self.subTest(record=card.id):
                self.assertEqual(elements[0x5A].hex().rstrip("f"), row["pan"])
                self.assertEqual(elements[0x5F34].hex(), row["psn"])
                self.assertEqual(elements[0x5F20].decode(), row["name"])
                self.assertEqual(elements[0x5F24].hex()[:4], row["expiry"])
                self.assertEqual(elements[0x5F25].hex(), row["effective"])
                self.assertEqual(elements[0x5F28].hex(), "0" + row["country"])
                self.assertEqual(elements[0x5F30].hex(), "0" + row["service_code"])
                self.assertEqual(elements[0x9F42].hex(), "0" + row["currency"])
                self.assertEqual(card.modules["$EM4"].decode(), row["emboss_line4"])

    def test_header_and_trailer_fit(self):
        self.assertEqual([key["use"] for key in self.file.header["keys"]],
                         ["card-keys", "icc-keys", "pin", "mac"])
        self.assertTrue(self.file.header["test"])
        counts = [self.file.trailer[key] for key in ("read", "records", "rejected")]
        self.assertEqual(counts, [500, 480, 20])

    def test_output_is_the_owners_alone(self):
        for path in (self.area.cards, self.area.rejects):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)

    def test_nothing_that_people_read_holds_a_pan_or_a_pin(self):
        seen = self.result.out.decode() + self.result.err + self.reject_text
        for row in self.rows:
            if row["pan"]:
                self.assertNotIn(row["pan"], seen, row["record_id"])
            self.assertNotIn(row["pin_block"].upper(), seen.upper(), row["record_id"])
        pins = set()
        for block in opened_pin_blocks(self.area, self.rows).values():
            self.assertNotIn(block.hex(), seen.lower())
            pins.add(block.hex()[2:2 + min(block[0], 12)])
        digits = set(re.findall(r"(?<!\d)\d+(?!\d)", self.reject_text))
        self.assertFalse(digits & {pin for pin in pins if len(pin) >= 4})

    def test_no_secret_stands_clear_in_the_card_file(self):
        body = self.area.cards.read_bytes()
        rows = {row["record_id"]: row for row in self.rows}
        blocks = opened_pin_blocks(self.area, self.area.good_rows())
        for card in self.file.cards:
            block = blocks[card.id]
            account = rows[card.id]["pan"][-13:-1]
            pin_field = int.from_bytes(block, "big") ^ int(account, 16)  # format 0 without the PAN
            format_2 = (pin_field | 2 << 60).to_bytes(8, "big")
            for form in (block, format_2, bytes.fromhex(rows[card.id]["pin_block"])):
                self.assertNotIn(form, body)
                self.assertNotIn(form.hex().encode(), body.lower())

    def test_card_keys_rsa_parts_and_pins_have_transport_keys_of_their_own(self):
        names = {key["use"]: bytes.fromhex(key["id"]) for key in self.file.header["keys"]}
        self.assertEqual(len(set(names.values())), 4)
        for card in self.file.cards:
            uses = {key: dgis for key, _, _, dgis in card.payment.keys}
            self.assertEqual(uses.pop(names["pin"]), [0x8010])
            self.assertLessEqual(set(uses.pop(names["card-keys"])), {0x8000, 0xA006})
            rsa_parts = uses.pop(names["icc-keys"], [])
            self.assertEqual({dgi >> 8 for dgi in rsa_parts} - {0x82, 0x83}, set())
            self.assertEqual(bool(rsa_parts), card.product in ("VISA-GOLD", "MC-STANDARD"))
            self.assertEqual(uses, {})
            listed = [dgi for _, _, _, dgis in card.payment.keys for dgi in dgis]
            self.assertEqual(sorted(listed), sorted(card.payment.enciphered))
            self.assertEqual((len(card.payment.mac_key), len(card.payment.mac)), (16, 4))


class SmallBatch(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(1)

    def test_a_second_run_replaces_the_file_and_draws_fresh_keys(self):
        files = []
        for _ in range(2):
            self.expect(self.area.run("run", self.area.job), kit.DONE, "5 read, 5 prepared")
            files.append(CardFile(self.area.cards))
        old, new = files
        self.assertNotEqual(old.header["run"], new.header["run"])
        for first, second in zip(old.header["keys"], new.header["keys"]):
            self.assertNotEqual(first["wrapped"], second["wrapped"], first["use"])
        self.assertEqual(sorted(path.name for path in self.area.cards.parent.iterdir()),
                         ["batch.cps", "batch.rejects.jsonl"])

    def test_outputs_replace_no_input(self):
        stage = self.folder / "1.stage"
        self.expect(self.area.run("ingest", self.area.job, "-o", stage), kit.DONE)
        template = self.area.folder / "templates/cards/base/bank-card.yaml"
        for file in (self.area.job, self.area.yaml, self.area.folder / "data/cards.csv", template):
            with self.subTest(file=file.name):
                before = file.read_bytes()
                for command in (["run"], ["ingest"], ["prepare", "-i", stage]):
                    self.expect(self.area.run(command[0], self.area.job, *command[1:], "-o", file),
                                kit.USAGE, "would replace")
                self.assertEqual(file.read_bytes(), before)
        self.expect(self.area.run("prepare", self.area.job, "-i", stage, "-o", stage), kit.USAGE,
                    "would replace")

    def test_rejects_are_a_failure_only_when_that_is_asked(self):
        output = self.folder / "rejects" / "some.cps"
        output.parent.mkdir()
        rows = self.area.good_rows()[:2]
        rows[1] = dict(rows[1], psn="x1")
        before = (self.area.folder / "data/cards.csv").read_text()
        self.addCleanup((self.area.folder / "data/cards.csv").write_text, before)
        self.area.write_rows(rows)
        self.expect(self.area.run("run", self.area.job, "-o", output), kit.DONE, "1 rejected")
        self.expect(self.area.run("run", self.area.job, "-o", output, "--fail-on-reject"), kit.HOLD)
        self.assertEqual(len(CardFile(output).cards), 1)
        self.area.write_rows(rows[:1])
        self.expect(self.area.run("run", self.area.job, "-o", output, "--fail-on-reject"), kit.DONE)


if __name__ == "__main__":
    unittest.main()

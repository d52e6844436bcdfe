"""What the back office made already: keys of the card and DGIs that come with the record; and what
card keys compute for contactless magnetic stripe mode. Everything is opened with openssl."""

import unittest

import kpd_test_kit as kit
import openssl
from card_files import tlvs
from static_area import PIN_FIELD, StaticAreaTest
from test_certificates import Recovered, hex_fields, static_data
from test_secrets import card_key, odd_parity

PRODUCT = "VISA-CLASSIC"
USE = ("VISA-CLASSIC: cards/classic-sda", "VISA-CLASSIC: cards/given")
AC, SMC = (bytes.fromhex(text) for text in ("0123456789ABCDEFFEDCBA9876543210",
                                            "1122334455667788AABBCCDDEEFF0011"))

CARD = """kind: card
extends: cards/classic-sda
applications:
  - {template: applications/pse}
  - template: applications/vsdc-sda
    issuer: visa-classic
    label: CREDIT
"""

KEYS = CARD + """\
    keys:
      AC: {given: "{ac_key}", under: KEK1, kcv: "{ac_kcv}", else: IMK-AC}
      SMC: {given: "{smc_key}", under: KEK1-AES, mode: cbc, parity: any}
"""

DGIS = CARD + """\
    dgis:
      add:
        - {dgi: "8201", given: "{part}", under: KEK1-AES, padded: true, as: icc-keys, pad: always,
           cmode: cbc}
        - {dgi: "8F02", given: "{wrapped}", under: KEK1, mode: cbc}
        - {dgi: "3F01", given: "{ready}"}
    given_dgis: "{dgis}"
"""

CVC3 = CARD + """\
    keys: {CVC3: IMK-CVC3}
    elements:
      "DC":   {compute: ivcvc3-track1}
      "DD":   {compute: ivcvc3-track2}
      "56":   {text: "B{pan}^{name}^{expiry}{service_code}0000000000000"}
      "9F6B": {track2: "0000000000000"}
    dgis:
      add:
        - {dgi: "8400", keys: [CVC3]}
        - {dgi: "B010", raw: [{value: "A5"}, "DC", "DD"]}
        - {dgi: "0E02", content: ["56", "9F6B"]}
"""


def field(name):
    return f"    {name}: {{type: b, required: false, max: 2000}}\n"


def dgi(number, value):
    length = bytes([len(value)]) if len(value) < 255 else b"\xff" + len(value).to_bytes(2, "big")
    return number.to_bytes(2, "big") + length + value


def tlv(tag, value):
    name = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    return name + (b"" if len(value) < 128 else b"\x81") + bytes([len(value)]) + value


def even_parity(key):
    return bytes(byte ^ 1 for byte in odd_parity(key))


class Given(StaticAreaTest):
    def two(self):
        """Two records with empty fields for all that may be given."""
        rows = self.rows(2, [PRODUCT])
        for row in rows:
            row.update(dict.fromkeys(("ac_key", "ac_kcv", "smc_key", "part", "wrapped", "ready",
                                      "dgis"), ""))
        return rows

    def given_job(self, template, names, *changes, **more):
        self.template("cards/given", template)
        fields = "".join(field(name) for name in names)
        return self.job(USE, (PIN_FIELD, PIN_FIELD + fields), *changes, **more)

    def keys_job(self, *changes):
        return self.given_job(KEYS, ("ac_key", "ac_kcv", "smc_key"), *changes, keys=["KEK1-AES"])

    def give_keys(self, row, ac=AC, smc=SMC, kcv=None):
        row["ac_key"] = openssl.tdes(self.keys["KEK1"], ac).hex() if ac else ""
        row["ac_kcv"] = (kcv or openssl.kcv(ac)).hex() if ac else ""
        row["smc_key"] = openssl.aes_cbc(self.keys["KEK1-AES"], smc).hex() if smc else ""

    def test_given_keys_go_to_the_card_and_others_derive(self):
        rows = self.two()
        self.give_keys(rows[0], smc=even_parity(SMC))
        self.give_keys(rows[1], ac=b"")
        with self.keys_job():
            cards = self.run_job(rows)
        for row in rows:
            card = cards[row["record_id"]]
            derived = [card_key(self.keys[name], PRODUCT, row["pan"], row["psn"])
                       for name in ("IMK-AC", "IMK-SMI")]
            ac = AC if row["ac_key"] else derived[0]
            expected = [ac, derived[1], odd_parity(SMC)]
            self.assertEqual(self.opened(card, 0x8000, "card-keys"), b"".join(expected))
            self.assertEqual(card.payment.dgi(0x9000), b"".join(map(openssl.kcv, expected)))

    def test_keys_that_cannot_be_right_are_rejects(self):
        half = bytes.fromhex("0123456789ABCDEF")
        weak = bytes.fromhex("0101010101010101")
        wrong = (({"kcv": b"\0\0\0"}, "ac_key", "key-kcv"),
                 ({"ac": even_parity(AC)}, "ac_key", "key-parity"),
                 ({"ac": half + half}, "ac_key", "key-weak"),
                 ({"ac": half + weak}, "ac_key", "key-weak"),
                 ({"smc": weak + half}, "smc_key", "key-weak"),
                 ({"smc": b""}, "smc_key", "key-given"))
        rows = self.rows(len(wrong) + 3, [PRODUCT])
        expected = {}
        for row, (change, name, fault) in zip(rows, wrong):
            self.give_keys(row, **change)
            expected[row["record_id"]] = (name, fault)
        for row in rows[-3:]:
            self.give_keys(row)
        rows[-2]["ac_key"] = rows[-2]["ac_key"][:30]
        expected[rows[-2]["record_id"]] = ("ac_key", "key-given")
        rows[-1]["ac_kcv"] = ""
        expected[rows[-1]["record_id"]] = ("ac_key", "key-kcv")
        with self.keys_job():
            cards = self.run_job(rows)
        self.assertEqual(self.rejects(), expected)
        self.assertEqual(list(cards), [rows[-3]["record_id"]])

    def test_given_secrets_pass_a_window(self):
        rows = self.two()
        for row in rows:
            self.give_keys(row)
        with self.keys_job(("card_keys: allow", "card_keys: refuse")):
            self.area.write_rows(rows)
            self.expect(self.area.run("run", self.area.job), kit.HOLD, "host_window.card_keys")
            self.assertFalse(self.area.cards.exists())
        with self.dgis_job(("icc_keys: allow", "icc_keys: refuse")):
            self.expect(self.area.run("run", self.area.job), kit.HOLD, "host_window.icc_keys")

    def dgis_job(self, *changes):
        return self.given_job(DGIS, ("part", "wrapped", "ready", "dgis"), *changes,
                              keys=["KEK1-AES"])

    def give_dgis(self, row, given=b""):
        part, wrapped = bytes(range(1, 57)), bytes(range(16))
        padded = part + b"\x80" + bytes(-(len(part) + 1) % 16)
        row["part"] = openssl.aes(self.keys["KEK1-AES"], padded).hex()
        row["wrapped"] = openssl.tdes_cbc(self.keys["KEK1"], wrapped).hex()
        row["ready"], row["dgis"] = "C0FFEE", given.hex()
        return part, wrapped

    def test_dgis_that_come_enciphered_go_under_the_transport_keys(self):
        rows = self.two()
        for row in rows:
            part, wrapped = self.give_dgis(row)
        with self.dgis_job():
            cards = self.run_job(rows)
        self.assertEqual(len(cards), 2)
        for card in cards.values():
            self.assertEqual(self.opened(card, 0x8201, "icc-keys", 0x10), part + b"\x80" + bytes(7))
            self.assertEqual(self.opened(card, 0x8F02, "card-keys"), wrapped)
            self.assertEqual(card.payment.dgi(0x3F01), b"\xC0\xFF\xEE")

    def test_dgis_that_do_not_open_are_rejects(self):
        rows = self.rows(5, [PRODUCT])
        for row in rows:
            self.give_dgis(row)
        rows[0]["part"] = openssl.aes(self.keys["KEK1-AES"], b"\x11" * 64).hex()
        rows[1]["part"] = rows[1]["part"][:-2]
        rows[2]["wrapped"] = ""
        rows[3]["ready"] = ""
        with self.dgis_job():
            cards = self.run_job(rows)
        self.assertEqual(list(cards), [rows[4]["record_id"]])
        self.assertEqual({fault for _, fault in self.rejects().values()}, {"dgi-given"})

    def made(self, row):
        """The card as it is when nothing is given in clear."""
        self.give_dgis(row)
        return self.run_job([row])[row["record_id"]]

    def signed_record(self, card):
        """DGI and objects of the record that holds the PAN."""
        for number, value in card.payment.dgis:
            if number < 0x0B00:
                ((_, content),) = tlvs(value)
                if 0x5A in dict(tlvs(content)):
                    return number, tlvs(content)
        raise AssertionError("no record holds the PAN")

    def test_a_given_record_is_what_the_signature_covers(self):
        row = self.two()[0]
        with self.dgis_job():
            before = self.made(row)
            number, objects = self.signed_record(before)
            content = b"".join(tlv(tag, b"\xAB\xCD" if tag == 0x9F07 else value)
                               for tag, value in objects)
            self.give_dgis(row, dgi(number, tlv(0x70, content)) + dgi(0x3F07, b"\x01\x02") +
                           dgi(0xB017, bytes(300)))
            card = self.run_job([row])[row["record_id"]]
        numbers = [n for n, _ in card.payment.dgis]
        self.assertEqual(numbers, [n for n, _ in before.payment.dgis] + [0x3F07, 0xB017])
        self.assertEqual(card.payment.dgi(number), tlv(0x70, content))
        self.assertEqual(card.payment.dgi(0x3F07), b"\x01\x02")
        self.assertEqual(card.payment.dgi(0xB017), bytes(300))
        self.assertIn((0x9F07, b"\xAB\xCD"), tlvs(static_data(card.payment)[:-2]))
        issuer = hex_fields(self.area.folder / "issuers/visa-classic.yaml")
        elements = card.payment.elements()
        found = Recovered(issuer["modulus"], issuer["exponent"], elements[0x93])
        found.head(0x03), found.fields.take(len(found.block) - 23)
        self.assertTrue(found.hash_is_right(static_data(card.payment)))

    def test_given_dgis_that_contradict_the_card_are_rejects(self):
        row = self.two()[0]
        with self.dgis_job():
            before = self.made(row)
            number, objects = self.signed_record(before)
            signature = next(n for n, value in before.payment.dgis
                             if n < 0x0B00 and b"\x93\x81" in value)
            pan = b"".join(tlv(tag, b"\x47" * 8 if tag == 0x5A else value)
                           for tag, value in objects)
            without = b"".join(tlv(tag, value) for tag, value in objects if tag != 0x5F24)
            good = b"".join(tlv(tag, value) for tag, value in objects)
            forged = good + tlv(0x93, bytes(16))
            elsewhere = next(tag for record in before.payment.records().values()
                             for tag, _ in tlvs(record)
                             if tag not in dict(objects) and tag not in (0x57, 0x93))
            options = before.payment.dgi(0x9104)
            wrong = (dgi(number, tlv(0x70, pan)), dgi(number, tlv(0x70, without)),
                     dgi(number, tlv(0x70, forged)), dgi(number, tlv(0x71, b"")),
                     dgi(number, tlv(0x70, pan) + b"\0"), dgi(number, b"\x70\x05\x5A"),
                     dgi(signature, tlv(0x70, tlv(0x9F07, b"\xFF\0"))),
                     dgi(number, tlv(0x70, good + tlv(0x9F07, b"\xFF\0"))),
                     dgi(number, tlv(0x70, good + tlv(elsewhere, b"\0\0"))),
                     dgi(0x0A05, tlv(0x70, b"")), dgi(0x8000, bytes(48)), dgi(0x8F33, bytes(16)),
                     dgi(0x8010, bytes(8)), dgi(0x9000, bytes(9)), dgi(0x3F01, b"\x01"),
                     dgi(0x9104, options[:2] + b"\x7C\0" + options[4:]),
                     dgi(0x3F07, b"\1") + dgi(0x3F07, b"\2"), b"\x3F\x07\x05\x01", b"\x3F")
            self.assertEqual(options[:1], b"\x82")
            rows = self.rows(len(wrong) + 1, [PRODUCT])
            # Only the shape is wrong in most of these, so that any card will do.
            for other, given in zip(rows, wrong):
                self.give_dgis(other, given)
            self.give_dgis(rows[-1])
            cards = self.run_job(rows)
        self.assertEqual(list(cards), [rows[-1]["record_id"]])
        self.assertEqual(self.rejects(),
                         {r["record_id"]: ("", "dgi-given") for r in rows[:-1]})

    def test_initial_values_of_contactless_stripe_codes(self):
        rows = self.rows(3, [PRODUCT])
        with self.given_job(CVC3, (), keys=["IMK-CVC3"]):
            cards = self.run_job(rows)
        self.assertEqual(len(cards), 3)
        for row in rows:
            card = cards[row["record_id"]]
            key = card_key(self.keys["IMK-CVC3"], PRODUCT, row["pan"], row["psn"])
            self.assertEqual(self.opened(card, 0x8400, "card-keys"), key)
            tracks = dict(tlvs(card.payment.dgi(0x0E02)))
            text = f"B{row['pan']}^{row['name']}^{row['expiry']}{row['service_code']}" + "0" * 13
            self.assertEqual(tracks[0x56].decode(), text)
            values = [openssl.retail_mac(key, tracks[tag])[-2:] for tag in (0x56, 0x9F6B)]
            self.assertEqual(card.payment.dgi(0xB010), b"\xA5" + b"".join(values))

    def test_mistakes_in_templates_are_told(self):
        for template, old, new, text in (
                (KEYS, "under: KEK1,", "under: NONE,", "names no key 'NONE'"),
                (KEYS, "else: IMK-AC", "else: KEK1-AES", "must be a 3DES key"),
                (KEYS, "{ac_key}", "{no_key}", "no_key"),
                (DGIS, '"3F01"', '"0101"', "given_dgis"),
                (DGIS, '"3F01"', '"8F01"', "in clear"),
                (DGIS, "as: icc-keys", "as: keys", "card-keys"),
                (DGIS, "cmode: cbc", "cmode: ofb", "none of: ecb, cbc"),
                (DGIS, '"{ready}"', '"{ready}", cmode: ecb', "only a secret DGI"),
                (CVC3, "keys: {CVC3: IMK-CVC3}", "keys: {}", "'keys' has no 'CVC3'"),
                (CVC3, '      "56":', '      "5F50":', "this is over 56")):
            self.template("cards/given", kit.changed(template, old, new))
            fields = "".join(map(field, ("ac_key", "ac_kcv", "smc_key", "part", "wrapped", "ready",
                                         "dgis")))
            with self.subTest(text=text), self.job(USE, (PIN_FIELD, PIN_FIELD + fields),
                                                   keys=["KEK1-AES", "IMK-CVC3"]):
                self.expect(self.area.run("run", self.area.job), kit.USAGE, r"\.yaml:\d+:\d+", text)


if __name__ == "__main__":
    unittest.main()

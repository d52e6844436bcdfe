"""Certificates and signatures recovered with openssl's raw RSA, from the CA keys down, byte by byte
(EMV 4.4 Book 2, chapters 5 and 6)."""

import hashlib
import re
import unittest

import kpd_test_kit as kit
import openssl
from card_files import CardFile, Cursor, tlvs

# Product: issuer, kind of authentication, bits of the ICC key and of the PIN key.
CHAINS = {
    "VISA-CLASSIC": ("visa-classic", "SDA", 0, 0),
    "VISA-GOLD": ("visa-gold", "DDA", 1152, 0),
    "MC-STANDARD": ("mc-standard", "CDA", 1152, 1024),
    "MC-DEBIT19": ("mc-debit19", "SDA", 0, 0),
    "LOCAL-ID": ("local-id", "SDA", 0, 0),
}
AIP_BITS = {"SDA": 0x40, "DDA": 0x20, "CDA": 0x01}


def hex_fields(path):
    """Every `name: "hex"` of a YAML file, at any depth."""
    return {name: bytes.fromhex(value)
            for name, value in re.findall(r'(\w+): "((?:[0-9A-F]{2})*)"', path.read_text())}


def static_data(application):
    """What the AFL marks, then the AIP where 9F4A names it (Book 3, 10.3)."""
    options = dict(tlvs(application.dgi(0x9104)))
    records, data = application.records(), b""
    for at in range(0, len(options[0x94]), 4):
        sfi, first, _, count = options[0x94][at:at + 4]
        for number in range(first, first + count):
            data += records[sfi >> 3, number]
    tag_list = application.elements().get(0x9F4A, b"")
    return data + (options[0x82] if tag_list == b"\x82" else b"")


class Recovered:
    """A block that a public key opened, read field by field."""

    def __init__(self, modulus, exponent, signature):
        if len(signature) != len(modulus):
            raise AssertionError("a signature is as long as its key")
        self.block = openssl.rsa_public(modulus, exponent, signature)
        self.fields = Cursor(self.block)

    def head(self, form):
        return self.fields.take(2) == bytes([0x6A, form])

    def public_key(self, room, remainder):
        """Hash and key algorithm, lengths, the modulus from its two parts."""
        if self.fields.take(2) != b"\x01\x01":
            raise AssertionError("not SHA-1 and RSA")
        length, exponent_length = self.fields.take(2)
        left = self.fields.take(room)
        if length < room:
            if left[length:] != b"\xBB" * (room - length) or remainder:
                raise AssertionError("a short modulus is padded with BB and has no remainder")
            return left[:length], exponent_length
        modulus = left + remainder
        if len(modulus) != length:
            raise AssertionError("modulus and remainder do not make the length")
        return modulus, exponent_length

    def hash_is_right(self, more):
        place = self.fields.at
        return (self.block[place:] ==
                hashlib.sha1(self.block[1:place] + more).digest() + b"\xBC")


class Certificates(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(6)
        result = cls.area.run("run", cls.area.job)
        if result.code != kit.DONE:
            raise AssertionError(result.err)
        cls.file = CardFile(cls.area.cards)
        folder = cls.area.folder
        authorities = [hex_fields(path) for path in (folder / "ca").glob("*.yaml")]
        cls.authorities = {(ca["rid"], ca["index"]): ca for ca in authorities}
        cls.issuers = {path.stem: hex_fields(path) for path in (folder / "issuers").glob("*.yaml")}
        plan = (kit.SOURCE / "examples/starter/area-plan.yaml").read_text()
        cls.planned = {name: re.search(
            name + r': .*issuer_id: "(\w+)", expiry: "(\w+)", serial: "(\w+)"', plan).groups()
            for name in cls.issuers}

    def issuer_key(self, card):
        """Modulus of the issuer that the card's own data lead to."""
        elements = card.payment.elements()
        ca = self.authorities[card.payment.aid[:5], elements[0x8F]]
        remainder, exponent = elements.get(0x92, b""), elements[0x9F32]
        found = Recovered(ca["modulus"], ca["exponent"], elements[0x90])
        self.assertTrue(found.head(0x02))
        issuer_id, expiry, serial = (found.fields.take(n).hex().upper() for n in (4, 2, 3))
        self.assertEqual((issuer_id, expiry, serial), self.planned[CHAINS[card.product][0]])
        self.assertTrue(elements[0x5A].hex().startswith(issuer_id.rstrip("F")))
        modulus, exponent_length = found.public_key(len(ca["modulus"]) - 36, remainder)
        self.assertEqual(exponent_length, len(exponent))
        self.assertTrue(found.hash_is_right(remainder + exponent))
        return modulus

    def card_key(self, card, tags, more):
        """Modulus, serial number from a certificate of the card's own keys."""
        elements = card.payment.elements()
        issuer = self.issuer_key(card)
        certificate, exponent, remainder = (elements.get(tag, b"") for tag in tags)
        found = Recovered(issuer, elements[0x9F32], certificate)
        self.assertTrue(found.head(0x04))
        pan = elements[0x5A].hex().rstrip("f")
        self.assertEqual(found.fields.take(10).hex(), pan.ljust(20, "f"))
        expiry = elements[0x5F24].hex()
        self.assertEqual(found.fields.take(2).hex(), expiry[2:4] + expiry[:2])
        serial = found.fields.take(3)
        modulus, exponent_length = found.public_key(len(issuer) - 42, remainder)
        self.assertEqual(exponent_length, len(exponent))
        self.assertTrue(found.hash_is_right(remainder + exponent + more))
        return modulus, serial

    def cards_with(self, kind):
        return [card for card in self.file.cards if CHAINS[card.product][1] in kind]

    def test_published_ca_keys_have_their_hashes(self):
        self.assertEqual(len(self.authorities), 3)
        for (rid, index), ca in self.authorities.items():
            content = rid + index + ca["modulus"] + ca["exponent"]
            self.assertEqual(hashlib.sha1(content).digest(), ca["hash"])

    def test_every_issuer_certificate_leads_to_the_issuers_key(self):
        self.assertEqual(len(self.file.cards), 30)
        for card in self.file.cards:
            issuer = self.issuers[CHAINS[card.product][0]]
            self.assertEqual(self.issuer_key(card), issuer["modulus"], card.id)
            self.assertEqual(card.payment.elements()[0x9F32], issuer["exponent"])

    def test_signed_static_data_hold(self):
        cards = self.cards_with({"SDA"})
        self.assertEqual(len(cards), 18)
        for card in cards:
            elements = card.payment.elements()
            found = Recovered(self.issuer_key(card), elements[0x9F32], elements[0x93])
            self.assertTrue(found.head(0x03))
            self.assertEqual(found.fields.take(3), bytes.fromhex("01DAC1"))
            padding = found.fields.take(len(found.block) - 26)
            self.assertEqual(padding, b"\xBB" * len(padding))
            self.assertTrue(found.hash_is_right(static_data(card.payment)), card.id)

    def test_the_signature_covers_the_cards_own_data(self):
        for card in self.file.cards:
            covered, elements = static_data(card.payment), card.payment.elements()
            for tag in (0x5A, 0x5F24, 0x5F34, 0x9F07, 0x8E, 0x9F0D, 0x9F0E, 0x9F0F, 0x5F28, 0x9F4A):
                self.assertIn((tag, elements[tag]), tlvs(covered[:-2]))
            self.assertEqual(covered[-2:], dict(tlvs(card.payment.dgi(0x9104)))[0x82])

    def test_icc_certificates_hold_and_keys_are_the_cards_own(self):
        cards = self.cards_with({"DDA", "CDA"})
        self.assertEqual(len(cards), 12)
        moduli, serials = set(), set()
        for card in cards:
            issuer, _, bits, _ = CHAINS[card.product]
            modulus, serial = self.card_key(card, (0x9F46, 0x9F47, 0x9F48),
                                            static_data(card.payment))
            self.assertEqual(int.from_bytes(modulus, "big").bit_length(), bits)
            self.assertEqual(card.payment.elements()[0x9F47], b"\x03")
            moduli.add(modulus)
            serials.add((issuer, serial))
        self.assertEqual((len(moduli), len(serials)), (12, 12))

    def test_pin_certificates_hold_and_are_of_another_key(self):
        cards = [card for card in self.file.cards if CHAINS[card.product][3]]
        self.assertEqual(len(cards), 6)
        for card in cards:
            modulus, serial = self.card_key(card, (0x9F2D, 0x9F2E, 0x9F2F), b"")
            self.assertEqual(int.from_bytes(modulus, "big").bit_length(), CHAINS[card.product][3])
            icc_modulus, icc_serial = self.card_key(card, (0x9F46, 0x9F47, 0x9F48),
                                                    static_data(card.payment))
            self.assertNotEqual(modulus, icc_modulus)
            self.assertNotEqual(serial, icc_serial)

    def test_each_card_says_what_it_can(self):
        for card in self.file.cards:
            kind = CHAINS[card.product][1]
            aip = dict(tlvs(card.payment.dgi(0x9104)))[0x82]
            self.assertTrue(aip[0] & AIP_BITS[kind], card.product)
            elements = card.payment.elements()
            self.assertEqual(0x93 in elements, kind == "SDA")
            self.assertEqual(0x9F46 in elements, kind != "SDA")

    def test_one_changed_byte_breaks_each_proof(self):
        sda, dda = self.cards_with({"SDA"})[0], self.cards_with({"CDA"})[0]
        good = static_data(dda.payment)
        bad = good[:9] + bytes([good[9] ^ 1]) + good[10:]
        with self.assertRaises(AssertionError):
            self.card_key(dda, (0x9F46, 0x9F47, 0x9F48), bad)
        elements = sda.payment.elements()
        found = Recovered(self.issuer_key(sda), elements[0x9F32], elements[0x93])
        found.fields.take(len(found.block) - 21)
        self.assertTrue(found.hash_is_right(static_data(sda.payment)))
        self.assertFalse(found.hash_is_right(static_data(sda.payment)[:-1]))


if __name__ == "__main__":
    unittest.main()

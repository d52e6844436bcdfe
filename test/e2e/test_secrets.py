"""The secrets themselves. Here the transport keys are static and published, so that everything
enciphered in the card file can be opened with openssl and compared with what it should be."""

import hashlib
import re
import shutil
import unittest

import kpd_test_kit as kit
import openssl
from card_files import CardFile

KEK2 = {"KEK2-KEY": "5B6EA7C81A9D2F3807DFE68C435D1A94", "KEK2-PIN": "8C1A2F4A3B9E5DD6A1B0C7FE52893440"}
AES = "{type: aes256,\n    holders: {preparation: [wrap], personaliser: [unwrap]}}"
DES = '{type: des2, value: "%s",\n    holders: {preparation: [encrypt], personaliser: [decrypt]}}'
OPTION_B = {"MC-DEBIT19"}
KEYS_8000 = ("IMK-AC", "IMK-SMI", "IMK-SMC")


def source_with_static_keys(folder):
    """Templates and starter job whose transport keys are the KEK2s of the plan."""
    shutil.copytree(kit.SOURCE / "templates", folder / "templates")
    shutil.copytree(kit.SOURCE / "examples/starter", folder / "examples/starter")
    plan = folder / "examples/starter/area-plan.yaml"
    text = plan.read_text()
    for name, value in KEK2.items():
        text = kit.changed(text, f"{name}: {AES}", f"{name}: {DES % value}")
    plan.write_text(text)
    job = folder / "examples/starter/job.yaml"
    job.write_text(kit.changed(job.read_text(), "transport_keys: fresh", "transport_keys: static"))
    return folder


def published_keys():
    text = (kit.SOURCE / "examples/starter/area-plan.yaml").read_text()
    return {name: bytes.fromhex(value)
            for name, value in re.findall(r'([A-Z0-9-]+): +\{type: \w+, value: "(\w+)"', text)}


def odd_parity(key):
    return bytes(byte & 0xFE | 1 - (byte >> 1).bit_count() % 2 for byte in key)


def diversifier(product, pan, psn):
    """Y of EMV 4.4 Book 2, A1.4.1 and A1.4.2."""
    digits = pan + psn
    if product not in OPTION_B or len(pan) <= 16:
        return bytes.fromhex(digits[-16:].zfill(16))
    if len(digits) % 2:
        digits = "0" + digits
    hexadecimal = hashlib.sha1(bytes.fromhex(digits)).hexdigest()
    decimal = "".join(c for c in hexadecimal if c.isdigit())
    decimal += "".join(str(int(c, 16) - 10) for c in hexadecimal if not c.isdigit())
    return bytes.fromhex(decimal[:16])


def card_key(master, product, pan, psn):
    y = diversifier(product, pan, psn)
    return odd_parity(openssl.tdes(master, y + bytes(byte ^ 0xFF for byte in y)))


def verification_value(key, pan, expiry, service_code):
    """CVV, three digits."""
    digits = (pan + expiry + service_code).ljust(32, "0")
    first, second = bytes.fromhex(digits[:16]), bytes.fromhex(digits[16:])
    block = openssl.tdes(key[:8], first)
    block = openssl.tdes(key, bytes(a ^ b for a, b in zip(block, second)))
    digits = [c for c in block.hex() if c.isdigit()]
    digits += [str(int(c, 16) - 10) for c in block.hex() if not c.isdigit()]
    return "".join(digits[:3])


def unpadded(value):
    """Without the padding 80 00.. of a DGI that is enciphered."""
    content = value.rstrip(b"\0")
    if content[-1:] != b"\x80":
        raise AssertionError("no padding 80 00..")
    return content[:-1]


class Secrets(kit.AreaTest):
    PER_PRODUCT = 4
    OUTPUT = ""
    MODES = {"card-keys": 0x11, "icc-keys": 0x11, "pin": 0x11}  # ECB
    INITIAL = bytes(8)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        source = source_with_static_keys(cls.folder / "source")
        cls.area = kit.Area.make(cls.folder / "static", source)
        cls.area.keep_of_each_product(cls.PER_PRODUCT)
        job = cls.area.job
        job.write_text(kit.changed(job.read_text(), "transport_keys: static",
                                   "transport_keys: static" + cls.OUTPUT))
        result = cls.area.run("run", cls.area.job)
        if result.code != kit.DONE:
            raise AssertionError(result.err)
        cls.file = CardFile(cls.area.cards)
        cls.rows = {row["record_id"]: row for row in cls.area.good_rows()}
        cls.keys = published_keys()
        cls.transport = {bytes.fromhex(key["id"]): bytes.fromhex(KEK2[key["kek"]])
                         for key in cls.file.header["keys"] if key["use"] != "mac"}
        cls.uses = {bytes.fromhex(key["id"]): key["use"] for key in cls.file.header["keys"]}

    def opened(self, card, number):
        """A secret DGI, opened with the key that the record names for it."""
        ((key, mode),) = [(key, mode) for key, _, mode, dgis in card.payment.keys if number in dgis]
        self.assertEqual(mode, self.MODES[self.uses[key]])
        self.assertEqual(self.file.header["initial_value"], self.INITIAL.hex().upper())
        return openssl.open_secret(self.transport[key], mode, self.INITIAL, card.payment.dgi(number))

    def cards(self):
        self.assertEqual(len(self.file.cards), 5 * self.PER_PRODUCT)
        for card in self.file.cards:
            with self.subTest(product=card.product, record=card.id):
                yield card, self.rows[card.id]

    def test_the_header_names_the_static_keys(self):
        keys = {key["use"]: key for key in self.file.header["keys"]}
        for use, name in (("card-keys", "KEK2-KEY"), ("icc-keys", "KEK2-KEY"), ("pin", "KEK2-PIN")):
            check_value = openssl.kcv(bytes.fromhex(KEK2[name])).hex().upper()
            self.assertEqual((keys[use]["method"], keys[use]["kek"], keys[use]["wrapped"]),
                             ("static", name, ""))
            self.assertEqual((keys[use]["kcv"], keys[use]["kek_kcv"]), (check_value, check_value))

    def test_card_keys_derive_from_the_master_keys(self):
        for card, row in self.cards():
            made = self.opened(card, 0x8000)
            expected = [card_key(self.keys[name], card.product, row["pan"], row["psn"])
                        for name in KEYS_8000]
            self.assertEqual(made, b"".join(expected))
            self.assertEqual(card.payment.dgi(0x9000),
                             b"".join(openssl.kcv(key) for key in expected))
            if card.product.startswith("MC-"):
                self.assertEqual(self.opened(card, 0xA006), card_key(
                    self.keys["IMK-IDN"], card.product, row["pan"], row["psn"]))

    def test_option_b_is_another_key_than_option_a_for_long_pans(self):
        card = self.file.of("MC-DEBIT19")[0]
        row = self.rows[card.id]
        self.assertEqual(len(row["pan"]), 19)
        option_a = card_key(self.keys["IMK-AC"], "VISA-CLASSIC", row["pan"], row["psn"])
        self.assertNotEqual(self.opened(card, 0x8000)[:16], option_a)

    def test_the_pin_is_the_cardholders_in_the_cards_own_format(self):
        for card, row in self.cards():
            block = openssl.tdes(self.keys["KEK1"], bytes.fromhex(row["pin_block"]), decipher=True)
            field = int.from_bytes(block, "big") ^ int(row["pan"][-13:-1], 16)
            text = f"{field:016x}"
            self.assertRegex(text, r"^0[4-9a-c]\d{4,12}f+$")
            self.assertEqual(self.opened(card, 0x8010).hex(), "2" + text[1:])

    def rsa_parts(self, card, first):
        """p, q, dP, dQ, 1/q from five DGIs."""
        values = [int.from_bytes(unpadded(self.opened(card, first + i)), "big") for i in range(5)]
        return values[::-1]

    def test_rsa_parts_are_one_key(self):
        found = set()
        for card, _ in self.cards():
            if 0x8201 not in card.payment.enciphered:
                continue
            sets = [(0x8201, 1152)] + ([(0x8301, 1024)] if 0x8301 in card.payment.enciphered else [])
            for first, bits in sets:
                p, q, dp, dq, inverse = self.rsa_parts(card, first)
                self.assertEqual((p * q).bit_length(), bits)
                self.assertEqual((3 * dp % (p - 1), 3 * dq % (q - 1), inverse * q % p), (1, 1, 1))
                for part in range(5):
                    self.assertEqual(len(unpadded(self.opened(card, first + part))), bits // 16)
                if first == 0x8201:
                    remainder = card.payment.elements()[0x9F48]
                    self.assertTrue((p * q).to_bytes(bits // 8, "big").endswith(remainder))
                found.add(p * q)
        self.assertEqual(len(found), 3 * self.PER_PRODUCT)

    def test_verification_values_of_stripe_chip_and_back(self):
        for card, row in self.cards():
            values = {code: verification_value(self.keys["CVK"], row["pan"], row["expiry"], code)
                      for code in (row["service_code"], "999", "000")}
            stripe = f"{row['pan']}={row['expiry']}{row['service_code']}000"
            self.assertEqual(card.modules["$MG2"].decode(),
                             f";{stripe}{values[row['service_code']]}?")
            image = (stripe + values["999"]).replace("=", "d")
            self.assertEqual(card.payment.elements()[0x57].hex(), image + "f" * (len(image) % 2))
            self.assertEqual(card.payment.elements()[0x9F1F].decode(), "000" + values["999"])
            self.assertEqual(card.modules["$IND"].decode(), f"{row['pan'][-4:]} {values['000']}")
            self.assertTrue(card.modules["$MG1"].decode().endswith(
                f"^{row['expiry']}{row['service_code']}000{values[row['service_code']]}?"))

    def mac_key(self, enciphered):
        """The batch's MAC key is what the key MAC deciphers it to."""
        return openssl.tdes(self.keys["MAC"], enciphered, decipher=True)

    def test_macs_cover_reference_aids_and_everything_before_them(self):
        for card, _ in self.cards():
            covered = card.record.raw_head
            for application, raw in zip(card.record.applications, card.record.raw_sections):
                covered += len(raw).to_bytes(2, "big")
                self.assertEqual(raw[-21:], b"\x14" + application.mac_key + application.mac)
                mac = openssl.retail_mac(self.mac_key(application.mac_key), covered + raw[:-21])
                self.assertEqual(application.mac, mac[:4])
                covered += raw

    def test_the_trailer_is_under_the_same_key(self):
        key = self.mac_key(self.file.cards[0].payment.mac_key)
        mac = openssl.retail_mac(key, bytes.fromhex(self.file.trailer["digest"]))
        self.assertEqual(self.file.trailer["mac"], mac.hex().upper())


class SecretsUnderCbc(Secrets):
    """The same with each secret under CBC and a declared initial value, but for PINs."""

    PER_PRODUCT = 1
    OUTPUT = ("\n  cmode: {card_keys: cbc, icc_keys: cbc}"
              "\n  initial_value: \"A0B1C2D3E4F50617\"")
    MODES = {"card-keys": 0x10, "icc-keys": 0x10, "pin": 0x11}
    INITIAL = bytes.fromhex("A0B1C2D3E4F50617")

    def test_inspect_shows_the_modes(self):
        shown = self.expect(self.area.run("inspect", self.area.cards), kit.DONE).out.decode()
        self.assertRegex(shown, "TKK1 +3DES-CBC +8000")
        self.assertRegex(shown, "TKP1 +3DES-ECB +8010")
        self.assertRegex(shown, "CBC starts with +A0B1C2D3E4F50617")


if __name__ == "__main__":
    unittest.main()

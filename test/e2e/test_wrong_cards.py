"""Cards altered on purpose: the tester finds each for its own reason, and nothing in good ones."""

import dataclasses
import re
import typing
import unittest

import kpd_test_kit as kit
from card_files import CardFile, tlvs
from forgery import ForgedCard, tlv, write_forged

ICC_KEY = (0x8201, 0x8202, 0x8203, 0x8204, 0x8205)
PIN_KEY = (0x8301, 0x8302, 0x8303, 0x8304, 0x8305)
PIN, PIN_COUNTERS, CARD_KEYS, CHECK_VALUES = 0x8010, 0x9010, 0x8000, 0x9000
NEVER_SHOWN = {PIN, CARD_KEYS, CHECK_VALUES, *ICC_KEY, *PIN_KEY}  # a terminal cannot compare these
KEY_LENGTH, CHECK_VALUE_LENGTH = 16, 3
GOOD_OF_EACH_PRODUCT = 2
READER = ("--reader", "00 00")  # the other slot of the pair stays empty


def issuer_data(card, place, value):
    """The issuer application data (9F10) with one byte changed."""
    data = bytearray(card.get(0x9F10))
    data[place] = value
    card.set(0x9F10, bytes(data))


def cryptogram_key_of(card, other):
    """The first of the three keys, and its check value."""
    for dgi, size in ((CARD_KEYS, KEY_LENGTH), (CHECK_VALUES, CHECK_VALUE_LENGTH)):
        card.dgis[dgi] = other.dgis[dgi][:size] + card.dgis[dgi][size:]


def sign_nothing(card):
    """The AFL without its counts of signed records."""
    afl = bytearray(card.get(0x94))
    afl[3::4] = bytes(len(afl) // 4)
    card.set(0x94, bytes(afl))


def expire_later(card):
    expiry = card.get(0x5F24)
    card.set(0x5F24, bytes.fromhex(f"{int(expiry[:1].hex()) + 1:02}") + expiry[1:])


def directory_entry(directory, tag, value):
    """The only entry of a directory with one element changed."""
    entry = {**dict(tlvs(directory.get(0x61))), tag: value}
    directory.set(0x61, b"".join(tlv(*item) for item in entry.items()))


@dataclasses.dataclass
class Alteration:
    product: str
    what: str
    alter: typing.Callable  # of the card's payment application, and of those of others by product
    findings: set  # ids of the errors; nothing more may be found
    failed: set  # methods that fail


# Data only: the card works, and is not what was prepared.
DATA = ({"data.differs"}, {"comparison"})
SDA_DATA = ({"data.differs", "oda.sda.hash"}, {"comparison", "sda"})

WRONG_VERSION = ({"data.differs", "ac.arqc"}, {"comparison", "arqc"})

ALTERATIONS = [Alteration(product, what, alter, *expected) for product, what, alter, expected in (
    # --- signed and unsigned data
    ("VISA-CLASSIC", "a signed byte", lambda card, _: card.flip(0x9F07), SDA_DATA),
    ("VISA-CLASSIC", "the expiry", lambda card, _: expire_later(card),
     ({"data.differs", "data.track2", "oda.sda.hash"}, {"comparison", "sda"})),
    ("VISA-CLASSIC", "the PIN left out of the CVM list",
     lambda card, _: card.set(0x8E, bytes(8) + bytes.fromhex("1E031F03")), SDA_DATA),
    ("VISA-CLASSIC", "another AIP", lambda card, _: card.set(0x82, b"\x58\x00"), SDA_DATA),
    ("VISA-CLASSIC", "no SDA in the AIP", lambda card, _: card.set(0x82, b"\x1C\x00"), DATA),
    ("VISA-CLASSIC", "an AFL that signs nothing", lambda card, _: sign_nothing(card), SDA_DATA),
    ("VISA-CLASSIC", "an unsigned byte", lambda card, _: card.flip(0x5F30), DATA),
    ("VISA-CLASSIC", "the name", lambda card, other: card.take(other["LOCAL-ID"], 0x5F20), DATA),
    ("VISA-CLASSIC", "the end of track 2", lambda card, _: card.flip(0x57, -2), DATA),
    ("VISA-CLASSIC", "one element more",
     lambda card, _: card.add(0x9F05, b"\x01", beside=0x5F30),
     ({"data.unexpected"}, {"comparison"})),
    ("VISA-CLASSIC", "a label", lambda card, _: card.set(0x50, b"VISA DEBIT"), DATA),
    ("VISA-CLASSIC", "the log format", lambda card, _: card.flip(0x9F4F), DATA),

    # --- signatures and certificates
    ("VISA-CLASSIC", "a byte of the SSAD", lambda card, _: card.flip(0x93, 40),
     ({"data.differs", "oda.sda.trailer"}, {"comparison", "sda"})),
    ("VISA-CLASSIC", "the SSAD of another card",
     lambda card, other: card.take(other["VISA-CLASSIC"], 0x93), SDA_DATA),
    ("VISA-CLASSIC", "no SSAD", lambda card, _: card.drop(0x93),
     ({"data.missing", "oda.missing"}, {"comparison", "sda"})),
    ("VISA-CLASSIC", "a byte of the issuer's certificate", lambda card, _: card.flip(0x90, 40),
     ({"data.differs", "oda.issuer-cert.cert-trailer"}, {"comparison", "sda"})),
    ("VISA-CLASSIC", "the certificate of another issuer",
     lambda card, other: card.take(other["VISA-GOLD"], 0x90, 0x9F32),
     ({"data.differs", "oda.issuer-cert.cert-subject"}, {"comparison", "sda"})),
    ("VISA-CLASSIC", "the issuer's exponent", lambda card, _: card.flip(0x9F32),
     ({"data.differs", "oda.issuer-cert.cert-hash"}, {"comparison", "sda"})),
    ("VISA-CLASSIC", "a longer exponent", lambda card, _: card.set(0x9F32, b"\x01\x00\x01"),
     ({"data.differs", "oda.issuer-cert.cert-length"}, {"comparison", "sda"})),
    ("MC-DEBIT19", "a byte of the issuer certificate's remainder",
     lambda card, _: card.flip(0x92),
     ({"data.differs", "oda.issuer-cert.cert-hash"}, {"comparison", "sda"})),
    ("LOCAL-ID", "a CA key that nobody has", lambda card, _: card.set(0x8F, b"\xF1"),
     ({"data.differs", "oda.ca-key"}, {"comparison", "sda"})),
    ("LOCAL-ID", "a byte of the SSAD", lambda card, _: card.flip(0x93),
     ({"data.differs", "oda.sda.trailer"}, {"comparison", "sda"})),
    ("MC-DEBIT19", "the SSAD of another card",
     lambda card, other: card.take(other["MC-DEBIT19"], 0x93), SDA_DATA),
    ("MC-STANDARD", "the certificate of another issuer",
     lambda card, other: card.take(other["MC-DEBIT19"], 0x90, 0x92, 0x9F32),
     ({"data.differs", "oda.issuer-cert.cert-subject", "pin.enciphered"},
      {"comparison", "dda", "cda", "enciphered_pin"})),
    ("VISA-GOLD", "a signed byte", lambda card, _: card.flip(0x9F0D),
     ({"data.differs", "oda.icc-cert.cert-hash", "pin.enciphered"},
      {"comparison", "dda", "enciphered_pin"})),
    ("VISA-GOLD", "a byte of the ICC certificate", lambda card, _: card.flip(0x9F46, 40),
     ({"data.differs", "oda.icc-cert.cert-trailer", "pin.enciphered"},
      {"comparison", "dda", "enciphered_pin"})),
    ("VISA-GOLD", "the ICC certificate of another card",
     lambda card, other: card.take(other["VISA-GOLD"], 0x9F46, 0x9F48),
     ({"data.differs", "oda.icc-cert.cert-hash", "pin.enciphered"},
      {"comparison", "dda", "enciphered_pin"})),
    ("VISA-GOLD", "a byte of the ICC certificate's remainder", lambda card, _: card.flip(0x9F48),
     ({"data.differs", "oda.icc-cert.cert-hash", "pin.enciphered"},
      {"comparison", "dda", "enciphered_pin"})),
    ("VISA-GOLD", "a DDOL without a random number",
     lambda card, _: card.set(0x9F49, bytes.fromhex("9A03")),
     ({"data.differs", "oda.dda.ddol"}, {"comparison", "dda"})),
    ("MC-STANDARD", "a signed byte", lambda card, _: card.flip(0x9F0F),
     ({"data.differs", "oda.icc-cert.cert-hash"}, {"comparison", "dda", "cda"})),
    ("MC-STANDARD", "a byte of the PIN key's certificate", lambda card, _: card.flip(0x9F2D, 40),
     ({"data.differs", "oda.pin-cert.cert-trailer", "pin.enciphered"},
      {"comparison", "enciphered_pin"})),
    ("MC-STANDARD", "the PIN key's certificate of another card",
     lambda card, other: card.take(other["MC-STANDARD"], 0x9F2D),
     ({"data.differs", "oda.pin-cert.cert-subject", "pin.enciphered"},
      {"comparison", "enciphered_pin"})),

    # --- keys
    ("VISA-GOLD", "the private key of another card",
     lambda card, other: card.take_dgis(other["VISA-GOLD"], *ICC_KEY),
     ({"oda.dda", "pin.enciphered"}, {"dda", "enciphered_pin"})),
    ("MC-STANDARD", "the private key of another card",
     lambda card, other: card.take_dgis(other["MC-STANDARD"], *ICC_KEY),
     ({"oda.dda", "oda.cda"}, {"dda", "cda"})),
    ("MC-STANDARD", "the private PIN key of another card",
     lambda card, other: card.take_dgis(other["MC-STANDARD"], *PIN_KEY),
     ({"pin.enciphered"}, {"enciphered_pin"})),
    *((product, "the card keys of another card",
       lambda card, other, product=product: card.take_dgis(other[product], CARD_KEYS, CHECK_VALUES),
       ({"ac.arqc"}, {"arqc"})) for product in kit.PRODUCTS),
    ("VISA-CLASSIC", "the key for cryptograms of another card",
     lambda card, other: cryptogram_key_of(card, other["VISA-CLASSIC"]), ({"ac.arqc"}, {"arqc"})),

    # --- PIN
    *((product, "the PIN of another card",
       lambda card, other, product=product: card.take_dgis(other[product], PIN),
       ({"pin.plain"}, {"plaintext_pin"})) for product in kit.PRODUCTS),

    *((product, "more PIN tries",
       lambda card, _: card.dgis.update({PIN_COUNTERS: b"\x0F\x0F"}), DATA)
      for product in kit.PRODUCTS),
    ("VISA-CLASSIC", "fewer PIN tries",
     lambda card, _: card.dgis.update({PIN_COUNTERS: b"\x02\x02"}), DATA),

    # --- cryptograms
    ("VISA-CLASSIC", "cryptogram version 18 for 10",
     lambda card, _: issuer_data(card, 2, 0x12), WRONG_VERSION),
    ("VISA-GOLD", "cryptogram version 10 for 18",
     lambda card, _: issuer_data(card, 2, 0x0A), WRONG_VERSION),
    ("MC-STANDARD", "cryptogram version 16 for 20",
     lambda card, _: issuer_data(card, 1, 0x10), WRONG_VERSION),
    ("MC-DEBIT19", "cryptogram version 20 for 16",
     lambda card, _: issuer_data(card, 1, 0x14), WRONG_VERSION),
    ("VISA-CLASSIC", "another key index", lambda card, _: issuer_data(card, 1, 0x02), DATA),
    ("MC-STANDARD", "another key index", lambda card, _: issuer_data(card, 0, 0x02), DATA),
)]

IN_DIRECTORY = [Alteration(product, what, alter, findings, set())
                for product, what, alter, findings in (
    ("VISA-CLASSIC", "the directory's language",
     lambda directory, _: directory.set(0x5F2D, b"de"), {"data.differs"}),
    ("MC-STANDARD", "the label in the directory",
     lambda directory, _: directory_entry(directory, 0x50, b"DEBIT"), {"data.differs"}),
    ("MC-DEBIT19", "an application in the directory that the card has not",
     lambda directory, _: directory_entry(directory, 0x4F, bytes.fromhex("F0000000991099")),
     {"data.differs", "select.pse-entry", "select.aid"}),
)]

# Cards are known by PAN and PSN.
UNKNOWN = [Alteration(product, what, alter, set(), set()) for product, what, alter in (
    ("LOCAL-ID", "another PSN", lambda card, _: card.flip(0x5F34)),
    ("VISA-GOLD", "another PAN", lambda card, _: card.flip(0x5A)),
)]


def masked(card):
    pan = card.payment.elements()[0x5A].hex().rstrip("f")
    return pan[:6] + "*" * (len(pan) - 10) + pan[-4:]


def error_ids(report):
    return {finding["id"] for finding in report["findings"] if finding["severity"] == "error"}


def finding_ids(report):
    """The trailer of a recovered block is looked at first; once in 256 times that of a wrong block is
    right by chance, and its header tells."""
    return {re.sub("header$", "trailer", finding["id"]) for finding in report["findings"]}


class WrongCards(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        altered = [*ALTERATIONS, *IN_DIRECTORY, *UNKNOWN]
        most = max(sum(one.product == product for one in altered) for product in kit.PRODUCTS)
        cls.area.keep_of_each_product(most + GOOD_OF_EACH_PRODUCT)
        cls.succeed(cls.area.run("run", cls.area.job))
        file = CardFile(cls.area.cards)
        cards = {product: file.of(product) for product in kit.PRODUCTS}
        cls.good = {masked(card) for product in kit.PRODUCTS
                    for card in cards[product][-GOOD_OF_EACH_PRODUCT:]}
        cls.pans = [card.payment.elements()[0x5A].hex().rstrip("f") for card in file.cards]
        donors = {product: ForgedCard(cards[product][-1]).payment for product in kit.PRODUCTS}
        cls.altered = {}  # masked PAN to alteration and the DGIs that it changed
        forged = []
        for one in altered:
            original = cards[one.product].pop(0)
            pan, card = masked(original), ForgedCard(original)
            application = card.directory if one in IN_DIRECTORY else card.payment
            one.alter(application, donors)
            cls.altered[pan] = one, application.changed()
            forged.append(card.forged())
        file.cards = forged + [card for product in kit.PRODUCTS
                               for card in cards[product][-GOOD_OF_EACH_PRODUCT:]]
        if len(cls.altered) + len(cls.good) != len(file.cards):
            raise AssertionError("two cards of the sample look the same when masked")
        write_forged(file, cls.folder / "forged.cps")
        cls.result = cls.load_and_verify(cls.folder / "forged.cps", len(file.cards), cls.area.cards)
        cls.reports = {report["applications"][0]["pan"]: report
                       for report in cls.result.json()["reports"] if report["identified"]}

    @staticmethod
    def succeed(result):
        if result.code != kit.DONE:
            raise AssertionError(f"{result.code}: {result.err}")
        return result

    @classmethod
    def load_and_verify(cls, made, count, prepared):
        """Chips made from one file, compared with another."""
        chips = kit.Chips(cls.area, cls.folder / "pcscd", chips=count)
        try:
            loaded = cls.succeed(cls.area.run(
                "load", made, "--area", cls.area.yaml, "--conveyor", "--json", *READER,
                environment=chips.environment))
            if loaded.json()["loaded"] != count:
                raise AssertionError(loaded.out)
            return cls.area.run("verify", prepared, "--job", cls.area.job, "--conveyor", "--json",
                                "--details", *READER, environment=chips.environment)
        finally:
            chips.stop()

    def test_each_alteration_is_found_for_its_own_reason(self):
        for pan, (one, changed) in self.altered.items():
            if one in UNKNOWN:
                continue
            with self.subTest(product=one.product, what=one.what):
                report = self.reports[pan]
                self.assertEqual(finding_ids(report), one.findings, report["findings"])
                methods = report["applications"][0]["methods"]
                self.assertEqual({name for name, outcome in methods.items()
                                  if outcome == "failed"}, one.failed)
                self.assertEqual(report["verdict"], "fail")
                places = {int(place, 16) for finding in report["findings"]
                          for place in re.findall(r"DGI ([0-9A-F]{4})", finding["where"])}
                self.assertEqual(places, changed - NEVER_SHOWN)

    def test_good_cards_among_them_stay_right(self):
        for pan in self.good:
            self.assertEqual(self.reports[pan]["verdict"], "pass")
            self.assertEqual(self.reports[pan]["findings"], [])

    def test_cards_of_another_pan_or_psn_are_not_of_this_file(self):
        unknown = [pan for pan, (one, _) in self.altered.items() if one in UNKNOWN]
        for pan in unknown:
            self.assertNotIn(pan, self.reports)
        self.assertEqual(self.result.err.count("a card that is not in the file"), len(unknown))

    def test_the_counts_are_those_of_the_cards(self):
        summary = self.result.json()
        self.assertEqual(self.result.code, kit.HOLD, self.result.err)
        self.assertEqual(
            [summary[key] for key in ("cards", "right", "wrong", "unknown")],
            [len(self.altered) + len(self.good), len(self.good),
             len(self.altered) - len(UNKNOWN), len(UNKNOWN)])

    def test_no_pin_is_enciphered_under_a_key_without_its_certificate(self):
        tried = {pan: any(entry["command"] == "VERIFY enciphered PIN"
                          for entry in report["timeline"])
                 for pan, report in self.reports.items()}
        uncertified = [pan for pan, (one, _) in self.altered.items()
                       if one.findings & {"oda.pin-cert.cert-trailer", "oda.pin-cert.cert-subject"}]
        self.assertEqual([tried[pan] for pan in uncertified], [False, False])
        self.assertIn(True, tried.values())

    def test_reports_show_no_pan(self):
        for text in (self.result.out.decode(), self.result.err):
            for pan in self.pans:
                self.assertNotIn(pan, text)

    def test_keys_of_another_master_key_are_found_by_the_issuers_host(self):
        output = self.folder / "other-keys.cps"
        self.area.keep_of_each_product(1)
        self.succeed(self.area.run("key", "generate", "IMK-AC-OTHER", "--role", "IMK-AC", "--type",
                                   "des2", "--area", self.area.folder))
        with self.area.edited("job.yaml", '{key: "pkcs11:object=IMK-AC", kcv: "500E5F"}',
                              '"pkcs11:object=IMK-AC-OTHER"'):
            self.succeed(self.area.run("run", self.area.job, "-o", output))
            result = self.load_and_verify(output, len(kit.PRODUCTS), output)
        self.expect(result, kit.HOLD)
        reports = result.json()["reports"]
        self.assertEqual([error_ids(report) for report in reports],
                         [{"ac.arqc"}] * len(kit.PRODUCTS))
        for report in reports:
            methods = report["applications"][0]["methods"]
            self.assertEqual({name for name, outcome in methods.items() if outcome == "failed"},
                             {"arqc"})


if __name__ == "__main__":
    unittest.main()

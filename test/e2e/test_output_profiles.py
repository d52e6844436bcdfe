"""One batch in each output profile: the same cards, shown, loaded and verified alike, and refused
alike when somebody altered them."""

import copy
import json
import unittest

import kpd_test_kit as kit
from output_files import OutputFile
from test_cards import CardsTest

FORMATS = ("cps", "tagged", "lines", "fixed")
# What is drawn anew for each batch: secrets under fresh transport keys, and all of a card's RSA key.
RSA_TAGS = (b"\x9f\x46", b"\x9f\x47", b"\x9f\x48", b"\x9f\x2d", b"\x9f\x2e", b"\x9f\x2f")
PSE = b"1PAY.SYS.DDF01"


def is_random(number, value):
    return (0x8000 <= number < 0x9000 or number == 0xA006
            or 0x01 <= number >> 8 <= 0x0A and any(tag in value for tag in RSA_TAGS))


class ProfilesTest(CardsTest):
    PER_PRODUCT = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job_text = cls.area.job.read_text()

    @classmethod
    def write_job(cls, name, output):
        """A job of its own with this output; its card file lies beside the others."""
        job = cls.area.folder / f"job-{name}.yaml"
        job.write_text(kit.changed(cls.job_text, "  file: out/batch.cps\n",
                                   f"  file: out/{name}.cards\n" + output))
        return job

    @classmethod
    def make(cls, name, output, code=kit.DONE):
        result = cls.area.run("run", cls.write_job(name, output), "--json")
        if result.code != code:
            raise AssertionError(result.err)
        return result

    @classmethod
    def file(cls, name):
        return cls.area.folder / "out" / f"{name}.cards"

    def verify_file(self, name, *more):
        return self.area.run("verify", self.file(name), "--job", self.area.folder / f"job-{name}.yaml",
                             "--json", "--wait", 3, *more, environment=self.environment)

    def loads_and_verifies(self, name, cards=5):
        """Every card of the file on a chip of its own, and good."""
        chips = self.chips(chips=cards)
        loaded = self.expect(self.load("--reader", "00 00", "--conveyor", file=self.file(name)),
                             kit.DONE).json()
        self.assertEqual((loaded["loaded"], loaded["failed"], loaded["untouched"]), (cards, 0, 0))
        verified = self.expect(self.verify_file(name, "--reader", "00 00", "--conveyor"), kit.DONE)
        chips.stop()
        verified = verified.json()
        self.assertEqual((verified["right"], verified["wrong"], verified["unknown"]), (cards, 0, 0))
        return verified["passed"]


class EveryFormat(ProfilesTest):
    """One file of each format."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in FORMATS:
            cls.make(name, f"  profile: outputs/{name}\n")


class Formats(EveryFormat):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = {name: OutputFile(cls.file(name)) for name in FORMATS}

    def test_all_carry_the_same_cards(self):
        expected = self.files["cps"]
        self.assertEqual(len(expected.cards), 5)
        compared = 0
        for name in FORMATS[1:]:
            file = self.files[name]
            self.assertEqual(len(file.cards), 5)
            for card, right in zip(file.cards, expected.cards):
                with self.subTest(profile=name, card=card.id):
                    for mic in card.modules.keys() & right.modules.keys():
                        self.assertEqual(card.modules[mic], right.modules[mic], mic)
                    self.assertEqual(list(card.applications), list(right.applications))
                    for aid, dgis in card.applications.items():
                        self.assertEqual([(number, len(value)) for number, value in dgis],
                                         [(n, len(v)) for n, v in right.applications[aid]])
                        same = dict(right.applications[aid])
                        for number, value in dgis:
                            if not is_random(number, value):
                                self.assertEqual(value, same[number], f"{number:04X}")
                                compared += 1
        self.assertGreater(compared, 150)

    def test_a_profile_that_says_the_defaults_changes_nothing(self):
        self.make("plain", "")
        plain, profiled = OutputFile(self.file("plain")), self.files["cps"]
        for key in ("format", "chip_mic", "key_id_length", "mac_coverage", "object_length"):
            self.assertEqual(plain.header[key], profiled.header[key])
        self.assertEqual([card.modules for card in plain.cards],
                         [card.modules for card in profiled.cards])

    def test_tagged_packages_have_leaves_where_a_machine_looks_for_them(self):
        header = self.files["tagged"].header["tagged"]
        data = self.file("tagged").read_bytes()
        names = {application["name"] for card in header["cards"] for application in card["applications"]}
        self.assertEqual(names, {"PSE", "VSDC0003", "MCHP0003", "LOCAL-SDA"})
        self.assertEqual(data.count(b"\xff\xff\xff\xfa"), 10)
        for card in self.files["tagged"].cards:
            pan = next(row["pan"] for row in self.area.good_rows() if row["record_id"] == card.id)
            digits = bytes.fromhex(pan + "F" * (len(pan) % 2))
            self.assertIn(b"\x5a" + bytes([len(digits)]) + digits, card.raw)

    def test_inspect_shows_the_same_of_each(self):
        def applications(node):
            found = [node] if node["kind"] == "application" else []
            return found + [a for child in node.get("children", []) for a in applications(child)]

        def ids(node):
            return [node["kind"], node.get("id", ""), *(ids(child) for child in node.get("children", [])
                                                        if child["kind"] != "transport-keys")]

        shown = {}
        for name in FORMATS:
            tree = self.expect(self.area.run("inspect", self.file(name), "--all", "--json"),
                               kit.DONE).json()
            self.assertTrue(tree["intact"])
            records = [node for node in tree["children"] if node["kind"] == "record"]
            self.assertEqual(len(records), 5)
            shown[name] = [[ids(a) for a in applications(record)] for record in records]
            text = self.expect(self.area.run("inspect", self.file(name), "--all"), kit.DONE)
            for row in self.area.good_rows():
                for seen in (text.out.decode(), json.dumps(tree)):
                    self.assertNotIn(row["pan"], seen)
                    self.assertNotIn(row["name"], seen)
            self.assertEqual(text.out.decode().count("agrees with the file"), 1)
        for name in FORMATS[1:]:
            self.assertEqual(shown[name], shown["cps"])

    def test_all_are_loaded_and_verified(self):
        proofs = [self.loads_and_verifies(name) for name in FORMATS]
        self.assertEqual(proofs[0]["prepared data"], 5)
        for passed in proofs[1:]:
            self.assertEqual(passed, proofs[0])


class AlteredFiles(EveryFormat):
    """A blank chip is offered to every bad file, and takes the good one in the end."""

    def setUp(self):
        super().setUp()
        self.bad = self.folder / "bad.cards"
        self.chips()

    def in_each_format(self, check):
        for name in FORMATS:
            with self.subTest(profile=name):
                check(name, OutputFile(self.file(name)))

    def loads_in_the_end(self, name):
        self.expect(self.load(file=self.file(name)), kit.DONE)
        self.assertEqual(self.expect(self.verify_file(name, "--reader", "00 00"), kit.DONE)
                         .json()["right"], 1)

    def test_a_cut_or_foreign_file_is_refused(self):
        def check(_, file):
            for length in (0, 5, 300, len(file.data) // 2, len(file.data) - 1):
                self.bad.write_bytes(file.data[:length])
                self.refused("card file, byte")
            for content in (file.data + b"\n", b"PK" + file.data, file.data[len(file.start):]):
                self.bad.write_bytes(content)
                self.refused("card file, byte")
        self.in_each_format(check)
        self.loads_in_the_end("tagged")

    def test_cards_cannot_go_missing_be_doubled_or_change_places(self):
        def check(_, file):
            raw = [card.raw for card in file.cards]
            end = file.data[len(file.start) + sum(map(len, raw)):]
            for order in ((0, 1, 2, 3), (1, 0, 2, 3, 4), (0, 0, 1, 2, 3)):
                cards = [raw[i] for i in order]
                doubled = len(set(order)) < len(order)
                self.bad.write_bytes(file.start + b"".join(cards) + end)
                self.refused("two records" if doubled else "card file, byte")
                file.write(self.bad, cards)
                self.refused("two records" if doubled else "trailer's MAC")
            file.write(self.bad, [raw[0], *raw], forged=True)
            self.refused("two records have the reference")
        self.in_each_format(check)
        self.loads_in_the_end("lines")

    def altered(self, name, file):
        """The first card with a bit or digit of its chip's data changed."""
        card = file.cards[0]
        secret = dict(card.applications[list(card.applications)[1]])[0x8000]
        pan = dict(card.applications[list(card.applications)[1]])[0x0201][4:12]
        for value in (secret, pan):
            if name in ("cps", "tagged"):
                at = card.raw.rindex(value)
                yield card.raw[:at] + bytes([card.raw[at] ^ 1]) + card.raw[at + 1:]
            else:
                at = card.raw.rindex(value.hex().upper().encode())
                digit = b"0" if card.raw[at:at + 1] != b"0" else b"1"
                yield card.raw[:at] + digit + card.raw[at + 1:]

    def test_an_altered_card_is_refused_by_its_macs(self):
        def check(name, file):
            others = [card.raw for card in file.cards[1:]]
            for raw in self.altered(name, file):
                file.write(self.bad, [raw, *others])
                self.refused("trailer's MAC")
                file.write(self.bad, [raw, *others], forged=True)
                self.assertEqual(self.refused("mac-wrong").json()["failed"], 1)
        self.in_each_format(check)
        self.loads_in_the_end("fixed")

    def test_a_header_that_says_otherwise_is_refused(self):
        def check(_, file):
            changed = copy.deepcopy(file.header)
            changed["mac_coverage"] = "section"
            file.write(self.bad, start=file.framed_header(changed))
            self.refused("trailer's MAC")
            file.write(self.bad, start=file.framed_header(changed), forged=True)
            self.refused("mac-wrong")
        self.in_each_format(check)
        # the header alone says which tags make which DGI
        file = OutputFile(self.file("tagged"))
        changed = copy.deepcopy(file.header)
        for application in changed["tagged"]["cards"][0]["applications"]:
            for form in application["dgis"]:
                if form["dgi"] == "8000":
                    form["dgi"] = "8001"
        file.write(self.bad, start=file.framed_header(changed), forged=True)
        self.refused("mac-wrong")
        self.loads_in_the_end("cps")


class Variants(ProfilesTest):
    """What CPS leaves open, set otherwise: the file says so and is loaded all the same."""

    VARIANTS = {
        "macs": "  mac_coverage: section\n  object_length: long\n",
        "data": "  mac_coverage: data-object\n  key_id_length: 8\n  key_type: \"21\"\n",
        "cbc": "  cmode: cbc\n  initial_value: \"0F1E2D3C4B5A6978\"\n",
        "modes": "  profile: outputs/tagged\n  cmode: {icc_keys: cbc}\n",
        "ids": "  product_ids: [\"0001\", \"0203\"]\n  product_id_length: 2\n  status: \"01\"\n",
        "named": "  product_ids: [\"01\", \"020304\"]\n  chip_mic: \"#CHI\"\n  layout_version: \"01.1\"\n",
        "narrow": "  profile: outputs/tagged\n  pix_length_size: 1\n  key_data_length_size: 1\n"
                  "  key_id_length: 2\n  packages: {A0000000031010: {name: \"VISA\", pix: \"31303130\"}}\n"
                  "  private_tags: {\"8000\": \"C1\", \"8010\": \"C2\"}\n",
        "quoted": "  profile: outputs/lines\n  encoding: windows-1251\n  quoting: always\n"
                  "  delimiter: \"|\"\n  prefix: \"//\"\n  end: \"\\n\"\n"
                  "  fields:\n    - {module: \"$REF\"}\n    - {module: \"$TYP\"}\n"
                  "    - {name: holder, text: \"{name|upper} / {pan|last4}\"}\n"
                  "    - {name: cvv2, text: \"{cvv2}\"}\n    - {chip: cps-hex}\n",
    }

    def test_each_is_loaded_and_verified(self):
        self.area.write_rows(self.area.good_rows()[:1])
        for name, output in self.VARIANTS.items():
            with self.subTest(variant=name):
                self.make(name, output)
                self.loads_and_verifies(name, 1)
                self.expect(self.area.run("inspect", self.file(name)), kit.DONE)
        packages = OutputFile(self.file("narrow"))
        self.assertIn(b"\x00\x04VISA\x0431303130".replace(b"31303130", b"\x31\x30\x31\x30"),
                      packages.cards[0].raw)
        self.assertIn(b"\xc2\x08", packages.cards[0].raw)
        row = self.area.good_rows()[0]
        (quoted,) = OutputFile(self.file("quoted")).cards
        self.assertEqual(quoted.modules["holder"].decode(), f"{row['name']} / {row['pan'][-4:]}")
        self.assertRegex(quoted.modules["cvv2"].decode(), r"^\d{3}$")

    def test_a_file_without_macs_is_for_others_than_our_loader(self):
        self.make("bare", "  profile: outputs/tagged\n  record_mac: false\n")
        (card, *_) = OutputFile(self.file("bare")).cards
        self.assertIn(b"\x00\x0c" + bytes(12), card.raw)
        self.expect(self.area.run("inspect", self.file("bare")), kit.DONE)
        self.chips()
        self.expect(self.load(file=self.file("bare")), kit.HOLD, "MAC")


class Rejects(ProfilesTest):
    """A card that its file cannot hold is a reject; the file is whole without it."""

    def check(self, name, output, is_bad):
        result = self.make(name, output)
        rows = self.area.good_rows()
        wanted = {row["record_id"] for row in rows
                  if row["record_id"] in self.batch and is_bad(row)}
        self.assertTrue(0 < len(wanted) < len(self.batch), len(wanted))
        summary, file = result.json(), OutputFile(self.file(name))
        self.assertEqual({card.id for card in file.cards}, self.batch - wanted)
        self.assertEqual(file.trailer["rejected"], len(wanted))
        self.assertEqual(file.trailer["read"], len(self.batch))
        rejects = [json.loads(line) for line in
                   self.file(name).with_suffix(".rejects.jsonl").read_text().splitlines()]
        self.assertEqual({reject["record"] for reject in rejects}, wanted)
        self.assertEqual({(reject["stage"], reject["fault"]) for reject in rejects},
                         {("emit", "output")})
        self.assertEqual(summary["rejected"], len(wanted))
        return file

    def test_what_does_not_fit_is_rejected_and_the_books_balance(self):
        rows = [row for row in self.area.good_rows() if row["product"] == "VISA-CLASSIC"][:40]
        self.area.write_rows(rows)
        self.batch = {row["record_id"] for row in rows}
        widths = sorted(len(row["name"]) for row in rows)
        width = widths[len(widths) // 2] - 1
        fields = "  fields: [{module: \"$REF\"%s}, {module: \"$EM3\"%s}, {chip: cps-hex%s}]\n"
        file = self.check(
            "narrow",
            "  format: lines\n" + fields % (", width: 8", f", width: {width}", ", width: 3000"),
            lambda row: len(row["name"]) > width)
        self.expect(self.area.run("inspect", self.file("narrow")), kit.DONE)
        self.assertTrue(file.cards)
        self.check("spaces",
                   "  format: lines\n  delimiter: \" \"\n  quoting: never\n"
                   + (fields % ("", "", "")).replace("$EM3", "$EM4"),
                   lambda row: " " in row["emboss_line4"])


if __name__ == "__main__":
    unittest.main()

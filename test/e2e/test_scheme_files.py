"""Certificates of every scheme: requested, answered by the test CA, imported, used for cards whose
chains openssl verifies; and everything that is wrong with an answer refused."""

import csv
import io
import json
import shutil
import unittest

import kpd_test_kit as kit
import openssl
import test_certificates as chains
from card_files import CardFile

ISSUER_ID = "476174"
# Format: RID, an AID, name of the request, name of its hash file.
FORMATS = {
    "mastercard": ("A000000004", "A0000000041010", "476174-000001.sip", "476174-000001.hip"),
    "visa": ("A000000003", "A0000000031010", "000102.inp", None),
    "amex": ("A000000025", "A00000002501", "PIK00103.DAT", "PHI00103.TXT"),
    "jcb": ("A000000065", "A0000000651010", "K?112201?99", "K?112201?99_HashValue"),
    "unionpay": ("A000000333", "A000000333010101", "000105.inp", None),
}
TRACKING = {name: f"{101 + place:06}" for place, name in enumerate(FORMATS)}
DAY = ("--date", "2026-11-22")


def vectors(name):
    return json.loads((kit.SOURCE / "test/vectors" / f"{name}.json").read_text())["vectors"]


class Area:
    """A work area, and the commands on it."""

    def __init__(self, area, files):
        self.area, self.files = area, files

    def cert(self, command, *arguments):
        run = self.area.run if command in ("request", "import") else kit.run
        return run("cert", command, *arguments, "--area", self.area.yaml)

    def ca(self, *arguments):
        return self.area.run("ca", *arguments, "--area", self.area.yaml)

    def request(self, form, issuer, key, folder, issuer_id=ISSUER_ID, tracking=None):
        result = self.cert("request", issuer, "--format", form, "--issuer-id", issuer_id,
                           "--expiry", "1249", "--tracking", tracking or TRACKING[form],
                           "--key", key, "-o", self.files / folder, *DAY, "--json")
        if result.code != kit.DONE:
            raise AssertionError(result.err)
        return result.json()

    def answer(self, request, folder, *more):
        result = self.ca("answer", request, "-o", self.files / folder, *DAY, *more, "--json")
        if result.code != kit.DONE:
            raise AssertionError(result.err)
        return self.files / folder / result.json()["file"]

    def state(self):
        """Everything that the register of certificates holds."""
        folder = self.area.folder
        files = {path.name: path.read_bytes()
                 for part in ("ca", "issuers") for path in (folder / part).iterdir()}
        listed = self.cert("list", *DAY, "--json")
        return files, listed.out, self.cert("serials", "--json").out


class SchemeFiles(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.folder / "files"
        cls.my = Area(cls.area, cls.files)
        for result in (cls.my.ca("init"), cls.my.ca("publish", "-o", cls.files / "published")):
            if result.code != kit.DONE:
                raise AssertionError(result.err)
        cls.requests, cls.answers = {}, {}
        for form in FORMATS:
            made = cls.my.request(form, f"gold-{form}", "ISS-visa-gold", f"{form}-request")
            cls.requests[form] = [cls.files / name for name in made["files"]]
            hash_file = cls.requests[form][1:] or [made["hash"]]
            cls.answers[form] = cls.my.answer(cls.requests[form][0], f"{form}-answer",
                                              "--hash", hash_file[0], "--format", form)
        cls.imported = {form: cls.my.cert("import", answer, *DAY)
                        for form, answer in cls.answers.items()}

    def refused(self, result, *texts):
        """Refused with the reason, and nothing changed."""
        self.expect(result, kit.HOLD, *texts)
        self.assertEqual(self.my.state(), self.before)

    def setUp(self):
        self.before = self.my.state()

    def changed_answer(self, form, at, name=None):
        data = bytearray(self.answers[form].read_bytes())
        data[at] ^= 0x01
        file = self.files / (name or "changed-" + self.answers[form].name)
        file.write_bytes(bytes(data))
        return file

    # ---- what is right ----
    def test_requests_have_the_names_of_their_schemes(self):
        for form, (_, _, name, hash_name) in FORMATS.items():
            names = [path.name for path in self.requests[form]]
            if "?" in name:
                self.assertRegex(names[0], r"^K[A-Z]11220199$")
                self.assertEqual(names[1], names[0] + "_HashValue")
            else:
                self.assertEqual(names, [name] + ([hash_name] if hash_name else []))

    def test_every_answer_is_imported_as_its_issuer(self):
        for form, result in self.imported.items():
            self.expect(result, kit.DONE, f"gold-{form}: imported")
            text = (self.area.folder / f"issuers/gold-{form}.yaml").read_text()
            self.assertIn(f'rid: "{FORMATS[form][0]}"', text)
            self.expect(self.my.cert("import", self.answers[form], *DAY), kit.DONE, "known already")

    def test_a_key_that_was_made_for_an_issuer_is_certified(self):
        made = self.area.run("key", "generate", "--area", self.area.folder, "silver", "--role", "ISSUER",
                             "--exponent", 3)
        self.expect(made, kit.DONE)
        for bits, text in ((2048, "schemes certify keys of issuers up to 1984"),
                           (1025, "a multiple of 8")):
            self.expect(self.area.run("key", "generate", "--area", self.area.folder, "tin",
                                      "--role", "ISSUER", "--bits", bits), kit.USAGE, text)
        asked = self.area.run("cert", "request", "silver", "--format", "jcb", "--issuer-id", "353",
                              "--expiry", "1249", "--tracking", "000777", "-o",
                              self.files / "silver", "--area", self.area.folder, *DAY, "--json")
        self.expect(asked, kit.DONE)
        waiting = self.my.cert("list", *DAY, "--json").json()["requests"]
        self.assertEqual([row["issuer"] for row in waiting], ["silver"])
        file = self.my.answer(asked.json()["files"][0], "silver", "--format", "jcb", "--expiry",
                              "1149")
        self.expect(self.my.cert("import", file, *DAY), kit.DONE,
                    "silver: imported.*pkcs11:object=silver",
                    "asked for until 12/49, given until 11/49")
        self.assertEqual(self.my.cert("list", *DAY, "--json").json()["requests"], [])

    def test_a_request_like_another_schemes_is_answered_as_it_was_asked(self):
        file = self.my.answer(self.requests["jcb"][0], "jcb-as-asked")
        self.assertEqual(file.read_bytes()[:8], self.answers["jcb"].read_bytes()[:8])
        ca = chains.hex_fields(self.area.folder / "ca/jcb.yaml")
        block = openssl.rsa_public(ca["modulus"], ca["exponent"],
                                   file.read_bytes()[-len(ca["modulus"]):])
        self.assertEqual(block[:2].hex(), "6a02")
        self.assertEqual(file.name, self.answers["jcb"].name)
        stranger = Area(kit.Area.make(self.folder / "stranger"), self.files)
        self.expect(stranger.ca("answer", self.requests["jcb"][0], "-o", self.files / "none"),
                    kit.USAGE, "--format mastercard or jcb")

    def test_a_ca_that_was_stopped_is_made_whole(self):
        file = self.area.folder / "ca/amex.yaml"
        before = file.read_text()
        file.unlink()
        self.expect(self.my.ca("init"), kit.DONE)
        self.assertEqual(file.read_text(), before)
        file.unlink()
        try:
            self.expect(self.my.ca("init", "--bits", 1152), kit.USAGE, "its pair already, of 1408")
        finally:
            file.write_text(before)

    def test_openssl_recovers_the_certificates_in_the_answers(self):
        cas = [chains.hex_fields(path) for path in (self.area.folder / "ca").glob("*.yaml")
               if path.stem != "test-keys"]
        for form, (rid, *_) in FORMATS.items():
            ca = next(ca for ca in cas if ca["rid"].hex().upper() == rid)
            size = len(ca["modulus"])
            data = self.answers[form].read_bytes()
            tracked = data[0] == 0x24
            certificate = data[-2 * size:-size] if tracked else data[-size:]
            block = openssl.rsa_public(ca["modulus"], ca["exponent"], certificate)
            self.assertEqual(block[:6].hex().upper(), "6A02" + ISSUER_ID + "FF")
            self.assertEqual(block[6:8].hex(), "1249")
            if tracked:
                detached = openssl.rsa_public(ca["modulus"], ca["exponent"], data[-size:])
                self.assertEqual(detached[:3].hex(), "0001ff")

    def test_cards_of_every_scheme_verify(self):
        area = self.area
        rows = [row for row in area.good_rows() if row["product"] == "VISA-GOLD"][:10]
        for place, form in enumerate(FORMATS):
            for row in rows[2 * place:2 * place + 2]:
                row["product"] = form.upper()
            (area.folder / f"templates/cards/{form}.yaml").write_text(
                f"kind: card\ntitle: \"{form}\"\nextends: cards/base/bank-card\napplications:\n"
                "  - {template: applications/pse}\n"
                f"  - {{template: applications/vsdc-dda, issuer: {form}, label: CARD,\n"
                f"     aid: \"{FORMATS[form][1]}\"}}\n")
        area.write_rows(rows)
        job = area.job.read_text()
        head = job[:job.index("ca_keys:")].replace("name: starter", "name: schemes")
        cas = {chains.hex_fields(path)["rid"].hex().upper(): path.name
               for path in (area.folder / "ca").glob("*.yaml") if path.stem != "test-keys"}
        file = area.folder / "schemes.yaml"
        file.write_text(
            head + "ca_keys: [" + ", ".join(f"ca/{cas[FORMATS[form][0]]}" for form in FORMATS)
            + "]\nissuers:\n" + "".join(
                f"  {form}: {{file: issuers/gold-{form}.yaml, serial_base: {1000 * place + 1},"
                f" serial_count: 100}}\n" for place, form in enumerate(FORMATS))
            + "products:\n" + "".join(f"  {form.upper()}: cards/{form}\n" for form in FORMATS)
            + "output:\n  file: out/schemes.cps\n  transport_keys: fresh\n")
        self.expect(area.run("run", file), kit.DONE)
        cards = CardFile(area.folder / "out/schemes.cps").cards
        self.assertEqual(len(cards), 10)
        authorities = {rid: chains.hex_fields(area.folder / "ca" / name)
                       for rid, name in cas.items()}
        serials = set()
        for card in cards:
            elements = card.payment.elements()
            ca = authorities[card.payment.aid[:5].hex().upper()]
            self.assertEqual(elements[0x8F], ca["index"])
            remainder, exponent = elements.get(0x92, b""), elements[0x9F32]
            found = chains.Recovered(ca["modulus"], ca["exponent"], elements[0x90])
            self.assertTrue(found.head(0x02))
            found.fields.take(9)
            modulus, _ = found.public_key(len(ca["modulus"]) - 36, remainder)
            self.assertTrue(found.hash_is_right(remainder + exponent))
            icc = chains.Recovered(modulus, exponent, elements[0x9F46])
            self.assertTrue(icc.head(0x04))
            icc.fields.take(12)
            serials.add(icc.fields.take(3))
            more = elements.get(0x9F48, b"") + elements[0x9F47] + chains.static_data(card.payment)
            icc.public_key(len(modulus) - 42, elements.get(0x9F48, b""))
            self.assertTrue(icc.hash_is_right(more))
        self.assertEqual(len(serials), 10)

    def test_published_ca_keys_are_imported_with_their_hashes(self):
        other = kit.Area.make(self.folder / "terminal-side")
        shutil.rmtree(other.folder / "ca")
        (other.folder / "ca").mkdir()
        published = self.files / "published"
        names = {path.name for path in published.iterdir()}
        self.assertLessEqual({"A000000004-F2.sep", "A000000004-F2.hep", "A000000003.VF1",
                              "A000000025.VF1", "A000000065-F1.sep", "A000000333.VF1",
                              "ca-keys.csv", "ca-keys.yaml", "test-keys.yaml"}, names)
        world = Area(other, self.files)
        sep, hep = published / "A000000004-F2.sep", published / "A000000004-F2.hep"
        wrong = self.files / "wrong.hep"
        wrong.write_bytes(hep.read_bytes()[:-1] + bytes([hep.read_bytes()[-1] ^ 1]))
        self.expect(world.cert("import-ca", sep, "--hash", wrong, *DAY), kit.HOLD,
                    "it is another key")
        broken = self.files / "broken.sep"
        data = bytearray(sep.read_bytes())
        data[40] ^= 1
        broken.write_bytes(bytes(data))
        self.expect(world.cert("import-ca", broken, *DAY), kit.HOLD, "another key signed it")
        self.assertEqual(list((other.folder / "ca").iterdir()), [])
        self.expect(world.cert("import-ca", sep, "--hash", hep, *DAY), kit.DONE, "imported")
        for name in sorted(names):
            if ".V" in name or name.endswith(".sep"):
                self.expect(world.cert("import-ca", published / name, *DAY), kit.DONE)
        for name in ("ca-keys.csv", "ca-keys.yaml"):
            self.expect(world.cert("import-ca", published / name, *DAY), kit.DONE, "6 known")
        self.assertEqual(len(list((other.folder / "ca").iterdir())), 6)

    def test_real_files_are_shown_field_by_field(self):
        keys = {vector["id"]: vector for vector in vectors("ca_public_keys")}
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["rid", "index", "exponent", "modulus", "hash"])
        for name in ("A000000003-94-1984", "A000000004-EF-1984"):
            inputs = keys[name]["inputs"]
            writer.writerow([inputs["RID"], inputs["index"], inputs["exponent"],
                             inputs["modulus"], keys[name]["expected"]["sha1"]])
        real = kit.Area.make(self.folder / "real")
        world = Area(real, self.files)
        (self.files / "real.csv").write_text(text.getvalue())
        self.expect(world.cert("import-ca", self.files / "real.csv", *DAY), kit.DONE)
        for vector in vectors("issuer_certificate_files"):
            file = self.files / vector["id"].split("/")[1]
            file.write_bytes(bytes.fromhex(vector["inputs"]["file"]))
            shown = world.cert("show", file, "--json").json()[0]
            self.assertEqual(shown["certificate"]["modulus"], vector["expected"]["issuer_modulus"])
            self.assertIn("hash", shown["checks"])
            self.expect(world.cert("import", file, *DAY), kit.HOLD, "for another key")
        (real.folder / "area.yaml").write_text(
            real.yaml.read_text().replace("test: true", "test: false"))
        (real.folder / "ca/A000000003-94.yaml").unlink()
        hashes = [keys[name]["expected"]["sha1"] for name in ("A000000003-94-1984",
                                                              "A000000004-EF-1984")]
        told = [word for digits in hashes for word in ("--hash", digits)]
        take = lambda *words: world.cert("import-ca", self.files / "real.csv", *words, *DAY)
        self.expect(take(), kit.USAGE, "each key's hash that came by another way")
        self.expect(take(*told[:2]), kit.HOLD, "no --hash is " + hashes[1])
        self.expect(take(*told), kit.HOLD, "takes no test key: it is in the list")

    def test_list_tells_what_ends_and_by_its_exit_code(self):
        self.expect(self.my.cert("list", *DAY), kit.DONE)
        soon = self.my.cert("list", "--date", "2049-11-01", "--warn-days", 90)
        self.assertEqual(soon.code, 1)
        self.assertIn("ends soon", soon.out.decode())
        self.assertEqual(self.my.cert("list", "--date", "2049-11-01", "--warn-days", 9).code, 0)
        ended = self.my.cert("list", "--date", "2050-01-01", "--json")
        self.assertEqual(ended.code, kit.HOLD)
        self.assertEqual({row["standing"] for row in ended.json()["certificates"]}, {"ended"})
        shown = self.my.cert("show", "gold-visa", "--json").json()[0]
        self.assertEqual(shown["certificate"]["issuer_id"], ISSUER_ID + "FF")

    # ---- what is wrong ----
    def test_a_changed_byte_anywhere_is_refused(self):
        for form in ("mastercard", "visa", "unionpay"):
            size = self.answers[form].stat().st_size
            for at in (2, size - 300, size - 150, size - 1):
                self.refused(self.my.cert("import", self.changed_answer(form, at), *DAY))

    def test_an_answer_that_contradicts_itself_is_refused(self):
        self.refused(self.my.cert("import", self.changed_answer("mastercard", 2), *DAY),
                     "issuer_id is 476175FF in the file and 476174FF in its signed part")
        self.refused(self.my.cert("import", self.changed_answer("visa", 9), *DAY),
                     "serial is .* in the file and .* in its signed part")

    def test_another_ca_index_is_refused(self):
        self.refused(self.my.cert("import", self.changed_answer("mastercard", 7), *DAY),
                     "another key signed it|no number below the modulus|no CA key of index")
        name = self.files / (self.answers["mastercard"].stem + ".cF3")
        name.write_bytes(self.answers["mastercard"].read_bytes())
        self.refused(self.my.cert("import", name, *DAY), "the file's name says CA key F3")

    def test_an_ended_certificate_is_refused(self):
        for form in ("mastercard", "visa"):
            file = self.my.answer(self.requests[form][0], f"{form}-ended", "--expiry", "0126")
            self.before = self.my.state()
            self.refused(self.my.cert("import", file, *DAY), "ended on 2026-01-31")

    def test_an_answer_for_another_issuers_key_is_refused(self):
        other = Area(kit.Area.make(self.folder / "other"), self.files)
        for form in ("mastercard", "visa"):
            made = other.request(form, "gold", "ISS-visa-gold", f"{form}-other")
            file = self.my.answer(made["files"][0], f"{form}-other", "--format", form)
            self.before = self.my.state()
            self.refused(self.my.cert("import", file, *DAY),
                         "no key of this token has its modulus")

    def test_an_answer_that_nobody_asked_for_is_refused(self):
        twin = Area(self.area.copy(self.folder / "twin"), self.files)
        made = twin.request("visa", "gold", "ISS-visa-gold", "twin", "476199", "000999")
        file = self.my.answer(made["files"][0], "twin-answer")
        self.before = self.my.state()
        self.refused(self.my.cert("import", file, *DAY),
                     "the request asked for issuer identifier 476174FF, the certificate has "
                     "476199FF")

    def test_a_request_with_a_wrong_hash_is_not_answered(self):
        for form in ("mastercard", "amex", "jcb"):
            file, hash_file = self.requests[form]
            wrong = self.files / "wrong-hash"
            data = bytearray(hash_file.read_bytes())
            data[-2] = ord("0") if data[-2] != ord("0") else ord("1")
            wrong.write_bytes(bytes(data))
            self.refused(self.my.ca("answer", file, "--hash", wrong, "-o", self.files / "none"),
                         "what was told is")

    def test_a_tracking_number_is_for_one_key(self):
        result = self.my.cert("request", "classic", "--format", "visa", "--issuer-id", ISSUER_ID,
                              "--expiry", "1249", "--tracking", TRACKING["visa"], "--key",
                              "ISS-visa-classic", "-o", self.files / "again", *DAY)
        self.refused(result, "went with the request of issuer 'gold-visa' for another key")

    def test_cut_and_foreign_files_are_refused(self):
        data = self.answers["visa"].read_bytes()
        for name, content in (("empty", b""), ("cut", data[:-1]), ("long", data + b"\0"),
                              ("text", b"no certificate\n"), ("big", bytes(5000))):
            (self.files / name).write_bytes(content)
            self.refused(self.my.cert("import", self.files / name, *DAY))
        for length in (20, 60, len(data) - 1):
            (self.files / "cut").write_bytes(data[:length])
            result = self.my.cert("import", self.files / "cut", *DAY)
            self.refused(result)
            self.assertNotIn("no CA key of index", result.err)
        (self.files / "cut").write_bytes(self.answers["mastercard"].read_bytes()[:-1])
        self.refused(self.my.cert("import", self.files / "cut", *DAY), "a file that was cut")


if __name__ == "__main__":
    unittest.main()

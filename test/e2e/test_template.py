"""Tools for those who write templates: check, show, diff, explain, new, as a person or a pipeline
runs them."""

import json
import os
import pty
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

import kpd_test_kit as kit

DIFFERS = 1
LOCAL = "templates/applications/local-sda.yaml"


class Tools(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(1)

    def template(self, *arguments, pin=None, **options):
        """Without a PIN unless one is given."""
        return kit.run("template", *arguments, pin=pin, cwd=self.area.folder, **options)

    def check(self, code, *texts, arguments=(), pin=None):
        result = self.template("check", "job.yaml", *arguments, pin=pin)
        return self.expect(result, code, *texts)


class Check(Tools):
    def test_a_good_job_has_no_mistakes_with_and_without_its_token(self):
        self.check(kit.DONE, "1 file checked: 0 errors", arguments=["--no-token"])
        self.check(kit.DONE, "0 errors, 0 warnings", pin=self.area.pin)

    def test_every_mistake_is_told_at_once(self):
        with self.area.edited("job.yaml", "test: true", "tset: true"), \
                self.area.edited("job.yaml", "{type: language}", "{type: languge}"), \
                self.area.edited("templates/cards/local-id.yaml", "issuer: local-id", "issuer: nobody"):
            result = self.check(kit.USAGE, r"job\.yaml:\d+:\d+: error: .*unknown key 'tset'",
                                r"local-id\.yaml:\d+:\d+: error: .*issuer 'nobody'",
                                arguments=["--no-token"])
            self.assertGreaterEqual(result.err.count(": error: "), 3)

    def test_missing_keys_alone_are_for_a_person(self):
        with self.area.edited("job.yaml", "object=IMK-SMI", "object=IMK-XXX"):
            self.check(kit.HOLD, r"job\.yaml:\d+:\d+: error: .*IMK-XXX", r"\[missing-key\]",
                       pin=self.area.pin)
            self.check(kit.DONE, arguments=["--no-token"])
            with self.area.edited("job.yaml", "test: true", "tset: true"):
                self.check(kit.USAGE, pin=self.area.pin)
        self.check(kit.HOLD, "missing-key", pin="wrong")

    def test_programs_get_json(self):
        with self.area.edited("templates/cards/local-id.yaml", "kind: card", "kind: card\ncolour: red"):
            result = self.template("check", "job.yaml", "--no-token", "--json")
        self.assertEqual(result.code, kit.USAGE)
        self.assertEqual(result.err, "")
        report = result.json()
        self.assertEqual(report["errors"], 1)
        mistake = report["mistakes"][0]
        self.assertEqual((mistake["severity"], mistake["id"], mistake["column"]),
                         ("error", "unknown-key", 1))
        self.assertTrue(mistake["file"].endswith("local-id.yaml"))

    def test_pipelines_get_junit(self):
        with self.area.edited("templates/cards/local-id.yaml", "kind: card", "kind: card\ncolour: red"):
            result = self.template("check", "job.yaml", "templates/applications/pse.yaml", "--no-token",
                                   "--junit", "report.xml")
            printed = self.template("check", "job.yaml", "--no-token", "--junit", "-")
        self.assertEqual(result.code, kit.USAGE)
        suites = ElementTree.parse(self.area.folder / "report.xml").getroot().findall("testsuite")
        self.assertEqual([suite.get("failures") for suite in suites], ["1", "0"])
        self.assertEqual(suites[0].find("testcase/failure").get("type"), "unknown-key")
        ElementTree.fromstring(printed.out)

    def test_warnings_are_errors_when_asked(self):
        with self.area.edited("templates/cards/local-id.yaml", "label: LOCAL PAY",
                              "label: LOCAL PAY, elements: {\"5F30\": {value: \"0101\"}}"):
            result = self.check(kit.DONE, r"warning: .*no chip", "0 errors, 1 warning",
                                arguments=["--no-token"])
            self.assertIn("[service-code]", result.err)
            self.check(kit.USAGE, "1 error", arguments=["--no-token", "--strict"])

    def test_a_template_alone_takes_values_for_its_parameters(self):
        (self.area.folder / "templates/applications/own.yaml").write_text(
            "kind: application\naid: \"F000000001\"\n"
            "parameters: {level: {type: hex, length: 1}}\n"
            "elements: {\"DF01\": {value: \"${level}\"}}\n"
            "dgis: [{dgi: \"0E01\", content: [\"DF01\"]}]\n")
        file = "templates/applications/own.yaml"
        self.expect(self.template("check", file), kit.DONE, "no default: taken as \"00\"")
        self.expect(self.template("check", file, "--with", "level=07"), kit.DONE)
        self.expect(self.template("check", file, "--with", "level=0777"), kit.USAGE, "2 bytes")
        self.expect(self.template("check", file, "--with", "level"), kit.USAGE, "NAME=VALUE")

    def test_what_is_no_file_of_ours_is_told(self):
        (self.area.folder / "x.yaml").write_text("a: 1\n")
        self.expect(self.template("check", "x.yaml"), kit.USAGE, "key 'kind' is missing")
        self.expect(self.template("check", "none.yaml"), kit.USAGE, "cannot be read")
        self.expect(self.template("check", "issuers/local-id.yaml", "ca/local.yaml", "area.yaml"),
                    kit.DONE, "3 files checked: 0 errors")


class Show(Tools):
    def cards_of(self, job):
        """The clear DGIs of every card that a job makes, card by card."""
        self.expect(self.area.run("run", job), kit.DONE)
        result = kit.run("inspect", self.area.cards, "--all", "--json")
        cards = []

        def collect(node, dgis):
            if node.get("kind") == "dgi":
                dgis.append(json.dumps(node["children"] if "children" in node else node.get("bytes")))
            for child in node.get("children", []):
                collect(child, dgis)
        for section in result.json()["children"]:
            if section.get("kind") == "record":
                cards.append([])
                collect(section, cards[-1])
        self.assertTrue(cards and all(cards))
        # What the issuer signs anew for a card's own key differs from run to run.
        return [[dgi for dgi in card if "9F46" not in dgi and "9F48" not in dgi and "9F47" not in dgi
                 and "9F2" not in dgi] for card in cards]

    def test_a_job_with_the_shown_card_makes_the_same_cards(self):
        before = self.cards_of(self.area.job)
        shown = self.template("show", "job.yaml", "--product", "LOCAL-ID")
        self.assertEqual(shown.code, kit.DONE, shown.err)
        (self.area.folder / "templates/cards/shown.yaml").write_bytes(shown.out)
        shutil.copy(self.area.job, self.area.folder / "job2.yaml")
        self.area.edit("job2.yaml", "cards/local-id", "cards/shown")
        self.expect(self.template("diff", "job.yaml", "job2.yaml"), kit.DONE, "are the same")
        self.assertEqual(before, self.cards_of(self.area.folder / "job2.yaml"))

    def test_it_tells_what_there_is_when_the_choice_is_missing(self):
        self.expect(self.template("show", "job.yaml"), kit.USAGE, "--product is needed.*LOCAL-ID")
        self.expect(self.template("show", "job.yaml", "--product", "LOCAL-ID", "--application", "x"),
                    kit.USAGE, "there are: pse, local-sda")

    def test_programs_get_the_document_and_its_origins(self):
        result = self.template("show", LOCAL, "--json")
        self.assertEqual(result.code, kit.DONE, result.err)
        shown = result.json()
        self.assertEqual(shown["document"]["kind"], "application")
        self.assertIn("base/contact-payment.yaml", shown["origins"]["elements.5F24"]["file"])


class Diff(Tools):
    def test_a_changed_job_differs_and_says_how(self):
        shutil.copy(self.area.job, self.area.folder / "other.yaml")
        self.area.edit("other.yaml", "LOCAL-ID:     cards/local-id",
                       "LOCAL-ID: {card: cards/local-id, modules: {\"$EM4\": {text: \"{name}\"}}}")
        result = self.template("diff", "job.yaml", "other.yaml")
        self.assertEqual(result.code, DIFFERS, result.err)
        text = result.out.decode()
        self.assertIn("LOCAL-ID", text)
        self.assertIn('{text: "{emboss_line4}"} -> {text: "{name}"}', text)
        self.assertNotIn("VISA-GOLD", text)
        tree = self.template("diff", "job.yaml", "other.yaml", "--json")
        self.assertEqual(tree.code, DIFFERS)
        self.assertEqual(tree.json()["children"][0]["label"], "LOCAL-ID")

    def test_what_has_mistakes_is_not_compared(self):
        (self.area.folder / "bad.yaml").write_text("kind: application\n")
        self.expect(self.template("diff", LOCAL, "bad.yaml"), kit.USAGE, "'dgis' is missing")


class Explain(Tools):
    def test_one_record_is_followed_to_its_bytes_without_a_device(self):
        row = [r for r in self.area.good_rows() if r["product"] == "LOCAL-ID"][0]
        result = self.template("explain", "5A", "--job", "job.yaml", "--record", row["record_id"])
        self.assertEqual(result.code, kit.DONE, result.err)
        text = result.out.decode()
        self.assertIn("column 'pan' of data/cards.csv; job.yaml:", text)
        self.assertIn("record 1 of file 2", text)
        self.assertIn(row["pan"][:6] + "******", text)
        self.assertNotIn(row["pan"], text)

    def test_what_needs_the_device_says_so_and_secrets_never_show(self):
        row = [r for r in self.area.good_rows() if r["product"] == "LOCAL-ID"][0]

        def told(what):
            return self.template("explain", what, "--job", "job.yaml", "--record",
                                 row["record_id"]).out.decode()
        self.assertIn("needs the device: value icvv", told("57"))
        self.assertIn("needs the device: it is signed", told("93"))
        self.assertIn("transport key for PINs", told("8010"))
        for what in ("57", "93", "8010", "8000", "1/1", "0201"):
            for secret in (row["pan"], row["pin_block"]):
                self.assertNotIn(secret, told(what))

    def test_a_rejected_or_unknown_record_is_told(self):
        bad = next(iter(kit.expected_rejects()))
        self.area.write_rows([row for row in self.area.rows() if row["record_id"] == bad])
        try:
            self.expect(self.template("explain", "5A", "--job", "job.yaml", "--record", bad),
                        kit.USAGE, "the intake rejects this record|no record")
        finally:
            self.area.keep_of_each_product(1)
        self.expect(self.template("explain", "5A", "--job", "job.yaml", "--record", "nobody"),
                    kit.USAGE, "no record 'nobody'")
        self.expect(self.template("explain", "9F99", "--job", LOCAL), kit.USAGE, "9F99")


class New(Tools):
    def test_options_make_a_template_without_questions(self):
        result = self.template("new", "shop", "--from", "applications/local-sda", "--label", "SHOP",
                               "--aid", "F00000009999")
        self.expect(result, kit.DONE, "without mistakes")
        file = "templates/applications/shop.yaml"
        self.expect(self.template("check", file), kit.DONE)
        diff = self.template("diff", LOCAL, file).out.decode()
        self.assertIn("LOCAL -> SHOP", diff)
        again = self.template("new", "shop", "--from", "applications/local-sda")
        self.expect(again, kit.USAGE, "is there already")

    def test_without_a_terminal_it_says_what_it_needs(self):
        self.expect(self.template("new"), kit.USAGE, "--from")
        self.expect(self.template("new", "--from", "applications/local-sda"), kit.USAGE, "NAME")
        self.expect(self.template("new", "a/b", "--from", "applications/local-sda"), kit.USAGE, "NAME")
        self.expect(self.template("new", "bad", "--from", "applications/local-sda", "--aid", "F0"),
                    kit.USAGE, "5 to 16 bytes")
        self.assertFalse((self.area.folder / "templates/applications/bad.yaml").exists())

    def test_on_a_terminal_it_asks(self):
        master, slave = pty.openpty()
        process = subprocess.Popen([kit.KPD, "template", "new"], cwd=self.area.folder, stdin=slave,
                                   stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        os.write(master, b"application\nsda\nno\n1\nasked\n\n\nASKED\n")
        self.assertEqual(process.wait(timeout=60), kit.DONE)
        os.close(master)
        text = (self.area.folder / "templates/applications/asked.yaml").read_text()
        self.assertIn('label: "ASKED"', text)


if __name__ == "__main__":
    unittest.main()

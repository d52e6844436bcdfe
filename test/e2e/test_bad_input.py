"""What people write wrongly: jobs, templates, certificates, keys, record files. Each mistake has one
message that says where it is, and an exit code."""

import re
import unittest

import kpd_test_kit as kit
from card_files import CardFile

COMMANDS = ("init", "run", "ingest", "prepare", "sign", "emit", "chip", "load", "verify", "inspect")


class BadJobs(kit.AreaTest):
    """Nothing is written when the job itself is wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(1)

    def tearDown(self):
        written = list(self.area.cards.parent.iterdir())
        for path in written:
            path.unlink()
        self.assertEqual(written, [])

    def fails(self, code, *texts, mistakes=1):
        """A line for each mistake, and not one more."""
        result = self.expect(self.area.run("run", self.area.job), code, *texts)
        self.assertEqual(result.err.count("\n"), mistakes, result.err)
        self.assertEqual(result.out, b"")

    def place(self, file, text):
        """file:line:column of a text."""
        path = self.area.folder / file
        before = path.read_text().split(text)[0]
        return re.escape(f"{path}:{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}")

    def test_an_unknown_key_is_named_with_its_place(self):
        with self.area.edited("job.yaml", "\ntest: true\n", "\ntest: true\ncolour: blue\n"):
            self.fails(kit.USAGE, self.place("job.yaml", "colour"), "unknown key 'colour'")
        with self.area.edited("job.yaml", "length: 8}", "length: 8, size: 9}"):
            self.fails(kit.USAGE, self.place("job.yaml", "size: 9"), "unknown key 'size'")
        with self.area.edited("templates/cards/local-id.yaml", "label: LOCAL PAY",
                              "label: LOCAL PAY, flavour: x"):
            self.fails(kit.USAGE, self.place("templates/cards/local-id.yaml", "flavour"))

    def test_broken_yaml_is_named_with_its_place(self):
        with self.area.edited("job.yaml", "kind: job", "kind: [job"):
            self.fails(kit.USAGE, r"job\.yaml:\d+:\d+: ")
        with self.area.edited("job.yaml", "name: starter", "name: starter\nname: again"):
            self.fails(kit.USAGE, self.place("job.yaml", "name: again"), "stands here twice")

    def test_hexadecimal_without_quotes_is_an_error_with_a_hint(self):
        with self.area.edited("job.yaml", 'kcv: "500E5F"', "kcv: 500E5F"):
            self.fails(kit.USAGE, self.place("job.yaml", "500E5F"), 'must be quoted: "500E5F"')
        with self.area.edited("templates/applications/local-sda.yaml", 'aip: "5C00"', "aip: 5400"):
            self.fails(kit.USAGE, self.place("templates/applications/local-sda.yaml", "5400"),
                       "must be quoted")

    def test_a_missing_file_is_named(self):
        with self.area.edited("job.yaml", "cards/gold-dda", "cards/platinum"):
            self.fails(kit.USAGE, "cards/platinum.yaml")
        with self.area.edited("templates/cards/local-id.yaml", "applications/local-sda",
                              "applications/nowhere"):
            self.fails(kit.USAGE, "applications/nowhere.yaml")
        with self.area.edited("job.yaml", "data/cards.csv", "data/nobody.csv"):
            self.fails(kit.IO, "data/nobody.csv")
        with self.area.edited("job.yaml", "data/loyalty.csv", "data/noone.csv"):
            self.fails(kit.IO, "data/noone.csv")
        self.expect(self.area.run("run", self.area.folder / "none.yaml"), kit.USAGE,
                    r"none\.yaml: cannot be read")

    def test_a_key_that_is_not_in_the_token_is_named(self):
        with self.area.edited("job.yaml", "object=IMK-SMI", "object=IMK-XXX"):
            self.fails(kit.HOLD, "IMK-XXX", "kpd-preparation")
        with self.area.edited("area.yaml", "preparation: kpd-preparation", "preparation: kpd-nobody"):
            self.fails(kit.HOLD, "kpd-nobody")
        with self.area.edited("area.yaml", "  preparation: kpd-preparation\n", ""):
            self.fails(kit.USAGE, "preparation")
        with self.area.edited("area.yaml", "softhsm2.conf", "missing.conf"):
            self.fails(kit.AWAY, "SOFTHSM2_CONF")

    def test_another_key_of_the_same_name_is_found_by_its_check_value(self):
        with self.area.edited("job.yaml", 'kcv: "500E5F"', 'kcv: "500E5E"'):
            self.fails(kit.USAGE, self.place("job.yaml", '"500E5E"'), "500E5F", "another key")

    def test_a_key_with_another_name_is_named(self):
        with self.area.edited("job.yaml", '  CVK-A:    "pkcs11:object=CVK-A"\n', ""):
            self.fails(kit.USAGE, "CVK-A", mistakes=3)  # in each of three values

    def test_a_wrong_pin_ends_the_run(self):
        result = self.area.run("run", self.area.job, pin="wrong")
        self.expect(result, kit.HOLD, "refused the PIN")
        self.expect(self.area.run("run", self.area.job, pin="\n"), kit.HOLD, "PIN is empty")

    def swapped(self, text, other, *fields):
        """The text of one issuer file with fields of another."""
        source = (self.area.folder / f"issuers/{other}.yaml").read_text()
        for field in fields:
            pattern = rf"(?m)^{field}: .*$"
            text = re.sub(pattern, re.search(pattern, source)[0], text)
        return text

    def test_a_certificate_for_another_key_is_refused(self):
        path = self.area.folder / "issuers/visa-classic.yaml"
        before = path.read_text()
        self.addCleanup(path.write_text, before)
        for fields in (("certificate", "remainder"), ("certificate", "remainder", "issuer_id"),
                       ("certificate", "remainder", "issuer_id", "key"), ("key_uri",)):
            with self.subTest(fields=fields):
                path.write_text(self.swapped(before, "visa-gold", *fields))
                self.fails(kit.USAGE, self.place("issuers/visa-classic.yaml", '"' + re.search(
                    'certificate: "(.*)"', path.read_text())[1]), "certificate")
        certificate = re.search('certificate: "(..)', before)[1]
        path.write_text(before.replace(f'certificate: "{certificate}', 'certificate: "00'))
        self.fails(kit.USAGE, "certificate is not good")

    def test_an_expired_certificate_is_refused(self):
        with self.area.edited("job.yaml", 'date: "2026-11-22"', 'date: "2050-01-01"'):
            self.fails(kit.USAGE, "expired in 12/49", mistakes=5)  # of each issuer

    def test_an_altered_ca_key_is_refused(self):
        path = self.area.folder / "ca/mc.yaml"
        before = path.read_text()
        self.addCleanup(path.write_text, before)
        modulus = re.search('modulus: "(..)', before)[1]
        path.write_text(before.replace(f'modulus: "{modulus}', 'modulus: "FF', 1))
        self.fails(kit.USAGE, "does not have this hash")
        path.write_text(before)
        with self.area.edited("job.yaml", "ca/mc.yaml, ", ""):
            self.fails(kit.USAGE, "ca_keys", mistakes=2)  # of each issuer under it

    def test_a_window_that_the_job_refuses_stops_it_before_the_first_card(self):
        for window in ("card_keys", "pins", "icc_keys", "record_mac"):
            with self.area.edited("job.yaml", f"{window}: allow", f"{window}: refuse"):
                self.fails(kit.HOLD, window, "policy")


class BadRecords(kit.AreaTest):
    """A bad record goes to the reject file and the batch goes on."""

    def batch(self, content, *more):
        """The job over these bytes."""
        (self.area.folder / "data/cards.csv").write_bytes(content)
        return self.area.run("run", self.area.job, "--json", *more)

    def lines(self):
        good = [row for row in self.area.good_rows() if row["product"] == "LOCAL-ID" and
                not set(row["emboss_line4"]) & set(';"')][:4]
        head = list(good[0])
        self.ids = [row["record_id"] for row in good]
        return [";".join(line).encode() for line in [head] + [list(row.values()) for row in good]]

    def rejected(self, lines, faults):
        """The faults found, by line; all the other records are in the card file."""
        result = self.expect(self.batch(b"\n".join(lines) + b"\n"), kit.DONE)
        counts = {fault: list(faults.values()).count(fault) for fault in faults.values()}
        self.assertEqual(result.json()["rejects_by_fault"], counts)
        self.assertEqual(result.json()["rejected"], len(faults))
        rejects = re.findall(r'"line":(\d+).*?"fault":"([^"]+)"', self.area.rejects.read_text())
        self.assertEqual({int(line): fault for line, fault in rejects}, faults)
        kept = [card.id for card in CardFile(self.area.cards).cards]
        self.assertEqual(kept, [record for line, record in enumerate(self.ids, 2)
                                if line not in faults])

    def test_a_nul_byte_a_lost_quote_and_a_long_line_cost_one_record_each(self):
        for fault, spoil in (("nul", lambda line: line.replace(b"/", b"\0")),
                             ("csv-quote", lambda line: line.replace(b";", b';"', 1)),
                             ("csv-quote", lambda line: line.replace(b";LOCAL-ID;", b';"LOCAL"-ID;')),
                             ("record-size", lambda line: line + b"x" * 1100000),
                             ("columns", lambda line: line + b";more"),
                             ("columns", lambda line: line.rpartition(b";")[0])):
            lines = self.lines()
            lines[2] = spoil(lines[2])
            with self.subTest(fault=fault):
                self.rejected(lines, {3: fault})

    def test_several_bad_lines_are_counted_apart(self):
        lines = self.lines()
        lines[1] = lines[1].replace(b"/", b"\0")
        lines[3] += b";x"
        self.rejected(lines, {2: "nul", 4: "columns"})

    def test_blank_lines_and_windows_line_ends_are_harmless(self):
        lines = self.lines()
        result = self.batch(b"\xef\xbb\xbf" + b"\r\n".join(lines[:3] + [b""] + lines[3:]) + b"\r\n")
        self.assertEqual(self.expect(result, kit.DONE).json()["prepared"], 4)

    def test_a_missing_column_is_a_mistake_of_the_job_or_its_source(self):
        lines = self.lines()
        result = self.batch(b"\n".join([lines[0].replace(b"psn", b"number"), *lines[1:]]))
        self.expect(result, kit.USAGE, "no column is called 'psn'")
        result = self.batch(b"\n".join([lines[0] + b";psn", *lines[1:]]))
        self.expect(result, kit.USAGE, "column 'psn' stands there twice")

    def test_an_empty_source_is_a_mistake(self):
        self.expect(self.batch(b""), kit.USAGE, "first line must name the columns")
        self.expect(self.batch(b"\n\n"), kit.USAGE, "first line must name the columns")

    def test_a_batch_of_no_records_is_a_good_file_of_none(self):
        result = self.expect(self.batch(self.lines()[0] + b"\n"), kit.DONE)
        self.assertEqual((result.json()["read"], result.json()["prepared"]), (0, 0))
        self.assertEqual(CardFile(self.area.cards).cards, [])

    def test_a_batch_of_nothing_but_rejects_is_counted(self):
        lines = self.lines()
        self.rejected([lines[0]] + [line + b";x" for line in lines[1:]],
                      {2: "columns", 3: "columns", 4: "columns", 5: "columns"})


class Usage(unittest.TestCase):
    def test_the_help_of_every_command_has_an_example(self):
        for command in COMMANDS:
            result = kit.run(command, "--help")
            self.assertEqual(result.code, kit.DONE)
            self.assertIn(b"Example", result.out, command)
        result = kit.run("--help")
        self.assertEqual(result.code, kit.DONE)
        for command in COMMANDS:
            self.assertIn(f"  {command} ".encode(), result.out)

    def test_a_wrong_command_line_is_a_usage_error(self):
        for line in ((), ("fly",), ("run",), ("run", "a", "b"), ("load", "x", "--first", "0"),
                     ("chip", "--readers", "99"), ("run", "x", "--colour", "blue")):
            self.assertEqual(kit.run(*line).code, kit.USAGE, line)


if __name__ == "__main__":
    unittest.main()

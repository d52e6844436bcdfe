"""What a job may do with certificates: serial numbers of its own, none that has ended or is
retired, in production no test key and no old date."""

import datetime
import unittest

import key_office
import kpd_test_kit as kit
import test_certificates as chains
import test_scheme_files as schemes


class JobCertificates(kit.AreaTest):
    def setUp(self):
        self.my = schemes.Area(self.area, self.folder)

    def job_with(self, name, **changes):
        """The starter job with other words; serials: (base, count) of the issuer visa-gold."""
        text = kit.changed(self.area.job.read_text(), "name: starter", f"name: {name}")
        if "serials" in changes:
            text = kit.changed(text, "issuers/visa-gold.yaml, serial_base: 1}",
                               "issuers/visa-gold.yaml, serial_base: %d, serial_count: %d}"
                               % changes["serials"])
        for old, new in changes.get("edits", ()):
            text = kit.changed(text, old, new)
        file = self.area.folder / f"{name}.yaml"
        file.write_text(text)
        return file

    def ingest(self, job):
        return self.area.run("ingest", job, "-o", self.area.folder / "out" / job.stem)

    def test_serials_of_one_issuer_key_go_to_one_job(self):
        first = self.job_with("first", serials=(1, 1000))
        self.expect(self.ingest(first), kit.DONE)
        self.expect(self.ingest(first), kit.DONE)
        before = self.my.cert("serials", "--json").json()
        self.expect(self.ingest(self.job_with("second", serials=(900, 100))), kit.HOLD,
                    "serials 1 to 1000 are those of job 'first'", r"from \d+ on all are free")
        self.assertEqual(self.my.cert("serials", "--json").json(), before)
        self.assertFalse((self.area.folder / "out/second").exists())
        third = self.job_with("third", serials=(1001, 100))
        self.expect(self.ingest(third), kit.DONE)
        plan = next(row["plan"] for row in self.my.cert("serials", "--json").json()
                    if row["job"] == "third")
        self.expect(self.my.cert("serials", "--release", plan[:16]), kit.DONE)
        self.expect(self.ingest(self.job_with("fourth", serials=(1050, 100))), kit.DONE)

    def test_serials_of_cards_that_were_signed_are_never_free_again(self):
        job = self.job_with("signed", serials=(40001, 1000))
        stages = [self.folder / f"signed-{n}" for n in (1, 2, 3)]
        release = lambda: self.my.cert("serials", "--release", next(
            row["plan"] for row in self.my.cert("serials", "--json").json()
            if row["job"] == "signed"))
        self.expect(self.area.run("ingest", job, "-o", stages[0]), kit.DONE)
        self.expect(self.area.run("prepare", job, "-i", stages[0], "-o", stages[1]), kit.DONE)
        self.expect(release(), kit.DONE)
        self.expect(self.area.run("sign", job, "-i", stages[1], "-o", stages[2]), kit.DONE)
        self.expect(release(), kit.HOLD, "40001 to 41000 .*cards were signed with them")
        used = {row["job"]: row["used"] for row in self.my.cert("serials", "--json").json()}
        self.assertTrue(used["signed"])

    def test_two_jobs_at_once_do_not_get_the_same_serials(self):
        jobs = [self.job_with(f"at-once-{n}", serials=(20001, 100)) for n in range(4)]
        running = [self.area.start("ingest", job, "-o", self.area.folder / "out" / job.stem,
                                   stderr=kit.subprocess.DEVNULL) for job in jobs]
        codes = sorted(process.wait(timeout=kit.PATIENCE) for process in running)
        self.assertEqual(codes, [kit.DONE] + [kit.HOLD] * 3)

    def test_a_job_never_takes_more_serials_than_its_own(self):
        result = self.area.run("run", self.job_with("few", serials=(30001, 2)), "-o",
                               self.area.folder / "out/few.cps")
        self.expect(result, kit.USAGE, "the certificate serials of issuer 'visa-gold' are used up")
        self.assertFalse((self.area.folder / "out/few.cps").exists())

    def test_a_job_warns_before_a_certificate_ends(self):
        soon = self.job_with("soon", edits=[('date: "2026-11-22"', 'date: "2049-11-22"')])
        result = self.ingest(soon)
        self.assertRegex(result.err, "warning: .*certificate of issuer 'visa-gold' ends on "
                                     "2049-12-31")
        late = self.job_with("late", edits=[('date: "2026-11-22"', 'date: "2050-01-01"')])
        self.expect(self.ingest(late), kit.USAGE, "the certificate expired in 12/49")

    def test_a_retired_certificate_or_ca_key_is_refused(self):
        file = self.area.folder / "issuers/visa-gold.yaml"
        before = file.read_text()
        self.expect(self.my.cert("retire", "visa-gold", *schemes.DAY), kit.DONE)
        self.expect(self.my.cert("retire", "visa-gold", *schemes.DAY), kit.HOLD,
                    "retired on 2026-11-22")
        result = self.expect(self.ingest(self.job_with("retired")), kit.USAGE,
                             "this certificate was retired on 2026-11-22")
        self.assertNotRegex(result.err, "9F32|is placed here")  # one cause, one mistake
        file.write_text(before)
        ca = self.area.folder / "ca/visa.yaml"
        before = ca.read_text()
        self.expect(self.my.cert("retire", "visa", "--ca", *schemes.DAY), kit.DONE)
        result = self.expect(self.ingest(self.job_with("retired-ca")), kit.USAGE,
                             "this key was retired")
        self.assertNotRegex(result.err, "9F32|is placed here")
        ca.write_text(before)

    def test_an_issuers_pair_that_is_retired_signs_no_more(self):
        area = self.area.copy(self.folder / "retired-pair")
        self.expect(area.run("key", "retire", "ISS-visa-gold", "--version", "1", "--area",
                             area.folder), kit.DONE)
        self.expect(area.run("ingest", area.job, "-o", self.folder / "none"), kit.HOLD,
                    "the key ISS-visa-gold is retired")

    def test_every_pair_of_a_new_area_has_its_row_in_the_key_register(self):
        pairs = {key["label"]: (key["standing"], key.get("role"))
                 for key in key_office.keys_of(self.area) if key.get("algorithm") == "rsa"}
        self.assertEqual(pairs.pop("TRANSPORT"), ("registered", "TRANSPORT"))
        self.assertEqual(len(pairs), 5)
        self.assertEqual(set(pairs.values()), {("registered", "ISSUER")})

    def test_a_production_job_takes_no_test_key_and_no_chain_below_one(self):
        area = self.area.copy(self.folder / "production")
        (area.folder / "certificates.db").unlink(missing_ok=True)  # serials of other tests
        world = schemes.Area(area, self.folder)
        self.expect(world.ca("publish", "-o", self.folder / "listed"), kit.DONE)
        area.edit("area.yaml", "test: true", "test: false")
        self.expect(area.run("ingest", area.job, "-o", self.folder / "none"), kit.HOLD,
                    "a test job cannot run in a production area.*'test: false'")
        area.edit("job.yaml", "test: true", "test: false")
        area.edit("job.yaml", 'date: "2026-11-22"', f'date: "{datetime.date.today()}"')
        self.expect(area.run("ingest", area.job, "-o", self.folder / "none"), kit.USAGE,
                    "takes no test key: the index F1 is kept for tests",
                    "a production job says how many certificate serials are its own")
        # The same keys by another index: the list that the test CA published knows their moduli.
        for name, index in (("visa", "F1"), ("mc", "F2"), ("local", "F3")):
            self.rename_index(area.folder / "ca" / f"{name}.yaml", index)
        for file in (area.folder / "issuers").iterdir():
            file.write_text(chains.re.sub('ca_index: "F[123]"', 'ca_index: "07"',
                                          file.read_text()))
        area.job.write_text(area.job.read_text().replace("serial_base: 1}",
                                                         "serial_base: 1, serial_count: 50000}"))
        self.expect(area.run("ingest", area.job, "-o", self.folder / "none"), kit.USAGE,
                    "its modulus is that of a published test key")
        # Without list and index nobody can tell them from a scheme's.
        (area.folder / "ca/test-keys.yaml").unlink()
        self.expect(area.run("ingest", area.job, "-o", self.folder / "some"), kit.DONE)
        # Nor does one go back to a day when a key or certificate was still good.
        serials = world.cert("serials", "--json").out
        for days in (-8, 8):
            day = datetime.date.today() + datetime.timedelta(days)
            with area.edited("job.yaml", f'date: "{datetime.date.today()}"', f'date: "{day}"'):
                self.expect(area.run("ingest", area.job, "-o", self.folder / "none"), kit.HOLD,
                            f"its 'date' is {day}, today is .*at most 7 days from the clock")
        self.assertEqual(world.cert("serials", "--json").out, serials)
        self.expect(world.cert("import-ca", self.folder / "listed/test-keys.yaml"), kit.DONE)
        self.expect(area.run("ingest", area.job, "-o", self.folder / "none"), kit.USAGE,
                    "its modulus is that of a published test key")

    def rename_index(self, file, index):
        fields = chains.hex_fields(file)
        old, new = bytes.fromhex(index), bytes([7])
        key = fields["modulus"] + fields["exponent"]
        hashed = [chains.hashlib.sha1(fields["rid"] + one + key).hexdigest().upper()
                  for one in (old, new)]
        text = kit.changed(file.read_text(), f'index: "{index}"', 'index: "07"')
        file.write_text(kit.changed(text, hashed[0], hashed[1]))

    def test_the_test_ca_keeps_to_its_indexes_and_its_area(self):
        self.expect(self.my.ca("key", "other", "--rid", "F000000097", "--index", "06"), kit.USAGE,
                    "kept for tests")
        self.expect(self.my.ca("key", "visa-2", "--format", "visa", "--index", "F1"), kit.USAGE,
                    "taken by 'visa'")
        with self.area.edited("area.yaml", "test: true", "test: false"):
            self.expect(self.my.ca("list"), kit.USAGE, "no area for tests")


if __name__ == "__main__":
    unittest.main()

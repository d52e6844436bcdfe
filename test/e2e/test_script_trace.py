"""Sessions of scripts: recorded from chips, replayed in their place, shown without PANs."""

import json
import stat
import unittest

import kpd_test_kit as kit


class ScriptTraces(kit.OneOfEach):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = cls.folder / "own.lua"
        cls.script.write_text((kit.SOURCE / "templates/scripts/cps.lua").read_text())
        cls.trace = cls.folder / "session.jsonl"

    def record(self, *more):
        return self.area.run("script", "trace", "record", self.script, self.area.cards, "--area",
                             self.area.yaml, "--reader", "00 00", "--wait", 5, "-o", self.trace,
                             *more, environment=self.environment)

    def replay(self, script=None):
        return self.area.run("script", "trace", "replay", script or self.script, self.area.cards,
                             self.trace, "--area", self.area.yaml)

    def test_a_session_replays_without_its_card_and_a_changed_script_is_told(self):
        for profile in ("generic.yaml", "scp03.yaml"):
            with self.subTest(profile=profile):
                self.chips(profile)
                self.expect(self.record("--record", 2), kit.DONE, "loaded|done", "keep it like")
                self.doCleanups()
                self.assertEqual(stat.S_IMODE(self.trace.stat().st_mode), 0o600)
                self.expect(self.replay(), kit.DONE, "all the same$")

                changed = self.folder / "changed.lua"
                changed.write_text(kit.changed(self.script.read_text(), "channel.open{",
                                               "channel.open{version = 7, "))
                different = self.expect(self.replay(changed), kit.HOLD)
                self.assertRegex(different.out.decode(),
                                 r"(?s)80500000  INITIALIZE UPDATE.*replayed\n"
                                 r" +INITIALIZE UPDATE  80500700.*they part at P1")

    def test_what_people_see_has_no_pan(self):
        self.chips("generic.yaml")
        self.expect(self.record(), kit.DONE)
        pans = [row["pan"] for row in self.area.good_rows()]
        self.assertTrue(any(pan in self.trace.read_text() for pan in pans))
        shown = kit.run("script", "trace", "show", self.trace)
        as_json = kit.run("script", "trace", "show", self.trace, "--json")
        self.assertEqual((shown.code, as_json.code), (kit.DONE, kit.DONE), shown.err)
        text = shown.out.decode()
        self.assertRegex(text, r"EXTERNAL AUTHENTICATE")
        self.assertRegex(text, r"-> 9000")
        self.assertEqual(json.loads(as_json.out)["outcome"], "done")
        for pan in pans:
            self.assertNotIn(pan, text + as_json.out.decode())

    def test_a_stripped_trace_holds_no_data(self):
        self.chips("generic.yaml")
        self.expect(self.record("--strip"), kit.DONE)
        text = self.trace.read_text()
        for row in self.area.good_rows():
            self.assertNotIn(row["pan"], text)
            self.assertNotIn(row["record_id"], text)
        self.expect(self.replay(), kit.USAGE, "stripped")
        self.assertEqual(kit.run("script", "trace", "show", self.trace).code, kit.DONE)

    def test_a_failed_card_leaves_its_trace_too(self):
        self.chips("generic.yaml")
        failing = self.folder / "failing.lua"
        failing.write_text("function personalise()\n  card.select(hex 'F0000000FF')\nend\n")
        self.script, kept = failing, self.script
        self.expect(self.record(), kit.HOLD)
        self.expect(self.replay(), kit.DONE)
        self.script = kept
        self.expect(self.replay(), kit.HOLD)
        self.expect(kit.run("script", "trace", "show", self.script), kit.USAGE, "line 1")


class KeysOfCards(kit.AreaTest):
    """Roles of keys in area.yaml, and cards that change hands."""

    def test_a_card_gets_the_issuers_keys_and_is_opened_by_them(self):
        self.area.keep_of_each_product(1)
        self.expect(self.area.run("run", self.area.job), kit.DONE)
        for name, more in (("KMC-ISSUER", ("--type", "des2", "--use", "derive")),
                           ("KMC-ISSUER-AES", ("--type", "aes128", "--use", "encrypt,derive"))):
            self.expect(self.area.run("key", "generate", name, "--party", "personaliser", "--role",
                                      "KMC", "--area", self.area.yaml, *more), kit.DONE)
        self.area.edit("area.yaml", "key_roles: {", "key_roles: {issuer: {des: KMC-ISSUER, aes: "
                       "KMC-ISSUER-AES}, ")
        script = self.folder / "keys.lua"
        script.write_text(
            "function personalise()\n"
            "  card.select(hex 'A000000151000000')\n"
            "  channel.open()\n"
            "  channel.put_key{version = 1, new_version = 2, keys = 'issuer'}\n"
            "  card.select(hex 'A000000151000000')\n"
            "  channel.open{keys = 'issuer', version = 2, security = 3}\n"
            "  card.reset('cold')\n"
            "end\n")
        generic = (kit.SOURCE / "templates/chips/globalplatform.yaml").read_text()
        for protocol in ('scp02: "15"', 'scp03: "70"'):
            with self.subTest(protocol=protocol):
                profile = self.folder / "managed.yaml"
                profile.write_text(kit.changed(generic, 'scp02: "15"', protocol))
                chips = kit.Chips(self.area, self.folder / "pcscd", profile=profile)
                self.addCleanup(chips.stop)
                trace = self.folder / "keys.jsonl"
                self.expect(self.area.run(
                    "script", "trace", "record", script, self.area.cards, "--area", self.area.yaml,
                    "--reader", "00 00", "--wait", 5, "-o", trace,
                    environment=chips.environment), kit.DONE)
                self.expect(self.area.run("script", "trace", "replay", script, self.area.cards,
                                          trace, "--area", self.area.yaml), kit.DONE)
                self.doCleanups()

    def test_mistakes_in_roles_are_told_all_at_once(self):
        with self.area.edited("area.yaml", "key_roles: {", "key_roles: {one: {}, two: {des: A, "
                              "derivation: none}, "):
            result = self.area.run("key", "list", "--area", self.area.yaml)
            self.expect(result, kit.USAGE, "a role has no key", "cps")


if __name__ == "__main__":
    unittest.main()

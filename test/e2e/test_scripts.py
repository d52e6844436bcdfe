"""Card scripts: the same script over both secure channels, other cards, and what they cannot do."""

import json
import unittest

import kpd_test_kit as kit

PRODUCTS = len(kit.PRODUCTS)


class Scripts(kit.OneOfEach):
    def written(self, text):
        file = self.folder / "own.lua"
        file.write_text(text)
        return file

    def test_one_script_loads_right_cards_over_both_channels(self):
        for profile in ("generic.yaml", "scp03.yaml"):
            with self.subTest(profile=profile):
                self.chips(profile)
                loaded = self.expect(self.load("--script", "cps"), kit.DONE).json()
                self.assertEqual((loaded["loaded"], loaded["failed"]), (PRODUCTS, 0))
                by_script = [card["apdus"] for card in self.logged]
                self.assertEqual(self.verified(), [PRODUCTS, PRODUCTS, 0, 0])
                self.doCleanups()

                self.chips(profile)
                self.expect(self.load(), kit.DONE)
                self.assertEqual([card["apdus"] for card in self.logged], by_script)
                self.assertEqual(self.verified(), [PRODUCTS, PRODUCTS, 0, 0])
                self.doCleanups()

    def test_a_card_with_modules_alone_gets_its_applications_installed(self):
        self.chips("globalplatform.yaml")
        refused = self.load("--count", 1)
        self.expect(refused, kit.HOLD)
        self.assertEqual(self.logged[0]["outcome"], "not-this-card")
        self.doCleanups()
        self.chips("globalplatform.yaml")
        install = ("--script", "globalplatform",
                   "--parameter", "module.A0000000041010=F00000005103")
        loaded = self.expect(self.load(*install, "--parameter", "secure=yes"), kit.DONE).json()
        self.assertEqual((loaded["loaded"], loaded["failed"]), (PRODUCTS, 0))
        self.assertEqual(self.verified(), [PRODUCTS, PRODUCTS, 0, 0])

        # A finished card is left as it is, until somebody says otherwise.
        again = self.expect(self.load(*install, "--count", 1), kit.HOLD, "INSTALL")
        self.assertEqual(again.json()["loaded"], 0)
        renewed = self.expect(self.load(*install, "--parameter", "delete=yes"), kit.DONE)
        self.assertEqual(renewed.json()["loaded"], PRODUCTS)

    def test_a_script_at_fault_costs_one_card_and_says_its_line(self):
        self.chips("generic.yaml")
        script = self.written("function personalise()\n  card.select(hex '315041592E')\n"
                              "  card.send{isn = 0x50}\nend\n")
        result = self.expect(self.load("--script", script), kit.HOLD, "own.lua, line 3", "'isn'")
        self.assertEqual(len(self.logged), 1)
        self.assertEqual(self.logged[0]["outcome"], "script-failed")
        self.assertEqual(result.json()["untouched"], PRODUCTS - 1)

    def test_what_a_script_says_shows_no_pan(self):
        self.chips("generic.yaml")
        script = self.written(
            "function personalise()\n"
            "  for _, app in ipairs(data.applications()) do\n"
            "    for _, d in ipairs(app.dgis) do\n"
            "      local pan = not d.secret and d.id < 0x0B00 and find(0x5A, d.value)\n"
            "      if pan then\n"
            "        log('PAN ' .. tohex(pan))\n"
            "        fail('this one: ' .. tohex(pan))\n"
            "      end\n"
            "    end\n  end\nend\n")
        result = self.expect(self.load("--script", script), kit.HOLD, "PAN ", "this one: ")
        dry = kit.run("script", "run", script, self.area.cards, "--dry")
        self.expect(dry, kit.HOLD, "PAN ", "this one: ")
        seen = result.err + json.dumps(self.logged) + dry.err + dry.out.decode()
        for row in self.area.good_rows():
            self.assertNotIn(row["pan"], seen)

    def test_a_dry_run_shows_commands_and_no_data(self):
        result = kit.run("script", "run", "cps", self.area.cards, "--dry")
        self.assertEqual(result.code, kit.DONE, result.err)
        text = result.out.decode()
        self.assertRegex(text, r"(?m)^   1  00A40400  [0-9A-F]+  SELECT$")
        self.assertRegex(text, r"(?m)^   2  80500000  <challenge, 8 bytes>  INITIALIZE UPDATE")
        self.assertIn("<secret DGI 8000, 48 bytes>", text)
        pan = self.area.good_rows()[0]["pan"]
        self.assertNotIn(pan, text)
        shown = kit.run("script", "run", "cps", self.area.cards, "--dry", "--show-values")
        self.assertIn(pan, shown.out.decode())
        longer = kit.run("script", "run", "cps", self.area.cards, "--dry", "--protocol", "03")
        self.assertEqual(longer.code, kit.DONE, longer.err)

    def test_wrong_words_are_refused_with_what_to_do(self):
        bad = self.written("function personalise(\n")
        self.expect(kit.run("script", "check", bad), kit.USAGE, "own.lua, line")
        self.expect(kit.run("script", "check", "nowhere"), kit.IO, "nowhere")
        for name in ("cps", "mchip-advance", "globalplatform"):
            self.assertEqual(kit.run("script", "check", name).code, kit.DONE)
        self.expect(kit.run("script", "run", "cps", self.area.cards), kit.USAGE, "--dry")
        self.expect(kit.run("script", "run", "cps", self.area.cards, "--dry", "--record", 99),
                    kit.USAGE, "no record 99")


if __name__ == "__main__":
    unittest.main()

"""Chips straight from the factory: the manufacturer's steps by a script, then their cards."""

import unittest

import kpd_test_kit as kit

PRODUCTS = len(kit.PRODUCTS)
SCP03 = {'scp02: "15"': 'scp03: "70"'}


class FactoryChips(kit.OneOfEach):
    def chips(self, chips=PRODUCTS, changes=None):
        text = (kit.SOURCE / "templates/chips/from-factory.yaml").read_text()
        for old, new in (changes or {}).items():
            text = kit.changed(text, old, new)
        profile = self.folder / "from-factory.yaml"
        profile.write_text(text)
        super().chips(profile, chips)

    def test_chips_get_keydata_and_kdc_and_are_personalised_under_them(self):
        for changes in ({}, SCP03):
            with self.subTest(changes=changes):
                self.chips(changes=changes)
                made = self.load("--script", "manufacture", "--parameter", "personalise=no")
                self.expect(made, kit.DONE)
                self.assertEqual(self.load("--script", "cps").json()["loaded"], PRODUCTS)
                self.assertEqual(self.verified(), [PRODUCTS, PRODUCTS, 0, 0])
                self.doCleanups()

    def test_all_steps_in_one_visit(self):
        self.chips()
        loaded = self.expect(self.load("--script", "manufacture"), kit.DONE).json()
        self.assertEqual((loaded["loaded"], loaded["failed"]), (PRODUCTS, 0))
        self.assertEqual(self.verified(), [PRODUCTS, PRODUCTS, 0, 0])

    def test_before_them_no_application_takes_anything(self):
        self.chips(chips=1)
        self.expect(self.load("--script", "cps", "--count", 1), kit.HOLD, "6985")

    def test_steps_that_were_broken_off_are_gone_on_with(self):
        text = (kit.SOURCE / "templates/scripts/manufacture.lua").read_text()
        for after in ("  channel.put_key{", "  card.select(isd)\n  channel.open{version"):
            with self.subTest(after=after):
                self.chips(chips=1)
                broken = self.folder / "broken.lua"
                broken.write_text(kit.changed(text, after, "  fail('no power')\n" + after))
                self.expect(self.load("--script", broken, "--count", 1), kit.HOLD, "no power")
                self.expect(self.load("--script", "manufacture", "--count", 1), kit.DONE)
                self.doCleanups()

    def test_a_wrong_chip_key_stops_before_the_chip_is_touched(self):
        self.chips(chips=1)
        with self.area.edited("area.yaml", "des: KIC,", "des: KMC,"):
            self.expect(self.load("--script", "manufacture", "--count", 1), kit.HOLD, "wrong-keys")
        self.expect(self.load("--script", "manufacture", "--count", 1), kit.DONE)


if __name__ == "__main__":
    unittest.main()

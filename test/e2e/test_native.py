"""Native cards: files made by a script over both channels and over T=0, then EMV cards."""

import shutil
import unittest

import kpd_test_kit as kit

PRODUCTS = len(kit.PRODUCTS)


class NativeCards(kit.OneOfEach):
    def test_every_card_of_files_is_right_over_both_channels_and_t0(self):
        apdus = {}
        for profile in ("native.yaml", "native-scp03.yaml", "native-t0.yaml"):
            with self.subTest(profile=profile):
                self.chips(profile)
                loaded = self.expect(self.load("--script", "native"), kit.DONE).json()
                self.assertEqual((loaded["loaded"], loaded["failed"]), (PRODUCTS, 0))
                apdus[profile] = [card["apdus"] for card in self.logged]
                self.assertEqual(self.verified(), [PRODUCTS, PRODUCTS, 0, 0])
                self.doCleanups()
        self.assertEqual(apdus["native.yaml"], apdus["native-scp03.yaml"])

    def test_what_other_scripts_say_to_a_native_card_is_refused(self):
        self.chips("native.yaml", chips=1)
        self.expect(self.load("--count", 1), kit.HOLD)
        self.assertEqual(self.logged[0]["outcome"], "not-this-card")

    def test_a_finished_card_is_left_as_it_is_and_an_unfinished_one_begun_again(self):
        self.chips("native.yaml", chips=1)
        text = (kit.SOURCE / "templates/scripts/native.lua").read_text()
        broken = self.folder / "broken.lua"
        broken.write_text(kit.changed(text, "  activate(MASTER)\n", "  fail('no power')\n"))
        self.expect(self.load("--script", broken, "--count", 1), kit.HOLD, "no power")
        self.expect(self.load("--script", "native", "--count", 1), kit.DONE)
        again = self.expect(self.load("--script", "native", "--count", 1), kit.HOLD)
        self.assertEqual(again.json()["loaded"], 0)
        self.assertIn("6985", again.err)

    def test_applications_of_files_become_files(self):
        shutil.copytree(kit.SOURCE / "examples/four-applications", self.area.folder / "town")
        job = self.area.folder / "town/job.yaml"
        cards = self.area.folder / "town/out/batch.cps"
        self.expect(self.area.run("run", job), kit.DONE)
        self.chips("native.yaml", chips=3)
        loaded = self.expect(self.load("--script", "native", cards=cards), kit.DONE).json()
        count = loaded["loaded"]
        self.assertGreater(count, 0)
        self.assertEqual(self.verified(cards, job), [count, count, 0, 0])


if __name__ == "__main__":
    unittest.main()

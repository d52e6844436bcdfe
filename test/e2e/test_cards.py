"""Chips in readers: loaded, verified, refused, and never put at risk twice."""

import json
import os
import re
import shutil
import subprocess
import unittest

import kpd_test_kit as kit

# What each product proves to a terminal, two cards of each.
PROOFS = {"SDA": 6, "DDA": 4, "CDA": 2, "plaintext PIN": 10, "enciphered PIN": 4,
          "ARQC": 10, "ARPC": 10, "TC": 10, "prepared data": 10}
SPY = "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so"


class CardsTest(kit.AreaTest):
    """An area with a small batch, and chips on demand."""

    PER_PRODUCT = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(cls.PER_PRODUCT)
        result = cls.area.run("run", cls.area.job)
        if result.code != kit.DONE:
            raise AssertionError(result.err)

    def setUp(self):
        self.log = self.folder / "load.log"
        self.log.unlink(missing_ok=True)

    def chips(self, **options):
        chips = kit.Chips(self.area, self.folder / "pcscd", **options)
        self.addCleanup(chips.stop)
        self.environment = chips.environment
        return chips

    def load(self, *more, area=None, file=None, **options):
        """`kpd load` of one card in the first reader, unless `more` says otherwise; whatever the
        books say."""
        area = area or self.area
        options.setdefault("environment", self.environment)
        return area.run("load", file or self.area.cards, "--area", area.yaml, "--json", "--wait", 3,
                        "--remake", "all",
                        "--log", self.log, *(more or ("--reader", "00 00", "--count", 1)), **options)

    def refused(self, *texts):
        """`kpd load` of the file `bad` ends with 65 and sends nothing to the chip."""
        result = self.expect(self.load(file=self.bad), kit.HOLD, *texts)
        if self.log.exists():
            for line in self.logged():
                self.assertEqual((line["apdus"], line["store_data"]), (0, 0))
        return result

    def logged(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def verify(self, *more):
        return self.area.run("verify", self.area.cards, "--job", self.area.job, "--json",
                             "--wait", 3, *more, environment=self.environment)


class Conveyor(CardsTest):
    def test_every_product_is_loaded_on_two_readers_and_gives_all_its_proofs(self):
        self.chips(readers=2, chips=10)
        result = self.expect(self.load("--conveyor"), kit.DONE)
        self.assertEqual([result.json()[key] for key in ("loaded", "failed", "untouched", "stopped")],
                         [10, 0, 0, ""])
        log = self.logged()
        self.assertEqual(sorted(card["index"] for card in log), list(range(1, 11)))
        self.assertEqual({card["outcome"] for card in log}, {"done"})
        self.assertEqual(len({card["reader"] for card in log}), 2)
        self.assertEqual(result.json()["apdus"], sum(card["apdus"] for card in log))

        verified = self.expect(self.verify("--conveyor", "--details"), kit.DONE).json()
        self.assertEqual([verified[key] for key in ("cards", "right", "wrong", "unknown")],
                         [10, 10, 0, 0])
        self.assertEqual(verified["passed"], PROOFS)
        self.assertEqual(len(verified["reports"]), 10)
        for report in verified["reports"]:
            self.assertEqual([finding for finding in report["findings"]
                              if finding["severity"] == "error"], [])

        without_pin = self.expect(self.verify("--conveyor", "--no-pin"), kit.DONE).json()
        self.assertEqual(without_pin["passed"],
                         {name: count for name, count in PROOFS.items() if "PIN" not in name})
        self.expect(self.verify("--conveyor", "--cards", 3), kit.DONE)

    def test_nothing_said_shows_a_pan(self):
        self.chips(readers=1, chips=2)
        loaded = self.load("--reader", "00 00", "--conveyor", "--count", 2)
        verified = self.verify("--reader", "00 00", "--conveyor", "--details")
        self.assertEqual((loaded.code, verified.code), (kit.DONE, kit.DONE))
        seen = "".join(text for result in (loaded, verified)
                       for text in (result.out.decode(), result.err)) + self.log.read_text()
        for row in self.area.good_rows():
            self.assertNotIn(row["pan"], seen)

    def test_an_empty_reader_stops_nobody(self):
        # one chip reader is a pair of slots, the second of which stays empty
        self.chips(readers=1, chips=4)
        result = self.expect(self.load("--conveyor", "--count", 3), kit.DONE)
        self.assertEqual(result.json()["loaded"], 3)
        verified = self.expect(self.verify("--conveyor"), kit.DONE).json()
        self.assertEqual(verified["right"], 3)


class OneByOne(CardsTest):
    PER_PRODUCT = 1

    def test_a_personalised_chip_is_refused_and_stays_good(self):
        self.chips()
        self.expect(self.load(), kit.DONE)
        result = self.expect(self.load(), kit.HOLD, "already-personalised")
        self.assertEqual((result.json()["loaded"], result.json()["failed"]), (0, 1))
        self.assertEqual(self.logged()[-1]["store_data"], 0)
        again = self.load("--reader", "00 00", "--conveyor", "--count", 1)
        self.expect(again, kit.HOLD, "already-personalised")
        self.assertEqual(self.expect(self.verify("--reader", "00 00"), kit.DONE).json()["right"], 1)

    def test_a_conveyor_passes_over_finished_chips(self):
        self.chips(chips=3)
        for first in (1, 2, 3):
            self.expect(self.load("--reader", "00 00", "--conveyor", "--first", first, "--count", 1),
                        kit.DONE)
        verified = self.expect(self.verify("--reader", "00 00", "--conveyor"), kit.DONE).json()
        self.assertEqual(verified["right"], 3)

    def test_a_card_of_another_batch_is_not_accepted(self):
        self.chips()
        self.expect(self.load(), kit.DONE)
        other = self.folder / "other.cps"
        batch = self.area.folder / "data/cards.csv"
        self.addCleanup(batch.write_text, batch.read_text())
        self.area.write_rows(self.area.good_rows()[20:21])
        self.expect(self.area.run("run", self.area.job, "-o", other), kit.DONE, "1 prepared")
        result = self.area.run("verify", other, "--job", self.area.job, "--reader", "00 00", "--json",
                               environment=self.environment)
        self.expect(result, kit.HOLD, "not in the file")
        self.assertEqual(result.json()["unknown"], 1)

    def test_a_blank_chip_is_not_a_good_card(self):
        self.chips()
        result = self.expect(self.verify("--reader", "00 00"), kit.HOLD)
        self.assertEqual(result.json()["right"], 0)

    def test_loading_needs_the_personalisers_token_alone(self):
        self.chips()
        alone = self.area.copy(self.folder / "alone")
        self.addCleanup(shutil.rmtree, alone.folder)
        labels = re.findall(r"^  \S+: (kpd-\S+)$", alone.yaml.read_text(), re.MULTILINE)
        self.assertEqual(len(labels), 6)
        for label in set(labels) - {"kpd-personaliser"}:
            subprocess.run(["softhsm2-util", "--delete-token", "--token", label],
                           env=dict(os.environ, **alone.tokens_environment()), check=True,
                           capture_output=True)
        self.expect(self.load(area=alone), kit.DONE)
        self.assertEqual(self.expect(self.verify("--reader", "00 00"), kit.DONE).json()["right"], 1)
        self.expect(alone.run("run", alone.job), kit.HOLD, "kpd-preparation")

    def test_chips_of_another_manufacturer_key_stop_the_run_at_the_first_card(self):
        source = self.folder / "other-source"
        shutil.copytree(kit.SOURCE / "templates", source / "templates")
        shutil.copytree(kit.SOURCE / "examples/starter", source / "examples/starter")
        plan = source / "examples/starter/area-plan.yaml"
        plan.write_text(kit.changed(plan.read_text(), "0232B35B16B058DC13194A1FCE8F6764",
                                    "0232B35B16B058DC13194A1FCE8F6767"))
        other = kit.Area.make(self.folder / "other-area", source)
        other.keep_of_each_product(2)
        self.expect(other.run("run", other.job), kit.DONE)
        self.chips(chips=5)
        result = self.load("--reader", "00 00", "--conveyor", area=other, file=other.cards)
        self.expect(result, kit.HOLD, "wrong-keys", "check KMC")
        self.assertEqual((result.json()["loaded"], result.json()["failed"]), (0, 1))
        self.assertEqual(len(self.logged()), 1)
        self.assertEqual(self.logged()[0]["store_data"], 0)
        # the chip was not harmed: its own personaliser can load it
        self.expect(self.load(), kit.DONE)

    def test_without_a_reader_or_a_card_it_says_so(self):
        self.chips()
        nowhere = {"PCSCLITE_CSOCK_NAME": str(self.folder / "nobody.comm")}
        self.expect(self.load(environment=nowhere), kit.AWAY, "pcscd")
        self.expect(self.load("--reader", "no such"), kit.AWAY, "no reader is called so", "00 00")
        empty = self.load("--reader", "00 01", "--count", 2)
        self.expect(empty, kit.HOLD, "no card came in time in reader .*00 01")
        self.assertEqual((empty.json()["loaded"], empty.json()["untouched"]), (0, 2))
        self.expect(self.verify("--reader", "00 01"), kit.HOLD, "no card in reader .*00 01: put")

    def test_a_wrong_pin_is_tried_once(self):
        self.assertTrue(os.path.exists(SPY), "package opensc-pkcs11")
        self.chips()
        module = re.search(r"^module: (\S+)$", self.area.yaml.read_text(), re.MULTILINE)[1]
        trace = self.folder / "calls.log"
        with self.area.edited("area.yaml", f"module: {module}", f"module: {SPY}"):
            environment = dict(self.environment, PKCS11SPY=module, PKCS11SPY_OUTPUT=str(trace))
            # a second line in the pipe, even the right one, must not be tried either
            result = self.load(pin=f"wrong\n{self.area.pin}", environment=environment)
        self.expect(result, kit.HOLD, "refused the PIN", "tried once")
        self.assertEqual(len(re.findall(r"\bC_Login\b", trace.read_text())), 1)
        self.assertNotIn(self.area.pin, result.err + result.out.decode())
        self.assertFalse(self.log.exists() and self.log.read_text())
        self.expect(self.load(), kit.DONE)


if __name__ == "__main__":
    unittest.main()

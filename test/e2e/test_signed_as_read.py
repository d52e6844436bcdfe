"""What is signed is what a terminal reads: its order, its AIP, its cardholder data."""

import json
import unittest

import kpd_test_kit as kit

BASE = "templates/applications/base/contact-payment.yaml"
CLASSIC = "templates/applications/vsdc-sda.yaml"
LABEL = "label: VSDC\n"
# Record 1 of file 2 stands before record 1 of file 1 in this AFL, both signed; the template lists
# file 1 first.
OTHER_ORDER = """label: VSDC
elements:
  "94": {value: "100102010801010118010200"}
records:
  change: [{sfi: 1, record: 1, signed: true, content: ["57", "5F20", "9F1F"]}]
"""


class SignedAsRead(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [row for row in cls.area.good_rows() if row["product"] == "VISA-CLASSIC"][:2]
        cls.area.write_rows(rows)

    def rejects(self):
        return [json.loads(line) for line in self.area.rejects.read_text().splitlines()]

    def loaded_and_verified(self):
        chips = kit.Chips(self.area, self.folder / "pcscd", chips=2)
        try:
            loaded = self.area.run("load", self.area.cards, "--area", self.area.yaml, "--conveyor",
                                   environment=chips.environment)
            self.expect(loaded, kit.DONE)
            return self.area.run("verify", self.area.cards, "--job", self.area.job, "--conveyor",
                                 "--json", environment=chips.environment)
        finally:
            chips.stop()

    def test_records_are_signed_in_the_order_of_the_afl(self):
        with self.area.edited(CLASSIC, LABEL, OTHER_ORDER):
            self.expect(self.area.run("run", self.area.job), kit.DONE)
            result = self.loaded_and_verified()
            self.expect(result, kit.DONE)
            self.assertEqual(result.json()["right"], 2)

    def test_cardholder_data_that_are_not_those_of_the_keys_are_a_reject(self):
        for before, after, field in (
                ('{text: "{expiry}", as: date-end}', '{text: "{effective}", as: n, width: 3}', "expiry"),
                ('{text: "{psn}", as: n, width: 1}', '{text: "{issue}", as: n, width: 1}', "psn"),
                ('{text: "{pan}", as: cn}', '{text: "4761739001010119", as: cn}', "pan")):
            with self.subTest(field=field), self.area.edited(BASE, before, after):
                self.expect(self.area.run("run", self.area.job), kit.DONE)
                self.assertEqual([(reject["fault"], reject["field"]) for reject in self.rejects()],
                                 [("element", field)] * 2)


if __name__ == "__main__":
    unittest.main()

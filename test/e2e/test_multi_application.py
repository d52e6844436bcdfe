"""Four applications on one card: payment, loyalty, identity with a photo, transport."""

import csv
import json
import shutil
import unittest

import kpd_test_kit as kit
from card_files import CardFile, tlvs

EXAMPLE = kit.SOURCE / "examples/four-applications"
PAYMENT, LOYALTY = "A0000000031010", "F0000001000001"
IDENTITY, TRANSPORT = "A0000002480200", "F0000001020001"


class TownCards(kit.AreaTest):
    """An area with the example's job in a folder of it, prepared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copytree(EXAMPLE, cls.area.folder / "town")
        cls.job = cls.area.folder / "town/job.yaml"
        cls.cards = cls.area.folder / "town/out/batch.cps"
        with open(EXAMPLE / "data/cards.csv", newline="", encoding="utf-8") as file:
            cls.rows = list(csv.DictReader(file, delimiter=";"))
        result = cls.area.run("run", cls.job)
        if result.code != kit.DONE:
            raise AssertionError(result.err)
        cls.file = CardFile(cls.cards)

    def applications(self, card):
        return {application.aid.hex().upper(): application
                for application in card.record.applications}

    def load_and_verify(self, file=None):
        """Every card on a chip of its own, then read back; the reports by the order of the file."""
        chips = kit.Chips(self.area, self.folder / "pcscd", chips=len(self.rows))
        self.addCleanup(chips.stop)
        loaded = self.area.run("load", file or self.cards, "--area", self.area.yaml, "--json",
                               "--reader", "00 00", "--conveyor", "--remake", "all",
                               environment=chips.environment)
        self.expect(loaded, kit.DONE)
        self.assertEqual(loaded.json()["loaded"], len(self.rows))
        return self.area.run("verify", self.cards, "--job", self.job, "--json", "--details",
                             "--reader", "00 00", "--conveyor", environment=chips.environment)

    def test_each_application_has_the_data_of_its_holder(self):
        self.assertEqual([card.id for card in self.file.cards],
                         [row["record_id"] for row in self.rows])
        for card, row in zip(self.file.cards, self.rows):
            applications = self.applications(card)
            self.assertEqual(set(applications) - {b"1PAY.SYS.DDF01".hex().upper()},
                             {PAYMENT, LOYALTY, IDENTITY, TRANSPORT})
            self.assertEqual(applications[PAYMENT].elements()[0x5A].hex(), row["pan"])
            loyalty = dict(applications[LOYALTY].elements())
            self.assertEqual(loyalty[0x5F20].decode(), row["name"])
            self.assertRegex(loyalty[0xDF01].decode(), r"^L\d{9}$")
            photo = (EXAMPLE / "data/photos" / row["photo"]).read_bytes()
            self.assertEqual(tlvs(tlvs(applications[IDENTITY].dgi(0x0004))[0][1]),
                             [(0x5F40, photo)])
            holder = dict(tlvs(tlvs(applications[IDENTITY].dgi(0x0001))[0][1]))
            self.assertEqual(holder[0x5F2B].hex(), row["birth_date"])
            purse = dict(tlvs(applications[TRANSPORT].dgi(0x3000)))
            self.assertEqual(int(purse[0xDF34].hex()), int(row["balance"]))
            self.assertEqual(applications[TRANSPORT].elements()[0xDF30].hex(), row["purse_no"])

    def test_all_four_are_personalised_and_read_back(self):
        verified = self.expect(self.load_and_verify(), kit.DONE).json()
        self.assertEqual([verified[key] for key in ("cards", "right", "wrong", "unknown")],
                         [len(self.rows), len(self.rows), 0, 0])
        self.assertEqual(verified["passed"]["prepared data"], 4 * len(self.rows))
        for proof in ("SDA", "plaintext PIN", "ARQC", "TC"):
            self.assertEqual(verified["passed"][proof], len(self.rows), proof)
        for report in verified["reports"]:
            self.assertEqual([application["aid"] for application in report["applications"]],
                             [PAYMENT, LOYALTY, IDENTITY, TRANSPORT])
            commands = [entry["command"] for entry in report["timeline"]]
            self.assertTrue(any(command.startswith("READ BINARY of file 0004")
                                for command in commands))
            self.assertIn("GET DATA DF34", commands)

    def test_a_card_with_other_data_in_any_application_is_found_out(self):
        """Chips are loaded from another run of the job, in which some things are different."""
        other = self.area.folder / "other"
        shutil.copytree(EXAMPLE, other)
        photo = other / "data/photos" / self.rows[0]["photo"]
        content = bytearray(photo.read_bytes())
        content[-30] ^= 1
        photo.write_bytes(content)
        cards = (other / "data/cards.csv").read_text()
        cards = kit.changed(cards, self.rows[1]["purse_no"], "9760000000000099")
        cards = kit.changed(cards, f";{self.rows[2]['balance']}\n", ";777\n")
        (other / "data/cards.csv").write_text(cards)
        members = (other / "data/loyalty.csv").read_text()
        (other / "data/loyalty.csv").write_text(kit.changed(members, "SILVER", "GOLD"))
        self.expect(self.area.run("run", other / "job.yaml"), kit.DONE, "3 prepared")

        result = self.expect(self.load_and_verify(other / "out/batch.cps"), kit.HOLD)
        self.assertEqual([result.json()[key] for key in ("right", "wrong", "unknown")], [0, 3, 0])
        found = [{(finding["id"], finding["where"]) for finding in report["findings"]
                  if finding["severity"] == "error"} for report in result.json()["reports"]]
        self.assertEqual(found, [{("data.differs", IDENTITY + " DGI 0004 tag 5F40")},
                                 {("data.differs", TRANSPORT + " DGI 0101 tag DF30"),
                                  ("data.differs", LOYALTY + " DGI 0201 tag DF02")},
                                 {("data.differs", TRANSPORT + " DGI 3000 tag DF34")}])
        said = json.dumps(result.json()) + result.err
        for row in self.rows:
            self.assertNotIn(row["purse_no"], said)


if __name__ == "__main__":
    unittest.main()

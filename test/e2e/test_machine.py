"""Models of machines: shown in words, asked what if, for people and for programs."""

import tempfile
import unittest
from pathlib import Path

import kpd_test_kit as kit


class Machine(unittest.TestCase):
    def machine(self, *arguments, code=kit.DONE):
        result = kit.run("machine", *arguments)
        self.assertEqual(result.code, code, result.err)
        self.assertNotIn("defect", result.err)
        return result

    def answer(self, *arguments):
        return self.machine("what-if", *arguments, "--json").json()

    def test_a_shipped_machine_is_shown(self):
        text = self.machine("show", "conveyor-500").out.decode()
        self.assertIn("[feeder] -> [stripe] -> [smart x3] -> [embosser]", text)
        self.assertIn("+-> reject", text)
        by_path = self.machine("show", kit.SOURCE / "templates/machines/conveyor-500.yaml")
        self.assertEqual(by_path.out.decode(), text)

    def test_people_get_tables(self):
        text = self.machine("what-if", "conveyor-500", "--chip-seconds", 15).out.decode()
        self.assertRegex(text, r"bottleneck: embosser \(own work\)")
        self.assertRegex(text, r"\n +2 +406\.8  smart \(chip\)\n")
        self.assertRegex(text, r"\n  embosser +embosser +1 +\d+\.\d% +\d+\.\d% +1000 +0 +0\n")

    def test_programs_get_json(self):
        answer = self.answer("conveyor-1000", "--cards", 400, "--chip-seconds", 30, "--stations", 3)
        self.assertEqual((answer["fed"], answer["good"], answer["rejected"]), (400, 400, 0))
        self.assertEqual(answer["bottleneck"]["module"], "smart-1")
        self.assertEqual(answer["bottleneck"]["of"], "chip")
        self.assertEqual([row["stations"] for row in answer["by_stations"]], list(range(1, 8)))
        self.assertEqual(answer["by_stations"][2]["steady_cards_an_hour"],
                         answer["steady_cards_an_hour"])
        smart = answer["modules"][2]
        self.assertEqual(len(smart["busy_by_station"]), 3)
        self.assertAlmostEqual(sum(smart["busy_by_station"]) / 3, smart["busy"])
        self.assertEqual(answer["question"]["types"],
                         [{"chip_seconds": 30, "characters": 40, "share": 1}])

    def test_failures_balance_and_come_again_with_the_same_seed(self):
        question = ("conveyor-500", "--fail", "smart=0.1", "--fail", "stripe=0.05")
        first = self.answer(*question, "--seed", 7)
        self.assertEqual(first, self.answer(*question, "--seed", 7))
        self.assertNotEqual(first["rejected"], self.answer(*question, "--seed", 8)["rejected"])
        self.assertGreater(first["rejected"], 0)
        self.assertEqual(first["fed"], first["good"] + first["rejected"])
        self.assertEqual(first["trays"], {"good": first["good"], "reject": first["rejected"]})
        self.assertEqual(first["rejected"], sum(module["failed"] for module in first["modules"]))

    def test_a_host_that_is_too_slow_is_the_bottleneck(self):
        answer = self.answer("conveyor-1000", "--host-seconds", 10, "--stations", 7)
        self.assertIsNone(answer["bottleneck"]["module"])
        self.assertEqual(answer["bottleneck"]["of"], "host")
        self.assertGreater(answer["host_busy"], 0.95)

    def test_what_people_write_wrong_is_told(self):
        for arguments, text in (
                (("conveyor-50",), "did you mean 'conveyor-500'"),
                (("desktop-300", "--stations", 2), "at most 1 in a smart module"),
                (("desktop-300", "--chip-seconds", "soon"), "'soon' is no time"),
                (("desktop-300", "--fail", "smart"), "MODULE=RATE"),
                (("desktop-300", "--fail", "smart=2"), "MODULE=RATE"),
                (("desktop-300", "--fail", "stacker=0.1"), "no card can fail in 'stacker'"),
                (("desktop-300", "--type", "7/40"), "SECONDS/CHARACTERS=SHARE"),
                (("desktop-300", "--type", "7/40=1", "--characters", 3), "excludes"),
                (("desktop-300", "--cards", 0), "--cards")):
            with self.subTest(arguments):
                self.assertRegex(self.machine("what-if", *arguments, code=kit.USAGE).err, text)

    def test_every_mistake_of_a_model_is_told_with_its_place(self):
        with tempfile.TemporaryDirectory(prefix="kpd-") as folder:
            file = Path(folder) / "own.yaml"
            text = (kit.SOURCE / "templates/machines/desktop-300.yaml").read_text()
            text = kit.changed(text, "line: single", "line: belt")
            file.write_text(kit.changed(text, "stations: 1", "stations: 0"))
            told = self.machine("show", file, code=kit.USAGE).err
            self.assertRegex(told, r"own\.yaml:\d+:\d+: line: 'belt'")
            self.assertRegex(told, r"own\.yaml:\d+:\d+: modules\[3\]\.stations: 0")


if __name__ == "__main__":
    unittest.main()

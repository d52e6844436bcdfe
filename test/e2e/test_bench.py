"""The benchmark runs anywhere, measures what it says and leaves nothing behind; no time is judged."""

import tempfile
import unittest
from pathlib import Path

import kpd_test_kit as kit


class Bench(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="kpd-")
        self.addCleanup(self.folder.cleanup)

    def bench(self, *options):
        result = kit.run("bench", "--rounds", 1, "--seconds", "0.1", "--json", *options,
                         environment={"TMPDIR": self.folder.name})
        self.assertEqual(result.code, kit.DONE, result.err)
        return result.json()

    def test_static_cards(self):
        report = self.bench("--kind", "sda", "--workers", 2, "--memory", 600)
        (result,) = report["results"]
        self.assertEqual(set(result["floor"]), {"1", "2"})
        self.assertEqual(result["rsa_pairs_a_card"], 0)
        self.assertEqual([stage["stage"] for stage in result["stages"]],
                         ["intake", "prepare", "sign", "emit", "write"])
        sign = result["stages"][2]
        self.assertAlmostEqual(sign["calls_a_card"], 2, places=1)  # C_SignInit and C_Sign
        self.assertGreater(result["ratio"], 0)
        self.assertEqual(result["left_out_of_floor"], [])
        self.assertEqual(result["memory"][0]["cards"], 600)
        self.assertIn(report["machine"]["key_factory"], ("ifma", "avx2", "portable"))
        self.assertEqual(list(Path(self.folder.name).glob("kpd-bench-*")), [])

    def test_cards_with_pairs_from_factory_and_pool(self):
        report = self.bench("--kind", "dda-factory", "--kind", "dda-pool", "--factory", "portable")
        self.assertEqual([result["kind"] for result in report["results"]],
                         ["dda-factory", "dda-pool"])
        for result in report["results"]:
            self.assertEqual(result["rsa_pairs_a_card"], 1)
        self.assertEqual(report["machine"]["key_factory"], "portable")
        self.assertEqual(list(Path(self.folder.name).glob("kpd-bench-*")), [])

    def test_a_job_of_ones_own(self):
        area = kit.Area.make(Path(self.folder.name) / "area")
        rows = area.good_rows()
        area.write_rows([row for row in rows if row["product"] in ("VISA-CLASSIC", "LOCAL-ID")])
        result = area.run("bench", area.job, "--rounds", 1, "--seconds", "0.1", "--json")
        self.assertEqual(result.code, kit.DONE, result.err)
        self.assertEqual(result.json()["results"][0]["kind"], "starter")
        self.assertFalse(area.cards.exists())


if __name__ == "__main__":
    unittest.main()

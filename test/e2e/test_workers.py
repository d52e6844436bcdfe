"""Several workers make what one makes, in the same order; a batch that is stopped leaves nothing."""

import subprocess
import unittest

import kpd_test_kit as kit
from card_files import CardFile

COPIES = 90  # of the starter's records, for a batch that lasts


class Workers(kit.AreaTest):
    def made_by(self, workers):
        file = self.folder / f"by-{workers}.cps"
        result = self.area.run("run", self.area.job, "-o", file, "--workers", workers, "--json")
        summary = self.expect(result, kit.DONE).json()
        return CardFile(file), summary, file.with_suffix(".rejects.jsonl").read_text()

    def test_one_worker_and_many_make_the_same_cards_in_the_same_order(self):
        one, summary, rejects = self.made_by(1)
        many, same, also = self.made_by(5)
        for key in ("read", "prepared", "rejected", "rejects_by_fault", "host_windows", "icc_keys"):
            self.assertEqual(summary[key], same[key], key)
        self.assertEqual(rejects, also)
        self.assertEqual(len(one.cards), len(many.cards))
        compared = 0
        for a, b in zip(one.cards, many.cards):
            self.assertEqual(a.record.reference, b.record.reference)
            self.assertEqual(a.modules["$MG2"], b.modules["$MG2"])
            for x, y in zip(a.record.applications, b.record.applications):
                if 0x93 not in x.elements():
                    continue  # only static data are signed to the same bytes each time
                self.assertEqual(x.elements(), y.elements())
                compared += 1
        self.assertGreater(compared, 50)

    def test_filters_take_workers_too(self):
        files = [self.folder / f"{stage}.stage" for stage in ("1", "2", "3")]
        steps = (("ingest", "-o", files[0]),
                 ("prepare", "-i", files[0], "-o", files[1], "--workers", 3),
                 ("sign", "-i", files[1], "-o", files[2], "--workers", 3),
                 ("emit", "-i", files[2], "-o", self.folder / "by-stages.cps", "--workers", 3))
        for stage, *options in steps:
            self.expect(self.area.run(stage, self.area.job, *options), kit.DONE)
        self.assertEqual([r.record.reference for r in CardFile(self.folder / "by-stages.cps").cards],
                         [r.record.reference for r in self.made_by(2)[0].cards])

    def test_ctrl_c_ends_a_batch_and_leaves_the_files_of_the_one_before(self):
        file = self.folder / "stopped.cps"
        self.expect(self.area.run("run", self.area.job, "-o", file), kit.DONE)
        before = file.read_bytes(), file.with_suffix(".rejects.jsonl").read_bytes()
        names = sorted(self.folder.iterdir())
        rows = self.area.rows()
        good = self.area.good_rows()
        self.addCleanup(self.area.write_rows, rows)
        # Many cards of one account: each gets another sequence number.
        self.area.write_rows([dict(row, record_id=f"{n:08d}", psn=f"{copy:02d}")
                              for copy in range(COPIES) for n, row in enumerate(good, copy * 1000)])
        code, said = kit.stopped(
            lambda: self.area.start("run", self.area.job, "-o", file, stderr=subprocess.PIPE))
        self.assertEqual(code, kit.TRY_AGAIN, said)
        self.assertIn(b"stopped before the end", said)
        self.assertEqual((file.read_bytes(), file.with_suffix(".rejects.jsonl").read_bytes()),
                         before)
        self.assertEqual(sorted(self.folder.iterdir()), names)

    def test_no_workers_and_too_many_are_refused(self):
        for workers in ("0", "1000", "x"):
            self.expect(self.area.run("run", self.area.job, "--workers", workers), kit.USAGE)


if __name__ == "__main__":
    unittest.main()

"""The stages one by one: over pipes they give what `kpd run` gives, and trust nothing in between."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import kpd_test_kit as kit
from card_files import CardFile, tlvs

STAGES = ("ingest", "prepare", "sign", "emit")
# What comes from random card keys: ICC certificate, its remainder, and the same of the PIN key.
RANDOM_ELEMENTS = {0x9F46, 0x9F48, 0x9F2D, 0x9F2F}


def comparable(card):
    """All of a card that must come out the same each time; of the rest, the lengths."""
    applications = []
    for application in card.record.applications:
        dgis = []
        for number, value in application.dgis:
            if number in application.enciphered:
                dgis.append((number, "enciphered", len(value)))
            elif 0x01 <= number >> 8 <= 0x0A and application.aid[:5] != b"1PAY.":
                ((_, content),) = tlvs(value)
                dgis.append((number, [(tag, len(part) if tag in RANDOM_ELEMENTS else part)
                                      for tag, part in tlvs(content)]))
            else:
                dgis.append((number, value))
        applications.append((application.aid, application.keys, application.owner,
                             application.order, application.version_control,
                             application.enciphered, application.groups,
                             application.security_level, application.log_data, dgis,
                             len(application.mac)))
    others = {mic: content for mic, content in card.modules.items() if mic != "$CHP"}
    record = card.record
    return others, record.version, record.reference, record.status, applications


class Stages(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bad = kit.expected_rejects()
        rows = cls.area.rows()
        twins = {row["pan"] for row in rows if bad.get(row["record_id"]) == "duplicate"}
        cls.some_rows = [row for row in rows if row["record_id"] <= "00000070" or
                         row["record_id"] in bad or row["pan"] in twins]
        cls.small_rows = [next(row for row in cls.area.good_rows() if row["product"] == product)
                          for product in ("VISA-CLASSIC", "MC-STANDARD", "LOCAL-ID")]

    def stage(self, name, *arguments, **options):
        return self.area.run(name, self.area.job, *arguments, **options)

    def make_stages(self):
        """Stage files of a small batch."""
        self.area.write_rows(self.small_rows)
        files = [self.folder / f"{number}.stage" for number in (1, 2, 3)]
        self.expect(self.stage("ingest", "-o", files[0]), kit.DONE, "3 read, 3 on, 0 rejected")
        self.expect(self.stage("prepare", "-i", files[0], "-o", files[1]), kit.DONE, "3 on")
        self.expect(self.stage("sign", "-i", files[1], "-o", files[2]), kit.DONE, "3 on")
        return files

    def emit_fails(self, content, code, *texts):
        """`kpd emit` on this content ends so, and leaves no file."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            result = self.stage("emit", "-o", f"{folder}/x.cps", stdin=content)
            self.expect(result, code, *texts)
            self.assertEqual(list(Path(folder).iterdir()), [])

    def test_a_pipe_of_stages_gives_what_run_gives(self):
        self.area.write_rows(self.some_rows)
        whole = self.expect(self.area.run("run", self.area.job, "--json"), kit.DONE)
        piped_file = self.folder / "piped.cps"
        processes, before = [], None
        for name in STAGES:
            more = ["-o", piped_file, "--json"] if name == "emit" else []
            processes.append(self.area.start(name, self.area.job, *more, stdin=before,
                                             stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            if before:
                before.close()
            before = processes[-1].stdout
        summary, _ = processes[-1].communicate(timeout=kit.PATIENCE)
        for process in processes[:-1]:
            process.stderr.close()
        self.assertEqual([process.wait() for process in processes], [kit.DONE] * 4)

        for key in ("plan", "read", "prepared", "rejected", "rejects_by_fault"):
            self.assertEqual(json.loads(summary)[key], whole.json()[key], key)
        self.assertEqual(whole.json()["rejected"], 20)
        self.assertEqual((self.folder / "piped.rejects.jsonl").read_text(),
                         self.area.rejects.read_text())
        run, piped = CardFile(self.area.cards), CardFile(piped_file)
        self.assertEqual(len(run.cards), len(self.some_rows) - 20)
        self.assertEqual(len(run.cards), len(piped.cards))
        for one, other in zip(run.cards, piped.cards):
            with self.subTest(record=one.id):
                self.assertEqual(comparable(one), comparable(other))
        for key in ("read", "records", "rejected"):
            self.assertEqual(run.trailer[key], piped.trailer[key])
        for key in ("version", "job", "plan_digest", "date", "test", "chip_mic", "key_id_length"):
            self.assertEqual(run.header[key], piped.header[key])

    def test_stage_files_show_nothing_of_the_cards(self):
        for path in self.make_stages():
            content = path.read_bytes()
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            for row in self.small_rows:
                for text in (row["pan"].encode(), row["name"].encode(), row["pin_block"].encode(),
                             bytes.fromhex(row["pan"][:16]), bytes.fromhex(row["pin_block"])):
                    self.assertNotIn(text, content)

    def test_emit_takes_no_cut_stage_file(self):
        content = self.make_stages()[2].read_bytes()
        for length in (0, 3, 9, 60, len(content) // 2, len(content) - 1):
            with self.subTest(length=length):
                self.emit_fails(content[:length], kit.HOLD, "stage")
        self.emit_fails(content + b"\0", kit.HOLD, "follows its end")

    def test_emit_takes_no_altered_stage_file(self):
        content = self.make_stages()[2].read_bytes()
        self.assertEqual(self.stage("emit", "-o", self.folder / "good.cps", stdin=content).code, 0)
        head = 9 + int.from_bytes(content[5:9], "big")
        name = content.index(b"sign")
        everywhere = [*range(0, head, 7), *range(head, len(content), len(content) // 40)]
        for place in everywhere:
            altered = bytearray(content)
            altered[place] ^= 0x01
            with self.subTest(place=place, head=head, of=len(content)):
                another_stage = name <= place < name + 4
                self.emit_fails(bytes(altered), kit.USAGE if another_stage else kit.HOLD)

    def test_frames_cannot_change_places_or_files(self):
        content = self.make_stages()[2].read_bytes()
        frames, at = [], 9 + int.from_bytes(content[5:9], "big")
        head = content[:at]
        while at < len(content):
            end = at + 12 + int.from_bytes(content[at:at + 4], "big")
            frames.append(content[at:end])
            at = end
        self.assertEqual(len(frames), 4)
        for order in ((1, 0, 2, 3), (0, 0, 2, 3), (0, 2, 3), (0, 1, 2), (3,)):
            self.emit_fails(head + b"".join(frames[i] for i in order), kit.HOLD, "damaged")
        other = self.make_stages()[2].read_bytes()
        self.emit_fails(head + other[len(content) - len(b"".join(frames)):], kit.HOLD, "damaged")

    def test_a_stage_file_of_another_plan_is_held(self):
        files = self.make_stages()
        with self.area.edited("job.yaml", "name: starter", "name: another"):
            for name, file in zip(STAGES[1:], files):
                self.expect(self.stage(name, "-i", file, "-o", self.folder / "x"), kit.HOLD,
                            "another plan", "kpd ingest")
        with self.area.edited("templates/applications/local-sda.yaml", 'version: "0001"',
                              'version: "0002"'):
            self.emit_fails(files[2].read_bytes(), kit.HOLD, "another plan")
        self.assertFalse((self.folder / "x").exists())

    def test_stages_in_the_wrong_order_are_refused(self):
        files = self.make_stages()
        for name, wrong in (("prepare", 1), ("prepare", 2), ("sign", 0), ("sign", 2),
                            ("emit", 0), ("emit", 1)):
            with self.subTest(stage=name, file=STAGES[wrong]):
                self.expect(self.stage(name, "-i", files[wrong], "-o", self.folder / "x"),
                            kit.USAGE, f"comes from the stage '{STAGES[wrong]}'")
        self.assertFalse((self.folder / "x").exists())

    def test_something_else_is_no_stage_file(self):
        self.make_stages()
        for content in (b"hello, this is some text\n", self.area.job.read_bytes()):
            self.emit_fails(content, kit.HOLD, "not a stage file")
        self.expect(self.stage("emit", "-i", self.folder / "missing.stage"), kit.IO, "missing.stage")


if __name__ == "__main__":
    unittest.main()

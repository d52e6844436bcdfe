"""The personalisation server: packages, tasks, machines."""

import json
import shutil
import signal
import subprocess
import time
import unittest

import kpd_test_kit as kit
from test_remote import Remote

CARDS = 5


class Serve(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(CARDS // len(kit.PRODUCTS))
        cls.server = cls.area.folder / "server.yaml"

    def setUp(self):
        self.expect(self.area.run("run", self.area.job), kit.DONE)
        chips = kit.Chips(self.area, self.folder / "pcscd", readers=2, chips=CARDS * 2)
        self.addCleanup(chips.stop)
        self.environment = chips.environment
        self.two_machines()

    def two_machines(self):
        """A machine a reader, each with a task of its own."""
        self.server.write_text("""kind: server
machines:
  - {name: left, conveyor: true, stations: [{reader: "00 00"}]}
  - {name: right, conveyor: true, stations: [{reader: "00 01"}]}
tasks: [left.yaml, right.yaml]
""")
        for side, types in (("left", "starter"), ("right", '"other-*"')):
            (self.area.folder / f"{side}.yaml").write_text(
                f"kind: task\ntitle: {side}\npackages: [{types}]\nmachine: {side}\nwait_seconds: 5\n")

    def other_package(self):
        """A package of another job."""
        package = self.folder / "other.cps"
        with self.area.edited("job.yaml", "name: starter", "name: other-1"):
            self.expect(self.area.run("run", self.area.job, "-o", package), kit.DONE)
        return package

    def serve(self, *packages, code=kit.DONE, texts=()):
        log = self.folder / "serve.log"
        log.unlink(missing_ok=True)
        result = self.area.run("serve", self.server, *packages, "--json", "--log", log,
                               environment=self.environment)
        self.expect(result, code, *texts)
        self.logged = [json.loads(line) for line in log.read_text().splitlines()] \
            if log.exists() else []
        return {end["machine"]: end for end in result.json()} if result.out else {}

    def test_two_packages_on_two_machines(self):
        ends = self.serve(self.area.cards, self.other_package())
        self.assertEqual({machine: end["loaded"] for machine, end in ends.items()},
                         {"left": CARDS, "right": CARDS})
        readers = {line["reader"] for line in self.logged}
        self.assertEqual(len(readers), 2)
        again = self.serve(self.area.cards)
        self.assertEqual((again["left"]["loaded"], again["left"]["before"]), (0, CARDS))

    def test_the_area_comes_with_a_server(self):
        shutil.copy(kit.SOURCE / "examples/starter/server.yaml", self.server)
        ends = self.serve(self.area.cards)
        self.assertEqual(ends["line-1"]["loaded"], CARDS)
        verified = self.area.run("verify", self.area.cards, "--job", self.area.job, "--json",
                                 "--conveyor", "--wait", 3, environment=self.environment)
        self.assertEqual(verified.json()["right"], CARDS)

    def test_a_package_that_no_task_takes_is_refused_before_any_card(self):
        (self.area.folder / "left.yaml").write_text(
            "kind: task\ntitle: x\npackages: [nobody]\nmachine: left\n")
        self.serve(self.area.cards, code=kit.USAGE, texts=["no task takes packages of type 'starter'"])
        self.assertEqual(self.logged, [])

    def test_the_policy_of_a_task_stands_over_the_record(self):
        task = self.area.folder / "left.yaml"
        task.write_text(task.read_text() + "secure_channel: {protocols: [scp03]}\n"
                                           "retry: {failures_in_a_row: 2}\n")
        end = self.serve(self.area.cards, code=kit.HOLD)["left"]
        self.assertEqual((end["loaded"], end["failed"]), (0, 2))
        self.assertIn("2 cards in a row failed, or chips with them", end["stopped"])
        self.assertIn("does not allow", end["stopped"])
        self.assertEqual({line["store_data"] for line in self.logged}, {0})

    def test_a_folder_of_packages_is_worked_off(self):
        spool = self.folder / "spool"
        spool.mkdir()
        self.addCleanup(shutil.rmtree, spool)
        process = self.area.start("serve", self.server, "--watch", spool,
                                  environment=self.environment, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        shutil.copy(self.area.cards, self.folder / "whole")
        (self.folder / "whole").rename(spool / "good.cps")
        (spool / "bad.cps").write_bytes(b"no card file")
        deadline = time.monotonic() + kit.PATIENCE
        while not (spool / "done/good.cps").exists():
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(process.poll())
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=kit.PATIENCE)
        self.assertEqual(process.returncode, kit.HOLD, said)
        self.assertIn(f"{CARDS} loaded", said.decode())
        self.assertIn("bad.cps", said.decode())

    def test_mistakes_are_told_before_anything_starts(self):
        self.server.write_text("kind: server\nmachines: []\ntasks: []\ncolour: red\n")
        result = kit.run("template", "check", self.server)
        self.expect(result, kit.USAGE)
        said = result.out.decode() + result.err
        for text in ("without machines", "without tasks", "colour"):
            self.assertIn(text, said)


class EverywhereAtOnce(Remote):
    """One machine: eight stations on two pcscd and on another host."""

    def test_a_batch_of_mixed_cards_over_eight_stations(self):
        first = self.chips("pcscd-1", readers=4, chips=40)
        second = self.chips("pcscd-2", readers=2, chips=40, serial=1001)
        third = self.chips("pcscd-3", readers=2, chips=40, serial=2001)
        station = self.station(third)
        server = self.area.folder / "server.yaml"
        server.write_text(f"""kind: server
machines:
  - name: line-1
    conveyor: true
    stations:
      - {{pcscd: "{first.environment["PCSCLITE_CSOCK_NAME"]}"}}
      - {{pcscd: "{second.environment["PCSCLITE_CSOCK_NAME"]}"}}
      - {{host: "{station.address}", tls: "{self.certificates / "client"}"}}
tasks: [task.yaml]
""")
        self.expect(kit.run("template", "check", server), kit.DONE)
        result = self.expect(self.area.run("serve", server, self.area.cards, "--json", "--log",
                                           self.log), kit.DONE)
        self.assertEqual(result.json()[0]["loaded"], self.cards)
        log = self.logged()
        self.assertEqual(sorted(card["index"] for card in log), list(range(1, self.cards + 1)))
        self.assertEqual(len({card["chip"] for card in log}), self.cards)
        self.assertEqual(len({card["reader"] for card in log}), 8)
        where = ("--pcscd", first.environment["PCSCLITE_CSOCK_NAME"],
                 "--pcscd", second.environment["PCSCLITE_CSOCK_NAME"],
                 *self.station_options(station), "--conveyor")
        verified = self.expect(self.area.run("verify", self.area.cards, "--job", self.area.job,
                                             "--json", "--wait", 5, *where), kit.DONE).json()
        self.assertEqual((verified["right"], verified["wrong"]), (self.cards, 0))


if __name__ == "__main__":
    unittest.main()

"""Readers of another host and of several pcscd: loaded, cut off, killed, and the books balance."""

import json
import os
import re
import select
import signal
import subprocess
import time
import unittest
from pathlib import Path

import kpd_test_kit as kit

HOST = "127.0.0.1"
DEVICE_PATIENCE = 30


class Station:
    """`kpd station` over the readers behind one pcscd, until stop()."""

    def __init__(self, certificates, chips, listen=HOST + ":0", environment=None):
        self.process = kit.start(
            ["station", "--listen", listen, "--tls", certificates / HOST],
            environment=dict(chips.environment, **(environment or {})),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ready, _, _ = select.select([self.process.stdout], [], [], DEVICE_PATIENCE)
        line = self.process.stdout.readline().decode() if ready else ""
        found = re.fullmatch(r"listening on (\S+)\n", line)
        if not found:
            self.process.kill()
            raise AssertionError("no station: " + self.process.communicate()[1].decode())
        self.address = found[1]

    def kill(self):
        self.process.kill()

    def stop(self):
        """Its exit code and what it said."""
        if self.process.poll() is None:
            self.process.terminate()
        _, said = self.process.communicate(timeout=DEVICE_PATIENCE)
        return self.process.returncode, said.decode()


class Remote(kit.AreaTest):
    PER_PRODUCT = 8  # of five products

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area.keep_of_each_product(cls.PER_PRODUCT)
        cls.cards = cls.PER_PRODUCT * len(kit.PRODUCTS)
        result = cls.area.run("run", cls.area.job)
        if result.code != kit.DONE:
            raise AssertionError(result.err)
        cls.certificates = cls.folder / "tls"
        result = kit.run("station", "certificates", cls.certificates, "--host", HOST)
        if result.code != kit.DONE:
            raise AssertionError(result.err)

    def setUp(self):
        self.log = self.folder / "load.log"
        self.log.unlink(missing_ok=True)

    def chips(self, name, **options):
        chips = kit.Chips(self.area, self.folder / name, **options)
        self.addCleanup(chips.stop)
        return chips

    def station(self, chips, **options):
        station = Station(self.certificates, chips, **options)
        self.addCleanup(station.stop)
        return station

    def station_options(self, station, patience=20):
        return ("--station", station.address, "--station-tls", self.certificates / "client",
                "--station-patience", patience)

    def load_arguments(self, *more):
        return ("load", self.area.cards, "--area", self.area.yaml, "--json", "--wait", 5,
                "--log", self.log, "--remake", "all", *more)

    def load(self, *more, **options):
        return self.area.run(*self.load_arguments(*more), **options)

    def logged(self):
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines(keepends=True)
                if line.endswith("\n")]

    def wait_until(self, condition, what):
        end = time.monotonic() + DEVICE_PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.01)


class OverLinks(Remote):
    def test_readers_of_two_pcscd_and_a_station_make_one_batch(self):
        first = self.chips("pcscd-1", readers=2, chips=40)
        second = self.chips("pcscd-2", readers=2, chips=40, serial=1001)
        third = self.chips("pcscd-3", readers=2, chips=40, serial=2001)
        tracing = {"GRPC_TRACE": "all", "GRPC_VERBOSITY": "debug"}
        station = self.station(first, environment=tracing)
        sockets = [chips.environment["PCSCLITE_CSOCK_NAME"] for chips in (second, third)]
        readers = ("--pcscd", sockets[0], "--pcscd", sockets[1], *self.station_options(station),
                   "--conveyor")
        result = self.expect(self.load(*readers, environment=tracing), kit.DONE)
        self.assertEqual(result.json()["loaded"], self.cards)
        log = self.logged()
        self.assertEqual(sorted(card["index"] for card in log), list(range(1, self.cards + 1)))
        used = {card["reader"].rsplit("/", 1)[0] for card in log}
        self.assertEqual(used, {station.address, "pcscd-2/pcscd", "pcscd-3/pcscd"})
        verified = self.expect(self.area.run(
            "verify", self.area.cards, "--job", self.area.job, "--json", "--wait", 5, *readers),
            kit.DONE).json()
        self.assertEqual([verified[key] for key in ("cards", "right", "wrong", "unknown")],
                         [self.cards, self.cards, 0, 0])

        code, said = station.stop()
        self.assertEqual(code, kit.DONE, said)
        self.assertRegex(said, r"00 00: taken by kpd \(ipv4:127\.0\.0\.1:\d+\)")
        self.assertRegex(said, r"00 00: let go by kpd")
        for text in (said, result.err):  # gRPC's own tracing would show every byte
            self.assertNotRegex(text, r"(?i)chttp2|\.cc:\d+")

    def test_a_station_killed_in_the_middle_loses_no_card_from_the_books(self):
        chips = self.chips("pcscd-1", readers=2, chips=40)
        station = self.station(chips)
        process = self.area.start(
            *self.load_arguments(*self.station_options(station, patience=1), "--conveyor"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.wait_until(lambda: len(self.logged()) >= 4, "no card was loaded")
        station.kill()
        out, err = process.communicate(timeout=kit.PATIENCE)
        self.assertEqual(process.returncode, kit.HOLD, err)
        self.assertIn(f"station {station.address}", err.decode())
        totals = json.loads(out)
        self.assertEqual(totals["loaded"] + totals["failed"] + totals["untouched"], self.cards)
        log = self.logged()
        self.assertEqual(len(log), totals["loaded"] + totals["failed"])
        self.assertLess(totals["loaded"], self.cards)
        self.assertLessEqual(totals["failed"], 2)  # one a reader
        for card in log:
            self.assertIn(card["outcome"], ("done", "reader-broken", "card-lost"))

    def test_a_station_that_comes_back_in_time_is_used_again(self):
        chips = self.chips("pcscd-1", readers=1, chips=5)
        station = self.station(chips)
        options = (*self.station_options(station), "--reader", "00 00", "--conveyor")
        self.expect(self.load(*options, "--count", 1), kit.DONE)
        station.stop()
        self.expect(self.load(*options, "--count", 1), kit.AWAY, f"station {station.address}")
        self.station(chips, listen=station.address)
        self.expect(self.load(*options, "--first", 2, "--count", 1), kit.DONE)

    def test_processes_of_further_pcscd_end_with_kpd(self):
        chips = self.chips("pcscd-1")
        process = self.area.start(*self.load_arguments(
            "--pcscd", chips.environment["PCSCLITE_CSOCK_NAME"], "--reader", "00 01"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        self.wait_until(lambda: children.read_text().split(), "no process was started")
        child = int(children.read_text().split()[0])
        command = Path(f"/proc/{child}/cmdline")
        self.wait_until(lambda: b"--unix" in command.read_bytes(), "the child does not execute kpd")
        words = command.read_bytes().split(b"\0")
        socket = Path(words[words.index(b"--unix") + 1].decode())
        self.wait_until(socket.exists, "the child does not listen")
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        self.wait_until(lambda: not alive(child), "the child outlived its parent")
        self.assertFalse(socket.parent.exists())


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Refused(kit.AreaTest):
    """What people say wrong is told before any reader is looked for."""

    def test_options_that_do_not_go_together(self):
        for arguments, text in (
                (("station",), "either --listen HOST:PORT or --unix PATH"),
                (("station", "--listen", "127.0.0.1:0"), "nothing is served in the clear"),
                (("station", "--listen", "here", "--tls", "x"), "HOST:PORT"),
                (("station", "--listen", "h:1", "--tls", "x", "--unix", "y"), "either --listen"),
                (("station", "certificates", self.folder / "lab", "--host", "../x"), "no DNS name")):
            with self.subTest(arguments):
                self.expect(kit.run(*arguments), kit.USAGE, text)
        (self.folder / "none.cps").write_bytes(b"")
        load = ("load", self.folder / "none.cps", "--area", self.area.yaml)
        for more, text in (
                (("--station", "host"), "is not HOST:PORT"),
                (("--station", "host:1"), "--station-tls FOLDER"),
                (("--station", "h:1", "--station", "h:1", "--station-tls", "x"), "given twice"),
                (("--pcscd", "a", "--pcscd", "./a"), "given twice"),
                (("--station-tls", "x"), "--station")):
            with self.subTest(more):
                self.expect(self.area.run(*load, *more), kit.USAGE, text)
        self.expect(self.area.run(*load, "--pcscd", self.folder / "no.socket"), kit.AWAY,
                    "no.socket cannot be reached")

    def test_certificates_are_private_and_not_written_over(self):
        folder = self.folder / "tls"
        self.expect(kit.run("station", "certificates", folder, "--host", "smart1.example"), kit.DONE)
        for key in ("ca/ca.key", "client/client.key", "smart1.example/station.key"):
            self.assertEqual(os.stat(folder / key).st_mode & 0o777, 0o600)
        self.expect(kit.run("station", "certificates", folder, "--host", "smart1.example"), kit.HOLD,
                    "is there already")
        verified = subprocess.run(
            ["openssl", "verify", "-CAfile", folder / "ca/ca.pem", "-purpose", "sslserver",
             "-verify_hostname", "smart1.example", "-x509_strict",
             folder / "smart1.example/station.pem"], capture_output=True, text=True, check=False)
        self.assertEqual(verified.returncode, 0, verified.stderr)


if __name__ == "__main__":
    unittest.main()

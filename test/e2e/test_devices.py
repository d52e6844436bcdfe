"""Devices that keep secrets inside, and devices that cannot: what is refused, what is said, what comes out."""

import json
import re
import secrets
import shutil
import unittest
from pathlib import Path

import kpd_test_kit as kit
from card_files import CardFile

NSS = "nss-softoken"
SPY = "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so"
WINDOWS = "host_window: {card_keys: refuse, pins: refuse, icc_keys: allow, record_mac: refuse}"
ALL_ALLOWED = "host_window: allow"
WITHOUT_RSA = ("VISA-CLASSIC", "MC-DEBIT19", "LOCAL-ID")


def make_area(folder, device, source=kit.SOURCE):
    area = kit.Area(folder, secrets.token_hex(6))
    result = area.run("init", folder, "--device", device, "--from", source)
    if result.code != kit.DONE:
        raise AssertionError(f"kpd init: {result.code}: {result.err}")
    return area


def keep_products(area, products, count):
    rows = [row for product in products
            for row in [r for r in area.good_rows() if r["product"] == product][:count]]
    area.write_rows(rows)
    return rows


class DeviceTest(kit.AreaTest):
    """A folder for areas of several devices."""

    DEVICE = NSS

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(kit.tempfile.mkdtemp(prefix="kpd-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.area = make_area(cls.folder / "area", cls.DEVICE)

    def run_job(self, code=kit.DONE, *texts, area=None, **options):
        area = area or self.area
        return self.expect(area.run("run", area.job, "--json", **options), code, *texts)

    def doctor(self, *more, area=None):
        area = area or self.area
        return self.expect(area.run("hsm", "doctor", "--area", area.yaml, "--json", *more), kit.DONE).json()

    def load_and_verify(self, area, cards):
        chips = kit.Chips(area, self.folder / "pcscd", readers=1, chips=cards)
        self.addCleanup(chips.stop)
        loaded = self.expect(
            area.run("load", area.cards, "--area", area.yaml, "--json", "--conveyor", "--reader",
                     "00 00", "--wait", 3, environment=chips.environment), kit.DONE).json()
        self.assertEqual((loaded["loaded"], loaded["failed"]), (cards, 0))
        verified = self.expect(
            area.run("verify", area.cards, "--job", area.job, "--json", "--conveyor", "--reader",
                     "00 00", "--wait", 3, environment=chips.environment), kit.DONE).json()
        self.assertEqual((verified["right"], verified["wrong"]), (cards, 0))
        return loaded, verified


class InsideTheDevice(DeviceTest):
    def test_cards_whose_keys_and_pins_were_never_seen_load_and_verify(self):
        keep_products(self.area, kit.PRODUCTS, 2)
        summary = self.run_job().json()
        self.assertEqual((summary["prepared"], summary["rejected"]), (10, 0))
        self.assertEqual((summary["pins_checked_in_host"], summary["pins_unchecked"]), (0, 10))
        self.assertEqual(summary["host_windows"], ["icc_keys: 6 through host memory"])
        loaded, verified = self.load_and_verify(self.area, 10)
        self.assertEqual(loaded["host_windows"], [])
        self.assertEqual(verified["passed"]["plaintext PIN"], 10)
        self.assertEqual(verified["passed"]["ARQC"], 10)

    def test_nothing_is_deciphered_and_no_key_can_be_read(self):
        self.assertTrue(Path(SPY).exists(), "package opensc-pkcs11")
        keep_products(self.area, WITHOUT_RSA, 3)
        trace = self.folder / "calls.log"
        module = re.search(r"^module: (\S+)$", self.area.yaml.read_text(), re.MULTILINE)[1]
        cache = self.area.folder / "device-cache.json"
        with self.area.edited("area.yaml", f"module: {module}", f"module: {SPY}"):
            spy = {"PKCS11SPY": module, "PKCS11SPY_OUTPUT": str(trace)}
            # so that the run tries nothing with values that the host knows
            self.expect(self.area.run("hsm", "doctor", "--job", self.area.job, environment=spy),
                        kit.DONE)
            trace.unlink()
            self.run_job(environment=spy)
        cache.unlink()
        calls = re.split(r"^\d+: ", trace.read_text(), flags=re.MULTILINE)
        names = [call.split()[0] for call in calls if call.startswith("C_")]
        self.assertGreaterEqual(names.count("C_WrapKey"), 9 * 4)
        self.assertEqual([name for name in names if name in ("C_Decrypt", "C_DecryptInit")], [])
        self.assertNotIn("C_CreateObject", names)
        for call in calls:
            if call.startswith(("C_DeriveKey", "C_UnwrapKey", "C_GenerateKey")):
                self.assertRegex(call, r"CKA_SENSITIVE\s+True")
            if call.startswith("C_GetAttributeValue"):
                self.assertNotRegex(call, r"CKA_VALUE\s|CKA_PRIME|CKA_PRIVATE_EXPONENT")

    def test_a_block_under_another_key_is_counted_and_not_seen(self):
        rows = keep_products(self.area, ("VISA-CLASSIC",), 2)
        rows[0]["pin_block"] = "00" * 8
        rows[1]["pin_block"] = ""
        self.area.write_rows(rows)
        summary = self.run_job().json()
        self.assertEqual((summary["prepared"], summary["pins_unchecked"]), (1, 1))
        self.assertEqual(summary["rejects_by_fault"], {"missing": 1})

    def test_what_wants_a_clear_pin_is_refused_with_its_place(self):
        keep_products(self.area, ("VISA-CLASSIC",), 1)
        with self.area.edited("job.yaml", "pin_check: none", "pin_check: host"):
            self.run_job(kit.HOLD, "pin_check", "host_window.pins")
        with self.area.edited("job.yaml", "pin_check: none", "pin_check: device"):
            self.run_job(kit.HOLD, "no call of PKCS#11 looks at a PIN")
        with self.area.edited("job.yaml", "format: 0", "format: 1"):
            self.run_job(kit.HOLD, "format 1", "host_window.pins")
        card = "templates/cards/base/bank-card.yaml"
        with self.area.edited(card, "values:\n", 'values:\n  pvv: {pvv: PVK, pvki: 1, pan: "{pan}"}\n'), \
                self.area.edited("job.yaml", "  STORAGE:  ", '  PVK: "pkcs11:object=PVK"\n  STORAGE:  '):
            self.run_job(kit.USAGE, r"bank-card\.yaml:\d+:\d+: .*clear PIN", "host_window.pins")

    def test_an_exponent_that_the_device_does_not_make_stops_before_the_first_card(self):
        with self.area.edited("job.yaml", 'label: VISA GOLD,\n         with: {icc_key_exponent: "65537"}}',
                              "label: VISA GOLD}"):
            self.run_job(kit.HOLD, "exponent 3", "65537")

    def test_two_processes_log_in_at_once(self):
        keep_products(self.area, WITHOUT_RSA, 2)
        names = [self.folder / f"{n}.cps" for n in range(4)]
        processes = [self.area.start("run", self.area.job, "-o", name, stderr=kit.subprocess.PIPE)
                     for name in names]
        for process in processes:
            _, err = process.communicate(timeout=kit.PATIENCE)
            self.assertEqual(process.returncode, kit.DONE, err.decode())
        for name in names:
            self.assertEqual(len(CardFile(name).cards), 6)

    def test_a_folder_that_the_library_cannot_name_is_refused(self):
        folder = self.folder / "it's"
        result = kit.run("init", folder, "--device", NSS, "--from", kit.SOURCE, pin="1234")
        self.expect(result, kit.USAGE, "name another")
        result = kit.run("init", self.folder / "none", "--device", "abacus", "--from", kit.SOURCE,
                         pin="1234")
        self.expect(result, kit.USAGE, "abacus", "nss-softoken", "softhsm")
        self.assertFalse((self.folder / "none").exists())


class SameJob(DeviceTest):
    """One job, one plan of keys: each device takes the way that it has."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(kit.tempfile.mkdtemp(prefix="kpd-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        source = cls.folder / "source"
        for part in ("templates", "examples"):
            shutil.copytree(kit.SOURCE / part, source / part)
        example = source / "examples/starter-nss-softoken"
        plan = (example / "area-plan.yaml").read_text()
        plan = plan.replace("preparation: [derive]", "preparation: [derive, encrypt]")
        plan = plan.replace("preparation: [unwrap]", "preparation: [unwrap, decrypt]")
        plan = plan.replace("personaliser: [unwrap]}}\n  IMK", "personaliser: [unwrap, decrypt]}}\n  IMK")
        (example / "area-plan.yaml").write_text(plan)
        shutil.copytree(example, source / "examples/starter-softhsm")
        cls.areas = {name: make_area(cls.folder / name, name, source) for name in ("softhsm", NSS)}
        for area in cls.areas.values():
            keep_products(area, kit.PRODUCTS, 1)

    def secrets_of(self, area):
        """What a job says of its secrets: path by kind."""
        told = self.doctor("--job", area.job, area=area)
        return {one["kind"]: one["path"] for one in told["secrets"]}, told

    def test_refused_windows_stop_it_where_the_device_cannot_and_nowhere_else(self):
        paths, told = self.secrets_of(self.areas["softhsm"])
        self.assertEqual(paths, {"card_keys": "refused", "pins": "refused",
                                 "icc_keys": "host window", "record_mac": "refused"})
        for one in told["secrets"]:
            self.assertTrue(one["why"], one)
        self.run_job(kit.HOLD, "cannot stay inside the device", "cannot take PIN blocks",
                     "policy.host_window.pins", area=self.areas["softhsm"])
        self.assertFalse(self.areas["softhsm"].cards.exists())
        paths, told = self.secrets_of(self.areas[NSS])
        self.assertEqual(paths, {"card_keys": "in device", "pins": "in device",
                                 "icc_keys": "host window", "record_mac": "in device"})
        self.run_job(area=self.areas[NSS])

    def test_with_windows_allowed_both_make_the_same_cards(self):
        files, windows = {}, {}
        for name, area in self.areas.items():
            with area.edited("job.yaml", WINDOWS, ALL_ALLOWED):
                windows[name] = self.run_job(area=area).json()["host_windows"]
                files[name] = CardFile(area.cards)
                self.load_and_verify(area, 5)
        self.assertEqual([line.split(":")[0] for line in windows["softhsm"]],
                         ["card_keys", "pins", "icc_keys", "record_mac"])
        self.assertEqual([line.split(":")[0] for line in windows[NSS]], ["icc_keys"])
        ours, theirs = files["softhsm"], files[NSS]
        self.assertEqual([card.id for card in ours.cards], [card.id for card in theirs.cards])
        for one, other in zip(ours.cards, theirs.cards):
            self.assertEqual(self.check_values(one), self.check_values(other))

    def test_under_aes_card_keys_stay_inside_a_device_that_wraps_nothing_under_3des(self):
        area = self.areas["softhsm"]
        windows = WINDOWS.replace("pins: refuse", "pins: allow").replace("mac: refuse", "mac: allow")
        with area.edited("job.yaml", "transport_keys: fresh",
                         "transport_keys: fresh\n  card_key_cipher: aes"), \
                area.edited("job.yaml", WINDOWS, windows):
            summary = self.run_job(area=area).json()
            self.assertEqual([line.split(":")[0] for line in summary["host_windows"]],
                             ["pins", "icc_keys", "record_mac"])
            keys = {key["use"]: key["algorithm"] for key in CardFile(area.cards).header["keys"]}
            self.assertEqual((keys["card-keys"], keys["pin"]), ("AES", "3DES"))
            self.load_and_verify(area, 5)
            # through a window, where it is allowed, the same way of writing
            with area.edited("job.yaml", "card_keys: refuse", "card_keys: allow"), \
                    area.edited("templates/applications/base/contact-payment.yaml",
                                '{dgi: "8000", keys: [AC, SMI, SMC]}',
                                '{dgi: "8000", keys: [AC, SMI, SMC], pad: always}'):
                self.run_job(kit.USAGE, "cannot travel under AES", "pad: always", area=area)

    @staticmethod
    def check_values(card):
        """DGI 9000 of each application: the check values of its keys."""
        return [value.hex() for application in card.record.applications
                for dgi, value in application.dgis if dgi == 0x9000]


class Doctor(DeviceTest):
    def test_what_it_says_is_what_the_device_does(self):
        told = self.doctor()
        verdicts = {probe["name"]: probe["verdict"] for probe in told["probes"]}
        self.assertEqual(verdicts["CKM_DES3_ECB unwrap generic"], "works")
        self.assertEqual(verdicts["RSA 1408 e=3"], "listed, does not work")
        self.assertEqual(verdicts["RSA 1408 e=65537"], "works")
        self.assertEqual(verdicts["CKA_UNWRAP_TEMPLATE is kept"], "not kept")
        self.assertTrue(any("PIN's length" in limit for limit in told["limits"]))
        self.assertTrue(any("CRT" in limit for limit in told["limits"]))
        self.assertGreater(min(told["speeds"].values()), 0)
        shown = self.expect(self.area.run("hsm", "doctor", "--area", self.area.yaml, "--party", "personaliser"),
                            kit.DONE).out.decode()
        for text in ("NSS softoken", "listed, does not work", "what cannot be done"):
            self.assertIn(text, shown)

    def test_it_is_believed_until_the_device_is_another(self):
        keep_products(self.area, ("VISA-CLASSIC",), 1)
        self.doctor("--job", self.area.job)
        cache = self.area.folder / "device-cache.json"
        kept = json.loads(cache.read_text())
        answers = kept["tokens"]["kpd-preparation"]["answers"]
        answers["derive, wrap under 3DES"]["works"] = False
        cache.write_text(json.dumps(kept))
        self.run_job(kit.HOLD, "cannot derive card keys")
        with self.area.edited("device.yaml", "log_in_apart: true", "log_in_apart: false"):
            self.run_job()
        cache.write_text("{")
        self.run_job()
        cache.unlink()


if __name__ == "__main__":
    unittest.main()

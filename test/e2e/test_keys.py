"""The life of keys: versions that jobs name, states, key blocks and wrapped keys exchanged with
others, and a register that fits the token whatever breaks."""

import hashlib
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import time
import unittest

import kpd_test_kit as kit
import key_blocks
import openssl
from key_office import HeldAudit, at_terminal, audit, keys_of, state_of


def kcv(key):
    return openssl.kcv(key).hex().upper()


def odd(key):
    return bytes(b & 0xFE | (bin(b & 0xFE).count("1") + 1) % 2 for b in key)


class Keys(kit.AreaTest):
    def key(self, *arguments, **options):
        return self.area.run("key", *map(str, arguments[:1]), "--area", self.area.folder, *arguments[1:],
                             **options)

    def done(self, *arguments):
        return self.expect(self.key(*arguments), kit.DONE)

    def one(self, name, version=1):
        (found,) = [key for key in keys_of(self.area, "--all")
                    if (key["name"], key["version"]) == (name, version)]
        return found

    def import_components(self, name, role, parts, *options):
        answers = []
        for number, part in enumerate(parts, 1):
            turn = f"Component {number} of {len(parts)}"
            answers += [(f"{turn} — custodian: ", f"c{number}"), (f"{turn} (", part.hex()),
                        ("KCV on the envelope", "")]
        code, seen = at_terminal(["key", "import", "--area", self.area.folder, name, "--role", role,
                                  "--components", len(parts), *options], self.area.pin,
                                 [*answers, ("KCV that it must have", "")])
        self.assertEqual(code, kit.DONE, seen)


class Life(Keys):
    def test_the_starters_keys_are_registered(self):
        for party in ("preparation", "personaliser", "issuer-host", "manufacturer", "back-office"):
            for key in keys_of(self.area, party=party):
                if key["algorithm"] == "rsa":
                    continue
                self.assertEqual((key["standing"], key["state"]), ("registered", "current"), key)
        self.assertEqual(audit(self.area)[0]["action"], "area init")

    def test_every_role_has_a_key_and_a_party_that_may_use_it(self):
        roles = {"KEK1": "decrypt", "KEK2-KEY": "wrap", "KEK2-PIN": "wrap", "IMK-AC": "encrypt",
                 "IMK-SMI": "encrypt", "IMK-SMC": "encrypt", "IMK-DAC": "encrypt",
                 "IMK-IDN": "encrypt", "IMK-CVC3": "encrypt", "KMC": "derive", "CVK": "encrypt",
                 "PVK": "encrypt", "MAC": "decrypt", "STORAGE": "encrypt, decrypt",
                 "KBPK": "encrypt", "KEK": "wrap, unwrap"}
        for role, use in roles.items():
            with self.subTest(role):
                made = self.done("generate", f"NEW-{role}", "--role", role, "--json").json()
                self.assertEqual((made["uses"], made["exportable"], made["state"]),
                                 (use, False, "current"))
        issuer = self.done("generate", "NEW-ISSUER", "--role", "ISSUER", "--bits", "1152",
                           "--exponent", "3", "--json").json()
        self.assertEqual((issuer["bits"], issuer["uses"], len(issuer["kcv"])), (1152, "sign", 16))
        shown = self.done("show", "NEW-ISSUER", "--json").json()
        self.assertTrue(shown["fingerprint"].startswith(issuer["kcv"]))
        self.expect(self.key("generate", "X", "--role", "IMK-AC", "--use", "decrypt"), kit.USAGE,
                    "may not decrypt")
        self.expect(self.key("generate", "X"), kit.USAGE, "no role is called 'X'")
        self.expect(self.key("generate", "X.2", "--role", "CVK"), kit.USAGE, "cannot name a key")

    def test_a_job_takes_the_current_version_or_the_one_it_names(self):
        area = self.area.copy(self.folder / "versions")
        run = lambda *a: self.expect(area.run("key", a[0], "--area", area.folder, *a[1:]), kit.DONE)
        old = area.run("key", "show", "--area", area.folder, "IMK-AC", "--json").json()["kcv"]
        new = run("rotate", "IMK-AC", "--json").json()
        self.assertEqual((new["label"], new["state"]), ("IMK-AC.2", "current"))
        line = '{key: "pkcs11:object=IMK-AC", kcv: "500E5F"}'

        def check(key, code, *texts):
            with area.edited("job.yaml", line, key):
                return self.expect(area.run("template", "check", area.job), code, *texts)

        self.assertEqual(old, "500E5F")
        check('{name: IMK-AC, version: current, kcv: "%s"}' % new["kcv"], kit.DONE)
        check('{name: IMK-AC, kcv: "%s"}' % new["kcv"], kit.DONE)
        check('{name: IMK-AC, version: 2, kcv: "%s"}' % new["kcv"], kit.DONE)
        check('{name: IMK-AC, version: 1, kcv: "500E5F"}', kit.DONE)
        check(line, kit.DONE)
        check('{name: IMK-AC, version: current, kcv: "500E5F"}', kit.USAGE, "another key")
        check("{name: IMK-AC, version: 3}", kit.HOLD, r"job.yaml:\d+:\d+: .*IMK-AC\.3")
        check("{name: IMK-SMI}", kit.HOLD, r"job.yaml:\d+:\d+: .*made for the role IMK-SMI")
        place = next(i for i, text in enumerate(area.job.read_text().splitlines(), 1)
                     if "IMK-AC:" in text)
        run("retire", "IMK-AC", "--version", "1")
        check("{name: IMK-AC, version: 1}", kit.HOLD, rf"job.yaml:{place}:\d+: .*is retired")
        check(line, kit.HOLD, rf"job.yaml:{place}:\d+: .*is retired")
        check("{name: IMK-AC}", kit.DONE)
        run("rotate", "IMK-AC", "--pending", "--from", "2027-01-01")
        check("{name: IMK-AC, version: 3}", kit.HOLD, "is pending")
        check('{name: IMK-AC, kcv: "%s"}' % new["kcv"], kit.DONE)
        run("rotate", "IMK-AC", "--to", "3")
        check("{name: IMK-AC}", kit.HOLD, "valid from 2027-01-01")
        run("rotate", "IMK-AC", "--to", "2")
        self.expect(area.run("key", "rotate", "--area", area.folder, "IMK-AC", "--until",
                             "2020-01-01"), kit.HOLD, "has passed")
        run("rotate", "IMK-AC")
        with sqlite3.connect(area.folder / "keys.db") as register:
            register.execute("UPDATE key SET last_day = '2026-11-01' WHERE label = 'IMK-AC.4'")
        register.close()
        check("{name: IMK-AC}", kit.HOLD, "has expired on 2026-11-01")
        run("destroy", "IMK-AC", "--version", "4", "--confirm",
            run("show", "IMK-AC", "--version", "4", "--json").json()["kcv"])
        check("{name: IMK-AC, version: 4}", kit.HOLD, "no private or secret key")
        check("{name: IMK-AC}", kit.HOLD, "no version of 'IMK-AC' is current")
        run("rotate", "IMK-AC", "--to", "2")
        self.expect(area.run("key", "rotate", "--area", area.folder, "IMK-AC", "--to", "1"), kit.HOLD,
                    "retired")
        with area.edited("job.yaml", line, "{name: IMK-AC, version: current}"):
            area.keep_of_each_product(1)
            self.expect(area.run("run", area.job), kit.DONE)

    def test_a_key_is_destroyed_by_who_knows_its_kcv(self):
        made = self.done("generate", "DOOMED", "--role", "CVK", "--json").json()
        before = state_of(self.area)
        wrong = self.key("destroy", "DOOMED", "--version", "1", "--confirm", "000000")
        self.expect(wrong, kit.HOLD, "it stays")
        code, seen = at_terminal(["key", "destroy", "--area", self.area.folder, "DOOMED", "--version", "1"],
                                 self.area.pin, [("Its KCV", "123456")])
        self.assertEqual(code, kit.HOLD, seen)
        self.assertEqual(state_of(self.area), before)
        code, seen = at_terminal(["key", "destroy", "--area", self.area.folder, "DOOMED", "--version", "1"],
                                 self.area.pin, [("Its KCV", made["kcv"])])
        self.assertEqual(code, kit.DONE, seen)
        self.assertEqual(self.one("DOOMED")["standing"], "destroyed")
        self.assertNotIn("DOOMED", [key["name"] for key in keys_of(self.area)])
        self.assertEqual([entry["result"] for entry in audit(self.area)
                          if entry.get("key") == "DOOMED" and entry["action"] == "key destroy"],
                         ["begun", "done"])
        self.expect(self.key("generate", "DOOMED", "--role", "CVK"), kit.HOLD, "was destroyed")
        self.expect(self.key("rotate", "DOOMED"), kit.HOLD, "generate --next")
        again = self.done("generate", "DOOMED", "--role", "CVK", "--next", "--json").json()
        self.assertEqual((again["label"], again["state"]), ("DOOMED.2", "current"))

    def test_a_zone_key_is_not_current_before_its_other_holder_has_it(self):
        self.area = self.area.copy(self.folder / "zone")
        self.done("generate", "ZONE", "--role", "KEK1")
        self.expect(self.key("rotate", "ZONE"), kit.USAGE, "--pending")
        self.done("rotate", "ZONE", "--pending")
        self.done("rotate", "ZONE", "--to", "2")
        self.assertEqual((self.one("ZONE")["state"], self.one("ZONE", 2)["state"]),
                         ("valid", "current"))
        self.expect(self.key("generate", "ODD", "--role", "ISSUER", "--bits", "1025"), kit.USAGE,
                    "multiple of 8")


class Exchange(Keys):
    def test_key_blocks_go_to_others_and_come_from_them(self):
        for version, size in (("A", 16), ("B", 24), ("C", 16), ("D", 16), ("D", 24), ("D", 32)):
            with self.subTest(version=version, size=size):
                parts = [odd(secrets.token_bytes(size)) for _ in range(2)]
                kbpk = bytes(a ^ b for a, b in zip(*parts))
                if version != "D":
                    kbpk = odd(kbpk)
                name = f"KBPK-{version}{size}"
                kind = {("D", 16): "aes128", ("D", 24): "aes192", ("D", 32): "aes256"}.get(
                    (version, size), "des2" if size == 16 else "des3")
                self.import_components(name, "KBPK", parts, "--type", kind, "--exportable")
                value = odd(secrets.token_bytes(16))
                file = self.folder / f"{name}.block"
                file.write_text(key_blocks.wrap(kbpk, "E0TX00E", value, version) + "\n")
                master = f"IMK-{version}{size}"
                made = self.done("import", master, "--role", "IMK-AC", "--block", file,
                                 "--protected-by", name, "--kcv", kcv(value), "--exportable",
                                 "--json").json()
                self.assertEqual((made["kcv"], made["origin"]), (kcv(value), "key block"))
                out = self.folder / f"{name}.out"
                self.done("export", master, "--protected-by", name, "--block-version", version,
                          "--with-kcv", "-o", out)
                block = out.read_text().strip()
                self.assertEqual(block[5:9], "E0TX")
                self.assertEqual(key_blocks.unwrap(kbpk, block), value)

    def test_a_block_that_was_changed_or_is_for_something_else_is_refused(self):
        parts = [secrets.token_bytes(32) for _ in range(2)]
        kbpk = bytes(a ^ b for a, b in zip(*parts))
        self.import_components("KBPK", "KBPK", parts)
        value = odd(secrets.token_bytes(16))
        good = key_blocks.wrap(kbpk, "E0TX00N", value, "D")
        before = state_of(self.area)

        def refused(block, *options, text, role="IMK-AC"):
            file = self.folder / "block"
            file.write_text(block)
            result = self.key("import", "BLOCK", "--role", role, "--block", file, "--protected-by",
                              "KBPK", *options)
            self.expect(result, kit.HOLD, text)
            self.assertNotIn(value.hex().upper(), result.err)
            self.assertEqual(state_of(self.area), before)

        for at in range(1, 16):
            changed = good[:at] + ("1" if good[at] != "1" else "2") + good[at + 1:]
            refused(changed, text="key block")
        refused(good[:-1] + ("0" if good[-1] != "0" else "1"), text="refused")
        refused(good, role="IMK-SMI", text="key usage E0")
        refused(good, "--exportable", text="not exportable")
        refused(good, "--kcv", "123456", text="not 123456")
        refused(key_blocks.wrap(kbpk, "D0TB00N", value, "D"), text="key usage D0")
        refused(key_blocks.wrap(secrets.token_bytes(32), "E0TX00N", value, "D"), text="refused")
        refused(key_blocks.wrap(kbpk, "E0TXc1N", value, "D"), text="component 1")
        refused(key_blocks.wrap(kbpk, "C0TV00N", value, "D"), role="CVK", text="mode of use V")
        refused("this is no block", text="no key block")
        self.expect(self.key("import", "BLOCK", "--role", "IMK-AC", "--block", self.folder / "block",
                             "--protected-by", "STORAGE"), kit.HOLD)

    def test_wrapped_keys_go_from_party_to_party(self):
        to = ("--party", "personaliser")
        self.done("generate", "TRANSPORT-IN", "--role", "TRANSPORT", *to)
        pem = self.folder / "transport.pem"
        told = self.done("export", "TRANSPORT-IN", "--public", "-o", pem, *to).err
        print_of = told.split("fingerprint: ")[1].split()[0]
        text = subprocess.run(["openssl", "pkey", "-pubin", "-in", pem, "-outform", "DER"],
                              capture_output=True, check=True).stdout
        self.assertEqual(hashlib.sha256(text).hexdigest().upper(), print_of)
        made = self.done("generate", "TRAVELS", "--role", "KEK1", "--exportable", "--json").json()
        file = self.folder / "wrapped.json"
        export = ("export", "TRAVELS", "--wrap-with", pem, "--method", "rsa-oaep-sha1", "-o", file)
        self.expect(self.key(*export, "--fingerprint", "0" * 16), kit.HOLD, "another key")
        self.done(*export, "--fingerprint", print_of[:16])
        take = ("import", "TRAVELS", "--role", "KEK1", "--wrapped", file, "--unwrap-with",
                "TRANSPORT-IN", *to)
        before = len(audit(self.area))
        self.expect(self.key(*take), kit.USAGE, "anyone can wrap")
        self.assertEqual([entry["result"] for entry in audit(self.area)[before:]], ["refused"])
        arrived = self.done(*take, "--kcv", made["kcv"], "--json").json()
        self.assertEqual(arrived["kcv"], made["kcv"])
        before = [key["label"] for key in keys_of(self.area, party="personaliser")]
        wrapped = json.loads(file.read_text())
        for change in ({"kcv": "123456"}, {"role": "CVK"}, {"under": "00"}, {"under": ""},
                       {"wrapped": "00" + wrapped["wrapped"][2:]}, {"wrapped": "no"}):
            with self.subTest(change):
                file.write_text(json.dumps({**wrapped, **change}))
                result = self.key("import", "OTHER", "--role", "KEK1", "--wrapped", file,
                                  "--unwrap-with", "TRANSPORT-IN", "--kcv",
                                  change.get("kcv", made["kcv"]), *to)
                self.assertIn(result.code, (kit.HOLD, kit.AWAY), result.err)
                self.assertEqual([key["label"] for key in keys_of(self.area, party="personaliser")],
                                 before)

    def test_another_program_wraps_for_us(self):
        self.done("generate", "MAILBOX", "--role", "TRANSPORT", "--bits", "2048")
        pem = self.folder / "ours.pem"
        self.done("export", "MAILBOX", "--public", "-o", pem)
        value = odd(secrets.token_bytes(16))
        wrapped = subprocess.run(
            ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", pem, "-pkeyopt",
             "rsa_padding_mode:oaep"], input=value, capture_output=True, check=True).stdout
        file = self.folder / "wrapped.hex"
        file.write_text(wrapped.hex() + "\n")
        arguments = ("import", "FOREIGN", "--role", "CVK", "--wrapped", file, "--unwrap-with",
                     "MAILBOX", "--method", "rsa-oaep-sha1")
        self.expect(self.key(*arguments), kit.USAGE, "--kcv")
        self.expect(self.key(*arguments, "--kcv", "123456"), kit.HOLD, "another key")
        self.assertNotIn("FOREIGN", [key["name"] for key in keys_of(self.area)])
        made = self.done(*arguments, "--kcv", kcv(value), "--json").json()
        self.assertEqual(made["kcv"], kcv(value))

    def test_aes_key_wrap_is_what_the_standards_say(self):
        parts = [secrets.token_bytes(32) for _ in range(2)]
        kek = bytes(a ^ b for a, b in zip(*parts))
        self.import_components("KEK-AES", "KEK", parts)
        made = self.done("generate", "OUT", "--role", "IMK-AC", "--exportable", "--json").json()
        for method, cipher in (("aes-kw", "id-aes256-wrap"), ("aes-kwp", "id-aes256-wrap-pad")):
            with self.subTest(method):
                out = json.loads(self.done("export", "OUT", "--wrap-with", "KEK-AES", "--method",
                                           method).out)
                initial = "A6" * 8 if method == "aes-kw" else "A65959A6"
                clear = subprocess.run(
                    ["openssl", "enc", "-d", "-" + cipher, "-K", kek.hex(), "-iv", initial],
                    input=bytes.fromhex(out["wrapped"]), capture_output=True, check=False)
                self.assertEqual(clear.returncode, 0, clear.stderr)
                self.assertEqual(kcv(clear.stdout), made["kcv"])

    def test_keys_out_of_use_protect_nothing_and_leave_on_purpose_alone(self):
        self.area = self.area.copy(self.folder / "out-of-use")
        self.done("generate", "OLD-KBPK", "--role", "KBPK")
        self.done("generate", "LATE-KBPK", "--role", "KBPK", "--from", "2099-01-01")
        self.done("generate", "NEW-KBPK", "--role", "KBPK")
        self.done("generate", "LEAVES", "--role", "CVK", "--exportable")
        self.done("retire", "OLD-KBPK", "--version", "1")
        for protecting, reason in (("OLD-KBPK", "retired"), ("LATE-KBPK", "valid from"),
                                   ("STORAGE", "KBPK")):
            self.expect(self.key("export", "LEAVES", "--protected-by", protecting), kit.HOLD, reason)
        self.done("retire", "LEAVES", "--version", "1")
        out = ("export", "LEAVES", "--protected-by", "NEW-KBPK")
        self.expect(self.key(*out), kit.HOLD, "--retired")
        self.done(*out, "--retired")

    def test_a_block_that_may_go_into_blocks_alone_stays_so(self):
        parts = [secrets.token_bytes(32) for _ in range(2)]
        kbpk = bytes(a ^ b for a, b in zip(*parts))
        self.import_components("KBPK-E", "KBPK", parts)
        self.done("generate", "KEK-E", "--role", "KEK")
        file = self.folder / "e.block"
        file.write_text(key_blocks.wrap(kbpk, "E0TX00E", odd(secrets.token_bytes(16)), "D"))
        made = self.done("import", "ONLY-E", "--role", "IMK-AC", "--block", file, "--protected-by",
                         "KBPK-E", "--exportable", "--json").json()
        self.assertEqual(made["exportability"], "E")
        out = ("export", "ONLY-E", "--protected-by", "KBPK-E", "--exportability")
        self.expect(self.key(*out, "S"), kit.HOLD, "exportability E")
        self.expect(self.key("export", "ONLY-E", "--wrap-with", "KEK-E"), kit.HOLD,
                    "exportability E")
        self.done(*out, "E")

    def test_keys_that_were_not_made_exportable_stay(self):
        self.done("generate", "STAYS", "--role", "CVK")
        self.done("generate", "KBPK-S", "--role", "KBPK")
        self.done("generate", "KEK-S", "--role", "KEK")
        before = len(audit(self.area))
        self.expect(self.key("export", "STAYS", "--protected-by", "KBPK-S"), kit.HOLD, "may not leave")
        self.expect(self.key("export", "STAYS", "--wrap-with", "KEK-S"), kit.HOLD, "exportable")
        self.expect(self.key("export", "STAYS", "--public"), kit.USAGE, "no RSA pair")
        self.assertEqual([entry["result"] for entry in audit(self.area)[before:]], ["refused"] * 3)


class Broken(Keys):
    def objects(self):
        return sorted(str(file) for file in (self.area.folder / "tokens").rglob("*.object"))

    def test_a_kill_between_token_and_register_leaves_a_key_that_can_be_adopted(self):
        before = self.objects()
        with HeldAudit(self.area):
            process = self.area.start("key", "generate", "--area", self.area.folder, "HALF", "--role", "CVK",
                                      stderr=subprocess.DEVNULL)
            end = time.monotonic() + 60
            while self.objects() == before and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.5)
            process.send_signal(signal.SIGKILL)
            process.wait()
        found = self.one("HALF")
        self.assertEqual(found["standing"], "unregistered")
        self.expect(self.key("generate", "HALF", "--role", "CVK"), kit.HOLD, "already")
        self.expect(self.key("retire", "HALF", "--version", "1"), kit.HOLD, "register")
        adopted = self.done("register", "HALF", "--role", "CVK", "--json").json()
        self.assertEqual((adopted["standing"], adopted["kcv"]), ("registered", found["kcv"]))
        audit(self.area)

    def test_of_two_processes_that_make_one_key_exactly_one_wins(self):
        for round_ in range(3):
            name = f"RACE-{round_}"
            both = [self.area.start("key", "generate", "--area", self.area.folder, name, "--role", "CVK",
                                    stderr=subprocess.PIPE) for _ in range(3)]
            ends = [(process.communicate(timeout=120)[1], process.returncode) for process in both]
            self.assertEqual(sorted(code for _, code in ends), [kit.DONE, kit.HOLD, kit.HOLD], ends)
            self.assertEqual(self.one(name)["standing"], "registered")
        audit(self.area)

    def test_a_token_that_cannot_be_written_changes_nothing(self):
        before = state_of(self.area)
        script = ('mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"')
        probe = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh",
                                self.area.folder / "tokens", "true"], capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("mounts are not allowed here")
        reading, writing = os.pipe()
        os.write(writing, self.area.pin.encode() + b"\n")
        os.close(writing)
        result = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh", self.area.folder / "tokens", kit.KPD,
             "key", "generate", "--area", self.area.folder, "READONLY", "--role", "CVK", "--pin-fd",
             str(reading)], pass_fds=(reading,), capture_output=True, check=False)
        os.close(reading)
        self.assertIn(result.returncode, (kit.HOLD, kit.AWAY), result.stderr)
        self.assertIn(b"Read-only", result.stderr)
        self.assertEqual(state_of(self.area), before)

    def test_a_register_that_is_none_is_said_and_left_alone(self):
        area = self.area.copy(self.folder / "damaged")
        (area.folder / "keys.db").write_bytes(b"not a register, whoever wrote it" * 64)
        keys = sorted((area.folder / "tokens").rglob("*.object"))
        for arguments in (("list",), ("generate", "X", "--role", "CVK")):
            result = area.run("key", arguments[0], "--area", area.folder, *arguments[1:])
            self.expect(result, kit.HOLD, "keys.db: .*register")
        self.expect(area.run("template", "check", area.job), kit.HOLD, "keys.db")
        self.assertEqual(sorted((area.folder / "tokens").rglob("*.object")), keys)

    def test_the_registers_files_are_private(self):
        for name in ("keys.db", "audit.jsonl"):
            self.assertEqual((self.area.folder / name).stat().st_mode & 0o777, 0o600, name)


if __name__ == "__main__":
    unittest.main()

"""Key ceremonies at a terminal: custodians one after the other, nothing to be seen of what they
type, everything wrong refused, and the key in the token the one that they brought."""

import re
import unittest

import kpd_test_kit as kit
import openssl
from key_office import at_terminal, audit, keys_of, state_of

ONE = "0123456789ABCDEFFEDCBA9876543210"
TWO = "11111111111111112222222222222222"
THREE = "89ABCDEF01234567FEDCBA9876543210"


def joined(*components):
    value = 0
    for component in components:
        value ^= int(component, 16)
    return value.to_bytes(len(components[0]) // 2, "big")


def kcv(hexadecimal):
    return openssl.kcv(bytes.fromhex(hexadecimal)).hex().upper()


class Ceremony(kit.AreaTest):
    def bring(self, name, components, *options, first=(), last="", whole=""):
        answers = []
        for number, component in enumerate(components, 1):
            turn = f"Component {number} of {len(components)}"
            answers += [(f"{turn} — custodian: ", f"custodian-{number}"),
                        (f"{turn} (", component), ("KCV on the envelope", last)]
        answers.append(("KCV that it must have", whole))
        return at_terminal(["key", "import", "--area", self.area.folder, name, "--components",
                            len(components), *options], self.area.pin, [*first, *answers])

    def test_three_custodians_make_a_key(self):
        before = len(audit(self.area))
        value = joined(ONE, TWO, THREE)
        code, seen = self.bring("ZONE", [ONE, TWO, THREE], "--role", "KEK1", "--exportable",
                                whole=kcv(value.hex()))
        self.assertEqual(code, kit.DONE, seen)
        for component in (ONE, TWO, THREE):
            self.assertNotIn(component[:8], seen)
            self.assertIn(f"KCV of this component: {kcv(component)}", seen)
        self.assertNotIn(value.hex().upper()[:8], seen)
        self.assertGreaterEqual(seen.count("\x1b[2J"), 4)  # before each custodian, and behind
        # nothing of a custodian's turn stands on the screen of the next
        screens = seen.split("\x1b[2J")
        self.assertNotIn(kcv(ONE), screens[2])
        (key,) = [key for key in keys_of(self.area) if key["name"] == "ZONE"]
        self.assertEqual((key["kcv"], key["role"], key["state"], key["origin"]),
                         (kcv(value.hex()), "KEK1", "current", "components"))
        entries = audit(self.area)[before:]
        self.assertEqual([(e["action"], e["result"]) for e in entries], [("key import", "done")])
        text = str(entries)
        self.assertIn(f"{kcv(TWO)} by custodian-2", text)
        for component in (ONE, TWO, THREE, value.hex().upper()):
            self.assertNotIn(component, text)

    def test_what_is_wrong_is_refused_and_nothing_changes(self):
        before = state_of(self.area)
        zeros = "0" * 32
        cases = {
            "equal": ([ONE, ONE], {}, "typed before"),
            "zeros": ([zeros, ONE], {}, "zeros"),
            "short": (["0123", ONE], {}, "4 digits"),
            "letters": (["no key at all", ONE], {}, "digits"),
            "envelope": ([ONE, TWO], {"last": "123456"}, "envelope"),
            "whole": ([ONE, TWO], {"whole": "123456"}, "another KCV"),
        }
        for name, (components, options, reason) in cases.items():
            with self.subTest(name):
                answers = []
                for number, component in enumerate(components, 1):
                    turn = f"Component {number} of 2"
                    answers.append((f"{turn} — custodian: ", f"custodian-{number}"))
                    refused = name in ("zeros", "short", "letters", "envelope") and number == 1 or \
                        name == "equal" and number == 2
                    for _ in range(3 if refused else 1):
                        answers.append((f"{turn} (", component))
                        if name not in ("zeros", "short", "letters") and \
                                not (name == "equal" and number == 2):
                            answers.append(("KCV on the envelope", options.get("last", "")))
                    if refused:
                        break
                answers.append(("KCV that it must have", options.get("whole", "")))
                code, seen = at_terminal(
                    ["key", "import", "--area", self.area.folder, "WRONG", "--role", "KEK1", "--components",
                     "2"], self.area.pin, answers)
                self.assertEqual(code, kit.HOLD, seen)
                self.assertIn(reason, seen)
                self.assertIn("nothing was stored", seen)
                self.assertNotIn(ONE[:8], seen)
                self.assertEqual(state_of(self.area), before)
                self.assertEqual(audit(self.area)[-1]["result"], "refused")

    def test_weak_keys_are_for_test_areas_alone(self):
        same = "0123456789ABCDEF" * 2
        code, seen = self.bring("SINGLE", [same, "1" * 32], "--role", "KEK1")
        self.assertEqual(code, kit.DONE, seen)
        before = state_of(self.area)
        with self.area.edited("area.yaml", "test: true", "test: false"):
            code, seen = self.bring("SINGLE-2", [same, "1" * 32], "--role", "KEK1")
            self.assertEqual(code, kit.HOLD, seen)
            self.assertIn("the key is refused", seen)
        self.assertEqual(state_of(self.area), before)

    def test_components_for_envelopes_make_the_key_again(self):
        folder = self.folder / "envelopes"
        made = self.area.run("key", "generate", "--area", self.area.folder, "MADE", "--role", "KEK1", "--type",
                             "aes256", "--components", "3", "--envelope-dir", folder, "--json")
        self.expect(made, kit.DONE, "clear component")
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        files = sorted(folder.iterdir())
        self.assertEqual(len(files), 3)
        components = []
        for file in files:
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            lines = file.read_text().splitlines()
            components.append(lines[3])
            self.assertIn(made.json()["kcv"], file.read_text())
        code, seen = self.bring("AGAIN", components, "--role", "KEK1", "--type", "aes256",
                                whole=made.json()["kcvs"]["cmac"])
        self.assertEqual(code, kit.DONE, seen)
        again = {key["name"]: key["kcvs"] for key in keys_of(self.area)
                 if key["name"] in ("MADE", "AGAIN")}
        self.assertEqual(again["MADE"], again["AGAIN"])
        self.assertNotIn(components[0].replace(" ", ""), str(audit(self.area)))
        # a name that is taken leaves no components behind
        other = self.folder / "others"
        refused = self.area.run("key", "generate", "--area", self.area.folder, "MADE", "--role", "KEK1",
                                "--components", "2", "--envelope-dir", other)
        self.expect(refused, kit.HOLD, "already")
        self.assertFalse(other.exists() and list(other.iterdir()))

    def test_components_are_shown_to_one_custodian_after_the_other(self):
        answers = []
        for number in (1, 2):
            answers += [(f"Component {number} of 2 — custodian: ", f"c{number}"),
                        ("Enter when it is written down", "")]
        code, seen = at_terminal(["key", "generate", "--area", self.area.folder, "SHOWN", "--role", "KEK1",
                                  "--components", "2"], self.area.pin, answers)
        self.assertEqual(code, kit.DONE, seen)
        parts = re.findall(r"(?:[0-9A-F]{4} ){7}[0-9A-F]{4}", seen)
        self.assertEqual(len(parts), 2)
        (key,) = [key for key in keys_of(self.area) if key["name"] == "SHOWN"]
        value = joined(*(part.replace(" ", "") for part in parts))
        self.assertEqual(key["kcv"], kcv(value.hex()))

    def test_nobody_gets_two_components_of_a_key(self):
        second = "Component 2 of 2 — custodian: "
        code, seen = at_terminal(["key", "generate", "--area", self.area.folder, "APART", "--role",
                                  "KEK1", "--components", "2"], self.area.pin,
                                 [("Component 1 of 2 — custodian: ", "alice"),
                                  ("Enter when it is written down", ""), (second, "Alice "),
                                  (second, "bob"), ("Enter when it is written down", "")])
        self.assertEqual(code, kit.DONE, seen)
        self.assertIn("had a component already", seen)

    def test_without_a_terminal_there_is_no_ceremony(self):
        result = self.area.run("key", "import", "--area", self.area.folder, "NONE", "--role", "KEK1",
                               "--components", "2", start_new_session=True)
        self.expect(result, kit.HOLD, "terminal")


if __name__ == "__main__":
    unittest.main()

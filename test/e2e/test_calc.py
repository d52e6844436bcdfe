"""The calculator: each example gives what is computed apart from it, keys stay hidden, JSON in and out,
and what is wrong is told without a secret."""

import json
import os
import shlex
import tempfile
import unittest
from pathlib import Path

import calc_reference
import kpd_test_kit as kit
from test_prompt import converse

KEY = "0123456789ABCDEFFEDCBA9876543210"
PAN = "4761739001010010"


def catalogue():
    return kit.run("calc", "--list", "--json").json()["functions"]


def parameters_of(function):
    """The parameters of a function's example, by name; flags left out."""
    words = shlex.split(function["example"])[2 + len(function["name"].split()):]
    known = {p["name"]: p for p in function["parameters"]}
    bare = next((p["name"] for p in function["parameters"] if p.get("positional")), None)
    values = {}
    while words:
        word = words.pop(0)
        name = word[2:] if word.startswith("--") else bare
        if name not in known or known[name]["kind"] == "truth":
            continue
        values.setdefault(name, []).append(words.pop(0) if word.startswith("--") else word)
    return {name: given if known[name].get("many") else given[0] for name, given in values.items()}


class CalcTest(unittest.TestCase):
    def expect_members(self, wanted, found, where):
        """`wanted` is part of `found`; of a list its first rows, or those of the same version."""
        if isinstance(wanted, dict):
            for name, value in wanted.items():
                self.assertIn(name, found, where)
                self.expect_members(value, found[name], f"{where}.{name}")
        elif isinstance(wanted, list):
            rows = {row["version"]: row for row in found if "version" in row}
            self.assertLessEqual(len(wanted), len(found), where)
            for i, value in enumerate(wanted):
                row = rows.get(value.get("version"), found[i])
                self.expect_members(value, row, f"{where}[{i}]")
        else:
            self.assertEqual(found, wanted, where)

    def calc(self, *arguments, code=kit.DONE, **options):
        result = kit.run("calc", *arguments, **options)
        self.assertEqual(result.code, code, result.err)
        self.assertNotIn("defect", result.err)
        return result

    def refused(self, *arguments, text, code=kit.USAGE, **options):
        result = self.calc(*arguments, code=code, **options)
        self.assertRegex(result.err, text)
        for secret in (KEY, "FEDCBA98", "4761739001"):
            self.assertNotIn(secret, result.err)
            self.assertNotIn(secret.encode(), result.out)
        return result


class Examples(CalcTest):
    def test_every_example_gives_what_is_computed_apart_from_it(self):
        for function in catalogue():
            name = function["name"]
            reference = name.replace(" ", "_").replace("-", "_")
            reference = {"kcv": "kcv_"}.get(reference, reference)
            with self.subTest(name):
                self.assertTrue(hasattr(calc_reference, reference), "nothing recomputes it")
                result = kit.run(*shlex.split(function["example"])[1:], "--json")
                self.assertEqual(result.code, kit.DONE, result.err)
                answer = result.json()
                self.assertEqual(answer["function"], name)
                wanted = getattr(calc_reference, reference)(parameters_of(function))
                self.expect_members(wanted, answer["result"], name)

    def test_every_example_gives_the_same_as_a_json_request(self):
        for function in catalogue():
            values = parameters_of(function)
            words = shlex.split(function["example"])
            for parameter in function["parameters"]:
                if parameter["kind"] == "truth" and "--" + parameter["name"] in words:
                    values[parameter["name"]] = True
            flags = [f for f in ("--clear-test-keys", "--show-pan") if f in words]
            with self.subTest(function["name"]):
                request = json.dumps(dict(values, function=function["name"])).encode()
                result = self.calc("--in", "-", *flags, stdin=request)
                self.assertEqual(result.json(), kit.run(*words[1:], "--json").json())

    def test_every_function_has_help_with_its_example(self):
        for function in catalogue():
            with self.subTest(function["name"]):
                text = self.calc(*function["name"].split(), "--help").out.decode()
                self.assertIn(function["purpose"], text)
                self.assertIn("Example:  " + function["example"], text)
                for parameter in function["parameters"]:
                    self.assertIn("--" + parameter["name"], text)

    def test_the_documentation_lists_every_function_with_its_parameters(self):
        page = (kit.SOURCE / "docs/calc.md").read_text()
        rows = [line for line in page.splitlines() if line.startswith("| `")]
        wanted = []
        for function in catalogue():
            parameters = " ".join(
                f"`{p['name']}`" if p["required"] else p["name"] for p in function["parameters"])
            wanted.append(f"| `{function['name']}` | {function['purpose']} | {parameters} |")
        self.assertEqual(rows, wanted)


class Chains(CalcTest):
    """Real cards' certificates and transactions."""

    def vectors(self, file):
        return json.loads((kit.SOURCE / f"test/vectors/{file}.json").read_text())["vectors"]

    def test_a_public_card_is_recovered_and_its_signature_opened(self):
        found = 0
        keys = {v["inputs"]["RID"] + "/" + v["inputs"]["index"]: v["inputs"]["modulus"]
                for v in self.vectors("ca_public_keys")}
        for vector in self.vectors("emv_dda_cda"):
            given = vector["inputs"]
            ca = given.get("CA_modulus") or keys.get(given.get("CA"))
            if ca is None or "issuer_modulus" not in vector["expected"]:
                continue
            found += 1
            arguments = ["--ca", ca, "--cert", given["issuer_cert_90"]]
            if given.get("issuer_rem_92"):
                arguments += ["--remainder", given["issuer_rem_92"]]
            result = self.calc("recover", *arguments, "--json").json()["result"]
            self.assertEqual(result["issuer"]["modulus"], vector["expected"]["issuer_modulus"])
        self.assertGreater(found, 0)

    def test_transactions_of_every_version_by_tlv(self):
        sizes = (("9F02", 6), ("9F03", 6), ("9F1A", 2), ("95", 5), ("5F2A", 2), ("9A", 3),
                 ("9C", 1), ("9F37", 4))
        for vector in self.vectors("cryptogram_versions"):
            given, rest, tlv = vector["inputs"], vector["inputs"]["terminal_data"], ""
            for tag, size in sizes:
                tlv += f"{tag}{size:02X}{rest[:2 * size]}"
                rest = rest[2 * size:]
            for tag, name in (("82", "AIP"), ("9F36", "ATC"), ("9F10", "IAD")):
                tlv += f"{tag}{len(given[name]) // 2:02X}{given[name]}"
            card = ["--version", vector["id"], "--imk", given["IMK_AC"], "--pan", given["PAN"],
                    "--clear-test-keys", "--json"]
            with self.subTest(vector["id"]):
                result = self.calc("arqc", *card, "--tlv", tlv).json()["result"]
                self.assertEqual(result["ac"], vector["expected"]["ARQC"])
                name = "ARC" if "ARC" in given else "CSU"
                result = self.calc("arpc", *card, "--atc", given["ATC"], "--un", given["UN"],
                                   "--arqc", vector["expected"]["ARQC"], "--" + name.lower(),
                                   given[name]).json()["result"]
                self.assertEqual(result["arpc"], vector["expected"]["ARPC"])

    def test_a_wrong_certificate_is_told_with_the_steps_before(self):
        function = next(f for f in catalogue() if f["name"] == "recover")
        values = parameters_of(function)
        values["icc-remainder"] = values["icc-remainder"][:-2] + "00"
        result = self.calc("recover", *(w for n, v in values.items() for w in ("--" + n, v)),
                           "--json", code=kit.HOLD)
        answer = result.json()
        self.assertEqual(answer["fault"]["code"], "cert-hash")
        self.assertIn("modulus", answer["result"]["issuer"])
        self.assertNotEqual(answer["result"]["icc"]["hash"],
                            answer["result"]["icc"]["hash_computed"])
        self.assertNotIn(PAN, result.out.decode() + result.err)


class Secrets(CalcTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "imk"
        self.file.write_text(KEY + "\n")

    def test_a_key_in_clear_needs_the_flag(self):
        self.refused("udk", "--imk", KEY, "--pan", PAN, text="--clear-test-keys .*@FILE.*--imk-fd")
        request = json.dumps({"imk": KEY, "pan": PAN}).encode()
        self.refused("udk", "--in", "-", stdin=request, text="1 of 1 requests failed")

    def test_a_key_from_a_file_needs_no_flag_and_no_key_is_shown(self):
        out = self.calc("udk", "--imk", f"@{self.file}", "--pan", PAN, "--json").out.decode()
        result = json.loads(out)["result"]
        self.assertEqual(result["imk"], {"kcv": "08D7B4"})
        self.assertEqual(set(result["udk"]), {"hidden", "kcv"})
        self.assertNotIn(KEY, out)

    def test_a_key_from_a_descriptor(self):
        reading, writing = os.pipe()
        os.write(writing, KEY.encode() + b"\n")
        os.close(writing)
        try:
            process = kit.start(["calc", "udk", "--imk-fd", reading, PAN, "--json"],
                                pass_fds=(reading,), stdout=-1)
            out, _ = process.communicate(timeout=60)
        finally:
            os.close(reading)
        self.assertEqual(json.loads(out)["result"]["imk"]["kcv"], "08D7B4")

    def test_a_key_is_asked_for_and_not_shown(self):
        code, seen = converse(["calc", "udk", "--imk", "-", PAN], [("imk: ", KEY)])
        self.assertEqual(code, kit.DONE, seen)
        self.assertIn("08D7B4", seen)
        self.assertNotIn(KEY, seen)

    def test_a_pan_is_masked_unless_it_may_be_shown(self):
        for arguments in (["pan", PAN], ["track2", "show", PAN + "D31122011143804400000F"],
                          ["tlv", "show", "5A08" + PAN], ["dol", "fill", "5A08", "--tlv",
                                                          "5A08" + PAN]):
            with self.subTest(arguments[0]):
                self.assertNotIn(PAN, self.calc(*arguments).out.decode())
                self.assertIn(PAN, self.calc(*arguments, "--show-pan").out.decode())

    def test_a_pin_block_hides_its_pin(self):
        pin, key = self.file.with_name("pin"), self.file
        pin.write_text("4711")
        out = self.calc("pinblock", "encode", "--format", "0", "--pin", f"@{pin}", "--pan", PAN,
                        "--key", f"@{key}", "--json").json()["result"]
        self.assertEqual(out["clear_block"], {"hidden": True})
        block = out["block"]
        out = self.calc("pinblock", "decode", "--format", "0", "--block", block, "--pan", PAN,
                        "--key", f"@{key}", "--clear-test-keys", "--json").json()["result"]
        self.assertEqual(out["pin"]["value"], "4711")


class BadInput(CalcTest):
    CLEAR = "--clear-test-keys"

    def test_a_key_in_a_wrong_place_is_not_told(self):
        for words in (["--imk-fd", KEY], [KEY, KEY], ["-i", KEY], ["--clear-test-keys", "--" + KEY],
                      ["--psn", KEY], ["--option", KEY], ["--" + KEY + "=1"], ["--in", "@" + KEY]):
            result = kit.run("calc", "udk", "--pan", PAN, *words)
            self.assertIn(result.code, (kit.USAGE, kit.IO), result.err)
            if words[0] != "--in":
                self.assertNotIn(KEY, result.err + result.out.decode())
        result = kit.run("calc", "pinblock", KEY, "--pin", "4711")
        self.assertEqual(result.code, kit.USAGE)
        self.assertNotIn(KEY, result.err)
        self.refused("dgi", "build", "8000=" + KEY, text="hold secrets")

    def test_a_secret_in_place_of_its_descriptor_is_not_told(self):
        for option, words in (("pin-fd", ["run", "job.yaml"]), ("pin-fd", ["ca", "list"]),
                              ("key-fd", ["calc", "kcv"])):
            result = kit.run(*words, "--" + option, "1234secret")
            self.assertEqual(result.code, kit.USAGE)
            self.assertRegex(result.err, f"^kpd: (--)?{option}: .*the number of a.* descriptor")
            self.assertNotRegex(result.err + result.out.decode(), "1234")

    def test_what_is_missing_is_told_at_once(self):
        self.refused("udk", text=r"missing: imk \(.*\), pan \(1 to 19 digits\)")

    def test_unknown_parameters_and_functions_get_a_hint(self):
        self.refused("udk", "--imkk", KEY, "--pan", PAN, text="no parameter 'imkk', did you mean 'imk'")
        self.refused("udkk", "--imk", KEY, text="did you mean 'udk'")
        self.refused("pinblock", "encod", "--pin", "4761739001", text="did you mean 'pinblock encode'")
        self.refused("udk", "--pan", PAN, KEY, text="one value wanted|belongs to no parameter")

    def test_malformed_values(self):
        base = ["udk", "--pan", PAN, self.CLEAR, "--imk"]
        self.refused(*base, KEY[:-1], text="31 hexadecimal digits are no whole bytes")
        self.refused(*base, KEY[:-2], text="given: 15 bytes")
        self.refused(*base, KEY[:-1] + "G", text="character 32 is no hexadecimal digit")
        self.refused(*base, KEY, "--psn", "1", text="psn: wanted: 2 digits; given: 1 digit")
        self.refused(*base, KEY, "--option", "D", text="option: wanted: one of A, B, C")
        self.refused("udk", "--pan", "47617390010x", self.CLEAR, "--imk", KEY, text="pan: decimal")
        self.refused("recover", "--ca", "00" * 64, "--cert", "00" * 64, text="this is none")

    def test_values_that_do_not_fit_one_another(self):
        self.refused("sk", "--rule", "common", "--udk", KEY, self.CLEAR, text="missing: atc")
        self.refused("cvc3", "dynamic", "--udk", KEY, "--un", "00000000", "--atc", "0001", self.CLEAR,
                     text="one of ivcvc3 and track")
        self.refused("components", "combine", "--component", KEY, "--component", KEY, self.CLEAR,
                     code=kit.HOLD, text="components 1 and 2 are the same")

    def test_data_that_are_wrong_are_no_usage_mistake(self):
        self.refused("tlv", "show", "5A0847", code=kit.HOLD, text="no BER-TLV|not BER-TLV")
        self.refused("pan", PAN[:-1] + "1", code=kit.HOLD, text="check digit is wrong")
        self.refused("pinblock", "decode", "--format", "0", "--block", "0" * 16, "--pan", PAN,
                     self.CLEAR, code=kit.HOLD, text="PIN")

    def test_each_bad_request_is_answered_in_its_place(self):
        lines = b'\n'.join([b'{"function":"aip","value":"3900"}', b'{"function":"aap"}', b'[1]',
                            b'{"function":"aip","value":"3900","value":"3900"}', b'{"a":[[[[1]]]]}',
                            b'{"function":"aip","value":{}}', b'nonsense',
                            b'{"function":"aip","valeu":"3900"}'])
        result = self.calc("--in", "-", stdin=lines, code=kit.USAGE)
        answers = [json.loads(line) for line in result.out.splitlines()]
        self.assertEqual(len(answers), 8)
        self.assertIn("result", answers[0])
        self.assertTrue(all("fault" in answer for answer in answers[1:]))
        self.assertIn("did you mean 'value'", answers[7]["fault"]["reason"])
        self.assertIn("7 of 8 requests failed", result.err)

    def test_a_file_that_is_not_there(self):
        self.refused("udk", "--imk", "@/nonexistent/key", "--pan", PAN, code=kit.IO, text="opened")


if __name__ == "__main__":
    unittest.main()

"""PINs: where they come from, in what form they go to the card and to the printer of PIN mailers.
Everything is computed again with openssl."""

import json
import stat
import unittest

import kpd_test_kit as kit
import openssl
from static_area import PIN_FIELD, PIN_SOURCE, StaticAreaTest
from test_secrets import verification_value

PINS = ("1234", "00000", "987654", "123456789012", "4711")
TABLE = "0123456789012345"


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def pan_field(pan):
    return bytes.fromhex("0000" + pan[-13:-1])


def clear_block(form, pin, pan, fill="F" * 16):
    """ISO 9564-1 formats 0 to 3."""
    digits = f"{form:x}{len(pin):x}{pin}"
    block = bytes.fromhex((digits + fill)[:16])
    return xor(block, pan_field(pan)) if form in (0, 3) else block


def pan_field_4(pan):
    return bytes.fromhex((str(len(pan) - 12) + pan).ljust(32, "0"))


def sealed_4(key, pin, pan, random=bytes(8)):
    field = bytes.fromhex(f"4{len(pin):x}{pin}".ljust(16, "A")) + random
    return openssl.aes(key, xor(openssl.aes(key, field), pan_field_4(pan)))


def decimalised(block, table=TABLE):
    return "".join(table[int(digit, 16)] for digit in block.hex())


def natural_pin(key, validation, length, table=TABLE):
    return decimalised(openssl.tdes(key, bytes.fromhex(validation)), table)[:length]


def add(a, b, sign=1):
    return "".join(str((int(x) + sign * int(y)) % 10) for x, y in zip(a, b, strict=True))


def pin_verification_value(key, pan, index, pin):
    block = openssl.tdes(key, bytes.fromhex(pan[-12:-1] + index + pin[:4])).hex()
    digits = [c for c in block if c.isdigit()] + [str(int(c, 16) - 10) for c in block
                                                  if not c.isdigit()]
    return "".join(digits[:4])


class Pins(StaticAreaTest):
    def pin_of(self, card):
        """What DGI 8010 holds: always format 2 in the library's templates."""
        block = self.opened(card, 0x8010, "pin").hex()
        length = int(block[1], 16)
        self.assertEqual((block[0], block[2 + length:]), ("2", "f" * (14 - length)))
        return block[2:2 + length]

    def with_blocks(self, make):
        """Records whose PINs are known, each in the block that `make` gives."""
        rows, pins = self.rows(2), {}
        for i, row in enumerate(rows):
            pins[row["record_id"]] = PINS[i % len(PINS)]
            row["pin_block"] = make(pins[row["record_id"]], row["pan"]).hex().upper()
        return rows, pins

    def check_pins(self, rows, pins):
        cards = self.run_job(rows)
        self.assertEqual({name: self.pin_of(card) for name, card in cards.items()}, pins)

    def test_blocks_of_each_3des_format(self):
        for form, fill in ((0, "F" * 16), (1, "0123456789ABCDEF"), (3, "ABCDEFFEDCBAABCD")):
            with self.subTest(format=form):
                rows, pins = self.with_blocks(lambda pin, pan: openssl.tdes(
                    self.keys["KEK1"], clear_block(form, pin, pan, fill)))
                with self.job((PIN_SOURCE, f"pin: {{from: block, format: {form}}}")):
                    self.check_pins(rows, pins)

    def test_blocks_under_aes(self):
        rows, pins = self.with_blocks(
            lambda pin, pan: sealed_4(self.keys["KEK1-AES"], pin, pan, bytes(range(8))))
        with self.job((PIN_SOURCE, "pin: {from: block, format: 4, key: KEK1-AES}"),
                      keys=["KEK1-AES"]):
            self.check_pins(rows, pins)

    def test_wrong_blocks_are_rejects_that_tell_nothing(self):
        good = self.rows(4)
        clear = {"pin-format": "14" + "1234" + "F" * 10, "pin-length": "03" + "123" + "F" * 11,
                 "pin-block": "04" + "12A4" + "F" * 10}
        wrong = {}
        for row, (fault, text) in zip(good, clear.items()):
            block = xor(bytes.fromhex(text), pan_field(row["pan"]))
            row["pin_block"] = openssl.tdes(self.keys["KEK1"], block).hex()
            wrong[row["record_id"]] = ("pin_block", fault)
        good[3]["pin_block"] = good[3]["pin_block"][:14]
        wrong[good[3]["record_id"]] = ("pin_block", "pin-hex")
        cards = self.run_job(good)
        self.assertEqual(self.rejects(), wrong)
        self.assertEqual(len(cards), len(good) - 4)
        for line in self.area.rejects.read_text().splitlines():
            self.assertNotRegex(json.loads(line)["reason"], r"\d{3}|digit \d|position")

    def test_a_block_of_format_4_is_bound_to_its_pan(self):
        rows, _ = self.with_blocks(
            lambda pin, pan: sealed_4(self.keys["KEK1-AES"], pin, pan[:-2] + "00"))
        with self.job((PIN_SOURCE, "pin: {from: block, format: 4, key: KEK1-AES}"),
                      keys=["KEK1-AES"]):
            self.assertEqual(self.run_job(rows), {})
        self.assertLessEqual({fault for _, fault in self.rejects().values()},
                             {"pin-format", "pin-length", "pin-block"})

    def test_a_card_that_needs_a_pin_and_has_none_is_a_reject(self):
        rows = self.rows(1)
        rows[0]["pin_block"] = ""
        with self.job((PIN_FIELD, PIN_FIELD.replace("block}", "block, required: false}"))):
            cards = self.run_job(rows)
        self.assertEqual(self.rejects(), {rows[0]["record_id"]: ("pin_block", "pin-missing")})
        self.assertEqual(len(cards), len(rows) - 1)

    def test_too_many_wrong_pins_stop_the_run(self):
        rows = self.rows(3)
        for row in rows[:4]:
            row["pin_block"] = "00" * 8
        with self.job(policy="  max_pin_faults: 3\n"):
            self.area.write_rows(rows)
            self.expect(self.area.run("run", self.area.job), kit.HOLD, "more than 3 PINs",
                        "max_pin_faults")
            self.assertFalse(self.area.cards.exists())
        for limit in (4, 0):
            with self.job(policy=f"  max_pin_faults: {limit}\n"):
                self.assertEqual(len(self.run_job(rows)), len(rows) - 4)

    def test_pins_that_follow_from_offsets(self):
        rows, pins = self.rows(2), {}
        for i, row in enumerate(rows):
            validation = row["pan"][-12:] + "ABCD"
            natural = natural_pin(self.keys["PVK"], validation, 4)
            row["pin_offset"] = f"{i * 1111 % 10000:04}"
            pins[row["record_id"]] = add(natural, row["pin_offset"])
        source = ('pin: {from: offset, field: pin_offset, key: PVK, length: 4, '
                  'validation: "{right(pan, 12)}ABCD"}')
        with self.job((PIN_SOURCE, source), (PIN_FIELD, "    pin_offset: {type: n, max: 12}\n"),
                      keys=["PVK"]):
            self.check_pins(rows, pins)
            rows[0]["pin_offset"] = "123"
            self.assertEqual(len(self.run_job(rows)), len(rows) - 1)
            self.assertEqual(self.rejects(), {rows[0]["record_id"]: ("pin_offset", "pin-offset")})

    def test_natural_pins_by_another_table(self):
        rows, table = self.rows(1), "9876543210987654"
        pins = {row["record_id"]: natural_pin(self.keys["PVK"], row["pan"][:16], 6, table)
                for row in rows}
        source = (f'pin: {{from: offset, key: PVK, length: 6, decimalisation: "{table}", '
                  'validation: "{left(pan, 16)}"}')
        with self.job((PIN_SOURCE, source), (PIN_FIELD, ""), keys=["PVK"]):
            self.check_pins(rows, pins)

    def mailers(self):
        path = self.area.folder / "out" / "mailers.jsonl"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        return [json.loads(line) for line in path.read_text().splitlines()]

    MAILER = ("pin_mailer:\n  {file: out/mailers.jsonl, key: MAILER%s,\n"
              "   fields: {name: \"{name}\", address: \"{branch} {language}\"}}\n\nkeys:\n")

    def mailer(self, more=""):
        return ("keys:\n  KEK1:", self.MAILER % more + "  KEK1:")

    def test_random_pins_go_to_the_card_and_to_the_mailer_alone(self):
        rows = self.rows(8)
        rows[0]["name"] = "WRONG\x07NAME"
        key = self.keys["MAILER"]
        with self.job((PIN_SOURCE, "pin: {from: random, length: 5}"), (PIN_FIELD, ""),
                      self.mailer(), keys=["MAILER"]):
            seen = []
            for _ in range(2):
                cards = self.run_job(rows)
                mailers = self.mailers()
                self.assertEqual([one["record"] for one in mailers], list(cards))
                self.assertNotIn(rows[0]["record_id"], cards)
                by_id = {row["record_id"]: row for row in rows}
                for one in mailers:
                    row, card = by_id[one["record"]], cards[one["record"]]
                    block = openssl.tdes(key, bytes.fromhex(one["pin_block"]), decipher=True).hex()
                    self.assertEqual(block[:2], "15")
                    self.assertEqual(block[2:7], self.pin_of(card))
                    self.assertEqual(one["pan"], row["pan"][:6] + "*" * (len(row["pan"]) - 10) +
                                     row["pan"][-4:])
                    self.assertEqual((one["name"], one["address"]),
                                     (row["name"], row["branch"] + " " + row["language"]))
                    self.assertEqual((one["format"], one["key"]), (1, "MAILER"))
                    self.assertEqual(one["kcv"], openssl.kcv(key).hex().upper())
                self.assertEqual(len({one["run"] for one in mailers}), 1)
                seen.append({name: self.pin_of(card) for name, card in cards.items()})
        self.assertNotEqual(*seen)
        self.assertGreater(len(set(seen[0].values())), len(seen[0]) - 3)

    def test_mailers_for_pins_that_came_in_blocks(self):
        for form in (0, 3):
            rows, pins = self.with_blocks(
                lambda pin, pan: openssl.tdes(self.keys["KEK1"], clear_block(0, pin, pan)))
            rows[1]["pin_block"] = "00" * 8
            with self.subTest(format=form), self.job(self.mailer(f", format: {form}"),
                                                     keys=["MAILER"]):
                cards = self.run_job(rows)
                mailers = self.mailers()
                self.assertEqual([one["record"] for one in mailers], list(cards))
                self.assertEqual(len(mailers), len(rows) - 1)
                for one in mailers:
                    pan = next(r["pan"] for r in rows if r["record_id"] == one["record"])
                    self.assertEqual(one["pan"], pan)  # the block cannot be opened without it
                    block = openssl.tdes(self.keys["MAILER"], bytes.fromhex(one["pin_block"]),
                                         decipher=True)
                    pin = pins[one["record"]]
                    text = xor(block, pan_field(pan)).hex()
                    self.assertTrue(text.startswith(f"{form}{len(pin):x}{pin}"))

    def test_mailers_through_the_separate_stages(self):
        rows = self.rows(1)
        files = [self.folder / f"{stage}.stage" for stage in range(3)]
        with self.job((PIN_SOURCE, "pin: {from: random, length: 4}"), (PIN_FIELD, ""),
                      self.mailer(), keys=["MAILER"]):
            self.area.write_rows(rows)
            self.expect(self.area.run("ingest", self.area.job, "-o", files[0]), kit.DONE)
            self.expect(self.area.run("prepare", self.area.job, "-i", files[0], "-o", files[1]),
                        kit.DONE)
            self.expect(self.area.run("sign", self.area.job, "-i", files[1], "-o", files[2]),
                        kit.DONE)
            path = self.area.folder / "out" / "mailers.jsonl"
            path.unlink(missing_ok=True)
            self.expect(self.area.run("emit", self.area.job, "-i", files[2]), kit.DONE)
        self.assertEqual(len(self.mailers()), len(rows))

    def test_refused_pins_are_not_drawn(self):
        rows = self.rows(20)
        refused = ", ".join(f'"{first}{rest:03}"' for first in range(1) for rest in range(1000))
        with self.job((PIN_SOURCE, "pin: {from: random, length: 4}"), (PIN_FIELD, ""),
                      self.mailer(), keys=["MAILER"],
                      policy=f"  refused_pins: [repeats, sequences, {refused}]\n"):
            pins = {self.pin_of(card) for card in self.run_job(rows).values()}
        self.assertTrue(all(pin[0] != "0" and len(set(pin)) > 1 for pin in pins), pins)

    VALUES = """kind: card
extends: cards/gold-dda
values:
  pvv: {pvv: PVK, pvki: 3, pan: "{pan}"}
  offset: {offset: PVK, validation: "{left(pan, 16)}", length: 4}
  cvv2: {cvv: CVK, key_a: CVK-A, pan: "{pan}",
         expiry: "{sub(expiry, 3, 2)}{sub(expiry, 1, 2)}", service_code: "000"}
modules:
  "$MG2": {track2: "3{pvv}{cvv}"}
  "$IND": {text: "{offset} {cvv2}"}
"""

    def test_values_of_the_pin_stand_on_the_stripe(self):
        self.template("cards/values", self.VALUES)
        rows = self.rows(3, ["VISA-GOLD"])
        for row, pin in zip(rows, ("1234", "0000", "9876")):
            row["pin_block"] = openssl.tdes(self.keys["KEK1"],
                                            clear_block(0, pin, row["pan"])).hex()
            row["pin"] = pin
        with self.job(("VISA-GOLD:    cards/gold-dda", "VISA-GOLD:    cards/values"),
                      keys=["PVK"]):
            cards = self.run_job(rows)
        for row in rows:
            card, pan, expiry = cards[row["record_id"]], row["pan"], row["expiry"]
            pvv = pin_verification_value(self.keys["PVK"], pan, "3", row["pin"])
            cvv = verification_value(self.keys["CVK"], pan, expiry, row["service_code"])
            self.assertEqual(card.modules["$MG2"].decode(),
                             f";{pan}={expiry}{row['service_code']}3{pvv}{cvv}?")
            natural = natural_pin(self.keys["PVK"], pan[:16], 4)
            offset = add(row["pin"], natural, -1)
            cvv2 = verification_value(self.keys["CVK"], pan, expiry[2:] + expiry[:2], "000")
            self.assertEqual(card.modules["$IND"].decode(), f"{offset} {cvv2}")

    def test_an_offset_is_for_pins_of_its_length(self):
        self.template("cards/values", self.VALUES)
        rows = self.rows(1, ["VISA-GOLD"])
        rows[0]["pin_block"] = openssl.tdes(self.keys["KEK1"],
                                            clear_block(0, "12345", rows[0]["pan"])).hex()
        with self.job(("VISA-GOLD:    cards/gold-dda", "VISA-GOLD:    cards/values"),
                      keys=["PVK"]):
            self.assertEqual(self.run_job(rows), {})
        self.assertEqual(self.rejects(), {rows[0]["record_id"]: ("offset", "pin-length")})

    def test_refused_windows_stop_every_way_of_coming_by_pins(self):
        sources = ((PIN_FIELD, "pin: {from: block, format: 1}"),
                   (PIN_FIELD, 'pin: {from: offset, key: PVK, validation: "{left(pan, 16)}"}'),
                   ("", "pin: {from: random, length: 4}"))
        for field, source in sources:
            with self.subTest(source=source), self.job(
                    (PIN_SOURCE, source), (PIN_FIELD, field), self.mailer(),
                    ("pins: allow", "pins: refuse"), keys=["PVK", "MAILER"]):
                self.area.write_rows(self.rows(1))
                self.expect(self.area.run("run", self.area.job), kit.HOLD, "host_window.pins")
                self.assertFalse(self.area.cards.exists())

    def test_no_text_for_card_or_file_has_a_field_that_brings_pins(self):
        card = "templates/cards/base/bank-card.yaml"
        with self.area.edited(card, '"{member_no} {tier}"', '"{left(pin_block, 4)}"'):
            self.expect(self.area.run("run", self.area.job), kit.USAGE,
                        r"bank-card\.yaml:\d+:\d+", "field 'pin_block' brings PINs")

    def test_mailers_replace_no_input_and_outlive_a_run_without_cards(self):
        with self.job((PIN_SOURCE, "pin: {from: random, length: 4}"), (PIN_FIELD, ""),
                      self.mailer(), keys=["MAILER"]):
            self.run_job(self.rows(1))
            before = self.mailers()
            self.area.cards.unlink()
            self.area.cards.mkdir()
            try:
                self.expect(self.area.run("run", self.area.job), kit.IO)
            finally:
                self.area.cards.rmdir()
            self.assertEqual(self.mailers(), before)
            for file in ("data/cards.csv", "job.yaml", "area.yaml", "out/batch.cps",
                         "out/batch.rejects.jsonl"):
                path = self.area.folder / file
                with self.subTest(file=file), \
                        self.area.edited("job.yaml", "out/mailers.jsonl", file):
                    content = path.read_bytes() if path.exists() else None
                    self.expect(self.area.run("run", self.area.job), kit.USAGE, "of its own")
                    self.assertEqual(path.read_bytes() if path.exists() else None, content)

    def test_mistakes_are_told_with_their_place(self):
        mistakes = (
            ([(PIN_SOURCE, "pin: {from: block, format: 2}")], "0, 1, 3"),
            ([(PIN_SOURCE, "pin: {from: block, format: 4}")], "'KEK1' must be an AES key"),
            ([(PIN_SOURCE, "pin: {from: block, format: 0, key: KEK1-AES}")], "must be a 3DES key"),
            ([(PIN_SOURCE, "pin: {from: block, format: 0, key: STORAGES}")], "names no key"),
            ([(PIN_SOURCE, "pin: {from: random, length: 3}")], "4"),
            ([(PIN_SOURCE, "pin: {from: random, length: 4}")], "pin_mailer"),
            ([(PIN_SOURCE, 'pin: {from: offset, key: PVK, validation: "{pan}", '
                           'decimalisation: "0000000000000000"}')], "decimalisation"),
            ([(PIN_SOURCE, "")], "pin"),
            ([self.mailer(), ("key: MAILER", "key: KEK1")], "a key of their own"),
            ([self.mailer(), ("key: MAILER", "key: IMK-AC")], "'IMK-AC' has another use"),
            ([self.mailer(), ("key: MAILER", "key: OTHER"),
              ('  STORAGE:  "pkcs11', '  OTHER: IMK-AC\n  STORAGE:  "pkcs11')], "the same key as"),
            ([self.mailer(), ('name: "{name}"', 'name: "{pin_block}"')],
             "field 'pin_block' brings PINs"),
            ([self.mailer(", format: 4")], "must be an AES key"),
        )
        for changes, text in mistakes:
            with self.subTest(text=text):
                before = self.area.job.read_text()
                now = before
                for old, new in changes:
                    now = kit.changed(now, old, new)
                now = now.replace('  STORAGE:  "pkcs11', '  PVK: PVK\n  KEK1-AES: KEK1-AES\n'
                                  '  MAILER: MAILER\n  STORAGE:  "pkcs11')
                self.area.job.write_text(now)
                try:
                    self.expect(self.area.run("run", self.area.job), kit.USAGE,
                                r"job\.yaml:\d+:\d+", text)
                finally:
                    self.area.job.write_text(before)


if __name__ == "__main__":
    unittest.main()

"""Card files that were altered, cut or stripped: nothing of them reaches a chip."""

import copy
import json
import unittest

import kpd_test_kit as kit
from card_files import CardFile, module, parse_record
from forgery import write_forged
from test_cards import CardsTest


def with_record(card, chip):
    """The card with other bytes for its chip, lengths of the modules set right."""
    altered = copy.deepcopy(card)
    altered.modules["$CHP"] = chip
    altered.record = parse_record(chip)
    return altered


def flipped(card, number):
    """One bit of a DGI of the payment application changed, everything else as it was."""
    value, chip = card.payment.dgi(number), card.modules["$CHP"]
    end = number.to_bytes(2, "big") + bytes([len(value)]) + value
    before = chip.rindex(end) + len(end) - 1
    return with_record(card, chip[:before] + bytes([chip[before] ^ 1]) + chip[before + 1:])


def without_mac(card, which):
    """The card without field 3d of one application, lengths set right."""
    sections = list(card.record.raw_sections)
    sections[which] = sections[which][:-21] + b"\0"
    body = len(card.record.raw_head).to_bytes(2, "big") + card.record.raw_head
    body += b"".join(len(part).to_bytes(2, "big") + part for part in sections)
    return with_record(card, card.record.version.encode() + len(body).to_bytes(2, "big") + body)


class AlteredFiles(CardsTest):
    """A blank chip is offered to every bad file of a test, and takes the good one in the end."""

    PER_PRODUCT = 1

    def setUp(self):
        super().setUp()
        self.file = CardFile(self.area.cards)
        self.bad = self.folder / "bad.cps"
        self.chips()

    def write(self, forged_trailer=False):
        """The altered file with its digest set right; the trailer's MAC too, for a forger who has
        the key (it is published here)."""
        if forged_trailer:
            write_forged(self.file, self.bad)
        else:
            self.file.write(self.bad)

    def loads_in_the_end(self):
        self.expect(self.load(), kit.DONE)
        self.assertEqual(self.expect(self.verify("--reader", "00 00"), kit.DONE).json()["right"], 1)

    def test_an_altered_record_is_refused_by_its_mac(self):
        first = self.file.cards[0]
        for number in (0x9102, 0x9104, 0x0101, 0x0201, 0x0302, 0x9200, 0x9010, 0x9000, 0x8010, 0x8000):
            with self.subTest(dgi=f"{number:04X}"):
                self.file.cards[0] = flipped(first, number)
                self.write()
                self.refused("trailer's MAC")
                self.write(forged_trailer=True)
                self.assertEqual(self.refused("mac-wrong").json()["failed"], 1)
        self.loads_in_the_end()

    def test_a_record_without_its_mac_is_refused(self):
        first = self.file.cards[0]
        for which in (0, 1):
            self.file.cards[0] = without_mac(first, which)
            self.write()
            self.refused("trailer's MAC")
            self.write(forged_trailer=True)
            self.refused("mac-missing")
        self.loads_in_the_end()

    def test_secrets_of_another_card_are_refused(self):
        first, second = self.file.cards[:2]
        chip = first.modules["$CHP"]
        for number in (0x8010, 0x8000):
            self.file.cards[0] = with_record(
                first, chip.replace(first.payment.dgi(number), second.payment.dgi(number)))
            self.write(forged_trailer=True)
            self.refused("mac-wrong")
        self.loads_in_the_end()

    def test_records_cannot_go_missing_or_change_places(self):
        cards = self.file.cards
        for order in ((0, 1, 2, 3), (1, 0, 2, 3, 4), (0, 0, 1, 2, 3)):
            self.file.cards = [cards[i] for i in order]
            self.write()
            self.refused()
        self.file.cards = cards
        cards[0].modules["$EM3"] = b"SOMEBODY/ELSE"
        self.write()
        self.refused("trailer's MAC")
        self.loads_in_the_end()

    def test_a_trailer_without_a_mac_is_refused(self):
        self.file.write(self.bad, mac="")
        self.refused("trailer's MAC")
        header = json.loads(self.file.raw_header)
        header["keys"] = [key for key in header["keys"] if key["use"] != "mac"]
        self.file.raw_header = json.dumps(header).encode()
        self.file.cards = [without_mac(without_mac(card, 0), 1) for card in self.file.cards]
        self.file.write(self.bad, mac="")
        self.refused("MAC")
        self.loads_in_the_end()

    def test_a_cut_or_foreign_file_is_refused(self):
        whole = self.area.cards.read_bytes()
        for length in (0, 5, 300, len(whole) // 2, len(whole) - 1):
            self.bad.write_bytes(whole[:length])
            self.refused("card file, byte")
        for content in (whole + b"\n", b"PK" + whole, self.area.job.read_bytes()):
            self.bad.write_bytes(content)
            self.refused("card file, byte")
        self.loads_in_the_end()

    def test_a_wrong_digest_or_count_is_refused(self):
        whole = self.area.cards.read_bytes()
        digest = self.file.trailer["digest"]
        self.bad.write_bytes(whole.replace(digest.encode(), digest[::-1].encode()))
        self.refused("digest")
        name = next(row["name"] for row in self.area.good_rows()).encode()
        self.bad.write_bytes(whole.replace(name, name[::-1], 1))
        self.refused("digest")
        trailer = dict(self.file.trailer, records=4, read=4)
        self.bad.write_bytes(self.file.body() + module("$TRL", json.dumps(trailer).encode()))
        self.refused("counts 4")
        self.loads_in_the_end()

    def test_transport_keys_of_another_batch_are_refused(self):
        header = json.loads(self.file.raw_header)
        for key in header["keys"][:-1]:
            key["wrapped"] = key["wrapped"][2:] + key["wrapped"][:2]  # another key block
        self.file.raw_header = json.dumps(header).encode()
        self.write(forged_trailer=True)
        self.refused("transport key")
        self.loads_in_the_end()


if __name__ == "__main__":
    unittest.main()

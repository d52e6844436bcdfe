"""Cards whose data were altered after preparation, under record MACs that are right all the same.

The starter area's MAC key is published, so that a forger's work can be tested: what the loader
cannot refuse, the tester must find.
"""

import re

import kpd_test_kit as kit
import openssl
from card_files import Cursor, parse_record, tlvs

CARD_DATA = 0xEF
FCI_DGI = 0x9102
PLAIN_LISTS = (0x9104, 0x3000, 0x9200)  # DGIs with data objects and no template around them


def sized(content, width):
    return len(content).to_bytes(width, "big") + content


def tlv(tag, value):
    """BER-TLV with the shortest length."""
    if len(value) > 0xFF:
        length = b"\x82" + len(value).to_bytes(2, "big")
    elif len(value) > 0x7F:
        length = bytes([0x81, len(value)])
    else:
        length = bytes([len(value)])
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + length + value


def _dgi(number, value):
    sized_value = sized(value, 1) if len(value) < 0xFF else b"\xff" + sized(value, 2)
    return number.to_bytes(2, "big") + sized_value


def published_key(label):
    """The value of a key in the starter area's plan."""
    plan = (kit.SOURCE / "examples/starter/area-plan.yaml").read_text()
    return bytes.fromhex(re.search(rf'^  {label}: .*value: "(\w+)"', plan, re.MULTILINE)[1])


def batch_mac_key(enciphered):
    """The MAC key of a batch, which travels enciphered under the published one."""
    return openssl.tdes(published_key("MAC"), enciphered, decipher=True)


def write_forged(file, path):
    """A card file whose trailer is right for the cards that it holds now."""
    (enciphered,) = [key["wrapped"] for key in file.header["keys"] if key["use"] == "mac"]
    mac = openssl.retail_mac(batch_mac_key(bytes.fromhex(enciphered)),
                             bytes.fromhex(file.body_digest()))
    file.write(path, read=len(file.cards), rejected=0, mac=mac.hex().upper())


class ForgedApplication:
    """DGIs that can be changed."""

    def __init__(self, application):
        self.original = application
        self.dgis = dict(application.dgis)
        if len(self.dgis) != len(application.dgis):
            raise ValueError("a DGI stands twice")

    def _place(self, tag):
        """The one DGI with this tag in its template, the template, and all that it holds."""
        ((dgi, template, objects),) = [
            (dgi, template, dict(tlvs(content)))
            for dgi, value in self.dgis.items()
            if 0x01 <= dgi >> 8 <= 0x0A or dgi in (FCI_DGI, *PLAIN_LISTS)
            for template, content in ([(None, value)] if dgi in PLAIN_LISTS else tlvs(value))
            if tag in dict(tlvs(content))]
        return dgi, template, objects

    def _store(self, dgi, template, objects):
        content = b"".join(tlv(*item) for item in objects.items())
        self.dgis[dgi] = content if template is None else tlv(template, content)

    def changed(self):
        """The DGIs that are not what they were."""
        before = dict(self.original.dgis)
        return {dgi for dgi, value in self.dgis.items() if value != before[dgi]}

    def get(self, tag):
        return self._place(tag)[2][tag]

    def set(self, tag, value):
        dgi, template, objects = self._place(tag)
        objects[tag] = value
        self._store(dgi, template, objects)

    def flip(self, tag, at=-1):
        """The last bit of one byte."""
        value = bytearray(self.get(tag))
        value[at] ^= 0x01
        self.set(tag, bytes(value))

    def drop(self, tag):
        dgi, template, objects = self._place(tag)
        del objects[tag]
        self._store(dgi, template, objects)

    def add(self, tag, value, beside):
        """A further element, in the record of another one."""
        dgi, template, objects = self._place(beside)
        self._store(dgi, template, {**objects, tag: value})

    def take(self, other, *tags):
        """Elements of another card."""
        for tag in tags:
            self.set(tag, other.get(tag))

    def take_dgis(self, other, *numbers):
        """Whole DGIs of another card. Secrets stay under the batch's transport keys."""
        for number in numbers:
            self.dgis[number] = other.dgis[number]

    def section(self, before, old_section):
        """Section 3 without its length, with a MAC over it and all that stands before it."""
        cursor = Cursor(old_section)
        head = sized(cursor.sized(1), 1) + sized(cursor.sized(2), 2) + sized(cursor.sized(2), 2)
        dgis = b"".join(_dgi(*item) for item in self.dgis.items())
        body = head + sized(tlv(CARD_DATA, dgis), 2)
        mac_key = self.original.mac_key
        length = (len(body) + 1 + len(mac_key) + 4).to_bytes(2, "big")
        mac = openssl.retail_mac(batch_mac_key(mac_key), before + length + body)[:4]
        return body + sized(mac_key + mac, 1)


class ForgedCard:
    """A card that can be changed; `directory` and `payment` are its applications."""

    def __init__(self, card):
        self.card = card
        self.directory, self.payment = map(ForgedApplication, card.record.applications)

    def encoded_record(self):
        record = self.card.record
        covered = record.raw_head
        for application, old in zip((self.directory, self.payment), record.raw_sections):
            covered += sized(application.section(covered, old), 2)
        sections = covered[len(record.raw_head):]
        return record.version.encode() + sized(sized(record.raw_head, 2) + sections, 2)

    def forged(self):
        """The card with these DGIs, as the machine will take it."""
        chip = self.encoded_record()
        self.card.modules["$CHP"] = chip
        self.card.record = parse_record(chip)
        return self.card

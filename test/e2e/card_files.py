"""A reader of card files and their CPS records that shares nothing with the program.

Written from the file's description alone (cps/card_file.h, cps/record.h); it accepts nothing but
what stands there, and every length must come out even.
"""

import dataclasses
import hashlib
import json


class Cursor:
    """Takes bytes from the front; running out is an error."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        part = self.data[self.at:self.at + count]
        if len(part) != count:
            raise ValueError(f"{count} bytes wanted at {self.at}, {len(part)} there")
        self.at += count
        return part

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def sized(self, width):
        return self.take(self.number(width))

    def end(self):
        return self.at == len(self.data)


@dataclasses.dataclass
class Application:
    aid: bytes
    keys: list  # (key id, type, mode, [DGI])
    owner: bytes
    order: list
    version_control: list
    enciphered: dict  # DGI to type
    groups: list
    security_level: int
    log_data: bytes
    dgis: list  # (DGI, value) in file order
    mac_key: bytes
    mac: bytes

    def dgi(self, number):
        """The value of the one DGI of this number."""
        (value,) = [value for dgi, value in self.dgis if dgi == number]
        return value

    def records(self):
        """(SFI, record) to the content of its template 70."""
        found = {}
        for dgi, value in self.dgis:
            if 0x01 <= dgi >> 8 <= 0x0A:
                ((tag, content),) = tlvs(value)
                assert tag == 0x70
                found[dgi >> 8, dgi & 0xFF] = content
        return found

    def elements(self):
        """Tag to value, over all records."""
        return {tag: value for content in self.records().values() for tag, value in tlvs(content)}


@dataclasses.dataclass
class Record:
    version: str
    reference: bytes
    status: str
    applications: list
    raw_head: bytes  # 2.4-2.8
    raw_sections: list  # sections 3, each without its length


def tlvs(data):
    """BER-TLV at one level: [(tag, value)]."""
    cursor, found = Cursor(data), []
    while not cursor.end():
        tag = cursor.number(1)
        if tag & 0x1F == 0x1F:
            tag = tag << 8 | cursor.number(1)
        length = cursor.number(1)
        if length > 0x80:
            length = cursor.number(length & 0x7F)
        found.append((tag, cursor.take(length)))
    return found


def _numbers(data):
    return [int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2)]


def _statements(data):
    cursor, found = Cursor(data), []
    while not cursor.end():
        found.append(_numbers(cursor.sized(1)))
    return found


def _all(data, read):
    """What `read` takes from a cursor that must then be at its end."""
    cursor = Cursor(data)
    value = read(cursor)
    if not cursor.end():
        raise ValueError("bytes are left over")
    return value


def _transport_keys(cursor, id_length):
    if cursor.end():
        return []
    if cursor.number(1) != 1:
        raise ValueError("TKDATA of another version")
    keys = []
    while not cursor.end():
        key, kind, mode = cursor.take(id_length), cursor.number(1), cursor.number(1)
        keys.append((key, kind, mode, _numbers(cursor.take(2 * cursor.number(1)))))
    return keys


def _dgis(cursor):
    dgis = []
    while not cursor.end():
        number, length = cursor.number(2), cursor.number(1)
        dgis.append((number, cursor.take(cursor.number(2) if length == 0xFF else length)))
    return dgis


def _instructions(cursor):
    order, version, enciphered = cursor.sized(2), cursor.sized(2), cursor.sized(2)
    random, groups = cursor.sized(2), cursor.sized(2)
    level, cplc = cursor.number(1), cursor.number(1)
    if random or cplc:
        raise ValueError("RANDOM and CPLC are not used")
    types = {int.from_bytes(enciphered[i:i + 2], "big"): enciphered[i + 2]
             for i in range(0, len(enciphered), 3)}
    return (_statements(order), _numbers(version), types, _statements(groups), level)


def _application(section, id_length):
    cursor = Cursor(section)
    keys_part, steps_part = Cursor(cursor.sized(1)), Cursor(cursor.sized(2))
    log_data, card_data, mac_part = cursor.sized(2), cursor.sized(2), cursor.sized(1)
    if not cursor.end() or len(mac_part) not in (0, 20):
        raise ValueError("section 3 does not come out even")
    aid = keys_part.sized(1)
    keys = _all(keys_part.sized(1), lambda part: _transport_keys(part, id_length))
    owner, steps = steps_part.sized(1), Cursor(steps_part.sized(2))
    step = Cursor(steps.sized(1))
    if step.take(3) != b"\x0f\x01\xef":
        raise ValueError("a step that is not 'personalise from EF, required'")
    order, version, enciphered, groups, level = _all(step.sized(2), _instructions)
    step.sized(2)
    if not all(part.end() for part in (keys_part, steps_part, steps, step)):
        raise ValueError("section 3a does not come out even")
    ((tag, dgis),) = tlvs(card_data)
    if tag != 0xEF:
        raise ValueError("card data under another tag than EF")
    return Application(aid, keys, owner, order, version, enciphered, groups, level, log_data,
                       _dgis(Cursor(dgis)), mac_part[:16], mac_part[16:])


def parse_record(data, id_length=4):
    """Sections 2 and 3 of one chip."""
    cursor = Cursor(data)
    version, rest = cursor.take(4).decode("ascii"), Cursor(cursor.sized(2))
    raw_head = rest.sized(2)
    head = Cursor(raw_head)
    reference, status = head.sized(1), head.take(2).decode("ascii")
    if head.number(1) != 0:
        raise ValueError("product ids are not used")
    aids = [head.sized(1) for _ in range(head.number(1))]
    raw_sections = [rest.sized(2) for _ in aids]
    applications = [_application(section, id_length) for section in raw_sections]
    if not (cursor.end() and rest.end() and head.end()):
        raise ValueError("the record does not come out even")
    if [application.aid for application in applications] != aids:
        raise ValueError("the AIDs of section 2 are not those of sections 3")
    return Record(version, reference, status, applications, raw_head, raw_sections)


def parse_modules(data):
    """[(identifier, content)]."""
    cursor, found = Cursor(data), []
    while not cursor.end():
        mic, length = cursor.take(4).decode("ascii"), cursor.take(7).decode("ascii")
        if not length.isdigit():
            raise ValueError("a module's length is not digits")
        found.append((mic, cursor.take(int(length))))
    return found


def module(mic, content):
    return mic.encode() + b"%07d" % len(content) + content


class Card:
    """One $REC module: its other modules by identifier, and the chip's record."""

    def __init__(self, content):
        self.modules = dict(parse_modules(content))
        self.id = self.modules["$REF"].decode()
        self.product = self.modules["$TYP"].decode()
        self.record = parse_record(self.modules["$CHP"])

    @property
    def payment(self):
        """The application behind the directory, which bank cards begin with."""
        return self.record.applications[1]

    def encoded(self):
        return module("$REC", b"".join(module(*item) for item in self.modules.items()))


class CardFile:
    """A whole file, its counts and digest computed anew."""

    def __init__(self, path):
        parts = parse_modules(path.read_bytes())
        if [mic for mic, _ in parts] != ["$HDR"] + ["$REC"] * (len(parts) - 2) + ["$TRL"]:
            raise ValueError("not header, records, trailer")
        self.raw_header = parts[0][1]
        self.header = json.loads(self.raw_header)
        self.cards = [Card(content) for _, content in parts[1:-1]]
        self.trailer = json.loads(parts[-1][1])
        if self.body_digest() != self.trailer["digest"]:
            raise ValueError("the digest is not that of the bytes before the trailer")
        if self.trailer["records"] != len(self.cards):
            raise ValueError("the trailer counts other records")

    def body(self):
        return module("$HDR", self.raw_header) + b"".join(card.encoded() for card in self.cards)

    def body_digest(self):
        return hashlib.sha256(self.body()).hexdigest().upper()

    def write(self, path, **changes):
        """The file with its trailer set right for what it holds now."""
        trailer = dict(self.trailer, records=len(self.cards), digest=self.body_digest(), **changes)
        path.write_bytes(self.body() + module("$TRL", json.dumps(trailer).encode()))

    def of(self, product, count=None):
        return [card for card in self.cards if card.product == product][:count]

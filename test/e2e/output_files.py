"""Readers of card files in the formats of output profiles, which share nothing with the program.

Written from docs/output.md alone. Every reader gives the same: header, cards with modules and the
DGIs of each application, trailer; and each can write what it read again, changed.
"""

import copy
import hashlib
import json

import openssl
from card_files import Cursor, module, parse_modules, parse_record
from forgery import batch_mac_key


class Card:
    """modules: text by name; applications: AID to [(DGI, value)]; raw: as it stands in the file."""

    def __init__(self, raw, modules, applications):
        self.raw, self.modules, self.applications = raw, modules, applications
        self.id = modules["$REF"].decode()
        self.product = modules.get("$TYP", b"").decode()


def split_tags(text):
    """"A5(50,BF0C(9F4D)),9F36" as [(tag, [inner])]."""
    def read(at):
        found = []
        while at < len(text) and text[at] != ")":
            end = at
            while end < len(text) and text[end] not in "(),":
                end += 1
            tag, inner = int(text[at:end], 16), []
            if end < len(text) and text[end] == "(":
                inner, end = read(end + 1)
                end += 1
            found.append((tag, inner))
            at = end + 1 if end < len(text) and text[end] == "," else end
        return found, at
    return read(0)[0]


def tlv(tag, value):
    """BER-TLV with the shortest length and a tag of any size."""
    size = len(value)
    length = bytes([size]) if size < 0x80 else (
        b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big"))
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


class Run:
    """A run of BER-TLV, taken object by object."""

    def __init__(self, data):
        self.cursor = Cursor(data)

    def peek(self):
        at = self.cursor.at
        item = self.take()
        self.cursor.at = at
        return item

    def take(self):
        tag = self.cursor.number(1)
        if tag & 0x1F == 0x1F:
            more = True
            while more:
                byte = self.cursor.number(1)
                tag, more = tag << 8 | byte, byte & 0x80
        length = self.cursor.number(1)
        if length > 0x80:
            length = self.cursor.number(length & 0x7F)
        return tag, self.cursor.take(length)


def _rebuild(run, trees, absent):
    """The objects that the leaves at the front of a run stand for."""
    value = b""
    for tag, inner in trees:
        if inner:
            content = _rebuild(run, inner, absent)
            value += tlv(tag, content) if content else b""
            continue
        found, content = run.take()
        if found == tag:
            value += tlv(tag, content)
        elif (found, content) != (absent, b""):
            raise ValueError(f"{found:X} where {tag:X} should stand")
    return value


def _dgis(data, layout, application):
    run, found = Run(data), []
    absent, other = int(layout["absent"], 16), int(layout["other"], 16)

    def others():
        while not run.cursor.end() and run.peek()[0] == other:
            value = run.take()[1]
            found.append((int.from_bytes(value[:2], "big"), value[2:]))

    for form in application["dgis"]:
        others()
        number, (tag, value) = int(form["dgi"], 16), run.peek()
        if tag == absent and value:
            if run.take()[1] != number.to_bytes(2, "big"):
                raise ValueError("another DGI is said to be absent")
        elif tag == int(form["whole"], 16):
            found.append((number, run.take()[1]))
        else:
            found.append((number, _rebuild(run, split_tags(form["content"]), absent)))
    others()
    if not run.cursor.end():
        raise ValueError("bytes behind the DGIs")
    return found


def parse_packages(data, layout, which, key_id_length=4):
    """AID to DGIs."""
    card, cursor, found = layout["cards"][which], Cursor(data), {}
    frame = parse_record(bytes.fromhex(card["frame"]), key_id_length)
    for application, empty in zip(card["applications"], frame.applications):
        package = Cursor(cursor.take(int(cursor.take(7))))
        if package.take(4) != b"\xff\xff\xff\xfa":
            raise ValueError("no package")
        body = Cursor(package.sized(2))
        name, pix = body.sized(2), body.sized(layout["pix_length_size"])
        keys, run = body.sized(layout["key_data_length_size"]), body.sized(2)
        if not (package.end() and body.end()) or len(keys) not in (12, 20):
            raise ValueError("a package does not come out even")
        if (name.decode(), pix.hex().upper()) != (application["name"], application["pix"]):
            raise ValueError("another name or PIX than in the header")
        found[empty.aid] = _dgis(run, layout, application)
    if not cursor.end():
        raise ValueError("bytes behind the packages")
    return found


def of_record(data, key_id_length):
    return {application.aid: application.dgis
            for application in parse_record(data, key_id_length).applications}


class OutputFile:
    """A card file of any format. `start`, `raw` of the cards and `end` are the whole file."""

    def __init__(self, path):
        self.data = path.read_bytes()
        if self.data.startswith(b"$HDR"):
            self._read_modules()
        else:
            self._read_lines()
        body = self.start + b"".join(card.raw for card in self.cards)
        if hashlib.sha256(body).hexdigest().upper() != self.trailer["digest"]:
            raise ValueError("the digest is not that of the bytes before the trailer")
        if self.trailer["records"] != len(self.cards):
            raise ValueError("the trailer counts other records")

    def _read_modules(self):
        parts = parse_modules(self.data)
        self.header, self.trailer = json.loads(parts[0][1]), json.loads(parts[-1][1])
        self.start = module(*parts[0])
        self.cards = []
        for mic, content in parts[1:-1]:
            modules = dict(parse_modules(content))
            chip = modules.pop(self.header["chip_mic"])
            if self.header["format"] == "tagged":
                dgis = parse_packages(chip, self.header["tagged"], int(modules["$LAY"]),
                                      self.header["key_id_length"])
            else:
                dgis = of_record(chip, self.header["key_id_length"])
            self.cards.append(Card(module(mic, content), modules, dgis))

    def _read_lines(self):
        first, *rows, last = self.data.splitlines(keepends=True)
        self.header = json.loads(first[first.index(b"{"):])
        lines = self.header["lines"]
        prefix, end = lines["prefix"].encode(), lines["end"].encode()
        if not all(row.endswith(end) for row in (first, *rows, last)):
            raise ValueError("a line with another end")
        if not (first.startswith(prefix + b"{") and last.startswith(prefix + b"{")):
            raise ValueError("no prefix before JSON")
        self.start, self.trailer = first, json.loads(last[len(prefix):])
        self.cards = [self._card_of_line(row, row[:-len(end)], lines) for row in rows]

    def _card_of_line(self, raw, line, lines):
        modules, chip = {}, None
        for field, value in zip(lines["fields"], self._values(line, lines), strict=True):
            if field["content"] == "chip":
                chip = bytes.fromhex(value.decode())
            else:
                modules[field["name"]] = value.decode(lines["encoding"]).encode()
        return Card(raw, modules, of_record(chip, self.header["key_id_length"]))

    @staticmethod
    def _values(line, lines):
        if lines["fixed"]:
            at, values = 0, []
            for field in lines["fields"]:
                value, fill = line[at:at + field["width"]], field["fill"].encode()
                values.append(value.lstrip(fill) if field["align"] == "right" else value.rstrip(fill))
                at += field["width"]
            if at != len(line):
                raise ValueError("a line of another length")
            return values
        quote, delimiter = lines["quote"].encode(), lines["delimiter"].encode()
        values, quoted, value = [], False, b""
        for byte in (line[i:i + 1] for i in range(len(line))):
            if byte == quote:
                quoted = not quoted
            if byte == delimiter and not quoted:
                values.append(value)
                value = b""
            else:
                value += byte
        values.append(value)
        return [value[1:-1].replace(quote * 2, quote) if value.startswith(quote) else value
                for value in values]

    def write(self, path, cards=None, start=None, forged=False):
        """The file with these cards (as bytes) and a trailer that is right for them; its MAC too,
        when a forger has the published key."""
        cards = [card.raw for card in self.cards] if cards is None else cards
        body = (self.start if start is None else start) + b"".join(cards)
        digest = hashlib.sha256(body).digest()
        trailer = copy.deepcopy(self.trailer)
        trailer.update(records=len(cards), read=len(cards) + trailer["rejected"],
                       digest=digest.hex().upper())
        if forged:
            (enciphered,) = [key["wrapped"] for key in self.header["keys"] if key["use"] == "mac"]
            trailer["mac"] = openssl.retail_mac(batch_mac_key(bytes.fromhex(enciphered)),
                                                digest).hex().upper()
        path.write_bytes(body + self.framed_trailer(json.dumps(trailer).encode()))

    def framed_trailer(self, content):
        if self.header["format"] != "lines":
            return module("$TRL", content)
        lines = self.header["lines"]
        return lines["prefix"].encode() + content + lines["end"].encode()

    def framed_header(self, header):
        content = json.dumps(header).replace('{"version": ', '{"version":', 1).encode()
        if header["format"] != "lines":
            return module("$HDR", content)
        return header["lines"]["prefix"].encode() + content + header["lines"]["end"].encode()

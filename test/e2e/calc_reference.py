"""What the calculator's examples must give, computed apart from it: by the openssl program, Python's
integers and the vectors of the unit tests.

Each function takes the example's parameters (a text, or a list where one stands more than once) and
returns members that the result must have.
"""

import hashlib
import json
import subprocess

import kpd_test_kit as kit
from openssl import kcv, retail_mac, tdes, tdes_cbc

_X = bytes.fromhex


def _h(data):
    return data.hex().upper()


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def _odd(key):
    return bytes((b & 0xFE) | (bin(b >> 1).count("1") + 1) % 2 for b in key)


def _pad(data, block):
    data += b"\x80"
    return data + bytes(-len(data) % block)


def aes(key, data, decipher=False):
    done = subprocess.run(["openssl", "enc", f"-aes-{8 * len(key)}-ecb", "-d" if decipher else "-e",
                           "-nopad", "-K", key.hex()], input=data, capture_output=True, check=True)
    return done.stdout


def cmac(key, data):
    """AES-CMAC (NIST SP 800-38B)."""
    def double(block):
        number = int.from_bytes(block, "big") << 1
        reduced = (number & (1 << 128) - 1) ^ (0x87 if number >> 128 else 0)
        return reduced.to_bytes(16, "big")

    whole = bool(data) and len(data) % 16 == 0
    mask = double(aes(key, bytes(16)))
    data = data if whole else _pad(data, 16)
    last = _xor(data[-16:], mask if whole else double(mask))
    state = bytes(16)
    for at in range(0, len(data) - 16, 16):
        state = aes(key, _xor(state, data[at:at + 16]))
    return aes(key, _xor(state, last))


def _decimal(hexadecimal, count):
    digits = [c for c in hexadecimal if c.isdigit()]
    return "".join((digits + [str(int(c, 16) - 10) for c in hexadecimal if not c.isdigit()])[:count])


def _masked(digits):
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]


def _key(key):
    return {"value": _h(key), "kcv": _h(kcv(key))}


def _aes_key(key):
    return {"value": _h(key), "kcv": _h(cmac(key, bytes(16))[:5])}


def _vector(file, name):
    vectors = json.loads((kit.SOURCE / "test/vectors" / f"{file}.json").read_text())["vectors"]
    return next(v for v in vectors if v["id"] == name)


# Card keys.


def _udk_y(pan, psn, option):
    digits = pan + psn
    if option == "B" and len(pan) > 16:
        digits = "0" * (len(digits) % 2) + digits
        return _X(_decimal(hashlib.sha1(_X(digits)).hexdigest().upper(), 16))
    return _X(digits[-16:].zfill(16))


def _derive(imk, pan, psn="00", option="A"):
    y = _udk_y(pan, psn, option)
    return _odd(tdes(imk, y) + tdes(imk, _xor(y, b"\xFF" * 8)))


def _session(udk, r):
    return _odd(tdes(udk, r[:2] + b"\xF0" + r[3:] + r[:2] + b"\x0F" + r[3:]))


def udk(a):
    y = _udk_y(a["pan"], a["psn"], a["option"])
    return {"imk": {"kcv": _h(kcv(_X(a["imk"])))}, "y": _masked(_h(y)),
            "udk": _key(_derive(_X(a["imk"]), a["pan"], a["psn"], a["option"]))}


def sk(a):
    return {"session_key": _key(_session(_X(a["udk"]), _X(a["ac"])))}


def kdc(a):
    tail = _X(a["keydata"])[4:]
    return {name: _key(tdes(_X(a["kmc"]), tail + bytes([0xF0, i]) + tail + bytes([0x0F, i])))
            for i, name in ((1, "enc"), (2, "mac"), (3, "dek"))}


# Cryptograms and scripts.


def arqc(a):
    key = _session(_derive(_X(a["imk"]), a["pan"]), _X(a["atc"]) + bytes(6))
    data = _X(a["terminal-data"] + a["aip"] + a["atc"] + a["iad"])
    return {"session_key": _key(key), "input": _h(data), "ac": _h(retail_mac(key, data))}


def arpc(a):
    key = _session(_derive(_X(a["imk"]), a["pan"]), _X(a["atc"]) + bytes(6))
    value = _h(retail_mac(key, _X(a["arqc"] + a["csu"]))[:4])
    return {"method": 2, "arpc": value, "issuer_authentication_data": value + a["csu"]}


def _aes_session(a):
    return aes(_X(a["udk"]), _X(a["atc"]) + bytes(14))


def aes_ac(a):
    key = _aes_session(a)
    return {"session_key": _aes_key(key), "ac": _h(cmac(key, _X(a["data"]))[:8])}


def aes_arpc(a):
    return {"arpc": _h(cmac(_aes_session(a), _X(a["arqc"] + a["csu"]))[:4])}


def mac(a):
    return {"mac": _h(retail_mac(_X(a["key"]), _X(a["data"])))}


def _script_mac(session, header, a, data):
    command = _X(header) + bytes([len(data) + 8])
    return command + data + retail_mac(session, command + _X(a["atc"] + a["ac"]) + data)


def script_mac(a):
    command = _script_mac(_session(_X(a["udk"]), _X(a["ac"])), a["header"], a, b"")
    return {"mac": _h(command[-8:]), "command": _h(command)}


def script_encipher(a):
    atc = _X(a["atc"])
    mask = bytes(6) + atc + bytes(6) + _xor(atc, b"\xFF\xFF")
    session = _odd(_xor(_X(a["udk"]), mask))
    data = _X(a["data"])
    return {"data": _h(tdes(session, _pad(bytes([len(data)]) + data, 8)))}


def pin_change(a):
    smi, smc = (_session(_X(a[name]), _X(a["ac"])) for name in ("udk-smi", "udk-smc"))
    block = tdes_cbc(smc, _X(f"2{len(a['pin']):X}{a['pin']}".ljust(16, "F")))
    return {"session_smi": _key(smi), "command": _h(_script_mac(smi, "84240002", a, block))}


def versions(_):
    vectors = json.loads((kit.SOURCE / "test/vectors/cryptogram_versions.json").read_text())
    return {"versions": [{"version": v["id"]} for v in vectors["vectors"]]}


# Verification values.


def _card_value(a, service_code):
    left, right = _X(a["cvk"])[:8], _X(a["cvk"])[8:]
    block = _X((a["pan"] + a["expiry"] + service_code).ljust(32, "0"))
    state = tdes(left, _xor(tdes(left, block[:8]), block[8:]))
    state = tdes(left, tdes(right, state, decipher=True))
    return {"service_code": service_code, "value": _decimal(_h(state), 3)}


def cvv(a):
    return _card_value(a, a["service-code"])


def cvv2(a):
    return _card_value(a, "000")


def icvv(a):
    return _card_value(a, "999")


def _cvc3(a, un, atc):
    key = _derive(_X(a["imk"]), a["pan"])
    iv = retail_mac(key, _X(a["track"]))[-2:]
    code = tdes(key, iv + un + atc)[-2:]
    return {"udk": _key(key), "ivcvc3": _h(iv), "cvc3": _h(code),
            "decimal": f"{int.from_bytes(code, 'big'):05}"}


def cvc3_iv(a):
    return {"ivcvc3": _cvc3(a, bytes(4), bytes(2))["ivcvc3"]}


def cvc3_dynamic(a):
    return _cvc3(a, _X(a["un"]), _X(a["atc"]))


def cvc3_static(a):
    return _cvc3(a, bytes(4), bytes(2))


def dac(a):
    return {"dac": _h(tdes(_X(a["imk-dac"]), _X((a["pan"] + "00")[-16:]))[:2])}


# PINs.


def pvv(a):
    block = a["pan"][-12:-1] + "1" + a["pin"]
    return {"pvv": _decimal(_h(tdes(_X(a["pvk"]), _X(block))), 4)}


def _natural(a, length):
    digits = _h(tdes(_X(a["pvk"]), _X(a["validation"])))[:length]
    return "".join(a["table"][int(c, 16)] for c in digits)


def ibm3624_pin(a):
    start = _natural(a, len(a["offset"]))
    pin = "".join(str((int(x) + int(y)) % 10) for x, y in zip(start, a["offset"], strict=True))
    return {"natural_pin": {"value": start}, "pin": {"value": pin}}


def ibm3624_offset(a):
    start = _natural(a, len(a["pin"]))
    return {"offset": "".join(str((int(x) - int(y)) % 10)
                              for x, y in zip(a["pin"], start, strict=True))}


def _format_0(pin, pan):
    return _xor(_X(f"0{len(pin):X}{pin}".ljust(16, "F")), _X("0000" + pan[-13:-1]))


def _pan_field(pan):
    return _X(f"{len(pan) - 12}{pan}".ljust(32, "0"))


def pinblock_encode(a):
    field = _X(f"4{len(a['pin'])}{a['pin']}".ljust(16, "A") + a["random"][:16])
    key = _X(a["key"])
    block = aes(key, _xor(aes(key, field), _pan_field(a["pan"])))
    return {"pin_field": {"value": _h(field)}, "pan_field": _masked(_h(_pan_field(a["pan"]))),
            "block": _h(block)}


def pinblock_decode(a):
    clear = _h(_xor(_X(a["block"]), _X("0000" + a["pan"][-13:-1])))
    return {"pin": {"value": clear[2:2 + int(clear[1])]}, "pin_length": int(clear[1])}


def pinblock_translate(a):
    key = _X(a["key"])
    field = aes(key, _xor(aes(key, _X(a["block"]), decipher=True), _pan_field(a["pan"])),
                decipher=True).hex()
    pin = field[2:2 + int(field[1])]
    return {"block": _h(tdes(_X(a["to-key"]), _format_0(pin, a["pan"])))}


# Key management.


def kcv_(a):
    key = _X(a["key"])
    return {"bits": 128, "legacy": _h(aes(key, bytes(16))[:3]),
            "cmac": _h(cmac(key, bytes(16))[:5]), "card": _h(aes(key, b"\x01" * 16)[:3]), "weakness": "none"}


def components_combine(a):
    parts = [_X(part) for part in a["component"]]
    return {"components": [{"kcv": _h(kcv(part))} for part in parts],
            "key": _key(_odd(_xor(*parts))), "weakness": "none"}


def components_split(a):
    first = _X(a["random"])
    return {"key": {"kcv": _h(kcv(_X(a["key"])))},
            "components": [_key(first), _key(_xor(_X(a["key"]), first))]}


def variant(a):
    mask = (bytes([8 * int(a["variant"])]) + bytes(7)) * 2
    return {"variant": _key(_xor(_X(a["key"]), mask))}


def tr31_show(a):
    header = _vector("tr31", "t6")["expected"]["header"]
    assert a["block"] == _vector("tr31", "t6")["inputs"]["key_block"]
    return {"version": header["version"], "usage": {"code": header["usage"]},
            "algorithm": {"code": header["algorithm"]}, "mode": {"code": header["mode"]},
            "exportability": {"code": header["export"]}, "optional_blocks": [],
            "mac": a["block"][-32:], "header_is_consistent": True}


def tr31_unwrap(a):
    assert a["kbpk"] == _vector("tr31", "t6")["inputs"]["KBPK"]
    return dict(tr31_show(a), key=_aes_key(_X(_vector("tr31", "t6")["expected"]["key"])))


def tr31_wrap(a):
    """The MAC of what came out is checked by a KDF and CMAC of our own (X9.143, 6.5)."""
    assert a["key"] == _vector("tr31", "t6")["expected"]["key"]
    kbpk = _X(a["kbpk"])
    derived = {use: b"".join(cmac(kbpk, bytes([i]) + bytes([0, use]) + _X("0000040100"))
                             for i in (1, 2)) for use in (0, 1)}
    clear = _X("0080" + a["key"] + a["random"])
    header = "D0112P0AE00E0000"
    tag = cmac(derived[1], header.encode() + clear)
    state, enciphered = tag, b""
    for at in range(0, len(clear), 16):
        state = aes(derived[0], _xor(state, clear[at:at + 16]))
        enciphered += state
    return {"block": header + _h(enciphered + tag)}


# Secure channels.


def scp02_keys(a):
    sequence = _X(a["sequence"])
    return {name: _key(tdes_cbc(_X(a[card]), _X(constant) + sequence + bytes(12)))
            for name, card, constant in (("s_enc", "enc", "0182"), ("s_mac", "mac", "0101"),
                                         ("s_dek", "dek", "0181"), ("s_rmac", "mac", "0102"))}


def _session_members(expected, plains):
    wrapped = {c["plain"]: c["wrapped"] for c in expected["wrapped_commands"]}
    return {"card_is_genuine": True, "card_cryptogram": expected["card_cryptogram"],
            "host_cryptogram": expected["host_cryptogram"],
            "external_authenticate": expected["external_authenticate"],
            "commands": [{"wrapped": wrapped[plain]} for plain in plains]}


def scp02_session(a):
    vector = _vector("scp02", "pysim-scp02")
    assert a["answer"] == vector["inputs"]["initialize_update_response"]
    return _session_members(vector["expected"], a["command"])


def scp03_keys(a):
    vector = _vector("scp03", "SCP03_Test_AES128_11")
    assert a["host-challenge"] == vector["inputs"]["initialize_update"][10:26]
    expected = vector["expected"]
    return {"s_enc": {"value": expected["S_ENC"]}, "s_mac": {"value": expected["S_MAC"]},
            "s_rmac": {"value": expected["S_RMAC"]},
            "card_cryptogram": expected["card_cryptogram"]}


def scp03_session(a):
    vector = _vector("scp03", "SCP03_Test_AES128_11")
    assert a["answer"] == vector["inputs"]["initialize_update_response"]
    return _session_members(vector["expected"], a["command"])


# Offline data authentication.


def _power(block, exponent, modulus):
    number = pow(int.from_bytes(block, "big"), int.from_bytes(exponent, "big"),
                 int.from_bytes(modulus, "big"))
    return number.to_bytes(len(modulus), "big")


def _opened(signature, modulus):
    return _power(_X(signature), b"\x03", _X(modulus))


def _certificate(opened, subject, remainder, extra):
    front = 2 + subject
    part = opened[front + 9:-21]
    digest = hashlib.sha1(opened[1:-21] + _X(remainder) + b"\x03" + extra).digest()
    assert opened[-21:-1] == digest
    return {"header": "6A", "format": _h(opened[1:2]), "expiry_mmyy": _h(opened[front:front + 2]),
            "serial": _h(opened[front + 2:front + 5]), "key_part": _h(part),
            "hash": _h(digest), "hash_computed": _h(digest), "trailer": "BC",
            "modulus": _h(part) + remainder}


def recover(a):
    issuer_block = _opened(a["cert"], a["ca"])
    issuer = _certificate(issuer_block, 4, a["remainder"], b"")
    icc_block = _opened(a["icc-cert"], issuer["modulus"])
    icc = _certificate(icc_block, 10, a["icc-remainder"], _X(a["static-data"]))
    return {"issuer": dict(issuer, issuer_id=_h(issuer_block[2:6])),
            "icc": dict(icc, pan=_masked(a["pan"]))}


def oda_data(a):
    data = "".join(record[4:] for record in a["record"]) + a["aip"]
    return {"length": len(data) // 2, "static_data": data}


def sda_verify(a):
    opened = _opened(a["ssad"], a["key"])
    assert opened[-21:-1] == hashlib.sha1(opened[1:-21] + _X(a["static-data"])).digest()
    return {"recovered": _h(opened), "dac": _h(opened[3:5])}


def _signed(a, body, extra):
    block = b"\x6A" + body + hashlib.sha1(body + extra).digest() + b"\xBC"
    return _h(block), _h(_power(block, _X(a["private"]), _X(a["key"])))


def sda_sign(a):
    size = len(a["key"]) // 2
    body = b"\x03\x01" + _X(a["dac"]) + b"\xBB" * (size - 26)
    block, signature = _signed(a, body, _X(a["static-data"]))
    return {"block": block, "ssad": signature}


def _dynamic(a, data, terminal):
    body = b"\x05\x01" + bytes([len(data)]) + data
    body += b"\xBB" * (len(a["key"]) // 2 - len(data) - 25)
    block, signature = _signed(a, body, terminal)
    return {"block": block, "sdad": signature}


def dda_sign(a):
    number = _X(a["number"])
    return _dynamic(a, bytes([len(number)]) + number, _X(a["terminal-data"]))


def cda_sign(a):
    number = _X(a["number"])
    digest = hashlib.sha1(_X(a["transaction-data"])).digest()
    data = bytes([len(number)]) + number + _X(a["cid"] + a["ac"]) + digest
    return _dynamic(a, data, _X(a["un"]))


def dda_verify(a):
    opened = _opened(a["sdad"], a["key"])
    assert opened[-21:-1] == hashlib.sha1(opened[1:-21] + _X(a["terminal-data"])).digest()
    return {"recovered": _h(opened), "dynamic_number": _h(opened[5:5 + opened[4]])}


def cda_verify(a):
    opened = _opened(a["sdad"], a["key"])
    after = 5 + opened[4]
    digest = _h(hashlib.sha1(_X(a["transaction-data"])).digest())
    return {"dynamic_number": _h(opened[5:after]), "cid": _h(opened[after:after + 1]),
            "ac": _h(opened[after + 1:after + 9]), "transaction_hash": digest,
            "hash_computed": digest}


def ca_hash(a):
    return {"hash": _h(hashlib.sha1(_X(a["rid"] + a["index"] + a["ca"] + "03")).digest())}


# Card data and personalisation data: what people can read off the standard's tables.


def _told(**members):
    return lambda _: members


tlv_show = _told(objects=[{"id": "6F", "inside": [
    {"id": "84", "value": "325041592E5359532E4444463031"},
    {"id": "A5", "inside": [{"id": "50", "value": "TEST"}, {"id": "87", "value": "1"}]}]}])


def tlv_build(a):
    objects = [item.split("=") for item in a["object"]]
    inside = "".join(f"{tag}{len(value) // 2:02X}{value}" for tag, value in objects)
    return {"tlv": f"{a['template']}{len(inside) // 2:02X}{inside}", "length": len(inside) // 2 + 2}


dol_show = _told(length=6 + 6 + 2 + 5 + 2 + 3 + 1 + 4, entries=[
    {"tag": tag, "length": length} for tag, length in
    (("9F02", 6), ("9F03", 6), ("9F1A", 2), ("95", 5), ("5F2A", 2), ("9A", 3), ("9C", 1),
     ("9F37", 4))])
dol_fill = _told(absent="9F1A 9F37", data="000000000300" + "0000" + "0978" + "00000000", length=14)
afl = _told(entries=[{"sfi": 1, "first": 2, "last": 2, "signed": 0},
                     {"sfi": 2, "first": 1, "last": 2, "signed": 0},
                     {"sfi": 3, "first": 1, "last": 2, "signed": 1}])
aip = _told(bits=[{"id": "1.6"}, {"id": "1.5"}, {"id": "1.4"}, {"id": "1.1"}])
auc = _told(bits=[{"id": f"1.{bit}"} for bit in range(8, 0, -1)])
tvr = _told(bits=[{"id": "1.8"}, {"id": "3.3"}, {"id": "4.8"}])
cvm = _told(rules=[{"id": "4201"}, {"id": "4403"}, {"id": "4103"}, {"id": "1E03"}, {"id": "1F00"}])
track2_show = _told(pan="476173******0010", luhn=True, expiry_yymm="3112", service_code="201",
                    discretionary="*" * 13)
track2_build = _told(tag_57="4761739001010010D311220111438F",
                     stripe=";4761739001010010=311220111438?")
pan = _told(pan="476173******0010", length=16, luhn=True)
apdu = _told(cla="00", ins="A4", name="SELECT", p1="04", p2="00", lc=14, le=256,
             data="325041592E5359532E4444463031", secure_messaging=False)
status = _told(status="6A88 referenced data not found")
dgi_show = _told(dgis=[{"id": "9102", "inside": [{"id": "50", "value": "TEST1"}]},
                       {"id": "0101", "inside": [{"id": "70", "inside": [{"id": "5F24"}]}]}])
dgi_build = _told(dgis="01010870065F2403311231" + "9010020303", length=16)
cps_record = _told(record=[{"id": "layout", "value": "02.1"}, {"id": "reference"},
                           {"id": "status", "value": "00"}, {"id": "F0000000011010"}])

"""Key blocks (ANSI X9.143, TR-31) written by the standard's text over the openssl program's block
ciphers, so that no code of ours judges itself."""

import secrets

from openssl import _openssl


def _ecb(key, data, aes, decipher=False):
    if aes:
        cipher = f"-aes-{8 * len(key)}-ecb"
    else:
        cipher = "-des-ede" if len(key) == 16 else "-des-ede3"
    return _openssl("enc", cipher, "-d" if decipher else "-e", "-nopad", "-K", key.hex(), data=data)


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def _cbc(key, data, initial, aes, decipher=False):
    size = 16 if aes else 8
    out, chain = b"", initial
    blocks = [data[i:i + size] for i in range(0, len(data), size)]
    if decipher:
        clear = _ecb(key, data, aes, True)
        for i, block in enumerate(blocks):
            out += _xor(clear[i * size:(i + 1) * size], chain)
            chain = block
        return out
    for block in blocks:
        chain = _ecb(key, _xor(block, chain), aes)
        out += chain
    return out


def _double(block):
    value = int.from_bytes(block, "big") << 1
    size = 8 * len(block)
    if value >> size:
        value = (value & ((1 << size) - 1)) ^ (0x87 if size == 128 else 0x1B)
    return value.to_bytes(len(block), "big")


def cmac(key, data, aes):
    size = 16 if aes else 8
    first = _double(_ecb(key, bytes(size), aes))
    second = _double(first)
    if data and len(data) % size == 0:
        data = data[:-size] + _xor(data[-size:], first)
    else:
        padded = data + b"\x80" + bytes(-(len(data) + 1) % size)
        data = padded[:-size] + _xor(padded[-size:], second)
    return _cbc(key, data, bytes(size), aes)[-size:]


def _derived(version, kbpk, usage):
    aes = version == "D"
    algorithm = {("B", 16): 0, ("B", 24): 1, ("D", 16): 2, ("D", 24): 3, ("D", 32): 4}[
        (version, len(kbpk))]
    size = 16 if aes else 8
    out = b""
    for counter in range(1, -(-len(kbpk) // size) + 1):
        data = bytes([counter]) + usage.to_bytes(2, "big") + b"\x00" + algorithm.to_bytes(2, "big") \
            + (8 * len(kbpk)).to_bytes(2, "big")
        out += cmac(kbpk, data, aes)
    return out[:len(kbpk)]


def _keys(version, kbpk):
    if version in "AC":
        return bytes(b ^ 0x45 for b in kbpk), bytes(b ^ 0x4D for b in kbpk)
    return _derived(version, kbpk, 0), _derived(version, kbpk, 1)


def _mac(version, key, header, body):
    if version in "AC":
        return _cbc(key, header + body, bytes(8), False)[-8:][:4]
    return cmac(key, header + body, version == "D")


def wrap(kbpk, fields, key, version):
    """fields: what stands between length and the number of optional blocks, as "E0TX00N"."""
    aes = version == "D"
    size = 16 if aes else 8
    clear = (8 * len(key)).to_bytes(2, "big") + key
    clear += secrets.token_bytes(-len(clear) % size)
    mac_size = {"A": 4, "B": 8, "C": 4, "D": 16}[version]
    length = 16 + 2 * (len(clear) + mac_size)
    header = f"{version}{length:04}{fields}0000".encode()
    enc, auth = _keys(version, kbpk)
    if version in "AC":
        body = _cbc(enc, clear, header[:8], aes)
        mac = _mac(version, auth, header, body)
    else:
        mac = _mac(version, auth, header, clear)
        body = _cbc(enc, clear, mac, aes)
    return header.decode() + body.hex().upper() + mac.hex().upper()


def unwrap(kbpk, block):
    """The key; AssertionError where the MAC does not fit."""
    version = block[0]
    aes = version == "D"
    at = 16
    for _ in range(int(block[12:14])):
        at += int(block[at + 2:at + 4], 16)
    mac_size = {"A": 4, "B": 8, "C": 4, "D": 16}[version]
    header = block[:at].encode()
    body = bytes.fromhex(block[at:-2 * mac_size])
    mac = bytes.fromhex(block[-2 * mac_size:])
    enc, auth = _keys(version, kbpk)
    clear = _cbc(enc, body, header[:8] if version in "AC" else mac, aes, True)
    if _mac(version, auth, header, body if version in "AC" else clear) != mac:
        raise AssertionError("the block's MAC is wrong")
    return clear[2:2 + int.from_bytes(clear[:2], "big") // 8]

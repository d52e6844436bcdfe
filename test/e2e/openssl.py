"""Primitives by the openssl program, so that no code of ours judges itself."""

import subprocess
import tempfile


def _openssl(*arguments, data):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def tdes(key, data, decipher=False):
    """2-key Triple DES in ECB mode; a key of 8 bytes is single DES."""
    whole = key + key if len(key) == 8 else key
    return _openssl("enc", "-des-ede", "-d" if decipher else "-e", "-nopad", "-K", whole.hex(),
                    data=data)


def aes(key, data, decipher=False):
    """AES-128 in ECB mode."""
    return _openssl("enc", "-aes-128-ecb", "-d" if decipher else "-e", "-nopad", "-K", key.hex(),
                    data=data)


def aes_cbc(key, data):
    """AES-128 in CBC mode with a zero IV."""
    return _openssl("enc", "-aes-128-cbc", "-e", "-nopad", "-K", key.hex(), "-iv", "00" * 16,
                    data=data)


def tdes_cbc(key, data, decipher=False, initial=bytes(8)):
    """2-key Triple DES in CBC mode."""
    return _openssl("enc", "-des-ede-cbc", "-d" if decipher else "-e", "-nopad", "-K", key.hex(),
                    "-iv", initial.hex(), data=data)


def open_secret(key, mode, initial, value):
    """A value under a transport key, by the CMODE that a record names."""
    if mode == 0x10:
        return tdes_cbc(key, value, decipher=True, initial=initial)
    if mode == 0x11:
        return tdes(key, value, decipher=True)
    raise AssertionError(f"CMODE {mode:02X}")


def des_cbc(key, data):
    """Single DES in CBC mode with a zero IV."""
    return _openssl("enc", "-des-ede-cbc", "-e", "-nopad", "-K", (key + key).hex(),
                    "-iv", "00" * 8, data=data)


def retail_mac(key, data):
    """ISO/IEC 9797-1 algorithm 3, padding method 2."""
    padded = data + b"\x80"
    padded += bytes(-len(padded) % 8)
    last = des_cbc(key[:8], padded)[-8:]
    return tdes(key[:8], tdes(key[8:], last, decipher=True))


def kcv(key):
    return tdes(key, bytes(8))[:3]


def _der(tag, content):
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(value):
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def public_key_der(modulus, exponent):
    """SubjectPublicKeyInfo of an RSA key (RFC 8017, A.1.1; RFC 5280, 4.1)."""
    numbers = _der(0x30, _integer(int.from_bytes(modulus, "big")) +
                   _integer(int.from_bytes(exponent, "big")))
    rsa_encryption = _der(0x30, bytes.fromhex("06092A864886F70D010101") + b"\x05\x00")
    return _der(0x30, rsa_encryption + _der(0x03, b"\x00" + numbers))


def rsa_public(modulus, exponent, block):
    """block^exponent mod modulus, without any padding."""
    with tempfile.NamedTemporaryFile(prefix="kpd-", suffix=".der") as key:
        key.write(public_key_der(modulus, exponent))
        key.flush()
        return _openssl("pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", key.name,
                        "-pkeyopt", "rsa_padding_mode:none", data=block)

"""What issuers make up: identifiers and secrets of their shapes."""

import secrets
import string
import zlib

DIGITS = string.digits
HEX = "0123456789abcdef"
LETTERS = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
URL_SAFE = LETTERS + "-_"


def made_of(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def checksum(text: str) -> str:
    """CRC-32 in six digits of base 62, as tokens end in it."""
    alphabet = DIGITS + string.ascii_uppercase + string.ascii_lowercase
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = alphabet[digit] + digits
    return digits

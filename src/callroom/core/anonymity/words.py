"""
Ten words for reading a SHA-256 aloud: its first 110 bits, eleven bits a word, from the BIP-39 lists.

They help two people on the telephone; what is compared by machine are all 64 digits.
"""

import unicodedata
from functools import cache
from typing import Final

from mnemonic import Mnemonic

WORDS: Final = 10
BITS: Final = 11
HASH_BITS: Final = 256
LANGUAGES: Final = {"en": "english", "es": "spanish"}


@cache
def word_list(language: str) -> tuple[str, ...]:
    """
    Return the 2,048 words of "en" or "es", letters composed (NFC) as people write them.

    :raises KeyError: for any other language
    """
    return tuple(unicodedata.normalize("NFC", word) for word in Mnemonic(LANGUAGES[language]).wordlist)


def ten_words(sha256_hex: str, language: str) -> tuple[str, ...]:
    """
    Return ten words for a SHA-256 of 64 hexadecimal digits.

    :raises ValueError: for anything but 64 hexadecimal digits
    """
    digest = bytes.fromhex(sha256_hex)
    if len(digest) * 8 != HASH_BITS or digest.hex() != sha256_hex:
        raise ValueError("not a SHA-256 in 64 lower-case hexadecimal digits")
    number = int.from_bytes(digest, "big") >> (HASH_BITS - WORDS * BITS)
    words = word_list(language)
    return tuple(words[(number >> (BITS * place)) & (2**BITS - 1)] for place in reversed(range(WORDS)))

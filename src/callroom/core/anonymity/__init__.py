"""
An answer without a name, once: the formats and the cryptography of the wave protocol, version 1.

The *chain* holds what an institution published; a *sheet* promises one wave; a *token* lets one person of a
group answer once; a *post* carries the sealed answer. Bytes in, bytes out: no clock, no database, and chance
is an argument wherever it shapes a result. The browser has the same formats in ``browser/``; both sides
reproduce ``tests/vectors/``.
"""

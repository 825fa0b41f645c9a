"""Which signs the documents can show, and what stands for the others.

A PDF that a screen reader can follow must not hold a sign without a glyph (PDF/UA-1, 7.21): typst refuses to make one.
A name or a message in Chinese or in Amharic is shown by the code of each sign, never left out; the sealed fact, and the
JSON that goes with the document, hold it as it was written.
"""

import re
from typing import Final
from unicodedata import normalize

from projections.francais import propre

RANGES: Final = (
    "20-7E A0-AC AE-34E 350-36F 374-377 37A-37F 384-38A 38C 38E-3A1 3A3-3CE 3D0-3E1 3F0-45F 462-463 470-477 490-4C4 "
    "4C7-4CC 4CF-4F9 510-511 51A-51D 531-556 559-55F 561-587 589-58A 5B0-5C3 5C6 5D0-5EA 5F0-5F4 606-607 609-60A 60C "
    "615 61B 61F 621-63A 640-655 65A 660-66D 674 679-67B 67E-680 683-684 686-687 691 698 6A4 6A9 6AF 6BE 6CC 6F0-6F9 "
    "E3F E81-E82 E84 E87-E88 E8A E8D E94-E97 E99-E9F EA1-EA3 EA5 EA7 EAA-EAB EAD-EB9 EBB-EBC EC8-ECD 10D0-10FC 1D02 "
    "1D08-1D09 1D14 1D16-1D17 1D1D-1D1F 1D2C-1D2E 1D30-1D3C 1D3E-1D5F 1D62-1D67 1D77-1D78 1D7B 1D85 1D9B-1DB7 "
    "1DB9-1DBF 1E00-1E9B 1E9E-1EF9 1F00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D "
    "1F80-1FB4 1FB6-1FC4 1FC6-1FD3 1FD6-1FDB 1FDD-1FEF 1FF2-1FF4 1FF6-1FFE 2009 2010-2027 202F-2037 2039-203F 2042 "
    "2044-204B 204F 2070-2071 2074-208E 2090-209C 20A0-20B5 20B8-20BA 20BD 20BF 2100-2103 2105-2106 2109 210C-210F "
    "2111 2113 2115-2117 2119-211A 211C-211D 2120 2122 2124 2126-2127 212A-212B 212E 2135-2139 2148 214F-2151 "
    "2153-2184 2189 2190-2220 2223-222D 2234-223D 2241-226B 226D-228B 228D-22A5 22B2-22B5 22B8 22C2-22C6 22CD-22D1 "
    "22DA-22E9 22EF 2300-2306 2308-2315 2318-2319 231C-2321 2325-232B 2335-237A 237D 2380-2383 2388-238B 2395 "
    "239B-23AE 23CE-23CF 23D3 2423 2460-2473 24EA 24FF-262F 2638-268B 2690-269C 26A0-26A5 26B0-26B1 2701-2704 "
    "2706-2709 270C-2727 2729-274B 274D 274F-2752 2756 2758-275E 2761-277F 2794 2798-27AF 27B1-27BE 27C2 27C5-27C6 "
    "27DC 27E0 27E6-27EB 27F5-27F7 2987-2988 2997-2998 29EB 29FA-29FB 2A00 2A2F 2A6A-2A6B 2B05-2B0D 2B12-2B1A "
    "2C60-2C70 2C74-2C77 2C79-2C7A 2C7C-2C7F 2E17-2E18 2E1F 2E22-2E25 2E2E A708-A716 A71B-A727 A789-A78E A790-A791 "
    "A7AA A7F8-A7F9 FB01-FB02 FB29-FB36 FB38-FB3C FB3E FB40-FB41 FB43-FB44 FB46-FB4E FB52-FB81 FB8A-FB95 FB9E-FB9F "
    "FBAA-FBAD FBE8-FBE9 FBFC-FBFF FE70-FE74 FE76-FEFC FFFC-FFFD 1D106-1D107 1D55A 1F12F "
)
"""Code points, in hexadecimal: those of Libertinus Serif, else DejaVu Sans Mono, regular and bold, in typst 0.15.2."""


def _range(written: str) -> str:
    first, _, last = written.partition("-")
    return f"{re.escape(chr(int(first, 16)))}-{re.escape(chr(int(last or first, 16)))}"


_ABSENT: Final = re.compile(f"[^\n{''.join(map(_range, RANGES.split()))}]")


def montrable(texte: str) -> str:
    """``texte`` in NFC, with the code of each sign that cannot be shown in its place: « [U+8BC1] »."""
    return _ABSENT.sub(lambda found: f"[U+{ord(found[0]):04X}]", propre(normalize("NFC", texte)))

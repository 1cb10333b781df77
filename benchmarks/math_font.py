"""Make the subset of STIX Two Math that pages bring for devices without such a font.

Run it with ``uv run --no-project --with fonttools --with brotli python -m
benchmarks.math_font``. It reads the font from its package on npm and writes
``theme/static/``: the font as WOFF2, its table MATH kept, and its licence.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tabbook.environments import npm

ROOT = Path(__file__).parent.parent

PACKAGE, VERSION = "@fontsource/stix-two-math", "5.3.0"
FONT = "files/stix-two-math-latin-400-normal.woff2"
LICENCE = "LICENSE"
SUBSET = ROOT / "tabbook/sphinxext/theme/static" / "stix-two-math-subset.woff2"

CHARACTERS = (
    # Letters, digits, accents, Greek
    (0x20, 0x7E), (0xAC, 0xAC), (0xB0, 0xB1), (0xB4, 0xB4), (0xB7, 0xB7), (0xD7, 0xD7),
    (0xF7, 0xF7), (0x131, 0x131), (0x237, 0x237), (0x2C6, 0x2DC), (0x300, 0x30C),
    (0x338, 0x338), (0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9), (0x3D1, 0x3D1),
    (0x3D5, 0x3D6), (0x3F0, 0x3F1), (0x3F5, 0x3F5),
    # Punctuation, letters with a meaning of their own
    (0x2016, 0x2016), (0x2020, 0x2022), (0x2026, 0x2026), (0x2032, 0x2034),
    (0x2102, 0x2102), (0x210B, 0x2113), (0x2115, 0x2115), (0x2119, 0x211D),
    (0x2124, 0x2124), (0x212C, 0x212D), (0x2130, 0x2131), (0x2133, 0x2133),
    # Arrows, operators, relations, brackets
    (0x2190, 0x2199), (0x21A6, 0x21A6), (0x21D0, 0x21D5), (0x2200, 0x2220),
    (0x2223, 0x222E), (0x2234, 0x2235), (0x223C, 0x223D), (0x2243, 0x2248),
    (0x2250, 0x2254), (0x225C, 0x225C), (0x2260, 0x226B), (0x227A, 0x227B),
    (0x2282, 0x228B), (0x2295, 0x2299), (0x22A2, 0x22A8), (0x22C0, 0x22C6),
    (0x22EE, 0x22F1), (0x2308, 0x230B), (0x23DE, 0x23DF), (0x27E8, 0x27E9),
    (0x27F5, 0x27FA), (0x2A7D, 0x2A7E),
    # Bold, italic, script, double-struck letters; bold and italic Greek; bold digits
    (0x1D400, 0x1D454), (0x1D456, 0x1D467), (0x1D49C, 0x1D49C), (0x1D49E, 0x1D49F),
    (0x1D4A2, 0x1D4A2), (0x1D4A5, 0x1D4A6), (0x1D4A9, 0x1D4AC), (0x1D4AE, 0x1D4B5),
    (0x1D538, 0x1D539), (0x1D53B, 0x1D53E), (0x1D540, 0x1D544), (0x1D546, 0x1D546),
    (0x1D54A, 0x1D550), (0x1D552, 0x1D56B), (0x1D6A8, 0x1D71B), (0x1D7CE, 0x1D7D7),
)  # fmt: skip
"""First and last code point of each range that the subset holds."""


def main() -> None:
    """Write the subset and its licence."""
    from fontTools import subset

    content = npm.files(PACKAGE, VERSION, (FONT, LICENCE))
    options = subset.Options(flavor="woff2", hinting=False)
    options.layout_features = ["ssty", "math", "ccmp", "mark", "mkmk", "dtls", "flac"]
    options.name_IDs = [0, 1, 2, 4, 13, 14]
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch, "whole.woff2")
        whole.write_bytes(content[FONT])
        font = subset.load_font(str(whole), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(
            unicodes=[
                code for first, last in CHARACTERS for code in range(first, last + 1)
            ]
        )
        subsetter.subset(font)
        subset.save_font(font, str(SUBSET), options)
    SUBSET.with_name("stix-two-math-OFL.txt").write_bytes(content[LICENCE])


if __name__ == "__main__":
    main()

"""Make the subsets of STIX Two Math that pages bring for devices without such a font.

Run it with ``uv run --no-project --with fonttools --with brotli python -m
benchmarks.math_font``. It reads the font from its package on npm and writes
``theme/static/``: two fonts as WOFF2, their tables MATH kept, and the licence. A
browser fetches those that a page has letters of; the first has what most formulas need.
``tabbook.css`` names the letters of each; a test compares.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tabbook.environments import npm

ROOT = Path(__file__).parent.parent

STIX = npm.Package(
    "@fontsource/stix-two-math",
    "5.3.0",
    "sha512-negoeozw6VSXjZMozwKRSm/dhCQT62csZcuea9I8KYqPaZq/8KbbBBrA02ZHF7AyuR5mVML/"
    "p+q0bwFuSIf2GQ==",
)
FONT = "files/stix-two-math-latin-400-normal.woff2"
LICENCE = "LICENSE"
STATIC = ROOT / "tabbook/sphinxext/theme/static"

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
"""First and last code point of each range that the subsets hold."""

BASIC = (
    (0x20, 0x7E), (0xAC, 0xAC), (0xB1, 0xB1), (0xB7, 0xB7), (0xD7, 0xD7),
    (0x2C6, 0x2DC), (0x300, 0x30C), (0x338, 0x338), (0x391, 0x3A9), (0x3B1, 0x3C9),
    (0x3D5, 0x3D5), (0x3F5, 0x3F5), (0x2016, 0x2016), (0x2026, 0x2026),
    (0x2032, 0x2034), (0x210E, 0x210E), (0x2112, 0x2113), (0x211D, 0x211D),
    (0x2190, 0x2199),
    (0x21D0, 0x21D5), (0x2200, 0x2200), (0x2202, 0x2203), (0x2207, 0x2209),
    (0x220F, 0x2213), (0x2217, 0x221E), (0x2223, 0x222E), (0x223C, 0x223C),
    (0x2248, 0x2248), (0x2260, 0x2265), (0x2282, 0x2287), (0x2299, 0x2299),
    (0x22A4, 0x22A5), (0x22C0, 0x22C6), (0x22EE, 0x22F1), (0x2308, 0x230B),
    (0x23DE, 0x23DF), (0x27E8, 0x27E9), (0x27F5, 0x27FA), (0x1D400, 0x1D454),
    (0x1D456, 0x1D467), (0x1D6FC, 0x1D71B),
)  # fmt: skip
"""Those of the first subset: bold and italic letters, Greek, usual operators, and all
that stretches, for which browsers look in the first font alone."""


def subsets() -> dict[str, list[int]]:
    """Return the code points of each subset by the name of its file."""
    every = [code for first, last in CHARACTERS for code in range(first, last + 1)]
    usual = {code for first, last in BASIC for code in range(first, last + 1)}
    return {
        "stix-two-math-basic.woff2": [code for code in every if code in usual],
        "stix-two-math-more.woff2": [code for code in every if code not in usual],
    }


def unicode_range(codes: list[int]) -> str:
    """Return code points, in their order, as CSS has them."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ", ".join(
        f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}"
        for first, last in ranges
    )


def main() -> None:
    """Write the subsets and the licence."""
    content = npm.files(STIX, (FONT, LICENCE))
    for name, codes in subsets().items():
        _write(content[FONT], codes, STATIC / name)
    (STATIC / "stix-two-math-OFL.txt").write_bytes(content[LICENCE])


def _write(font: bytes, codes: list[int], target: Path) -> None:
    """Write the subset of a font with some code points."""
    from fontTools import subset

    options = subset.Options(flavor="woff2", hinting=False)
    options.layout_features = ["ssty", "math", "ccmp", "mark", "mkmk", "dtls", "flac"]
    options.name_IDs = [0, 1, 2, 4, 13, 14]
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch, "whole.woff2")
        whole.write_bytes(font)
        loaded = subset.load_font(str(whole), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=codes)
        subsetter.subset(loaded)
        subset.save_font(loaded, str(target), options)


if __name__ == "__main__":
    main()

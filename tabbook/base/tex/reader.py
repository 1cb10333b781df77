r"""Read TeX token by token: control sequences, groups and arguments.

Only the syntax that formulas use: a backslash is an escape character, braces make
groups. ``%`` has no meaning of its own, because Markdown's formulas have one line.
"""

from __future__ import annotations

import re

TOKEN = re.compile(r"\\(?:[A-Za-z]+|.|\Z)|.", re.DOTALL)
"""A control word, a control symbol, or any other character."""

PLAIN = re.compile(r"[^\\{}&\u0080-\U0010ffff]+")
"""Characters that begin no command, group or column, all of them ASCII."""

ENDS_IN_WORD = re.compile(r"(?<!\\)(?:\\\\)*\\[A-Za-z]+\Z")

LONGEST_COMMAND = 80
"""Characters to look back for the beginning of a command."""


class UnbalancedError(ValueError):
    """TeX that ends inside a group, or before an argument."""


class TexReader:
    """Reads a text from its beginning to its end."""

    def __init__(self, text: str, at: int = 0) -> None:
        """Begin at a position, which must not be inside a control sequence."""
        self.text = text
        self.at = at

    def __bool__(self) -> bool:
        """Return whether anything is left to read."""
        return self.at < len(self.text)

    def token(self) -> str:
        """Return the next token; empty at the end."""
        match = TOKEN.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def plain(self) -> str:
        """Return the characters of ASCII before the next command, group or column."""
        match = PLAIN.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match[0] if match else ""

    def skip_spaces(self) -> None:
        """Go on to the next character that is no white space."""
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def skip_blanks(self) -> None:
        """Go on to the next character that is no space, or the end of the line."""
        while self.text[self.at : self.at + 1] in {" ", "\t"}:
            self.at += 1

    def skip(self, text: str) -> bool:
        """Go past a token if it comes next, after spaces; return whether it did."""
        before = self.at
        self.skip_spaces()
        if self.token() == text:
            return True
        self.at = before
        return False

    def argument(self) -> str:
        """Return the content of the next group, or the next token.

        :raises UnbalancedError: the text ends before it, or the group does not end.
        """
        self.skip_spaces()
        token = self.token()
        if token in ("", "}"):
            raise UnbalancedError("an argument is missing")
        return self._up_to("}") if token == "{" else token

    def optional(self) -> str | None:
        """Return the content of the next brackets; None if there are none.

        :raises UnbalancedError: they do not end.
        """
        return self._up_to("]") if self.skip("[") else None

    def _up_to(self, end: str) -> str:
        """Return the text up to a token outside of groups, and go past the token."""
        begin, depth = self.at, 0
        while token := self.token():
            if token == end and not depth:
                return self.text[begin : self.at - 1]
            depth += {"{": 1, "}": -1}.get(token, 0)
        raise UnbalancedError(f"{end!r} is missing")


def join(left: str, right: str) -> str:
    """Return two pieces of TeX as one, with a space where a command would go on."""
    goes_on = right[:1].isalpha() and right[:1].isascii()
    space = goes_on and ENDS_IN_WORD.search(left[-LONGEST_COMMAND:])
    return f"{left} {right}" if space else left + right

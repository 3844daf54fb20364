"""What can be wrong with published files."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """The kind of thing that is wrong; pages and commands put it into words."""

    UNREADABLE = "a file is missing or is not what it should be"
    CHAIN = "the chain does not hold"
    HEAD = "the chain does not pass through the given hash"
    PAYLOAD = "a payload is missing, changed or not in canonical form"
    SHEET = "a sheet must not be used"
    KEY = "a key serves twice"
    ORDER = "headers do not follow each other as they must"
    TIME = "something was signed too early, or a window is not a wave's"
    PLAN = "the leaf plan does not follow from the figures beside it"
    POLICY = "the policy is not the one of its version"
    RELEASE = "a release is not the one that was closed"
    FIGURE = "a figure breaks the rules of publishing"
    COUNCIL = "something about the council does not hold"
    DEMO = "invented answers are not marked as such throughout"


class VerificationError(Exception):
    """
    Published files break a rule.

    ``file``: path inside the directory; ``seq``: number of the header, None where no single one is meant; ``detail``:
    what exactly, for those who look into it.
    """

    def __init__(self, problem: Problem, *, file: str, seq: int | None, detail: str) -> None:
        """Keep what is wrong and where."""
        place = file if seq is None else f"{file}, header {seq}"
        super().__init__(f"{place}: {problem.value}: {detail}")
        self.problem = problem
        self.file = file
        self.seq = seq
        self.detail = detail

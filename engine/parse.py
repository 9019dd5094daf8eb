"""From rule text to a condition's tree.

The language is a subset of Python's expression grammar, so the standard library parses it and a
whitelist decides. Nothing is ever evaluated. What is not in the list is refused, with the column
and a remedy.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import NoReturn

from engine.condition import (
    MIRRORED,
    RESERVED,
    And,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Number,
    Op,
    Operand,
    Or,
    Param,
    exact,
    operands,
)
from engine.errors import ConditionError, Place, Problem

MAX_LENGTH = 500
MAX_DEPTH = 12
MAX_COMPARISONS = 12
MAX_EXACT = 2**53

_TOKEN = re.compile(
    r"""[ \t]+
    | (?P<text>(?<![\w"'])("[^"$\\]*" | '[^'"$\\]*'))
    | (?P<parameter>(?<!\w)\$[a-z][a-z0-9_]*(?![\w$]))
    | (?P<number>\d+(\.\d+)?([eE][+-]?\d+)?(?![\w.]))
    | (?P<name>[A-Za-z][A-Za-z0-9_]*)
    | (?P<open>[({])
    | (?P<close>[)}])
    | <= | >= | == | != | < | > | , | -
    """,
    re.VERBOSE | re.ASCII,
)
_OPS: dict[type[ast.cmpop], Op] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.GtE: ">=",
    ast.Gt: ">",
}
_SHAPE = "compare one indicator with a number, a $parameter or a category, as in 'mean_mark < 4'"


def parse(source: str, place: Place | None = None) -> Condition:
    """Return the condition that `source` says; `place` is where its first character stands.

    Raises `ConditionError`, which names the column, for anything outside the language.

    >>> parse("mean_mark < $low and not new_stage").parts[0].indicator
    'mean_mark'
    """
    return _Parser(source, place).parse()


class _Parser:
    """One text on its way to a tree: holds what every refusal needs."""

    def __init__(self, source: str, place: Place | None) -> None:
        self.source = source
        self.place = place

    def refuse(self, message: str, offset: int, hint: str = "") -> NoReturn:
        place = self.place or Place("<condition>", 1, 1, self.source)
        raise ConditionError(Problem("condition", message, place.shifted(offset), hint))

    def parse(self) -> Condition:
        self._check_tokens()
        self._unparsed = self.source.replace("$", "_")  # no name may start with '_', see _TOKEN
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self._unparsed.strip(), mode="eval").body
        except SyntaxError as error:
            self.refuse("this is not a condition", self._syntax_offset(error), _SHAPE)
        condition = self._condition(tree, 0)
        if sum(1 for _ in operands(condition)) > MAX_COMPARISONS:
            hint = "split the rule in two, or compute a named indicator"
            self.refuse(f"more than {MAX_COMPARISONS} comparisons in one condition", 0, hint)
        return condition

    def _check_tokens(self) -> None:
        """Refuse every character that no condition has, before Python's parser sees it."""
        if len(self.source) > MAX_LENGTH:
            message = (
                f"a condition has at most {MAX_LENGTH} characters, this has {len(self.source)}"
            )
            self.refuse(message, 0, "split the rule in two, or compute a named indicator")
        if not self.source.strip():
            self.refuse("the condition is empty", 0, _SHAPE)
        at = depth = 0
        after_text = False
        while at < len(self.source):
            match = _TOKEN.match(self.source, at)
            if match is None or (after_text and match["text"]):  # Python would join two texts
                self._refuse_character(at)
            after_text = bool(match["text"]) or (after_text and match[0].isspace())
            depth += (match["open"] is not None) - (match["close"] is not None)
            if depth > MAX_DEPTH:
                self.refuse(f"brackets nest deeper than {MAX_DEPTH}", at, "split the rule in two")
            at = match.end()

    def _refuse_character(self, at: int) -> NoReturn:
        char = self.source[at]
        rest = self.source[at:]
        if char == "=":
            self.refuse("this is not a condition", at, "to compare for equality write '=='")
        if char == "_" or rest.startswith("$_"):
            self.refuse("a name does not start with '_'", at, "start it with a letter")
        if char == "$":
            self.refuse("'$' stands only before a parameter's name", at, "write it as '$low_mark'")
        if char in "\"'":
            hint = "category names are quoted once, without '$', '\\' or quotes inside"
            self.refuse("this text has no end, or holds a character that it may not", at, hint)
        if char in "+*/%":
            hint = "what is computed becomes a named indicator with a label and a unit"
            self.refuse("there is no arithmetic in conditions", at, hint)
        if char.isdigit():
            hint = "write numbers as 20, 0.85 or -5, without separators or units"
            self.refuse("this is not a number", at, hint)
        if not char.isascii():
            hint = "names have only letters a-z, digits and '_'; quote other category names"
            self.refuse(f"the character {char!r} stands in no name", at, hint)
        self.refuse(f"the character {char!r} is not in the language", at, _SHAPE)

    def _syntax_offset(self, error: SyntaxError) -> int:
        indent = len(self.source) - len(self.source.lstrip())
        return min(indent + max((error.offset or 1) - 1, 0), max(len(self.source) - 1, 0))

    def _offset(self, node: ast.expr) -> int:
        """Where a node starts, in characters: Python counts bytes of UTF-8."""
        text = self._unparsed.lstrip()
        before = text.encode()[: node.col_offset].decode(errors="ignore")
        return len(self._unparsed) - len(text) + len(before)

    def _condition(self, node: ast.expr, depth: int) -> Condition:
        at = self._offset(node)
        if depth > MAX_DEPTH:
            self.refuse(f"the condition nests deeper than {MAX_DEPTH}", at, "split the rule in two")
        match node:
            case ast.BoolOp(op, values):
                kind = And if isinstance(op, ast.And) else Or
                parts: list[Condition] = []
                for value in values:
                    part = self._condition(value, depth + 1)
                    parts += part.parts if isinstance(part, kind) else (part,)
                return kind(tuple(parts), offset=at)
            case ast.UnaryOp(ast.Not(), operand):
                return Not(self._condition(operand, depth + 1), offset=at)
            case ast.Compare(left, [op], [right]) if isinstance(op, ast.In):
                return self._member(left, right)
            case ast.Compare(left, [op], [right]) if isinstance(op, ast.NotIn):
                return Not(self._member(left, right), offset=at)
            case ast.Compare(left, [op], [right]) if type(op) in _OPS:
                return self._comparison(left, _OPS[type(op)], right)
            case ast.Compare(low, [first, second], [middle, high]):
                return self._between(low, first, middle, second, high)
            case ast.Name(name) if not name.startswith("_"):
                return Flag(self._name(node), offset=at)
            case ast.Call(ast.Name("known"), [ast.Name() as argument], []):
                return Known(self._name(argument), offset=at)
            case ast.Call():
                self.refuse("there are no functions but known(indicator)", at, _SHAPE)
        self.refuse("this is not a condition", at, _SHAPE)

    def _comparison(self, left: ast.expr, op: Op, right: ast.expr) -> Comparison:
        if self._is_name(right) and not self._is_name(left):
            left, op, right = right, MIRRORED[op], left
        indicator = self._name(left)
        return Comparison(indicator, op, self._operand(right), offset=self._offset(left))

    def _between(
        self, low: ast.expr, first: ast.cmpop, middle: ast.expr, second: ast.cmpop, high: ast.expr
    ) -> Between:
        hint = "a band goes from low to high, as in '3 <= fails < 5'"
        low_op, high_op = _OPS.get(type(first)), _OPS.get(type(second))
        if low_op not in ("<", "<=") or high_op not in ("<", "<="):
            self.refuse("this chain of comparisons is not a band", self._offset(low), hint)
        ends = [self._operand(low), self._operand(high)]
        if isinstance(ends[0], str) or isinstance(ends[1], str):
            self.refuse("a band has a number at each end", self._offset(low), hint)
        name, at = self._name(middle), self._offset(low)
        return Between(ends[0], low_op, name, high_op, ends[1], offset=at)

    def _member(self, left: ast.expr, right: ast.expr) -> Member:
        hint = "list categories in braces, as in 'school_type in {general, vocational}'"
        if not isinstance(right, ast.Set):
            self.refuse("'in' stands before a list of categories", self._offset(right), hint)
        found = [self._operand(element) for element in right.elts]
        categories = tuple(category for category in found if isinstance(category, str))
        if len(categories) < len(found) or len(set(found)) < len(found):
            message = "the list holds something twice, or something that is not a category"
            self.refuse(message, self._offset(right), hint)
        return Member(self._name(left), categories, offset=self._offset(left))

    @staticmethod
    def _is_name(node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and not node.id.startswith("_")

    def _name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Call):
            self.refuse("there are no functions but known(indicator)", self._offset(node), _SHAPE)
        if not isinstance(node, ast.Name) or node.id.startswith("_"):
            self.refuse("an indicator's name stands here", self._offset(node), _SHAPE)
        if node.id in RESERVED:
            self.refuse(f"'{node.id}' is a word of the language", self._offset(node), _SHAPE)
        return node.id

    def _operand(self, node: ast.expr) -> Operand:
        match node:
            case ast.Constant(bool()):
                hint = "a yes-or-no indicator stands alone: 'low_income' or 'not low_income'"
                self.refuse("nothing is compared with True or False", self._offset(node), hint)
            case ast.Constant(int() | float() as value):
                return self._number(value, node)
            case ast.Constant(str() as value) if value and value.isprintable():
                return value
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)) if not isinstance(
                value, bool
            ):
                return self._number(-value, node)
            case ast.Name(name) if name.startswith("_"):
                return Param(name[1:])
            case ast.Name():
                return self._name(node)
        message = "a number, a $parameter or a category stands here"
        self.refuse(message, self._offset(node), _SHAPE)

    def _number(self, value: Number, node: ast.expr) -> Number:
        segment = ast.get_source_segment(self._unparsed.strip(), node) or ""
        vanished = value == 0 and bool(re.search("[1-9]", segment.lower().split("e")[0]))
        if vanished or not abs(value) < MAX_EXACT:
            message = "this number cannot be held exactly"
            self.refuse(message, self._offset(node), "use numbers of at most 15 digits")
        return exact(value)

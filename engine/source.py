"""YAML text with the place of every value, from bytes that nobody vouches for.

ruamel.yaml scans; this module builds plain values from its events, so that size and depth are
bounded, anchors and tags are refused, no key counts twice, and every problem has its place.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.errors import Place, Problem, RuleError

MAX_DEPTH = 12
MAX_VALUES = 20_000

Path = tuple[str | int, ...]

_INT = re.compile(r"[-+]?\d{1,18}")
_FLOAT = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass
class Document:
    """A YAML file as plain values; `places` and `key_places` say where each path stands."""

    file: str
    content: object = None
    places: dict[Path, Place] = field(default_factory=dict)
    key_places: dict[Path, Place] = field(default_factory=dict)
    one_line: set[Path] = field(default_factory=set)

    def place(self, path: Path) -> Place:
        """Return the place of the value at `path`, or of the nearest value around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file, 1, 1))

    def key_place(self, path: Path) -> Place:
        """Return the place of the key that names the value at `path`."""
        return self.key_places.get(path) or self.place(path)


def read(file: str, data: bytes) -> Document:
    """Return the YAML document that `data` holds.

    Raises `RuleError` with the place for anything that is not one plain YAML 1.2 document.
    """
    text = _decoded(file, data)
    try:
        return _Builder(file, text).build()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(file, text.splitlines(), mark) if mark else Place(file, 1, 1)
        problem = Problem("yaml", f"this is not YAML: {error.problem or error.context}", place)
        raise RuleError(problem) from None
    except RuleError:
        raise
    except Exception as error:  # noqa: BLE001  the scanner fails in many ways on bytes like these
        reason = str(error).strip().split("\n", maxsplit=1)[0][:200]
        raise RuleError(Problem("yaml", f"this is not YAML: {reason}", Place(file, 1, 1))) from None


def _decoded(file: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(file, data[: error.start].count(b"\n") + 1, 1)
        hint = "save it as UTF-8 (in many editors: Save with encoding)"
        raise RuleError(Problem("encoding", "the file is not UTF-8", place, hint)) from None
    return text


def _place(file: str, lines: list[str], mark: StringMark) -> Place:
    text = lines[mark.line] if mark.line < len(lines) else ""
    return Place(file, mark.line + 1, mark.column + 1, text[:1000])


class _Builder:
    """Builds values from events with a stack of its own, so that depth is bounded by a number."""

    def __init__(self, file: str, text: str) -> None:
        self.document = Document(file)
        self.lines = text.splitlines()
        self.events = YAML(typ="safe", pure=True).parse(text)

    def build(self) -> Document:
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(
                        event, "the file holds more than one document", "make it two files"
                    )
            elif isinstance(
                event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent
            ):
                self.document.content = self._value(event, ())
        return self.document

    def _refuse(self, event: Event, message: str, hint: str = "") -> None:
        place = _place(self.document.file, self.lines, event.start_mark)
        raise RuleError(Problem("yaml", message, place, hint))

    def _value(self, event: Event, path: Path) -> object:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "anchors and aliases are not used in rule files", "write it out")
        if getattr(event, "tag", None):
            self._refuse(event, "tags are not used in rule files", "take the '!' away or quote it")
        if len(self.document.places) >= MAX_VALUES:
            self._refuse(
                event, f"the file holds more than {MAX_VALUES} values", "split it by topic"
            )
        if len(path) > MAX_DEPTH:
            self._refuse(event, f"the file nests deeper than {MAX_DEPTH}", "see rules/README.md")
        self.document.places[path] = _place(self.document.file, self.lines, event.start_mark)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            items: list[object] = []
            while not isinstance(item := next(self.events), SequenceEndEvent):
                items.append(self._value(item, (*path, len(items))))
            return items
        assert isinstance(event, ScalarEvent)  # noqa: S101  the only kind left
        if event.start_mark.line == event.end_mark.line:
            self.document.one_line.add(path)
        if event.style in ("'", '"'):
            place = self.document.places[path]
            self.document.places[path] = place.shifted(1)
            return str(event.value)
        return self._scalar(event)

    def _mapping(self, path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        while not isinstance(key := next(self.events), MappingEndEvent):
            if not isinstance(key, ScalarEvent) or key.anchor or key.tag:
                self._refuse(key, "a key is a plain name", "write 'name: value'")
            at = (*path, key.value)
            if key.value in values:
                first = self.document.key_places[at].line
                hint = f"it stands already on line {first}: keep one of the two"
                self._refuse(key, f"the key '{key.value}' stands twice", hint)
            self.document.key_places[at] = _place(self.document.file, self.lines, key.start_mark)
            values[key.value] = self._value(next(self.events), at)
        return values

    def _scalar(self, event: ScalarEvent) -> bool | int | float | str | None:
        """Resolve an unquoted scalar by YAML 1.2's core schema (decimal numbers only)."""
        written = str(event.value)
        if event.style is not None:  # folded and literal blocks are texts
            return written
        if written in _WORDS:
            return _WORDS[written]
        if _INT.fullmatch(written):
            return int(written)
        if _FLOAT.fullmatch(written):
            number = float(written)
            if math.isinf(number):
                self._refuse(event, "this number is too large", "use numbers of at most 15 digits")
            return number
        return written

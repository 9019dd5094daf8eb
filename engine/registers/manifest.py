"""``manifest.csv``: what a bundle holds, when it was exported, and by which system."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal, get_args

from engine.errors import DataError, did_you_mean
from engine.table import encoding_of, refused

FILE = "manifest.csv"
EXPORTED, RECORDED, SOURCE = "pumpurs.exportedAt", "pumpurs.recorded", "source.systemName"

Mode = Literal["bulk", "delta", "absent"]
_MODES: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
_OURS = (EXPORTED, RECORDED)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself.

    `modes` has for each file's name (without ``.csv``) whether it holds all rows, changes, or is
    absent. `happened` is true where the source keeps no recording dates, so that a row counts as
    recorded on the day it happened.
    """

    source: str = ""
    exported: datetime | None = None
    happened: bool = False
    modes: Mapping[str, Mode] = field(default_factory=dict)


def read_manifest(path: Path) -> Manifest:
    """Return a bundle's manifest; raises `DataError` with the remedy."""
    source, exported, happened, modes = "", None, False, {}
    seen: set[str] = set()
    for line, name, value in _properties(path):
        if name in seen:
            raise _wrong(path, f"'{name}' stands twice", "keep one of the two", line)
        seen.add(name)
        if name == SOURCE:
            source = value
        elif name == EXPORTED:
            exported = _exported(path, value, line)
        elif name == RECORDED:
            happened = _happened(path, value, line)
        elif name.startswith("file."):
            modes[name.removeprefix("file.").removesuffix(".csv")] = _mode(path, name, value, line)
        elif name.startswith("pumpurs."):
            hint = did_you_mean(name, _OURS) or f"known: {', '.join(_OURS)}"
            raise _wrong(path, f"'{name}' is no property of a manifest", hint, line)
    return Manifest(source, exported, happened, modes)


def manifest_text(modes: Mapping[str, str], exported: str, source: str = "") -> str:
    """Return a manifest as it stands in its file; `exported` is a moment, or a day."""
    lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.2"]
    if source:
        lines.append(f"{SOURCE},{source}")
    lines.append(f"{EXPORTED},{exported}")
    lines += [f"file.{name},{mode}" for name, mode in modes.items()]
    return "\n".join(lines) + "\n"


def moment(text: str) -> datetime | None:
    """Return an ISO 8601 moment in UTC, None for another text.

    One without a zone is UTC; a date alone is that day's last millisecond: the export is complete
    when the day is over.

    >>> moment("2025-12-31T14:05:00+02:00").isoformat()
    '2025-12-31T12:05:00+00:00'
    >>> moment("2025-12-31").isoformat()
    '2025-12-31T23:59:59.999000+00:00'
    """
    if not _MOMENT.fullmatch(text):
        return None
    try:
        if len(text) == len("2025-12-31"):
            last = time(23, 59, 59, 999_000)
            return datetime.combine(date.fromisoformat(text), last, tzinfo=UTC)
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _properties(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield a manifest's lines: number, property, value."""
    if not path.is_file():
        raise refused(path, "manifest", "there is no manifest", "write one: propertyName,value")
    encoding, _ = encoding_of(path)
    text = path.read_text(encoding=encoding)
    delimiter = ";" if ";" in text.split("\n", maxsplit=1)[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        if head[:2] != ["propertyName", "value"]:
            raise _wrong(path, "the header is not 'propertyName,value'", "write it as row 1", 1)
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row[0].strip(), (row[1].strip() if len(row) > 1 else "")
    except csv.Error as error:
        raise _wrong(path, f"this is not CSV: {error}", "check the quotes", 1) from None


def _exported(path: Path, value: str, line: int) -> datetime:
    found = moment(value)
    if found is None:
        hint = "write it as 2025-12-31T14:05:00Z"
        raise _wrong(path, f"{EXPORTED}: this is no moment", hint, line)
    return found


def _happened(path: Path, value: str, line: int) -> bool:
    if value not in ("", "happened", "dateLastModified"):
        hint = "write 'happened' where the source keeps no recording dates, or leave it out"
        raise _wrong(path, f"{RECORDED}: unknown value", hint, line)
    return value == "happened"


def _mode(path: Path, name: str, value: str, line: int) -> Mode:
    if value not in _MODES:
        hint = did_you_mean(value, _MODES) or "write bulk, delta or absent"
        raise _wrong(path, f"{name}: a file is bulk, delta or absent", hint, line)
    return _MODES[value]


def _wrong(path: Path, message: str, hint: str, line: int) -> DataError:
    return refused(path, "manifest", message, hint, line)

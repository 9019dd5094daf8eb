"""Case studies on real data that nobody here wrote; without it, the synthetic history stands in.

The folder of the data is `engine.lab.desk.data`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from engine.frame import ROW
from engine.indicator import Catalogue
from engine.lab import desk
from engine.lab.page import Page
from engine.load import load, load_catalogue
from engine.registers.adapters import adapt
from engine.registers.history import History as Registers
from engine.registers.read import read_registers
from engine.replay.history import History, history_of, read_history
from engine.replay.past import past
from engine.replay.realinho import FILE, realinho
from engine.replay.split import Split, split_after
from engine.ruleset import Ruleset
from engine.table import Table
from engine.text import Language, Text

EXAMPLES = desk.RULES / "examples"
_DAY_60 = {"2013B": date(2013, 4, 2), "2013J": date(2013, 11, 30)}
_HORIZON = 240  # days, in which both presentations of the courses end


@dataclass(frozen=True)
class Case:
    """A history with rules that people wrote for it; tuned up to the cohort `after`."""

    history: History
    ruleset: Ruleset
    after: str | None
    about: Text

    @property
    def split(self) -> Split:
        """The cohorts to tune on, and those to judge on."""
        return split_after(self.history, self.after)

    def note(self, language: Language) -> Page:
        """Return what this history is, in a few words."""
        return Page(self.about[language])


def students() -> Case:
    """Return UCI 697: students of higher education after their first semester."""
    folder, catalogue = desk.data() / "uci697", load_catalogue(EXAMPLES / "realinho")
    if not (folder / FILE).is_file():
        return _instead(folder)
    history = _history(realinho(folder), catalogue)
    return Case(history, load(EXAMPLES / "realinho"), "2012", _STUDENTS)


def distance_learners() -> Case:
    """Return OULAD on day 60 of its courses: distance learners, from registers on."""
    folder, catalogue = desk.data() / "oulad-2013", load_catalogue(EXAMPLES / "oulad")
    if not folder.is_dir():
        return _instead(folder)
    with _registers(folder) as registers:
        parts = [rows for _, rows in past(registers, catalogue, [*_DAY_60.values()], _HORIZON)]
    begun = [  # some register months ahead for a course that has not begun
        rows.filter(pl.col("school").str.ends_with(presentation))
        for presentation, rows in zip(_DAY_60, parts, strict=True)
    ]
    history = replace(_history(pl.concat(begun), catalogue), horizon=_HORIZON)
    first = _DAY_60["2013B"].isoformat()
    return Case(history, load(EXAMPLES / "oulad"), first, _LEARNERS)


@contextmanager
def _registers(folder: Path) -> Iterator[Registers]:
    with TemporaryDirectory() as work:
        adapt("oulad", folder, Path(work) / "bundles")
        yield read_registers(Path(work) / "bundles").history


def _history(rows: pl.DataFrame, catalogue: Catalogue) -> History:
    """Return rows as a history; its fingerprint is that of the rows."""
    digest = hashlib.sha256(rows.write_csv().encode()).hexdigest()
    table = Table(rows.lazy().with_row_index(ROW, offset=2), tuple(rows.columns))
    return history_of(table, catalogue, digest)


def _instead(folder: Path) -> Case:
    """Return the synthetic history, and a line that says so."""
    history = read_history(desk.history(), load_catalogue(desk.RULES))
    about = Text(
        f"**Datu šeit nav:** `{folder.name}`. Norādiet to mapi ar `PUMPURS_DATA`. Tālāk redzamā "
        "vēsture ir sintētiska, un ar publicētajiem skaitļiem tā nav salīdzināma.",
        f"**The data are not here:** `{folder.name}`. Name their folder with `PUMPURS_DATA`. The "
        "history shown below is synthetic, and not to be compared with published figures.",
    )
    return Case(history, load(desk.RULES / "lv"), None, about)


_STUDENTS = Text(
    "UCI 697 (Realinho, Machado, Baptista, Martins 2021; CC BY 4.0): augstskolas studenti un tas, "
    "kas zināms pirmā semestra beigās. Otrā semestra dati nav izmantoti. Par tiem, kas vēl studē, "
    "iznākums nav zināms. Mācās no kohortām līdz 2012. gadam, vērtē pēc 2013. un 2014. gada.",
    "UCI 697 (Realinho, Machado, Baptista, Martins 2021; CC BY 4.0): students of higher education, "
    "with what is known at the end of the first semester. Nothing of the second is used. Of those "
    "still enrolled the outcome is unknown. Tuned on cohorts up to 2012, judged on 2013 and 2014.",
)
_LEARNERS = Text(
    "OULAD (Kuzilek, Hlosta, Zdrahal 2017; CC BY 4.0), bez klikšķu datiem: tālmācības studenti "
    "kursa 60. dienā; rādītāji aprēķināti no reģistriem. Mācās no 2013B, vērtē pēc 2013J.",
    "OULAD (Kuzilek, Hlosta, Zdrahal 2017; CC BY 4.0), without its clicks: distance learners on "
    "day 60 of their course; indicators are computed from registers. Tuned on 2013B, judged on "
    "2013J.",
)

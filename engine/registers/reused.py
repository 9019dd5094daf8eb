"""Keys that were given anew: rows of another pupil or day under keys that stood before.

A row with a known key is a correction. So a source that numbers each export's rows from 1 takes
back, row by row, what it had sent before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from engine.registers.files import SOURCED
from engine.registers.rows import SOURCE, Source
from engine.registers.schema import ID, RECORDED, Register
from engine.registers.silent import Said
from engine.text import LANGUAGES, Text
from engine.words.quantities import percent

FEW = 5  # keys; so few may have been corrections
MOST = 0.5  # share of the keys that stood before
SAMPLE = 100_000  # rows of the newest file, about: as many keys are looked at


def reused_keys(
    good: pl.LazyFrame, register: Register, sources: Sequence[Source]
) -> Iterator[Said]:
    """Yield a finding where most known keys of the last source are of another pupil or day."""
    last = sources[-1]
    names = [each.name for each in register.columns if each.name in ("pupil", "day")]
    if "pupil" not in names or SOURCED not in last.raw.columns or len(sources) == 1:
        return
    some = good.filter(pl.col(ID).hash() % (1 + last.raw.total // SAMPLE) == 0)
    now, earlier = (
        some.filter(pl.col(SOURCE) == last.index),
        some.filter(pl.col(SOURCE) < last.index),
    )
    before = earlier.select(ID, *names, SOURCE, RECORDED).join(now, on=ID, how="semi")
    newest = before.sort(SOURCE, RECORDED).unique(ID, keep="last", maintain_order=True)
    met = now.sort(RECORDED).unique(ID, keep="first", maintain_order=True)
    both = met.select(ID, *names).join(newest, on=ID, suffix="_before")
    other = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_before") for name in names)
    keys, changed = both.select(pl.len(), other.sum()).collect(engine="streaming").row(0)
    if changed < FEW or changed <= MOST * keys:
        return
    lv, en = (percent(round(changed / keys, 2), language) for language in LANGUAGES)
    yield (
        "keys-reused",
        Text(
            f"{lv} atslēgu, kas jau bija, tagad ir citam skolēnam vai citā dienā; vai tās dotas"
            " no jauna? Kas ar tām bija atsūtīts, vairs neskaitās",
            f"{en} of the keys that stood before are now of another pupil or day; were they given"
            " anew? What was sent under them counts no longer",
        ),
    )

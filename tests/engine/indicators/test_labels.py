"""Everything that a trace may show has a name in both languages."""

from __future__ import annotations

from engine.indicators.labels import COLUMNS, NAMES, PARTS, WORDS, part_label
from engine.indicators.table import SOURCES
from engine.registers.schema import ALL
from engine.text import LANGUAGES


def test_every_part_of_every_figure_has_a_label() -> None:
    """And no label is left over."""
    parts = {(name, part) for s in SOURCES for name, f in s.figures.items() for part in f.parts}
    for name, part in parts:
        for language in LANGUAGES:
            known = PARTS.get(f"{name}.{part}") or PARTS[part]
            assert part_label(name, part, language) == known[language]
    used = {part for _, part in parts} | {f"{name}.{part}" for name, part in parts}
    assert set(PARTS) <= used


def test_every_register_column_and_category_has_a_label() -> None:
    """Keys, dates and free text are shown as they stand: they are nobody's words to translate."""
    assert set(NAMES) == {register.name for register in ALL}
    assert set(COLUMNS) == {column.name for register in ALL for column in register.columns}
    declared = {
        f"{register.name}.{column.name}": set(column.categories)
        for register in ALL
        for column in register.columns
        if column.words
    }
    assert set(WORDS) == set(declared)
    for name, words in declared.items():
        assert words <= set(WORDS[name]), name


def test_labels_are_in_both_languages() -> None:
    """None is left in English where Latvian is spoken."""
    texts = [*PARTS.values(), *NAMES.values(), *COLUMNS.values()]
    texts += [text for words in WORDS.values() for text in words.values()]
    assert all(text.lv.strip() and text.en.strip() and text.lv != text.en for text in texts)

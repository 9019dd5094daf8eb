"""Pictures: complete, in both languages, told apart in grey, and drawn without any network."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.errors import DataError
from engine.indicator import Catalogue
from engine.lab import curves, histogram, tables, views
from engine.lab.page import Page
from engine.lab.palette import INK, PAPER, SHAPES, THREE, contrast
from engine.lab.picture import VEGA_LITE, Picture
from engine.replay.cuts import at_level
from engine.replay.figures import figures
from engine.replay.history import History
from engine.replay.replay import Replay
from engine.text import LANGUAGES, Language


def drawn_(found: Picture | Page) -> Picture:
    assert isinstance(found, Picture)
    return found


def by(column: str, picture: Callable[..., Picture | Page]) -> Callable[..., Picture]:
    def drawn(replay: Replay, catalogue: Catalogue, language: Language) -> Picture:
        return drawn_(picture(replay, at_level(replay.ruleset), column, catalogue, language))

    return drawn


LATVIAN = re.compile("[āčēģīķļņšūž]")
PICTURES: dict[str, Callable[[Replay, Catalogue, Language], Picture]] = {
    "precision and recall": lambda r, _, lang: views.precision_recall([r], lang),
    "scores": lambda r, _, lang: views.scores(r, lang),
    "calibration": lambda r, _, lang: views.calibrated(r, lang),
    "flagged by school": by("school", views.flagged_by),
    "quality by cohort": by("cohort", views.quality_by),
    "errors by sex": by("sex", views.errors_by),
    "rules": lambda r, _, lang: views.rules_bring(r, at_level, lang),
    "lead time": lambda r, _, lang: drawn_(views.early(r, lang)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_speaks_either_language_and_only_that(
    name: str, replayed: Replay, history: History
) -> None:
    """Title, axes and legend differ between the languages, and the drawing holds them."""
    drawn = {
        language: PICTURES[name](replayed, history.catalogue, language) for language in LANGUAGES
    }
    assert drawn["lv"].title != drawn["en"].title
    for language, picture in drawn.items():
        svg = picture.svg()
        assert picture.title in svg.replace("\xa0", " ")
        assert bool(LATVIAN.search(svg)) == (language == "lv")
        assert picture.spec["description"].startswith(picture.title)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_names_no_place_outside(name: str, replayed: Replay, history: History) -> None:
    """No data, font or script is fetched: the specification names its own schema alone."""
    spec = str(dict(PICTURES[name](replayed, history.catalogue, "en").spec))
    assert spec.count("http") == 1
    assert "vega.github.io/schema" in spec


def test_jupyterlab_gets_what_its_own_vega_draws(replayed: Replay) -> None:
    """A specification of version 5, numbers of the language, a drawing for other viewers."""
    bundle, metadata = views.scores(replayed, "lv")._repr_mimebundle_()
    assert bundle[VEGA_LITE]["$schema"].endswith("/v5.json")
    assert bundle["image/svg+xml"].startswith("<svg")
    assert metadata[VEGA_LITE]["embed_options"]["formatLocale"]["decimal"] == ","
    assert not metadata[VEGA_LITE]["embed_options"]["actions"]["editor"]  # it is outside
    assert metadata[VEGA_LITE]["embed_options"]["i18n"]["SVG_ACTION"] == "Saglabāt kā SVG"


def test_a_picture_is_saved_as_svg_or_png(replayed: Replay, tmp_path: Path) -> None:
    """The suffix says which, and any other is refused with a remedy."""
    drawn = views.scores(replayed, "en")
    assert drawn.save(str(tmp_path / "a.svg")) == tmp_path / "a.svg"
    assert drawn.save(tmp_path / "a.svg").read_text().startswith("<svg")
    assert drawn.save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(DataError) as caught:
        drawn.save(tmp_path / "a.pdf")
    assert caught.value.problems[0].code == "file-type"
    assert caught.value.problems[0].hint


def test_numbers_are_as_the_language_writes_them(replayed: Replay) -> None:
    """A Latvian percentage has a comma and a space, an English one a point."""
    latvian, english = (views.precision_recall([replayed], each).svg() for each in LANGUAGES)
    assert "20\xa0%" in latvian
    assert "20\xa0%" in english


# How dichromats see colours, in linear RGB (Viénot, Brettel and Mollon 1999).
SIGHTS = {
    "without red cones": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "without green cones": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


def seen(colour: str, sight: tuple[tuple[float, ...], ...]) -> str:
    linear = [(int(colour[at : at + 2], 16) / 255) ** 2.2 for at in (1, 3, 5)]
    mixed = [sum(w * c for w, c in zip(row, linear, strict=True)) for row in sight]
    return "#" + "".join(f"{round(255 * max(0, min(1, c)) ** (1 / 2.2)):02x}" for c in mixed)


@pytest.mark.parametrize("sight", [None, *SIGHTS])
def test_colours_stay_apart_in_grey_and_for_colour_blind_people(sight: str | None) -> None:
    """Luminance alone tells any two marks apart, and each from the paper."""
    colours = [seen(each, SIGHTS[sight]) if sight else each for each in THREE]
    for one, two in itertools.combinations(colours, 2):
        assert contrast(one, two) >= 1.5
    assert all(contrast(each, PAPER) >= 3 for each in colours)
    assert contrast(INK, PAPER) > 7
    assert len(set(SHAPES)) == 3


def test_curves_are_what_replays_count(replayed: Replay) -> None:
    """Each cut of the histogram has the counts of a count by hand, and their shares."""
    rows = replayed.rows
    for line in histogram.cuts(histogram.of_replay(replayed)).iter_rows(named=True):
        flagged = rows.filter(pl.col("score") >= line["score"])
        assert line["flagged"] == flagged.height
        assert line["caught"] == flagged["outcome"].sum()
        assert line["false_alarms"] == flagged.filter(~pl.col("outcome")).height
        assert line["flagged_share"] == pytest.approx(flagged.height / rows.height)
        assert line["recall"] == pytest.approx(line["caught"] / rows["outcome"].sum())
        known = line["caught"] + line["false_alarms"]
        assert line["precision"] == pytest.approx(line["caught"] / known)


def test_so_few_flagged_that_it_would_speak_of_them_are_not_drawn(replayed: Replay) -> None:
    """No point of a curve, and no bar, stands for fewer than ten rows."""
    curve = views.precision_recall([replayed], "en").spec
    points = [line for data in curve["datasets"].values() for line in data if "flagged" in line]
    assert points
    assert all(line["flagged"] >= 10 for line in points)
    every = histogram.cuts(histogram.of_replay(replayed))
    assert every.filter(pl.col("flagged") < 10).height  # it could have


def test_the_mark_is_where_the_replay_s_figures_are(replayed: Replay, other: Replay) -> None:
    """What a level flags is marked on the picture with the same precision and recall."""
    spec = views.precision_recall([replayed, other], "en").spec
    marks = [line for data in spec["datasets"].values() for line in data if "name" in line]
    for each, mark in zip((replayed, other), marks, strict=True):
        line = figures(each, at_level(each.ruleset)).row(0, named=True)
        assert mark["series"].startswith(f"{each.ruleset.title.en} (")
        assert (mark["precision"], mark["recall"]) == (line["precision"], line["recall"])


def test_marks_that_may_lie_close_together_are_named_in_the_legend(
    replayed: Replay, other: Replay
) -> None:
    """One curve names its mark beside it; several name theirs in the legend, and by shape."""

    def layers(replays: list[Replay]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = views.precision_recall(replays, "en").spec["layer"]
        return found

    def words(replays: list[Replay]) -> list[str]:
        fields = (each["encoding"].get("text", {}).get("field") for each in layers(replays))
        return [field for field in fields if field]

    assert words([replayed]) == ["text", "name"]
    assert words([replayed, other]) == ["text"]
    rings = [each for each in layers([replayed, other]) if each["mark"].get("filled") is False]
    assert [each["encoding"]["shape"]["field"] for each in rings] == ["series"]


def test_groups_are_compared_on_one_scale(replayed: Replay, history: History) -> None:
    """How often a value is worse is drawn on the same axis for every group."""
    drawn = drawn_(views.proxies_of(replayed, "home_language", history.catalogue, "en"))
    assert drawn.spec["resolve"] == {"scale": {"x": "shared"}}
    assert len(drawn.spec["hconcat"]) == 3


def test_what_a_picture_is_by_has_a_name_and_no_raw_column(
    replayed: Replay, history: History
) -> None:
    """A column's label follows the title's colon in lower case."""
    drawn = by("school", views.flagged_by)(replayed, history.catalogue, "lv")
    assert drawn.title == "Atzīmēto daļa: skola"


def test_a_suppressed_school_says_so_instead_of_a_number(replayed: Replay) -> None:
    """Its place stays, without a share."""
    rows = replayed.rows
    few = rows.filter((pl.col("school") == "S002") | rows["pupil_key"].is_in(rows["pupil_key"][:4]))
    small = replace(replayed, rows=few)
    catalogue = small.ruleset.catalogue
    drawn = by("school", views.flagged_by)(small, catalogue, "en")
    lines = [line for data in drawn.spec["datasets"].values() for line in data if "note" in line]
    hidden = [line for line in lines if line["note"] == "too few pupils"]
    assert hidden
    assert all(line["share"] is None for line in hidden)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flat_history_gets_a_line_where_a_picture_needs_more(
    language: Language, replayed: Replay
) -> None:
    """Without schools, days or groups nothing fails: what is missing is named."""
    flat = replace(
        replayed, rows=replayed.rows.drop("school", "as_of", "cohort", "left_on"), groups=()
    )
    cut, catalogue = at_level(flat.ruleset), flat.ruleset.catalogue
    for found, name in (
        (views.flagged_by(flat, cut, "school", catalogue, language), "school"),
        (views.proxies_of(flat, "sex", catalogue, language), "sex"),
        (views.early(flat, language), "left_on"),
        (tables.by(flat, cut, "cohort", catalogue, language), "cohort"),
    ):
        assert isinstance(found, Page)
        assert name in found.text
    assert isinstance(views.calibrated(flat, language), Picture)


@pytest.mark.parametrize(("language", "said"), [("lv", "Nevar pateikt"), ("en", "Cannot say")])
def test_a_rule_that_can_say_in_no_row_has_words_and_no_bar(
    language: Language, said: str, replayed: Replay
) -> None:
    """A bar of nothing would say that the rule finds nobody; one that never holds has it."""
    titles = {rule.id: rule.title[language] for rule in replayed.ruleset.rules}
    picture = views.rules_bring(replayed, at_level, language)
    data = [line for lines in picture.spec["datasets"].values() for line in lines]
    words = {line["title"] for line in data if line.get("unsaid") == said}
    bars = {line["title"]: line["pupils"] for line in data if "pupils" in line}
    assert words == {titles["conduct"], titles["school-moves"]}
    assert not words & {*bars}
    assert bars[titles["attendance-drop"]] == 0
    assert said in picture.svg()


@pytest.mark.parametrize(
    ("mark", "kept"), [(0.3, [10, 20, 30, 80, 100]), (0.33, [10, 20, 80, 100])]
)
def test_no_point_of_a_curve_less_another_or_a_mark_tells_of_few(
    mark: float, kept: list[int]
) -> None:
    """Neither how many are flagged between two of them, nor who is not flagged at all."""
    counts = [5, 10, 15, 20, 30, 80, 95, 100]
    cuts = pl.DataFrame({
        "series": "a", "score": range(len(counts)), "flagged": counts,
        "flagged_share": [n / 100 for n in counts], "precision": 0.5, "recall": 0.5,
    })  # fmt: skip
    marks = pl.DataFrame(
        {"series": "a", "name": "b", "flagged_share": mark, "precision": 0.5, "recall": 0.5}
    )
    spec = curves.precision_recall(cuts, marks, None, "en").spec
    data = [line for lines in spec["datasets"].values() for line in lines]
    assert [line["flagged"] for line in data if "flagged" in line] == kept

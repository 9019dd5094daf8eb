"""One picture: the same drawing in JupyterLab, as SVG and as PNG, with nothing from outside.

JupyterLab brings a Vega of its own, which draws a picture that is handed to it as a Vega-Lite 5
specification: with tooltips, and without any network. Altair writes version 6; pictures keep to
what both versions draw alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import altair as alt
import vl_convert

from engine.errors import DataError, Place, Problem
from engine.lab.palette import FAINT, INK, PAPER
from engine.lab.words import MENU
from engine.text import Language, Text

VEGA_LITE: Final = "application/vnd.vegalite.v5+json"
_VERSION: Final = "5.8"  # the oldest that draws files here, and the nearest to JupyterLab's
_NUMBERS: Final[Mapping[Language, Any]] = {
    "lv": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", "\u00a0€"],
           "percent": "\u00a0%"},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""],
           "percent": "\u00a0%"},
}  # fmt: skip
_CONFIG: Final = {
    "background": PAPER,
    "padding": 12,
    "font": "DejaVu Sans, Liberation Sans, sans-serif",
    "view": {"stroke": None},
    "title": {"anchor": "start", "color": INK, "fontSize": 15, "subtitleColor": INK,
              "subtitleFontSize": 12, "subtitlePadding": 6, "offset": 14},
    "axis": {"labelColor": INK, "titleColor": INK, "grid": True, "gridColor": FAINT,
             "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal",
             "labelLimit": 320},
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "labelLimit": 420,
               "orient": "top", "titleFontWeight": "normal", "symbolSize": 110},
    "text": {"color": INK, "fontSize": 11},
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A Vega-Lite specification that is complete: data, labels, colours."""

    spec: Mapping[str, Any]
    language: Language

    @property
    def title(self) -> str:
        """What the picture is of."""
        return str(self.spec["title"]["text"])

    def svg(self) -> str:
        """Return the picture as an SVG document."""
        return vl_convert.vegalite_to_svg(
            dict(self.spec),
            vl_version=_VERSION,
            allowed_base_urls=[],
            format_locale=_NUMBERS[self.language],
        )

    def png(self, scale: float = 2) -> bytes:
        """Return the picture as a PNG file, `scale` pixels for each of its points."""
        return vl_convert.vegalite_to_png(
            dict(self.spec),
            vl_version=_VERSION,
            scale=scale,
            allowed_base_urls=[],
            format_locale=_NUMBERS[self.language],
        )

    def save(self, path: Path | str) -> Path:
        """Write the picture to a ``.svg`` or ``.png`` file, and return the path."""
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg(), encoding="utf-8")
            case ".png":
                path.write_bytes(self.png())
            case other:
                message, hint = f"a picture cannot be a '{other}' file", "name it .svg or .png"
                raise DataError(Problem("file-type", message, Place(str(path), 1, 1), hint))
        return path

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what JupyterLab draws, and what a viewer without Vega shows instead."""
        embed = {
            "actions": {"export": True, "source": False, "compiled": False, "editor": False},
            "formatLocale": _NUMBERS[self.language],
            "i18n": {name: text[self.language] for name, text in MENU.items()},
        }
        bundle = {VEGA_LITE: dict(self.spec), "image/svg+xml": self.svg(), "text/plain": self.title}
        return bundle, {VEGA_LITE: {"embed_options": embed}}


def picture(chart: alt.TopLevelMixin, title: Text, reading: Text, language: Language) -> Picture:
    """Return a chart as a picture; `reading` says in one sentence how it is to be read."""
    spec = chart.to_dict()
    spec["$schema"] = "https://vega.github.io/schema/vega-lite/v5.json"
    spec["title"] = {"text": title[language], "subtitle": _lines(reading[language])}
    spec["description"] = f"{title[language]}. {reading[language]}"
    spec["config"] = _CONFIG
    return Picture(spec, language)


def _lines(text: str, width: int = 92) -> list[str]:
    """Return a text in lines of at most `width` characters, broken between words."""
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) < width:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
        else:
            lines.append(word)
    return lines

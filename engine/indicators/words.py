"""A trace in words: a document that shows how a number came about (Markdown)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from engine.indicator import Catalogue
from engine.indicators.labels import category_label, column_label, part_label, register_label
from engine.indicators.trace import Row, Trace
from engine.text import Language, Text
from engine.words.quantities import date_words, number, value_words

PHRASES: dict[str, Text] = {
    "no-value": Text("nav vērtības", "no value"),
    "value": Text("Vērtība: {}", "Value: {}"),
    "no-window": Text(
        "Vērtības nav, jo nav loga: skolēna tagadējās skolas kalendārā nav tik daudz dienu vai"
        " semestra.",
        "There is no value because there is no window: the calendar of the pupil's present school"
        " has too few days, or no such session.",
    ),
    "not-covered": Text(
        "Vērtības nav, jo skola nav apliecinājusi (coverage), ka loga dienām nosūtījusi visas"
        " reģistra „{}“ rindas: bez tā nav zināms, ka nekas nav noticis.",
        "There is no value because the school has not said (coverage) that it sent all rows of"
        " '{}' for the window's days: without that, nobody knows that nothing happened.",
    ),
    "no-rows": Text(
        "Vērtības nav, jo reģistrā „{}“ tajā dienā nav zināma neviena rinda, kas skaitītos.",
        "There is no value because no row of '{}' that counts was known on the day.",
    ),
    "ended": Text(
        "Vērtības nav, jo tas, kas reģistrā „{}“ norādīts pēdējais, beidzās {}: kas ir kopš tā"
        " laika, nav zināms.",
        "There is no value because what '{}' stated last ended on {}: what has held since is"
        " unknown.",
    ),
    "unclear": Text(
        "Vērtības nav, jo ir neskaidri gadījumi: kamēr tie nav noskaidroti, summa var būt cita.",
        "There is no value because some cases are unclear: until they are settled, the total may"
        " be another.",
    ),
    "no-beginning": Text(
        "Vērtības nav, jo reģistrs „{}“ nesniedzas pietiekami tālu: nav zināms, kas bija agrāk.",
        "There is no value because '{}' does not go back far enough: what was before is unknown.",
    ),
    "not-stated": Text(
        "Vērtības nav, jo reģistrā „{}“ tā nav norādīta.",
        "There is no value because '{}' does not state it.",
    ),
    "no-whole": Text(
        "Vērtības nav, jo nav, ar ko salīdzināt: kāds no zemāk redzamajiem kopskaitiem ir 0.",
        "There is no value because there is nothing to hold it against: one of the totals below"
        " is 0.",
    ),
    "not-sent": Text(
        "Vērtības nav, jo reģistrā „{}“ trūkst dienu: šim skolēnam loga mācību dienās rindu ir par"
        " maz, lai zinātu, ka nosūtīts viss.",
        "There is no value because days are lacking in '{}': this pupil has rows on too few of the"
        " window's school days to know that all were sent.",
    ),
    "not-enough": Text(
        "Vērtības nav, jo ar reģistra „{}“ rindām vērtībai nepietiek; rādītāja nosacījumi ir"
        " docs/indicators.md.",
        "There is no value because the rows of '{}' are not enough for one; docs/indicators.md"
        " says what the indicator needs.",
    ),
    "coverage": Text(
        "Skola apliecinājusi, ka nosūtījusi visu", "What schools said they sent in full"
    ),
    "register": Text("Reģistrs", "Register"),
    "school": Text("Skola", "School"),
    "begins": Text("No", "From"),
    "ends": Text("Līdz", "Until"),
    "counts_to": Text("Skaitās līdz", "Counts until"),
    "clipped": Text(
        "Rinda skaitās līdz dienai, kad tā ierakstīta: kas vēl nav noticis, to neviens nav"
        " nosūtījis.",
        "A row counts up to the day on which it was recorded: nobody has sent what is still to"
        " come.",
    ),
    "places": Text("Dzīvesvieta", "Where the pupil lives"),
    "as-of": Text("Datums: {}", "As of: {}"),
    "up-to": Text("Dati līdz: {} (pirms {} dienām)", "Data up to: {} (days before: {})"),
    "stale": Text(
        "Novecojusi: robeža ir {} dienas, tāpēc vērtējumā tā nav zināma.",
        "Too old: the limit is {} days, so an assessment takes it as unknown.",
    ),
    "fresh": Text("Nav novecojusi (robeža: {} dienas).", "Not too old (limit: {} days)."),
    "unlimited": Text("Vecuma robežas nav.", "There is no limit to its age."),
    "window": Text("Logs: {}", "Window: {}"),
    "span": Text("skolas {} kalendārā: no {} līdz {}", "by the calendar of school {}: {} to {}"),
    "no-span": Text(
        "nav: skolēna tagadējās skolas kalendārā nav tik daudz dienu vai semestra",
        "none: the calendar of the pupil's present school has too few days, or no such session",
    ),
    "sums": Text("Kā vērtība radās", "How the value came about"),
    "part": Text("Skaitlis", "Number"),
    "total": Text("Kopā", "Total"),
    "counted": Text("Rindas, kas skaitās", "Rows that count"),
    "nothing": Text("Nevienas.", "None."),
    "adds": Text("Skaitās kā", "Counts as"),
    "versions": Text("Reģistra rindas: {}", "Rows of the register: {}"),
    "id": Text("Rinda", "Row"),
    "holds": Text("Saturs", "Holds"),
    "recorded": Text("Ierakstīta", "Recorded"),
    "state": Text("Tajā dienā", "On that day"),
    "known": Text("zināma", "known"),
    "later": Text("vēl nebija zināma", "not yet known"),
    "superseded": Text("jau labota vai dzēsta", "already corrected or deleted"),
    "beside": Text(
        "Citas šī skolēna rindas reģistrā, ārpus loga vai senākas: {}.",
        "Other rows of this pupil in the register, outside the window or older: {}.",
    ),
}


def _say(phrase: str, language: Language, *values: str) -> str:
    return PHRASES[phrase][language].format(*values)


def trace_words(trace: Trace, catalogue: Catalogue, language: Language) -> str:
    """Return the whole document."""
    lines = [
        *_head(trace, catalogue, language),
        *_sums(trace, language),
        *_counted(trace, language),
        *_places(trace, language),
        *_coverage(trace, language),
        *_versions(trace, language),
    ]
    return "\n".join(lines) + "\n"


def _head(trace: Trace, catalogue: Catalogue, language: Language) -> Iterator[str]:
    indicator = trace.indicator
    yield f"# {indicator.label[language]}"
    yield ""
    yield indicator.definition[language]
    yield ""
    value = _say("no-value", language)
    if trace.value is not None:
        value = value_words(trace.value, indicator, catalogue, language)
    yield f"- **{_say('value', language, value)}**"
    if trace.why is not None:
        told = [register_label(trace.register, language)]
        if trace.ended is not None:
            told.append(date_words(trace.ended, language))
        yield f"- {_say(trace.why, language, *told)}"
    yield f"- {_say('as-of', language, date_words(trace.as_of, language))}"
    if trace.observed_on is not None:
        until = date_words(trace.observed_on, language)
        yield f"- {_say('up-to', language, until, str(trace.age))}"
        limit = indicator.stale_after
        said = "unlimited" if limit is None else "stale" if trace.stale else "fresh"
        yield f"- {_say(said, language, str(limit))}"
    if trace.window is not None:
        yield f"- {_say('window', language, trace.window.words[language])}"
        for school, (begins, ends) in trace.spans.items():
            yield f"  - {_say('span', language, _cell(school), str(begins), str(ends))}"
        if not trace.spans:
            yield f"  - {_say('no-span', language)}"


def _sums(trace: Trace, language: Language) -> Iterator[str]:
    if not trace.sums:
        return
    name = trace.indicator.name
    rows = [
        (part_label(name, part, language), _shown(_worded(trace, part, value, language), language))
        for part, value in trace.sums.items()
    ]
    yield from _table(_say("sums", language), ("part", "total"), rows, language)


def _worded(trace: Trace, column: str, value: object, language: Language) -> object:
    """Return the word for a category's value, or the value itself."""
    homes = {"municipality_type": "orgs", "school_type": "enrolments"}
    return category_label(homes.get(column, trace.register), column, value, language) or value


def _counted(trace: Trace, language: Language) -> Iterator[str]:
    rows = [
        (
            _content({n: v for n, v in row.items() if n[0] != "+"}, trace, language),
            ", ".join(
                f"{part_label(trace.indicator.name, n[1:], language)}"
                f" {_shown(_worded(trace, n[1:], v, language), language)}"
                for n, v in row.items()
                if n[0] == "+"
            ),
        )
        for row in trace.counted
    ]
    yield from _table(_say("counted", language), ("holds", "adds"), rows, language)


def _places(trace: Trace, language: Language) -> Iterator[str]:
    rows = [(str(row["id"]), _content(row, trace, language)) for row in trace.places]
    if rows:
        yield from _table(_say("places", language), ("id", "holds"), rows, language)


def _coverage(trace: Trace, language: Language) -> Iterator[str]:
    """Yield what schools said they sent, where that decides: no value, or one that needs it."""
    if trace.why == "not-covered" or trace.coverage:
        names = ("register", "school", "begins", "ends", "counts_to")
        rows = [
            tuple(
                category_label("coverage", name, row[name], language) or _shown(row[name], language)
                for name in names
            )
            for row in trace.coverage
        ]
        yield from _table(_say("coverage", language), names, rows, language)
        if trace.clipped:
            yield f"\n{_say('clipped', language)}"


def _versions(trace: Trace, language: Language) -> Iterator[str]:
    rows = [
        (
            str(version.values["id"]),
            _content(version.values, trace, language),
            f"{version.recorded:%Y-%m-%d %H:%M}",
            _say(version.state, language),
        )
        for version in trace.versions
    ]
    title = _say("versions", language, register_label(trace.register, language))
    yield from _table(title, ("id", "holds", "recorded", "state"), rows, language)
    if trace.beside:
        yield f"\n{_say('beside', language, str(trace.beside))}"


def _content(values: Row, trace: Trace, language: Language) -> str:
    return ", ".join(
        f"{column_label(name, language)} {_shown(_worded(trace, name, value, language), language)}"
        for name, value in values.items()
        if name != "id"
    )


def _table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], language: Language
) -> Iterator[str]:
    yield f"\n## {title}\n"
    if not rows:
        yield _say("nothing", language)
        return
    yield f"| {' | '.join(_say(column, language) for column in columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _shown(value: object, language: Language) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return str(int(value))
        case int() | float():
            return number(value, language)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return str(value)
        case _:
            return str(value)

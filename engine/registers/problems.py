"""What can be wrong with one row of a register, in words; codes that tables have are theirs."""

from __future__ import annotations

from engine.canonical import PROBLEMS as TABLE_PROBLEMS
from engine.text import Text

_SHARED = (
    "key-form", "key-person", "not-number", "not-finite", "range", "not-flag", "category",
    "width", "quotes",
)  # fmt: skip

OWN: dict[str, Text] = {
    "value-missing": Text(
        "trūkst obligātās vērtības; ierakstiet to vai rindu nesūtiet",
        "a required value is missing; fill it in, or do not send the row",
    ),
    "not-whole": Text(
        "vajag veselu skaitli; arī Latvijas skalas atzīmes ir veselas",
        "a whole number is needed; marks on the Latvian scale are whole too",
    ),
    "not-date": Text(
        "nav datums; rakstiet, piemēram, 2025-12-31", "not a date; write it as 2025-12-31"
    ),
    "date-form": Text(
        "datums citā pierakstā; dienu un mēnesi neminam, rakstiet 2025-12-31",
        "a date in another form; day and month are not guessed, write it as 2025-12-31",
    ),
    "not-moment": Text(
        "nav brīdis; rakstiet, piemēram, 2025-12-31T14:05:00Z vai 2025-12-31",
        "not a moment; write it as 2025-12-31T14:05:00Z or 2025-12-31",
    ),
    "happened-later": Text(
        "noticis vairāk nekā dienu pēc tam, kad ierakstīts, vai vēl nav noticis; pārbaudiet abus"
        " datumus",
        "happened more than a day after it was recorded, or has not happened yet; check both dates",
    ),
    "recorded-later": Text(
        "ierakstīts pēc eksporta brīža vai vēl nepienākušā dienā; pārbaudiet dateLastModified un"
        " pumpurs.exportedAt",
        "recorded after the moment of the export, or on a day still to come; check dateLastModified"
        " and pumpurs.exportedAt",
    ),
    "period": Text(
        "beigas ir pirms sākuma; pārbaudiet abus datumus",
        "it ends before it begins; check both dates",
    ),
    "mark-status": Text(
        "atzīme un tās statuss ir pretrunā: „fully graded“ vajag atzīmi, citiem tās nedrīkst būt",
        "the mark and its status contradict: 'fully graded' needs a mark, the others have none",
    ),
    "key-unknown": Text(
        "tādas atslēgas norādītajā reģistrā nav; nosūtiet arī to rindu vai izlabojiet atslēgu",
        "nothing has this key in the register it points to; send that row too, or correct the key",
    ),
    "not-enrolled": Text(
        "skolēns tajā dienā nav uzņemts šajā skolā; pārbaudiet uzņemšanas datumus",
        "the pupil is not enrolled at this school on this day; check the enrolment's dates",
    ),
    "overlap": Text(
        "pārklājas ar citu šī skolēna uzņemšanu tajā pašā skolā; vispirms pabeidziet agrāko",
        "overlaps another enrolment of the pupil at the same school; end the earlier one first",
    ),
    "duplicate-row": Text(
        "šī rinda jau ir, šajā vai agrākā failā, varbūt ar citu identifikatoru; atstājiet vienu",
        "this row stands already, in this file or an earlier one, perhaps under another key;"
        " keep one of them",
    ),
    "conflict": Text(
        "viena un tā pati rinda ar dažādu saturu, varbūt ar citu identifikatoru; atstājiet pareizo",
        "the same row stands with different content, perhaps under another key; keep the one that"
        " is right",
    ),
    "not-newer": Text(
        "labojums nav jaunāks par iepriekšējo versiju; norādiet dateLastModified vai"
        " pumpurs.exportedAt",
        "the correction is no newer than the version before; give dateLastModified or"
        " pumpurs.exportedAt",
    ),
}

PROBLEMS: dict[str, Text] = {code: TABLE_PROBLEMS[code] for code in _SHARED} | OWN

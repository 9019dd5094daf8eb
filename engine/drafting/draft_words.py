"""What a drafted ruleset says of itself: where it comes from, and what to expect of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.drafting.expect import Stated
from engine.text import Text
from engine.tuning.candidate import Learnt
from engine.words.quantities import percent

TITLE = Text("Melnraksts: ko ieteiktu vēsture", "A draft: what the history would choose")
SMALL_TITLE = Text(
    "Melnraksts no pārāk maz datiem: ko ieteiktu vēsture",
    "A draft from too few data: what the history would choose",
)


def source_words(learnt: Learnt) -> str:
    """Return whence a number is: what searched, on which history and cohorts.

    A source has one text for readers of either language: so it names the command, and no more.

    >>> source_words(Learnt("0123456789abcdef0123", ("2008", "2009"), 1))
    'pumpurs suggest --seed 1; 2008 \u2013 2009; SHA-256 0123456789abcdef'
    """
    among = f"; {spanned(learnt.cohorts)}" if learnt.cohorts else ""
    return f"pumpurs suggest --seed {learnt.seed}{among}; SHA-256 {learnt.history[:16]}"


def spanned(cohorts: Sequence[str]) -> str:
    """Return cohorts in order of time: the one, or the first and the last.

    >>> spanned(("2008", "2009", "2010")), spanned(("2013B",))
    ('2008 \u2013 2010', '2013B')
    """
    return cohorts[0] if len(cohorts) == 1 else f"{cohorts[0]} – {cohorts[-1]}"


def description(stated: Stated, *, small: bool) -> Text:
    """Return what a reader must know of a draft before all else."""
    flagged, of, low, high = (
        [percent(round(share, 2), language) for language in ("lv", "en")]
        for share in (stated.flagged, stated.precision, stated.low, stated.high)
    )
    lv = (
        "Šīs robežas un punktus izvēlējās meklēšana vēsturē, nevis cilvēks. Tas ir melnraksts, ko "
        "pārskatīt un labot, un pats spēkā nestājas. Ja nākamajā kohortā atzīmē "
        f"{flagged[0]} skolēnu ar augstāko punktu skaitu, mācības varētu pamest {of[0]} no "
        f"atzīmētajiem ({low[0]} līdz {high[0]})."
    )
    en = (
        "A search in the history chose these limits and points, and no person did. It is a draft "
        "to read and to correct, and never applies itself. Where the "
        f"{flagged[1]} of the next cohort with the highest scores are flagged, {of[1]} of them are "
        f"expected to leave ({low[1]} to {high[1]})."
    )
    if small:
        lv += " Datu bija pārāk maz: drošāk lietot cilvēku rakstītus noteikumus."
        en += " There were too few data: rules that people wrote are the safer choice."
    return Text(lv, en)

"""What the risk hangs on: strain, the signs that it shows, and the chance of leaving.

Nothing here is an estimate. The forms are plausible and the constants are chosen so that totals
come near published ones (``docs/synth.md`` says which); every sign has noise of its own, so that
no rule over them can be perfect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from service.synth.places import SchoolType
from service.synth.plan import chance
from service.synth.pupils import Pupil

KEEPS = 0.75  # share of the drift that stays from one semester to the next
SHOCK = 0.5  # standard deviation of what comes new each semester
# Log-odds of leaving in a semester without strain, by grade; below grade 5 nobody leaves.
LEAVING = {5: -9.4, 6: -8.7, 7: -7.8, 8: -7.2, 9: -6.5, 10: -6.4, 11: -6.7, 12: -7.1}
VOCATIONAL = 0.6  # more, in vocational schools


@dataclass(frozen=True, slots=True)
class Signs:
    """What a pupil's semester is like; all of it shows in registers, with further noise.

    `ill`: spells of illness begun a school day; `skip` and `late`: share of lessons; `truant`: a
    long unexcused absence; `mark`: where marks lie; `conduct`: incidents expected a semester.
    """

    strain: float
    ill: float
    skip: float
    late: float
    truant: bool
    mark: float
    conduct: float


def drifted(drift: float, draw: Random) -> float:
    """Return how far strain is from its base in the next semester."""
    return KEEPS * drift + draw.gauss(0, SHOCK)


def strain_now(base: float, drift: float, grade: int, *, new_stage: bool) -> float:
    """Return the strain of a semester: puberty and a new school weigh."""
    return base + drift + 0.15 * (7 <= grade <= 10) + 0.2 * new_stage


def show(strain: float, pupil: Pupil, type_: SchoolType) -> Signs:
    """Return the signs that a strain shows in a semester."""
    vocational = type_ == "vocational"
    draw, noise = pupil.draw, pupil.draw.gauss
    truancy = chance(-9.2 + 1.25 * strain + noise(0, 0.6) + 2.2 * vocational)
    return Signs(
        strain=strain,
        ill=0.014 * math.exp(0.18 * strain + noise(0, 0.35)),
        skip=min(0.3, 0.0018 * math.exp(0.85 * strain + noise(0, 0.8) + 0.6 * vocational)),
        late=min(0.2, 0.006 * math.exp(0.5 * strain + noise(0, 0.7))),
        truant=draw.random() < truancy,
        mark=6.9 + 0.8 * pupil.ability - 0.45 * strain - 0.5 * vocational + noise(0, 0.3),
        conduct=0.09 * math.exp(0.75 * strain + noise(0, 0.6) + 0.4 * (pupil.sex == "male")),
    )


def leaves(signs: Signs, grade: int, type_: SchoolType, fails: int, draw: Random) -> bool:
    """Say whether a pupil leaves in this semester: strain, and what it has already brought."""
    if grade not in LEAVING:
        return False
    score = LEAVING[grade] + VOCATIONAL * (type_ == "vocational")
    score += 0.75 * signs.strain + 0.3 * min(fails, 4) + 12 * signs.skip + 1.5 * signs.truant
    return draw.random() < chance(score)

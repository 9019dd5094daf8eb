# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. Replay: what would the rules have told?
#
# > **Latviski.** Šeit noteikumu kopu izmēģina vēsturē: katra rinda ir viens skolēns vienā vērtēšanas dienā, ar to, kas
# > tobrīd bija zināms, un vēlāk zināmo iznākumu. Vispirms apskatiet, kāda ir vēsture un ko tajā nevar pārbaudīt. Tad: cik
# > skolēnu būtu atzīmēts, cik no viņiem tiešām pameta mācības (precizitāte), cik no pametušajiem būtu atrasti (pārklājums),
# > cik laikus, un ko dod katrs noteikums atsevišķi un papildus pārējiem. „Nevar pateikt“ nav „riska nav“: tas ir skaitīts
# > atsevišķi. Beigās tās pašas rindas vērtē arī publicētās citu valstu noteikumu kopas. Skaitļi un attēli ir valodā, ko
# > nosaka `PUMPURS_LANG`.
#
# A replay asks one question of the past: *had these rules been in force, whom would they have flagged, and who of them
# left?* Every row of a history is one pupil on one day, with what was known on that day and with the outcome that became
# known later. Nothing from after the day may be used; the reader refuses a history in which something was.

# %%
from engine.lab import desk, page, tables, tuning_tables, views
from engine.lab.published import published
from engine.load import load, load_catalogue
from engine.replay.cuts import at_level
from engine.replay.history import read_history
from engine.replay.replay import replay

language = desk.language()
catalogue = load_catalogue(desk.RULES)
ruleset = load(desk.RULES / "lv")
history = read_history(desk.history(), catalogue)

# %% [markdown]
# ## The history first
#
# How many rows are there, and of how many is it known what became of the pupil? An outcome that is not known counts
# neither as leaving nor as staying. Look for cohorts that are too young (their pupils cannot have left yet) and for
# cohorts in which suspiciously few left.

# %%
tuning_tables.cohorts(history, language)

# %%
page.notes(history, language)

# %% [markdown]
# ## What the ruleset would have flagged
#
# Flagged is whoever surely reaches the level from which help is meant to start. Of the flagged, **precision** is the share
# who left; of those who left, **recall** is the share that was flagged. **Cannot say** are the pupils of whom too little
# was known: they could reach the level. They are not "at no risk".
#
# Shares have intervals, because the next year will not be this year again. A pupil stands in several rows; the intervals
# allow for that.

# %%
found = replay(history, ruleset)
cut = at_level(ruleset)
tables.summary(found, cut, language)

# %% [markdown]
# ## From which score on?
#
# Each point is a possible cut. To the right more leavers are found, and further down more pupils are flagged in vain.
# No cut is right as such: it depends on how many pupils you can help.

# %%
views.precision_recall([found], language)

# %%
views.scores(found, language)

# %% [markdown]
# A score is worth something if more points mean more leavers. Here is how many of a hundred pupils with each score left.
# Where intervals are wide, few pupils stand behind them.

# %%
views.calibrated(found, language)

# %% [markdown]
# ## Where, and when?
#
# By cohort first: a ruleset that was good once and is not any more is a reason to look for what changed. Then by school
# and by grade. A school in which half of all pupils are flagged has a problem of its own, and no list of names helps it.

# %%
views.quality_by(found, cut, "cohort", catalogue, language)

# %%
views.flagged_by(found, cut, "school", catalogue, language)

# %%
views.flagged_by(found, cut, "grade", catalogue, language)

# %% [markdown]
# ## How early?
#
# A sign that comes a week before a pupil leaves helps nobody. Lead time is counted from the first day on which the pupil
# was flagged.

# %%
views.early(found, language)

# %% [markdown]
# ## What does each rule bring?
#
# A rule may hold for many leavers and still add nothing, because other rules find the same pupils. Such a rule may stay
# for its advice, or go. "Times as often as all" (lift) says how much likelier a pupil of this rule is to leave.

# %%
views.rules_bring(found, at_level, language)

# %%
tables.rules_bring(found, at_level, language)

# %% [markdown]
# ## What would other systems flag here?
#
# Published rulesets of other countries, over the same rows. Many indicators they ask for may be missing here, and their
# thresholds were made for other schools: this is a comparison, not a contest.

# %%
others = published(history)
tables.compare([found, *others.replays], language)

# %% [markdown]
# What each of them asks for and this history has not:

# %%
others.lacking(language)

# %%
views.precision_recall([found, *others.replays[:2]], language)

# %% [markdown]
# The same figures, for scripts: `pumpurs replay HISTORY --rules rules/lv --rules rules/published/ewims`.
# Every picture can be kept: `views.calibrated(found, language).save(Path("calibration.svg"))`.
#
# Next: [2. Thresholds](02_thresholds.py).

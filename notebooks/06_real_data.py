# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6. Real data: from raw columns to an honest ruleset · Īsti dati
#
# > **Latviski.** Divi īstu datu piemēri, ko neviens šeit nav veidojis: UCI 697 (augstskolas studenti pēc pirmā semestra)
# > un OULAD (tālmācības studenti kursa 60. dienā). Abos gadījumos ceļš ir viens: deklarēt, kas kolonnās ir un kurš gals ir
# > sliktāks; izmest visu, kas tajā dienā vēl nebija zināms; sadalīt kohortas laikā; mācīties no agrākajām; vērtēt pēc
# > vēlākajām; salīdzināt solīto ar to, kas iznāca. Ja datu mapes nav, piemērā redzama sintētiskā vēsture, un tas ir
# > pateikts. Datu mapi norāda `PUMPURS_DATA`.
#
# Two datasets that nobody here wrote. The way is the same for both: say what the columns are and which end is worse; drop
# whatever was not known on the day; split the cohorts in time; learn from the earlier ones; judge by the later ones; and
# compare what was promised with what came out. Where the data are not there, the synthetic history stands in and says so.

# %%
from engine.drafting.suggest import Plan, suggest
from engine.lab import cases, desk, elsewhere, page, tables, tuning_tables, views
from engine.replay.cuts import at_level
from engine.replay.replay import replay

language = desk.language()

# %% [markdown]
# ## Students after their first semester · Studenti pēc pirmā semestra
#
# The raw file has columns of the second semester, which tell the outcome best of all, and which nobody has at the end of
# the first. They are left out. So are fees: a student who has given up stops paying, so an unpaid fee may be later than the
# dropout. Age and sex are for the audit, not for rules.
#
# > Sākotnējā failā ir otrā semestra kolonnas, kas iznākumu pasaka vislabāk un kuru pirmā semestra beigās nevienam nav. Tās
# > izmestas. Izmestas arī studiju maksas: kas ir padevies, vairs nemaksā, tātad parāds var būt vēlāks par pamešanu. Vecums un
# > dzimums ir pārbaudei, nevis noteikumiem.

# %%
students = cases.students()
students.note(language)

# %%
tuning_tables.cohorts(students.history, language)

# %%
page.notes(students.history, language)

# %% [markdown]
# Rules that a person wrote first, with round numbers, on the later cohorts only: · Vispirms cilvēka rakstīti noteikumi ar
# apaļiem skaitļiem, tikai vēlākajās kohortās:

# %%
judged = replay(students.history, students.ruleset, students.split, "judge")
tables.summary(judged, at_level(students.ruleset), language)

# %% [markdown]
# Then what the earlier cohorts would choose, of at most ten steps: · Tad tas, ko izvēlētos agrākās kohortas, ne vairāk kā desmit
# pakāpju:

# %%
draft = suggest(students.history, Plan(steps=10, small_data=True), students.after)
views.sized(draft, language)

# %%
tuning_tables.expected(draft, language)

# %%
page.trust(draft, language)

# %% [markdown]
# Both on the later cohorts. If the draft is hardly better than what a person wrote, prefer the person's rules: they can be
# explained, and they do not depend on one history's accidents.
#
# > Abas kopas vēlākajās kohortās. Ja melnraksts ir tikai nedaudz labāks par cilvēka rakstīto, labāk ņemt cilvēka noteikumus: tos
# > var paskaidrot, un tie nav atkarīgi no vienas vēstures nejaušībām.

# %%
views.later(students.history, [students.ruleset, draft.ruleset], students.split, language)

# %%
page.drafted(draft, language)

# %% [markdown]
# ## Distance learners on day 60 · Tālmācības studenti 60. dienā
#
# Here the raw data are registers: registrations, submissions, marks, withdrawals, each with its day. Indicators are
# computed as of day 60 of each presentation from what was known by then; whoever had withdrawn already is not in the
# history. Without the clicks of the learning platform little is known on that day, and the figures say so.
#
# > Šeit sākotnējie dati ir reģistri: pieteikumi, iesniegtie darbi, vērtējumi, atteikšanās, katrs ar savu dienu. Rādītāji
# > aprēķināti kursa 60. dienā no tā, kas līdz tai bija zināms; kas jau bija atteicies, vēsturē nav. Bez mācību platformas klikšķu
# > datiem todien zināms maz, un skaitļi to rāda.

# %%
learners = cases.distance_learners()
learners.note(language)

# %%
tuning_tables.cohorts(learners.history, language)

# %%
later = replay(learners.history, learners.ruleset, learners.split, "judge")
tables.summary(later, at_level(learners.ruleset), language)

# %%
views.calibrated(later, language)

# %%
drafted = suggest(learners.history, Plan(steps=10, small_data=True), learners.after)
tuning_tables.expected(drafted, language)

# %%
views.later(learners.history, [learners.ruleset, drafted.ruleset], learners.split, language)

# %% [markdown]
# ## Published figures beside · Blakus publicētie skaitļi
#
# Ours come first: the rules that a person wrote, on later cohorts, with nothing of the future known. Many published figures are
# not so: they use all columns, or the same rows for learning and judging. Compare with care. How far a draft stays behind gradient boosting on the same
# columns is printed by `benchmarks/real_data.py`.
#
# > Vispirms mūsu skaitļi: cilvēka rakstītie noteikumi vēlākajās kohortās, nezinot neko no nākotnes. Daudzi publicētie skaitļi
# > tādi nav: tie izmanto visas kolonnas vai mācās un vērtē tajās pašās rindās. Salīdziniet piesardzīgi.

# %%
elsewhere.published(language, [judged, later])

# %% [markdown]
# What is published of the students' data, and what is not: · Kas par studentu datiem ir publicēts un kas nav:

# %%
elsewhere.of_students(students, language)

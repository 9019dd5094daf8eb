# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5. Proposal: from a number to a change that others can judge · Priekšlikums
#
# > **Latviski.** Kandidāts ir noteikumu kopa ar mainītiem skaitļiem; pie katra skaitļa paliek, vai to izvēlējās cilvēks vai
# > meklēšana. No kandidāta izveido priekšlikumu: kas mainās, kāpēc, ko rāda vēsture un kam kas mainītos. Priekšlikums pats
# > neko nemaina. To vērtē cits cilvēks, nevis autors, un skaitļus pārrēķina ar saviem datiem. Ja skaitļus izvēlējās
# > meklēšana, tos drīkst vērtēt tikai pēc kohortām, ko tā nav redzējusi.
#
# A candidate is the ruleset with other numbers. It remembers of each number whether a person or a search chose it, and what
# the search looked at. A proposal carries the candidate, the reason, and the evidence to whoever reviews it: somebody else
# than you.

# %%
from engine.lab import desk, page, tuning_tables
from engine.lab.proposals import proposed
from engine.lab.sliders import sliders
from engine.load import load, load_catalogue
from engine.replay.history import read_history
from engine.tuning.tuned import Wish, changed, tuned

language = desk.language()
catalogue = load_catalogue(desk.RULES)
base = desk.RULES / "lv"
ruleset = load(base)
history = read_history(desk.history(), catalogue)

# %% [markdown]
# ## A candidate from a search, finished by hand · Kandidāts no meklēšanas, pabeigts ar roku
#
# The search proposes; you decide. Here it tunes under a capacity, on the earlier cohorts. Then a person moves one number
# to what can be explained to a teacher. If notebook 3 says that the gain may be chance, make no proposal of it: here it only
# shows the way.
#
# > Meklēšana iesaka, lemjat jūs. Šeit tā skaņo pēc agrākām kohortām, ievērojot, cik vietu ir. Tad cilvēks maina vienu skaitli
# > uz tādu, ko var paskaidrot skolotājam. Ja 3. burtnīca saka, ka ieguvums var būt nejaušs, priekšlikumu no tā netaisiet: šeit
# > parādīts tikai ceļš.

# %%
found = tuned(history, ruleset, Wish(share=0.15, small_data=True))
tuning_tables.choices(found.candidate, ruleset, language)

# %%
candidate = found.candidate.moved("absence_watch", 0.96)
tuning_tables.choices(candidate, ruleset, language)

# %% [markdown]
# ## A candidate from the sliders · Kandidāts no slīdņiem
#
# Or choose every number yourself: `sliders(...).candidate` from notebook 2, where each counts as a person's.
#
# > Vai arī katru skaitli izvēlieties paši: `sliders(...).candidate` no 2. burtnīcas; tur katrs ir cilvēka izvēlēts.

# %%
by_hand = sliders(history, ruleset, language, ["absence_support", "absence_watch"])
by_hand.move({"absence_support": 0.91})
tuning_tables.choices(by_hand.candidate, ruleset, language)

# %% [markdown]
# ## The proposal · Priekšlikums
#
# Write down why, in a sentence or two that a coordinator can weigh. The evidence is computed on cohorts that the search has
# not seen; were there none, the proposal would be refused, because figures on tuned rows say too much good. Candidate and
# proposal are written to new folders; nothing that is in force is touched.
#
# > Vienā divos teikumos uzrakstiet, kāpēc. Pierādījumi ir no kohortām, ko meklēšana nav redzējusi; ja tādu nebūtu, priekšlikumu
# > atteiktu, jo skaitļi par rindām, pēc kurām skaņots, sola par daudz. Kandidātu un priekšlikumu ieraksta jaunās mapēs; tas,
# > kas ir spēkā, paliek neskarts.

# %%
proposal = proposed(
    history,
    base,
    candidate,
    desk.fresh("candidate"),
    "Vietu pietiek apmēram 15 % skolēnu; robežas meklētas tā, lai ar tām atrastu visvairāk pametušo. / "
    "There is room for about 15 % of the pupils; the thresholds are to catch most leavers with it.",
    language=language,
)
proposal

# %% [markdown]
# Saved for the reviewer: the page in both languages, and the file that is checked against it. · Saglabāts vērtētājam: lapa abās
# valodās un fails, pēc kura to pārbauda.

# %%
page.files(proposal.save(desk.fresh("proposal")), language)

# %% [markdown]
# ## Whom it concerns · Uz ko tas attiecas
#
# The reviewer's first question. In the page above it is answered for all groups; here once more by school, on the cohorts
# that the search has not seen. What became of fewer than ten who moved is not told.
#
# > Vērtētāja pirmais jautājums: uz ko tas attiecas? Lapā tas pateikts par visām grupām; šeit vēlreiz pa skolām, kohortās, ko
# > meklēšana nav redzējusi. Kas notika ar mazāk nekā desmit skolēniem, netiek rādīts.

# %%
tuning_tables.concerned(changed(found), "school", catalogue, language)

# %% [markdown]
# From the command line: `pumpurs propose HISTORY --base rules/lv --candidate DIR --rationale "..." --out PROPOSAL`.

# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2. Thresholds: move a number, see whom it flags · Robežas
#
# > **Latviski.** Katram maināmajam skaitlim ir slīdnis. Pabīdiet to, un blakus uzreiz redzams, cik rindu visā vēsturē tiek
# > atzīmētas, cik no tām pameta mācības, cik atzīmētas lieki un par cik nevar pateikt. Skaitļi ir precīzi, nevis aplēsti:
# > tie ir tādi paši kā pilnā pārrēķinā. Ja zināt, cik atbalsta plānu varat īstenot vienā vērtēšanas dienā, ierakstiet to
# > augšā: robeža tad ir zemākais punktu skaits, ar kuru vietu pietiek. Slīdņi neko nemaina noteikumos; no tiem var
# > izveidot kandidātu (5. burtnīca). Skaitlis, kas der pagātnei, var nederēt nākamgad: to pārbauda vēlākās kohortās.
#
# Every parameter that may be tuned has a slider, within the bounds that the ruleset declares. What you see beside them is
# exact, and counted on the whole history: the history is grouped once into cells of rows that no position of the sliders
# tells apart, and each move adds these cells up again. Numbers that only decide which support is offered, such as a long way
# to school, have no slider: they flag nobody.
#
# > Skaitļiem, kas nosaka tikai to, kādu atbalstu piedāvā (piemēram, garš ceļš uz skolu), slīdņa nav: tie nevienu neatzīmē.

# %%
from engine.lab import desk, tuning_tables
from engine.lab.sliders import sliders
from engine.load import load, load_catalogue
from engine.replay.history import read_history

language = desk.language()
ruleset = load(desk.RULES / "lv")
history = read_history(desk.history(), load_catalogue(desk.RULES))

# %% [markdown]
# ## All sliders · Visi slīdņi
#
# *As it is* is the ruleset; *as moved* is where the sliders stand. Try this: lower the attendance below which support is
# offered, and watch flagged, caught and false alarms together. There is no setting that catches more and flags fewer for
# nothing; there is only what you are ready to pay. Where there are many sliders, they scroll beside the numbers.
#
# **"We can run 38 plans."** Type 38 into the box at the top: how many support plans all schools of the history together can
# run on one as-of day. The cut then becomes the lowest score at which there is room for all who reach it, counted over all
# days. Pupils of equal score are never divided by chance. 0 flags by the level again.
#
# > *Spēkā* ir noteikumu kopa, *Tagad* ir tas, ko rāda slīdņi. Pamēģiniet: pazeminiet apmeklējumu, zem kura vajadzīgs atbalsts,
# > un vērojiet atzīmētos, atrastos un lieki atzīmētos kopā. Nekas nenāk par velti. **„Varam īstenot 38 plānus“**: ierakstiet 38
# > laukā augšā (visas vēstures skolas kopā, vienā vērtēšanas dienā), un robeža būs zemākais punktu skaits, ar kuru vietu
# > pietiek visiem, kas to sasniedz. Skolēnus ar vienādu punktu skaitu nekad nešķiro izloze. 0: atkal atzīmē pēc līmeņa.

# %%
box = sliders(history, ruleset, language)
box

# %% [markdown]
# ## A few at a time · Daži vienlaikus
#
# With two or three sliders it is easier to see what does what. `values` gives other values than the declared steps; they
# must lie within the bounds.
#
# > Ar diviem trim slīdņiem vieglāk redzēt, kas ko dara. Ar `values` var dot arī citas vērtības, ja tās ir pieļautajās robežās.

# %%
few = sliders(history, ruleset, language, ["absence_support", "unexcused_early"])
few

# %% [markdown]
# ## What you have chosen · Ko esat izvēlējušies
#
# The sliders change no rule. Their positions make a *candidate*, in which each number is marked as chosen by a person.
# Notebook 5 makes a proposal of such a candidate.
#
# > Slīdņi noteikumus nemaina. No to stāvokļa iznāk *kandidāts*, kurā pie katra skaitļa stāv, ka to izvēlējās cilvēks.
# > No kandidāta 5. burtnīcā izveido priekšlikumu.

# %%
few.move({"absence_support": 0.91})
tuning_tables.choices(few.candidate, ruleset, language)

# %% [markdown]
# What you see here was found on the very rows that it is shown on, so it promises too much. Before you believe it, judge it
# on later cohorts: [3. Suggest](03_suggest.py) and [5. Proposal](05_proposal.py) do.
#
# > Tas, ko šeit redzat, atrasts tajās pašās rindās, kurās parādīts, tātad sola par daudz. Pirms ticat, vērtējiet pēc vēlākām
# > kohortām: to dara 3. un 5. burtnīca.

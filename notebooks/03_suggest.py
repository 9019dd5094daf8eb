# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3. Suggest: what would the history choose? · Ko izvēlētos vēsture?
#
# > **Latviski.** Meklēšana vēsturē var ieteikt skaitļus, bet nekad tos neievieš. Te ir divi ceļi: skaņot esošo noteikumu
# > robežas, ievērojot, cik plānu var īstenot; un izveidot melnrakstu no jauna tikai no rādītājiem un to virzieniem. Abos
# > gadījumos mācās no agrākām kohortām un vērtē pēc vēlākām, kuras meklēšana nav redzējusi. Ja izmēģinājumos ieguvums
# > varētu būt nejaušs, tas tiek pateikts, un tad skaitļus mainīt nav iemesla. Ja pametušo ir mazāk par simtu, cilvēku
# > rakstītie noteikumi ir uzticamāki. Beigās ir iemesli, kāpēc ieteikumam ticēt un kāpēc šaubīties.
#
# A search over the history finds numbers that fit it: its accidents too. So everything here is tuned on earlier cohorts
# and judged on later ones, and what is promised is what the next cohort should show, not what this one did. A suggestion
# never applies itself.

# %%
from engine.drafting.suggest import Plan, suggest
from engine.lab import desk, page, tuning_tables, views
from engine.load import load, load_catalogue
from engine.replay.history import read_history
from engine.tuning.tuned import Wish, tuned

language = desk.language()
catalogue = load_catalogue(desk.RULES)
ruleset = load(desk.RULES / "lv")
history = read_history(desk.history(), catalogue)

# %% [markdown]
# ## The ruleset's own numbers · Noteikumu kopas skaitļi
#
# `Wish(share=0.15)` asks for the values that catch most leavers while at most 15 % of the rows are flagged; `Wish(plans=38)`
# asks the same for 38 plans on each as-of day. Without either, as many are flagged as now. Values stay within the bounds
# of the ruleset, and whatever moved without being worth a change moves back. With fewer than a hundred who left, the
# search declines, unless `small_data=True` insists; with fewer than twenty it declines whatever is asked.
#
# > `Wish(share=0.15)` meklē vērtības, ar kurām atrod visvairāk pametušo, atzīmējot ne vairāk kā 15 % rindu; `Wish(plans=38)`
# > to pašu dara 38 plāniem vienā vērtēšanas dienā. Vērtības paliek noteikumu kopas robežās, un tas, kas izmainīts bez
# > vērā ņemama ieguvuma, tiek atlikts atpakaļ. Ja pametušo ir mazāk par simtu, meklēšana atsakās, ja vien nav
# > `small_data=True`; ja to ir mazāk par divdesmit, tā atsakās vienmēr.

# %%
found = tuned(history, ruleset, Wish(share=0.15, small_data=True))
views.fronted(found, language)

# %% [markdown]
# The line is the **Pareto front**: values that nothing beats, because catching more would mean flagging more. It was found
# on the tuned cohorts; how far it can be trusted is the next question. Each trial below repeats the whole search as it
# would have been done then, and judges it on the cohort that came after. The line below the table says whether the gain
# could be chance; if so, keep the numbers as they are.
#
# > Līnija ir **Pareto robeža**: vērtības, ko nekas nepārspēj, jo, lai atrastu vairāk, būtu jāatzīmē vairāk. To atrada
# > kohortās, pēc kurām skaņoja. Katrs izmēģinājums tabulā atkārto visu meklēšanu tā, kā to būtu darījuši toreiz, un vērtē pēc
# > nākamās kohortas. Rinda zem tabulas saka, vai ieguvums var būt nejaušs; ja tā, skaitļus nemainiet.

# %%
tuning_tables.tried(found, language)

# %% [markdown]
# The numbers that the search moved, whether or not it is worth while: · Skaitļi, ko meklēšana mainīja (vai ir vērts, teikts iepriekš):

# %%
tuning_tables.choices(found.candidate, ruleset, language)

# %% [markdown]
# ## A draft from nothing · Melnraksts no nulles
#
# `suggest` knows no rules: only the indicators, and which end of each is worse. It drafts ladders with whole points, at most
# as many steps as asked for and as the data bear, and never a rule on an indicator that is declared for support or for the
# audit. More steps fit the past better and the future worse; the picture shows where that turns.
#
# > `suggest` nezina nekādus noteikumus: tikai rādītājus un to, kurš gals ir sliktāks. Tas veido kāpnes ar veseliem punktiem, ne
# > vairāk pakāpju, kā prasīts un kā dati attaisno, un nekad neliek noteikumu uz rādītāja, kas deklarēts atbalstam vai
# > pārbaudei. Vairāk pakāpju labāk der pagātnei un sliktāk nākotnei; attēls rāda, kur tas pagriežas.

# %%
draft = suggest(history, Plan(steps=8, small_data=True))
views.sized(draft, language)

# %% [markdown]
# What each cut of the draft does on the rows that it was drafted on, which flatter it: · Ko dod katra melnraksta robeža rindās,
# pēc kurām tas veidots (tās to glaimo):

# %%
views.drafted(draft, language)

# %% [markdown]
# What is to be expected of the next cohort, and what later cohorts showed. The line to believe is the last but one: it
# comes from trials on rows that the search had not seen. Its interval is meant to hold the precision of 19 in 20 next cohorts.
#
# > Kas gaidāms nākamajā kohortā, un ko rādīja vēlākās. Ticēt var priekšpēdējai rindai: tā nāk no izmēģinājumiem rindās, ko
# > meklēšana nebija redzējusi. Intervālā jābūt 19 no 20 nākamo kohortu precizitātei.

# %%
tuning_tables.expected(draft, language)

# %% [markdown]
# ## Why trust it, and why not? · Kāpēc ticēt un kāpēc ne?
#
# Reasons on both sides, from the data themselves. One that speaks against is enough to ask further. · Iemesli par un pret, no
# pašiem datiem; pietiek ar vienu „pret“, lai jautātu tālāk.

# %%
page.trust(draft, language)

# %% [markdown]
# ## The draft in words · Melnraksts vārdos
#
# Read it as a coordinator would. A rule that nobody can explain should not be proposed, however well it fits. Where nothing
# tells who leaves better than the base rate does, there is no draft at all, and that is an answer too.
#
# > Lasiet to kā koordinators. Noteikumu, ko neviens nevar paskaidrot, nevajag ierosināt, lai cik labi tas derētu vēsturei.

# %%
page.drafted(draft, language)

# %% [markdown]
# From the command line: `pumpurs tune HISTORY --rules rules/lv --plans 38 --out CANDIDATE` and
# `pumpurs suggest HISTORY --max-steps 8 --out DRAFT`.
#
# Next: [4. Fairness](04_fairness.py).

# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Fairness: who is flagged in vain, and who is overlooked? · Taisnīgums
#
# > **Latviski.** Noteikumi nelasa ne dzimumu, ne mājās lietoto valodu, ne dzīvesvietu; tos izmanto tikai šī pārbaude. Arī
# > tad kļūdas var būt nevienādas. Lieki atzīmētie ir palikušie, ko noteikumi tomēr atzīmē; palaisti garām ir pametušie, ko
# > tie neatzīmē. Svītra rāda 95 % intervālu: ja intervāli pārklājas, atšķirība var būt nejauša; ja grupa ir maza, par to
# > neko droši pateikt nevar, un skaitļus neuzrāda. Tālāk: kuri rādītāji grupas „atpazīst“ (starpnieki), un kā izmaiņa
# > noteikumos skartu katru grupu.
#
# No rule may read a pupil's sex, language or home: the compiler refuses it. Errors can be unequal all the same, because
# attendance and marks are not equal. There are two kinds of error, and they hurt in different ways: a **false alarm**
# troubles a pupil who would have stayed; a **miss** leaves alone one who needed help.

# %%
from engine.lab import desk, tables, tuning_tables, views
from engine.load import load, load_catalogue
from engine.replay.cuts import at_level
from engine.replay.history import read_history
from engine.replay.impact import impact
from engine.replay.replay import replay

language = desk.language()
catalogue = load_catalogue(desk.RULES)
ruleset = load(desk.RULES / "lv")
history = read_history(desk.history(), catalogue)
found = replay(history, ruleset)
cut = at_level(ruleset)

# %% [markdown]
# ## Errors by group · Kļūdas pa grupām
#
# Read the bars, not only the points. Where the bars of two groups overlap, the difference may be chance. Where they do not,
# ask why before asking how to repair it.
#
# > Skatieties uz svītrām, ne tikai uz punktiem. Ja divu grupu svītras pārklājas, atšķirība var būt nejauša. Ja ne, vispirms
# > jautājiet, kāpēc, un tikai tad, kā to labot.

# %%
views.errors_by(found, cut, "sex", catalogue, language)

# %%
tables.by(found, cut, "sex", catalogue, language)

# %% [markdown]
# Bars that overlap a little can still differ. The difference itself has an interval too (Newcombe 1998): where zero lies
# outside of it, chance is a poor explanation. Each group is set against all others together.
#
# > Arī svītras, kas mazliet pārklājas, var nozīmēt atšķirību. Pašai starpībai ir savs intervāls: ja nulle ir ārpus tā,
# > nejaušība ir vājš izskaidrojums. Katra grupa salīdzināta ar visiem pārējiem kopā.

# %%
tables.gaps(found, cut, "sex", catalogue, language)

# %%
views.errors_by(found, cut, "home_language", catalogue, language)

# %% [markdown]
# Both errors cannot be equal in groups in which unequal shares leave, unless the rules know everything (Chouldechova 2017;
# Kleinberg and others 2016). Which of them to even out is a decision about people, and not one of statistics.
#
# > Ja grupās mācības pamet nevienlīdz bieži, abas kļūdas reizē vienādas būt nevar. Kuru no tām izlīdzināt, ir lēmums par
# > cilvēkiem, nevis statistikas jautājums.

# %% [markdown]
# ## Cannot say, by group · Nevar pateikt, pa grupām
#
# Missing data are unfair too: a pupil whose school sends nothing is never flagged. Look at the share that cannot be said.
#
# > Arī datu trūkums ir netaisnīgs: skolēnu, kura skola neko nesūta, nekad neatzīmē. Skatieties, par cik lielu daļu nevar pateikt.

# %%
views.unsaid_by(found, cut, "sex", catalogue, language)

# %%
views.unsaid_by(found, cut, "school", catalogue, language)

# %% [markdown]
# ## Proxies · Starpnieki
#
# An indicator that differs strongly between groups *among those who stayed* carries the group into the score although no
# rule reads it. Below, how often a pupil of one group has a worse value than one of all others: 50 % means that the
# indicator does not tell them apart. A proxy is no proof of unfairness; it is where to look.
#
# > Rādītājs, kas *starp palikušajiem* grupās stipri atšķiras, ienes grupu punktos, lai gan neviens noteikums to nelasa. Attēlā:
# > cik bieži vienas grupas skolēnam vērtība ir sliktāka nekā kādam no pārējiem; 50 % nozīmē, ka rādītājs grupu neizšķir.
# > Starpnieks nav netaisnības pierādījums; tas rāda, kur skatīties.

# %%
views.proxies_of(found, "sex", catalogue, language)

# %%
views.proxies_of(found, "home_language", catalogue, language)

# %% [markdown]
# ## What a change does to each group · Ko izmaiņa dod katrai grupai
#
# Before a threshold moves: whom would it newly flag, whom would it drop, in which group? Here attendance below 92 % would lead
# to support, instead of below 90 %. What became of fewer than ten who moved is not told.
#
# > Pirms maina robežu: kuru tā atzīmētu no jauna un kuru vairs ne, un kurā grupā? Šeit atbalsts sāktos, ja apmeklējums ir zem
# > 92 %, nevis zem 90 %. Kas notika ar mazāk nekā desmit skolēniem, netiek rādīts.

# %%
moved = ruleset.with_parameter("absence_support", 0.92)
after = replay(history, moved)
change = impact((found, cut), (after, at_level(moved)))
tuning_tables.concerned(change, "sex", catalogue, language)

# %% [markdown]
# Errors after the change, to be held against those above: · Kļūdas pēc izmaiņas, salīdzināšanai ar iepriekšējām:

# %%
views.errors_by(after, at_level(moved), "sex", catalogue, language)

# %% [markdown]
# Tuning can be told how far apart groups may lie: `Wish(gaps={"sex": 0.05})`, or `pumpurs tune ... --gap sex=0.05`.
#
# Next: [5. Proposal](05_proposal.py).

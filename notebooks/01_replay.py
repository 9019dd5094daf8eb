# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. Replay: what would the rules have told? · Ko noteikumi būtu pateikuši?
#
# > **Latviski.** Šeit noteikumu kopu izmēģina vēsturē: katra rinda ir viens skolēns vienā vērtēšanas dienā, ar to, kas
# > tobrīd bija zināms, un vēlāk zināmo iznākumu. Vispirms apskatiet, kāda ir vēsture un ko tajā nevar pārbaudīt. Tad: cik
# > skolēnu būtu atzīmēts, cik no viņiem tiešām pameta mācības (precizitāte), cik no pametušajiem būtu atrasti (pārklājums),
# > cik laikus, un ko dod katrs noteikums atsevišķi un papildus pārējiem. „Nevar pateikt“ nav „riska nav“: tas ir skaitīts
# > atsevišķi. Beigās tās pašas rindas vērtē arī publicētās citu valstu noteikumu kopas.
# >
# > **Kā lietot.** *Run → Run All Cells* izpilda visu no augšas līdz apakšai; *Shift+Enter* izpilda vienu šūnu. Attēlu un
# > tabulu valodu nosaka `PUMPURS_LANG=lv make lab`, vai arī pirmajā šūnā ierakstiet `language = "lv"`. Attēlu saglabā ar
# > apaļo pogu tā stūrī. Katras nodaļas beigās ir īss paskaidrojums latviski.
#
# A replay asks one question of the past: *had these rules been in force, whom would they have flagged, and who of them
# left?* Every row of a history is one pupil on one day, with what was known on that day and with the outcome that became
# known later. Nothing from after the day may be used; the reader refuses a history in which something was.
#
# *Run → Run All Cells* runs everything from top to bottom, *Shift+Enter* a single cell. The language of pictures and tables
# is that of `PUMPURS_LANG=lv make lab`; or write `language = "lv"` (or `"en"`) into the first cell.

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
# ## The history first · Vispirms vēsture
#
# How many rows are there, and of how many is it known what became of the pupil? An outcome that is not known counts
# neither as leaving nor as staying. Look for cohorts that are too young (their pupils cannot have left yet) and for
# cohorts in which suspiciously few left. A **cohort** is what is split in time: here each as-of day, that is, each semester, is one.
#
# > Cik rindu ir katrā kohortā (šeit kohorta ir vērtēšanas diena, tātad semestris) un cik skolēnu iznākums ir zināms.
# > Nezināms iznākums nav ne „pameta“, ne „palika“. Meklējiet kohortas, kas ir pārāk jaunas vai kurās pametušo ir aizdomīgi maz.

# %%
tuning_tables.cohorts(history, language)

# %%
page.notes(history, language)

# %% [markdown]
# ## What the ruleset would have flagged · Ko noteikumi būtu atzīmējuši
#
# Flagged is whoever surely reaches the level from which help is meant to start. Of the flagged, **precision** is the share
# who left; of those who left, **recall** is the share that was flagged. **Cannot say** are the pupils of whom too little
# was known: they could reach the level. They are not "at no risk". Where these are many, the table of rules further down
# tells which rule lacks its data.
#
# Shares have intervals, because the next year will not be this year again. A pupil stands in several rows; the intervals
# allow for that.
#
# > Atzīmēts ir tas, kurš droši sasniedz līmeni, no kura sākas atbalsts. **Precizitāte**: cik no atzīmētajiem pameta mācības;
# > **pārklājums**: cik no pametušajiem bija atzīmēti. **Nevar pateikt**: par skolēnu zināms pārāk maz, un līmeni viņš varētu
# > sasniegt; kuram noteikumam trūkst datu, rāda noteikumu tabula tālāk. Iekavās ir 95 % intervāls: nākamais gads nebūs tieši
# > tāds pats.

# %%
found = replay(history, ruleset)
cut = at_level(ruleset)
tables.summary(found, cut, language)

# %% [markdown]
# ## From which score on? · No cik punktiem?
#
# Each point is a possible cut. To the right more leavers are found, and further down more pupils are flagged in vain.
# No cut is right as such: it depends on how many pupils you can help.
#
# > Katrs punkts līnijā ir iespējama robeža. Pa labi atrod vairāk pametušo, zemāk vairāk skolēnu atzīmē lieki. Pareizas robežas
# > kā tādas nav: tā atkarīga no tā, cik skolēniem varat palīdzēt.

# %%
views.precision_recall([found], language)

# %%
views.scores(found, language)

# %% [markdown]
# A score is worth something if more points mean more leavers. Here is how many of a hundred pupils with each score left.
# Where intervals are wide, few pupils stand behind them.
#
# > Punkti ir kaut ko vērti, ja ar vairāk punktiem mācības pamet biežāk. Ja intervāls ir plats, aiz tā ir maz skolēnu.

# %%
views.calibrated(found, language)

# %% [markdown]
# ## Where, and when? · Kur un kad?
#
# By cohort first: a ruleset that was good once and is not any more is a reason to look for what changed. Then by school
# and by grade. A school in which half of all pupils are flagged has a problem of its own, and no list of names helps it.
#
# > Vispirms pa kohortām (semestriem): ja kopa agrāk derēja un tagad vairs ne, jāmeklē, kas mainījies. Tad pa skolām un klasēm.
# > Skolai, kurā atzīmēta puse skolēnu, ir pašai sava problēma, ko skolēnu saraksts neatrisinās.

# %%
views.quality_by(found, cut, "cohort", catalogue, language)

# %%
views.flagged_by(found, cut, "school", catalogue, language)

# %%
views.flagged_by(found, cut, "grade", catalogue, language)

# %% [markdown]
# ## How early? · Cik laikus?
#
# A sign that comes a week before a pupil leaves helps nobody. Lead time is counted from the first day on which the pupil
# was flagged.
#
# > Brīdinājums nedēļu pirms mācību pamešanas nevienam nepalīdz. Laiku skaita no pirmās dienas, kad skolēns atzīmēts.

# %%
views.early(found, language)

# %% [markdown]
# ## What does each rule bring? · Ko dod katrs noteikums?
#
# A rule may hold for many leavers and still add nothing, because other rules find the same pupils. Such a rule may stay
# for its advice, or go. "Times as often as all" (lift) says how much likelier a pupil of this rule is to leave.
#
# > Noteikums var izpildīties daudziem pametušajiem un tomēr neko nepievienot, jo tos pašus atrod arī citi noteikumi. „Reizes
# > biežāk nekā visi“ saka, cik reižu biežāk mācības pamet tie, kuriem noteikums izpildās.

# %%
views.rules_bring(found, at_level, language)

# %%
tables.rules_bring(found, at_level, language)

# %% [markdown]
# ## What would other systems flag here? · Ko šeit atzīmētu citi?
#
# Published rulesets of other countries, over the same rows. Many indicators they ask for may be missing here, and their
# thresholds were made for other schools: this is a comparison, not a contest. **AUC** says how well a score puts pupils in
# order, whatever the cut: 0.5 is chance, 1 is perfect.
#
# > Citās valstīs publicētas noteikumu kopas uz tām pašām rindām. Daļas to rādītāju šeit nav, un robežas veidotas citām skolām:
# > tas ir salīdzinājums, nevis sacensība. **AUC** rāda, cik labi punkti sakārto skolēnus neatkarīgi no robežas: 0,5 ir
# > nejaušība, 1 ir pilnība.

# %%
others = published(history)
tables.compare([found, *others.replays], language)

# %% [markdown]
# What each of them asks for and this history has not: · Kas kuram vajadzīgs un šajā vēsturē nav:

# %%
others.lacking(language)

# %% [markdown]
# Beside the ruleset, the two that this history can answer most completely. · Blakus: divas kopas, kurām šajā vēsturē datu ir visvairāk.

# %%
views.precision_recall([found, *others.fullest(2)], language)

# %% [markdown]
# ## Keeping a picture · Kā saglabāt attēlu
#
# The round button at a picture's corner saves it as SVG (for print) or PNG (for a document), without any network. The same
# in a cell: `views.calibrated(found, language).save("calibration.svg")`, or `.png`; the file lands beside the notebook.
# The same figures, for scripts: `pumpurs replay HISTORY --rules rules/lv --rules rules/published/ewims`.
#
# > Apaļā poga attēla stūrī to saglabā kā SVG (drukai) vai PNG (dokumentam); tīkls nav vajadzīgs. To pašu izdara šūnā
# > ierakstīts `.save("attels.svg")` aiz attēla izsaukuma; fails nonāk blakus burtnīcai.
#
# Next: [2. Thresholds](02_thresholds.py).

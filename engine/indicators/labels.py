"""What parts of figures, registers, their columns and categories are called in a trace."""

from __future__ import annotations

from engine.registers.schema import REGISTERS
from engine.text import Language, Text

# Parts of figures, by name; where one name says two things, with the indicator before it.
PARTS: dict[str, Text] = {
    "attended": Text("apmeklētās stundas", "lessons attended"),
    "expected": Text("paredzētās stundas", "lessons expected"),
    "unexcused": Text("neattaisnoti kavētās stundas", "lessons missed without excuse"),
    "absent": Text("pilnībā kavētās dienas", "full days absent"),
    "late": Text("nokavētie stundu sākumi", "late arrivals"),
    "attended_later": Text("apmeklētās stundas pēdējās dienās", "lessons attended, later half"),
    "expected_later": Text("paredzētās stundas pēdējās dienās", "lessons expected, later half"),
    "attended_earlier": Text("apmeklētās stundas pirms tam", "lessons attended, earlier half"),
    "expected_earlier": Text("paredzētās stundas pirms tam", "lessons expected, earlier half"),
    "medical": Text("slimības dēļ kavētās stundas", "lessons missed for medical reasons"),
    "missed": Text("visas kavētās stundas", "all lessons missed"),
    "insufficient": Text("nepietiekami vērtējumi", "insufficient marks"),
    "unclear": Text("neskaidri gadījumi", "unclear cases"),
    "lowest_pass": Text("zemākie pietiekamie vērtējumi", "lowest passing marks"),
    "points": Text("vērtējumu summa", "sum of marks"),
    "marks": Text("vērtējumu skaits", "number of marks"),
    "percent": Text("skalas procentu summa", "sum of per cent of the scale"),
    "points_before": Text("iepriekšējā semestra vērtējumu summa", "sum of marks, term before"),
    "marks_before": Text("iepriekšējā semestra vērtējumu skaits", "number of marks, term before"),
    "not_assessed": Text("nav vērtēts", "not assessed"),
    "incidents": Text("incidenti", "incidents"),
    "days": Text("dienas ar incidentiem", "days with incidents"),
    "held": Text("notikušās mācību dienas", "school days held"),
    "sanctions": Text("sankcijas", "sanctions"),
    "lms_active_days_20d.days": Text("aktīvās dienas", "active days"),
    "late_work_rate_20d.late": Text("nokavētie un neiesniegtie darbi", "late and missing work"),
    "late_work_rate_year.late": Text("nokavētie un neiesniegtie darbi", "late and missing work"),
    "due": Text("visi darbi, kam pienācis termiņš", "all work due"),
    "score": Text("novērtējums", "score"),
    "minutes": Text("minūtes", "minutes"),
    "value": Text("norādīts (1 ir jā)", "stated (1 is yes)"),
    "stated": Text("norādīts atbalsts (1 ir jā)", "support stated (1 is yes)"),
    "programme": Text("speciālās izglītības programma", "special programme"),
    "percentile": Text("procentile", "percentile"),
    "delivered": Text("īstenotie pasākumi", "measures delivered"),
    "planned": Text("plānotie pasākumi", "measures planned"),
    "unstated": Text("pasākumi, par kuriem nav zināms", "measures of which nobody says"),
    "repeated": Text("atkārtotas klases", "grades repeated"),
    "from_the_start": Text("ir skolas gaitu sākums", "career known from its beginning"),
    "before": Text("atkārtotas klases pirms tam", "grades repeated before"),
    "moves": Text("skolas maiņas", "changes of school"),
    "known_before": Text("zināms, kas bija pirms tam", "known what was before"),
    "new": Text("jauns posms vai skola", "new stage or school"),
    "years": Text("gadi", "years"),
    "grade": Text("klase", "grade"),
    "school_type": Text("izglītības veids", "type of education"),
    "sex": Text("dzimums", "sex"),
    "home_language": Text("mājās lietotā valoda", "language used at home"),
    "municipality_type": Text("teritorijas veids", "type of municipality"),
}
NAMES: dict[str, Text] = {
    "orgs": Text("skolas un pašvaldības", "schools and municipalities"),
    "sessions": Text("mācību gadi un semestri", "school years and terms"),
    "school_days": Text("mācību dienas", "school days"),
    "coverage": Text("pilnīgums", "coverage"),
    "pupils": Text("skolēni", "pupils"),
    "enrolments": Text("uzņemšanas", "enrolments"),
    "courses": Text("mācību priekšmeti", "courses"),
    "scales": Text("vērtējumu skalas", "scales of marks"),
    "marks": Text("vērtējumi", "marks"),
    "exams": Text("valsts pārbaudes darbi", "state tests"),
    "attendance": Text("apmeklējums", "attendance"),
    "incidents": Text("incidenti", "incidents"),
    "sanctions": Text("sankcijas", "sanctions"),
    "activity": Text("darbs mācību platformā", "learning platform"),
    "surveys": Text("aptaujas", "surveys"),
    "circumstances": Text("apstākļi", "circumstances"),
    "measures": Text("atbalsta pasākumi", "support measures"),
    "outcomes": Text("iznākumi", "outcomes"),
}
COLUMNS: dict[str, Text] = {
    "pupil": Text("skolēns", "pupil"),
    "school": Text("skola", "school"),
    "day": Text("diena", "day"),
    "begins": Text("no", "from"),
    "ends": Text("līdz", "until"),
    "name": Text("nosaukums", "name"),
    "type": Text("veids", "type"),
    "parent": Text("augstāk", "above it"),
    "school_type": Text("izglītības veids", "type of education"),
    "municipality_type": Text("teritorijas veids", "type of municipality"),
    "successor": Text("pārņēmējs", "successor"),
    "succeeded_on": Text("pārņemts", "succeeded on"),
    "register": Text("reģistrs", "register"),
    "born": Text("dzimis", "born"),
    "sex": Text("dzimums", "sex"),
    "home_language": Text("mājās lietotā valoda", "language used at home"),
    "lives_in": Text("dzīvo", "lives in"),
    "repeated_before": Text("atkārtotas klases pirms tam", "grades repeated before"),
    "grade": Text("klase", "grade"),
    "class_name": Text("klases nosaukums", "class"),
    "exit": Text("aizgāja", "exit"),
    "title": Text("nosaukums", "title"),
    "core": Text("pamatpriekšmets", "core course"),
    "low": Text("zemākā atzīme", "lowest mark"),
    "high": Text("augstākā atzīme", "highest mark"),
    "passes_from": Text("pietiekams no", "passes from"),
    "course": Text("mācību priekšmets", "course"),
    "session": Text("semestris", "session"),
    "status": Text("statuss", "status"),
    "mark": Text("atzīme", "mark"),
    "scale": Text("skala", "scale"),
    "subject": Text("priekšmets", "subject"),
    "percentile": Text("procentile", "percentile"),
    "lesson": Text("stunda", "lesson"),
    "role": Text("loma", "part"),
    "kind": Text("veids", "kind"),
    "score": Text("novērtējums", "score"),
    "value": Text("vērtība", "value"),
    "measure": Text("pasākums", "measure"),
    "delivered": Text("īstenots", "delivered"),
    "outcome": Text("iznākums", "outcome"),
}
_SCHOOL_TYPES = {
    "general": Text("vispārējā", "general"),
    "vocational": Text("profesionālā", "vocational"),
    "special": Text("speciālā", "special"),
}
# The words of categories, by register and column.
WORDS: dict[str, dict[str, Text]] = {
    "orgs.type": {
        "school": Text("skola", "school"),
        "municipality": Text("pašvaldība", "municipality"),
        "state": Text("valsts", "state"),
    },
    "orgs.school_type": _SCHOOL_TYPES,
    "orgs.municipality_type": {
        "state_city": Text("valstspilsēta", "state city"),
        "town": Text("novada pilsēta", "town in a municipality"),
        "rural": Text("lauku teritorija", "rural territory"),
    },
    "sessions.type": {
        "school_year": Text("mācību gads", "school year"),
        "semester": Text("semestris", "semester"),
        "term": Text("ceturksnis", "term"),
        "grading_period": Text("vērtēšanas posms", "grading period"),
    },
    "coverage.register": {
        name: NAMES[name] for name in ("attendance", "marks", "incidents", "sanctions", "activity")
    }
    | {"work": Text("darbi ar termiņu", "work due")},
    "pupils.sex": {"female": Text("sieviešu", "female"), "male": Text("vīriešu", "male")},
    "pupils.home_language": {
        "latvian": Text("latviešu", "Latvian"),
        "russian": Text("krievu", "Russian"),
        "ukrainian": Text("ukraiņu", "Ukrainian"),
        "other": Text("cita", "other"),
    },
    "enrolments.school_type": _SCHOOL_TYPES,
    "enrolments.exit": {
        "moved_school": Text("uz citu skolu", "moved school"),
        "stage_completed": Text("pabeigts posms", "stage completed"),
        "graduated": Text("absolvēja", "graduated"),
        "left": Text("pārtrauca mācības", "left"),
        "moved_abroad": Text("pārcēlās uz ārvalstīm", "moved abroad"),
        "school_closed": Text("skola slēgta", "school closed"),
        "died": Text("miris", "died"),
        "unknown": Text("nav zināms", "unknown"),
    },
    "marks.status": {
        "marked": Text("novērtēts", "marked"),
        "not_assessed": Text("nav vērtēts", "not assessed"),
        "exempt": Text("atbrīvots", "exempt"),
    },
    "exams.subject": {
        "mathematics": Text("matemātika", "mathematics"),
        "language": Text("valoda", "language"),
    },
    "attendance.status": {
        "present": Text("bija klāt", "present"),
        "late": Text("nokavēja sākumu", "late"),
        "unexcused": Text("neattaisnots kavējums", "unexcused"),
        "excused": Text("attaisnots kavējums", "excused"),
        "medical": Text("kavējums slimības dēļ", "medical"),
    },
    "incidents.role": {
        "actor": Text("rīkojās pats", "actor"),
        "victim": Text("cietušais", "victim"),
        "witness": Text("aculiecinieks", "witness"),
    },
    "sanctions.kind": {
        "warning": Text("brīdinājums", "warning"),
        "reprimand": Text("rājiens", "reprimand"),
        "exclusion": Text("atstādināšana", "exclusion"),
        "other": Text("cita", "other"),
    },
    "activity.kind": {
        "active": Text("bija aktīvs", "active"),
        "due": Text("darbs termiņā", "work due"),
        "late": Text("nokavēts darbs", "late work"),
        "missing": Text("neiesniegts darbs", "missing work"),
    },
    "circumstances.kind": {
        "travel_minutes": Text("ceļš līdz skolai minūtēs", "journey to school in minutes"),
        "low_income": Text("tiesības uz materiālu atbalstu", "entitled to material support"),
        "out_of_family_care": Text("ārpusģimenes aprūpe", "out-of-family care"),
        "parent_abroad": Text("vecāks ārvalstīs", "parent abroad"),
        "language_support_need": Text("vajag valodas atbalstu", "needs language support"),
        "special_needs_support": Text("speciāls atbalsts", "special needs support"),
        "long_illness": Text("ilgstoša slimība", "long illness"),
        "club_member": Text("interešu izglītība", "member of a club"),
        "trusted_adult": Text("uzticības persona", "trusted adult"),
        "on_track": Text("atbilst pārcelšanas nosacījumiem", "promotion conditions met"),
        "special_programme": Text("speciālās izglītības programma", "special programme"),
    },
    "outcomes.outcome": {
        "left": Text("pārtrauca mācības", "left"),
        "graduated": Text("absolvēja", "graduated"),
        "not_completed": Text("nepabeidza", "not completed"),
        "moved_abroad": Text("pārcēlās uz ārvalstīm", "moved abroad"),
        "unknown": Text("nav zināms", "unknown"),
    },
}


def part_label(indicator: str, part: str, language: Language) -> str:
    """Return what a part of an indicator's figure is called."""
    found = PARTS.get(f"{indicator}.{part}") or PARTS.get(part)
    return found[language] if found else part


def column_label(column: str, language: Language) -> str:
    """Return what a column is called; an id is the row's own key."""
    found = COLUMNS.get(column)
    return found[language] if found else column


def category_label(register: str, column: str, value: object, language: Language) -> str | None:
    """Return the word for a category's value, None where the column has no categories."""
    words = WORDS.get(f"{register}.{column}", {})
    found = words.get(str(value))
    return found[language] if found else None


def register_label(register: str, language: Language) -> str:
    """Return what a register is called, with its file, by which a school knows it."""
    return f"{NAMES[register][language]} ({REGISTERS[register].file})"

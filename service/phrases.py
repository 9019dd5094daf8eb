"""What the command line says, in both languages."""

from __future__ import annotations

from engine.text import Language, Text

PHRASES: dict[str, Text] = {
    "written": Text("Uzrakstīts: {}", "Written: {}"),
    "rejected": Text("Noraidīts: {count} (skat. {file})", "Rejected: {count} (see {file})"),
    "absent": Text(
        "Tabulā nav šo rādītāju, tāpēc par tiem nevar pateikt: {}",
        "Not in the table, so nothing can be said of them: {}",
    ),
    "near-miss": Text(
        "Kolonna „{name}“ nav izmantota; vai tā ir „{near}“?",
        "The column '{name}' is not used; is it '{near}'?",
    ),
    "scoring": Text("Vērtē…", "Scoring…"),
    "level": Text("Līmenis", "Level"),
    "pupils": Text("Skolēni", "Pupils"),
    "share": Text("Daļa", "Share"),
    "ruleset": Text("Noteikumu kopa: {}", "Ruleset: {}"),
    "as-of": Text("Vērtēšanas datums: {}", "As of: {}"),
    "undated": Text(
        "Vērtēšanas datums: {} (tabulā nav datumu, tāpēc vērtību vecums nav pārbaudīts)",
        "As of: {} (the table has no dates, so the age of values was not checked)",
    ),
    "levels-title": Text("Līmeņi", "Levels"),
    "cannot-title": Text("Ko nevar pateikt, un kāpēc", "What cannot be said, and why"),
    "cannot-pupils": Text(
        "Skolēni, par kuriem zināms par maz", "Pupils of whom too little is known"
    ),
    "first-title": Text("Kam pievērsties vispirms", "Whom to look at first"),
    "pupil": Text("Skolēns", "Pupil"),
    "why": Text("Kāpēc", "Why"),
    "score": Text("Punkti", "Score"),
    "missing-indicator": Text("Rādītājs", "Indicator"),
    "schools": Text("Skolas", "Schools"),
    "whole-school": Text("{} {} (visi)", "{} {} (all)"),
    "silent-school": Text(
        "{school}: skola nav sūtījusi datus. Pirmā diena: {begins}; pēdējā diena: {ends}.",
        "{school}: the school sent no data from {begins} to {ends}.",
    ),
    "ended-journal": Text(
        "{school}, {name} klase ({pupils}): žurnāls beidzas agri. Pēdējā diena: {last}.",
        "{school}, class {name} ({pupils}): the journal ends on {last}.",
    ),
    "empty": Text("Nav datu", "No data"),
    "too-old": Text("Dati novecojuši", "Data too old"),
    "rejects-title": Text("Noraidītās rindas", "Rejected rows"),
    "rows": Text("Rindas", "Rows"),
    "file": Text("Fails", "File"),
    "column": Text("Kolonna", "Column"),
    "value": Text("Vērtība", "Value"),
    "problem": Text("Problēma", "Problem"),
    "next": Text("Tālāk", "Next"),
    "demo": Text(
        "Demonstrācija: sintētiski reģistri, sēkla {seed}",
        "A demonstration: synthetic registers, seed {seed}",
    ),
    "making": Text("Veido: {}…", "Making: {}…"),
    "reading": Text("Lasa un pārbauda: {}…", "Reading and checking: {}…"),
    "computing": Text("Aprēķina rādītājus…", "Computing the indicators…"),
    "step-registers": Text("1. Reģistri: {}", "1. Registers: {}"),
    "step-indicators": Text("2. Rādītāji: {}", "2. Indicators: {}"),
    "step-assessments": Text("3. Vērtējumi", "3. Assessments"),
    "step-behind": Text("4. Kas ir aiz viena skaitļa", "4. Behind one number"),
    "behind": Text(
        "{}. Rindas, no kurām tas radies, arī labotās un vēlāk ierakstītās:",
        "{}. The rows it comes from, also those that were corrected or recorded later:",
    ),
    "made": Text(
        "Izdomāti dati par diviem mācību gadiem, kā tos sūtītu skolu sistēmas. "
        "Skolēni: {pupils}; skolas: {schools}; eksporti: {exports}.",
        "Made-up data of two school years, as school systems would send them. "
        "Pupils: {pupils}; schools: {schools}; exports: {exports}.",
    ),
    "account": Text(
        "Izlasītās rindas: {read}. Izmantotas: {used}; noraidītas: {rejected}; dzēstas: {deleted}; "
        "neattiecas (piemēram, skolotāji): {left_out}.",
        "Rows read: {read}. Used: {used}; rejected: {rejected}; deleted: {deleted}; "
        "left out (such as teachers): {left_out}.",
    ),
    "sudden": Text("Pēkšņas pārmaiņas: {}: {}", "Sudden change: {}: {}"),
    "whole-report": Text("Viss pārskats:", "The whole report:"),
    "computed": Text(
        "Datums: {day}. {pupils}; rādītāji katram: {count}. "
        "Skaitās tikai tas, kas tajā dienā bija zināms; vēlāk reģistrētais neskaitās.",
        "As of {day}: {pupils}, {count} indicators each. "
        "Only what was known on that day counts, nothing that was recorded later.",
    ),
    "storing": Text("Saglabā skolu vērtējumus…", "Storing the schools' assessments…"),
    "page": Text("Izmēģiniet servisu pārlūkā: {}", "Try the service in a browser: {}"),
    "api-key": Text(
        "Skolas {school} API atslēga, derīga vienu dienu: {key}",
        "API key of school {school}, good for one day: {key}",
    ),
    "exports": Text(
        "Lai rindas no README var ielīmēt citā terminālī, vispirms tajā:",
        "To paste the README's lines into another terminal, paste these first:",
    ),
    "curl": Text("Novērtējiet skolēnu:", "Score a pupil:"),
    "curl-history": Text(
        "Skatiet, kas par skolēnu ir saglabāts:", "See what is stored of a pupil:"
    ),
    "another-port": Text(
        "Ports {taken} ir aizņemts, tāpēc {found}.", "Port {taken} is taken, so {found}."
    ),
    "how-to-stop": Text("Ctrl-C aptur.", "Ctrl-C stops it."),
    "stopped": Text("Apturēts.", "Stopped."),
}


def say(phrase: str, language: Language, *values: str, **named: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values, **named)

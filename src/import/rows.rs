//! Rows with words become sources: a row is a turn, rows are never joined.
//!
//! Tables and JSON both come here. One source per value of the mapped source (and wave), else one for the file. Times,
//! questions, waves, languages, attributes, scores and codings are read from the columns that were mapped to them.

use super::builder::{About, Builder, Place, TooLarge};
use super::cast::{self, Cast, Clues};
use super::clock::{self, Clocks};
use super::draft::offset;
use super::few::Few;
use super::options::stem;
use super::problem::first_few;
use super::{CodingDraft, Import, Kind, Options, Problem, SourceDraft, html, label, values};
use crate::model::{Role, Score};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Longest label or id, in bytes.
const LONGEST: usize = 200;

/// A row, its cells sorted by what they were mapped to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Row (or object), from 1.
    pub number: u32,
    /// Line of the file, from 1.
    pub line: u32,
    /// The words: one cell, or one per question.
    pub words: Vec<Words>,
    /// Everything else, by field (`speaker`, `attr:age`).
    pub fields: Few<String>,
}

/// The words of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// Name of the column, where the column is the question.
    pub question: Option<String>,
    /// The words.
    pub text: String,
    /// Where they stand.
    pub place: Place,
}

impl Entry {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.trim())
    }

    /// The wave as the study spells it.
    fn wave(&self, options: &Options) -> Option<String> {
        let wave = self.field("wave");
        (!values::is_missing(wave)).then(|| options.wave(wave).unwrap_or(wave.into()))
    }

    fn is_blank(&self) -> bool {
        self.words.iter().all(|words| values::is_missing(&words.text))
    }
}

/// Which fields were mapped.
#[derive(Debug, Clone, Default)]
pub struct Mapped {
    /// Name of the file.
    pub file: String,
    /// Kind of the sources.
    pub kind: Option<Kind>,
    /// Field names.
    pub fields: BTreeSet<String>,
    /// Whether numbers may have a decimal comma.
    pub decimal_comma: bool,
}

impl Mapped {
    fn has(&self, field: &str) -> bool {
        self.fields.contains(field)
    }

    fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields.iter().filter_map(move |field| Some((field.as_str(), field.strip_prefix(prefix)?)))
    }
}

/// Makes sources of rows.
pub fn read(mapped: &Mapped, entries: &[Entry], options: &Options) -> Result<Import, Problem> {
    let file = mapped.file.as_str();
    let mut import = Import::default();
    let mut groups: BTreeMap<usize, BTreeMap<Option<String>, Vec<&Entry>>> = BTreeMap::new();
    let (mut blank, mut order) = (Vec::new(), BTreeMap::new());
    for entry in entries {
        if let Some(field) =
            ["speaker", "participant", "source", "wave"].iter().find(|f| entry.field(f).len() > LONGEST)
        {
            let what = format!("row {}: the {field} has more than {LONGEST} letters: not taken", entry.number);
            import.problems.push(Problem::error(file, what).at(entry.line));
        } else if entry.is_blank() {
            blank.push(entry.number);
        } else {
            let next = order.len();
            let place = *order.entry(entry.field("source")).or_insert(next);
            groups.entry(place).or_default().entry(entry.wave(options)).or_default().push(entry);
        }
    }
    if !blank.is_empty() {
        import
            .problems
            .push(Problem::warning(file, format!("rows without words are no turns: rows {}", first_few(&blank))));
    }
    let mut notes = Notes::default();
    let mut casts = Vec::new();
    for waves in groups.values() {
        for (wave, entries) in waves {
            let named = wave.as_deref().filter(|_| waves.len() > 1);
            let (mut source, cast) = source(mapped, entries, named, options, &mut notes)?;
            source.wave = wave.clone().or(source.wave);
            import.problems.extend(cast.problems.iter().cloned());
            casts.push((source.name.clone(), cast));
            import.sources.push(source);
        }
    }
    if import.sources.is_empty() {
        return Err(Problem::error(file, "no row has words").hint("look at the column that is mapped to text"));
    }
    people(mapped, entries, options, &mut import);
    import.problems.extend(notes.problems(file));
    import.problems.extend(cast::unidentified(file, casts.iter().map(|(name, cast)| (name.as_str(), cast))));
    Ok(import)
}

/// Slips that are told once for the whole file.
#[derive(Debug, Default)]
struct Notes {
    times: Vec<u32>,
    more_than_times: Vec<u32>,
    entities: usize,
    clocks: Vec<Problem>,
    varying: BTreeMap<String, Vec<String>>,
}

impl Notes {
    fn problems(self, file: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !self.times.is_empty() {
            let what = format!("times that cannot be read, in rows {}", first_few(&self.times));
            problems.push(Problem::warning(file, what));
        }
        if !self.more_than_times.is_empty() {
            let what = format!("words beside the time were left out, in rows {}", first_few(&self.more_than_times));
            problems.push(Problem::warning(file, what).hint("move them to the column of words if they matter"));
        }
        if self.entities > 0 {
            let what = format!("HTML entities in {} cells were written as the letters they stand for", self.entities);
            problems.push(Problem::warning(file, what));
        }
        for (name, sources) in self.varying {
            let what = format!("{name} is not the same in every row of {}: left out there", first_few(&sources));
            problems.push(Problem::warning(file, what).hint("an attribute has one value per source or participant"));
        }
        problems.extend(summarised(file, self.clocks));
        problems
    }
}

/// One warning for each kind of slip, however many sources have it.
fn summarised(file: &str, problems: Vec<Problem>) -> Vec<Problem> {
    let mut kinds: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    for problem in problems {
        let kind = problem.what.split(',').next().unwrap_or_default().to_owned();
        kinds.entry(kind).or_default().push(problem);
    }
    let told = kinds.into_iter().filter_map(|(kind, mut found)| {
        let line = found.first()?.line;
        let many = found.len();
        let problem =
            if many == 1 { found.pop()? } else { Problem::warning(file, format!("{kind}, in {many} sources")) };
        Some(Problem { line, ..problem })
    });
    told.collect()
}

fn source(
    mapped: &Mapped,
    entries: &[&Entry],
    wave: Option<&str>,
    options: &Options,
    notes: &mut Notes,
) -> Result<(SourceDraft, Cast), Problem> {
    let file = mapped.file.as_str();
    let id = entries.first().map_or("", |entry| entry.field("source"));
    let name = match (id, wave) {
        ("", None) => file.to_owned(),
        ("", Some(wave)) => format!("{}/{wave}", stem(file)),
        (id, None) => format!("{}/{id}", stem(file)),
        (id, Some(wave)) => format!("{}/{id} {wave}", stem(file)),
    };
    let too_large = |_: TooLarge| Problem::error(file, "the text would become larger than 1 GB").hint("split the file");
    let language = entries.iter().map(|entry| entry.field("language")).find(|l| !l.is_empty());
    let said = language.is_some();
    let language = language.unwrap_or(options.language()).to_owned();
    let (labels, ids) = labels(mapped, entries, options);
    let mut builder = Builder::default();
    let mut clocks = Clocks::default();
    let mut codings = Vec::new();
    for (entry, label) in entries.iter().zip(&labels) {
        let time_ms = time(entry, &mut clocks, notes);
        for words in entry.words.iter().filter(|words| !values::is_missing(&words.text)) {
            let asked = || Some(entry.field("question")).filter(|q| !q.is_empty()).map(str::to_owned);
            let own = Some(entry.field("language")).filter(|l| !l.is_empty() && *l != language).map(str::to_owned);
            let about = About { time_ms, question: words.question.clone().or_else(asked), language: own };
            let silent = !mapped.has("speaker");
            builder.begin(label, silent, about).map_err(too_large)?;
            let clean = html::unescape(&words.text);
            let decoded = matches!(clean, Cow::Owned(_));
            notes.entities += usize::from(decoded);
            let place = Place { verbatim: words.place.verbatim && !decoded, ..words.place.clone() };
            builder.words(&clean, place).map_err(too_large)?;
            let Some(span) = builder.end() else { continue };
            codings.extend(codes(mapped, entry).map(|(code, coder)| CodingDraft { code, span, coder }));
        }
    }
    let (text, segmentation) = builder.finish();
    let default = if mapped.has("speaker") { Role::Other } else { Role::Participant };
    let within = if id.is_empty() { file } else { id };
    let clues = Clues { file, source: &name, name: within, ids: &ids, default };
    let cast = cast::cast(&segmentation.speakers, clues, options);
    let kind = mapped.kind.unwrap_or(Kind::Table);
    let mut source = SourceDraft::new(&name, kind, text, segmentation, cast.clone());
    source.language = if said { language } else { options.language_for(&source.text) };
    (source.codings, source.duration_ms) = (codings, clocks.last);
    notes.clocks.extend(clocks.problems(file));
    if mapped.has("source") || !mapped.has("participant") {
        source_attributes(mapped, entries, &mut source, notes);
    }
    Ok((source, cast))
}

/// The label of each row, and the participant ids that the rows give.
fn labels(mapped: &Mapped, entries: &[&Entry], options: &Options) -> (Vec<String>, BTreeMap<String, String>) {
    let own = |entry: &Entry| match (mapped.has("speaker"), entry.field("participant")) {
        (true, _) => label::normalised(entry.field("speaker")),
        (false, "") if mapped.has("questions") || mapped.has("participant") => format!("row {}", entry.number),
        (false, id) => id.to_owned(),
    };
    // `RA` and `ra.` are one speaker: the first spelling is kept.
    let mut spelling: BTreeMap<String, String> = BTreeMap::new();
    let mut labels: Vec<String> = Vec::with_capacity(entries.len());
    let mut ids: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries {
        let read = own(entry);
        let shown =
            if mapped.has("speaker") { spelling.entry(label::key(&read)).or_insert(read).clone() } else { read };
        let id = entry.field("participant");
        if !id.is_empty() && (shown == id || cast::may_be_participant(&shown, options)) {
            ids.entry(shown.clone()).or_default().insert(id);
        }
        labels.push(shown);
    }
    let mut found = BTreeMap::new();
    for (entry, label) in entries.iter().zip(&mut labels) {
        let id = entry.field("participant");
        match ids.get(label.as_str()).map(BTreeSet::len) {
            // Several people under one label (`client`): each is called by their id.
            Some(2..) if !id.is_empty() => {
                *label = id.to_owned();
                found.insert(id.to_owned(), id.to_owned());
            }
            Some(1) if !id.is_empty() => drop(found.insert(label.clone(), id.to_owned())),
            _ => {}
        }
    }
    (labels, found)
}

fn time(entry: &Entry, clocks: &mut Clocks, notes: &mut Notes) -> Option<u64> {
    let cell = entry.field("time");
    if values::is_missing(cell) {
        return None;
    }
    let Some(time) = clock::cell_clock(cell) else {
        notes.times.push(entry.number);
        return None;
    };
    if cell.get(time.length..).is_some_and(|rest| !rest.trim().is_empty()) {
        notes.more_than_times.push(entry.number);
    }
    clocks.see(Some(time), entry.line);
    Some(time.ms)
}

/// Codes of a row with their coders; several in one cell are separated by `;`.
fn codes<'a>(mapped: &'a Mapped, entry: &'a Entry) -> impl Iterator<Item = (String, String)> + 'a {
    mapped.with_prefix("code:").flat_map(|(field, coder)| {
        let codes = entry.field(field).split(';').map(str::trim).filter(|code| !values::is_missing(code));
        codes.map(move |code| (code.to_owned(), coder.to_owned()))
    })
}

/// `attr:` and `score:` columns of sources: one value each.
fn source_attributes(mapped: &Mapped, entries: &[&Entry], source: &mut SourceDraft, notes: &mut Notes) {
    for (field, name) in mapped.with_prefix("attr:").chain(mapped.with_prefix("score:")) {
        let found: BTreeSet<&str> =
            entries.iter().map(|entry| entry.field(field)).filter(|v| !values::is_missing(v)).collect();
        match found.len() {
            0 => {}
            1 => source
                .attributes
                .extend(found.first().map(|value| (name.to_owned(), values::typed(value, mapped.decimal_comma)))),
            _ => notes.varying.entry(name.to_owned()).or_default().push(source.name.clone()),
        }
    }
}

/// `attr:` and `score:` columns of participants, where rows are people and not parts of a source.
fn people(mapped: &Mapped, entries: &[Entry], options: &Options, import: &mut Import) {
    if mapped.has("source") || !mapped.has("participant") {
        return;
    }
    let file = mapped.file.as_str();
    let mut seen: BTreeMap<(&str, &str, Option<String>), (&str, u32)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.field("participant").is_empty()) {
        let id = options.known_participant(entry.field("participant")).cloned();
        let id = id.unwrap_or_else(|| entry.field("participant").to_owned());
        let person = import.table.participants.entry(id.clone()).or_default();
        let wave = entry.wave(options);
        for (field, name) in mapped.with_prefix("attr:").chain(mapped.with_prefix("score:")) {
            let value = entry.field(field);
            if values::is_missing(value) {
                continue;
            }
            let is_score = field.starts_with("score:");
            let key = (entry.field("participant"), field, wave.clone().filter(|_| is_score));
            match seen.get(&key) {
                Some((known, line)) if *known != value => {
                    let what = format!("{id} has another {name} ({value}) than on line {line} ({known}): not taken");
                    import.problems.push(Problem::error(file, what).at(entry.line));
                }
                Some(_) => {}
                None if is_score => {
                    let value = values::score(value, mapped.decimal_comma);
                    let score = Score { name: name.into(), participant: id.clone(), wave: wave.clone(), value };
                    import.table.scores.push(score);
                }
                None => drop(person.attributes.insert(name.into(), values::typed(value, mapped.decimal_comma))),
            }
            seen.entry(key).or_insert((value, entry.line));
        }
    }
    import.table.sort();
}

/// The number of a row as the model keeps it.
pub fn number(k: usize) -> u32 {
    offset(k.saturating_add(1))
}

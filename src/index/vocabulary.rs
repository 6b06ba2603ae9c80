//! Which word forms the study holds, and which of them a word of a query stands for.
//!
//! Derived from the term dictionaries of a commit and kept in a file beside them. Forms lie sorted, one a line, so that
//! a beginning is a range and any stretch of letters is found by a look through memory; a table of hashes leads from
//! stems to forms. Whether a form is meant is always decided by the analyser ([`TermMatcher`]); what is here only saves
//! asking it about every form.

use super::listing::{hash, seal, sealed};
use super::schema::{FORMAT, Fields, HEADER, kind_tag};
use super::{IndexError, segment::Segment};
use crate::query::gates::{GateWord, Place};
use crate::query::{Query, Term, TermMode};
use crate::text::{HEBREW_PARTICLES, TermMatcher, fold, stem};
use std::collections::BTreeMap;
use std::ops::Range;
use tantivy::directory::OwnedBytes;
use tantivy::termdict::TermMerger;

/// Forms that one query may stand for.
pub const MOST_FORMS: usize = 16_384;

/// Key of the section of words beside the text.
const BESIDE: &str = "";

/// The forms of a study.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    bytes: OwnedBytes,
    sections: Vec<Section>,
}

/// Forms of one kind and stemmer.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Section {
    /// Header of its terms.
    key: String,
    /// Where its forms lie: a line end, then each form with a line end.
    forms: Range<usize>,
    /// Where its table lies: hash of the stem and place of the form, 12 bytes each, sorted.
    stems: Range<usize>,
    /// Whether any form begins with a Hebrew particle.
    #[serde(skip)]
    particles: bool,
}

/// A form, and the bytes of its term.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    /// Whether it is a word beside the text.
    pub beside: bool,
    /// Its term.
    pub term: Vec<u8>,
}

impl Form {
    /// The folded form itself.
    pub fn word(&self) -> &str {
        let from = if self.beside { 0 } else { HEADER };
        self.term.get(from..).and_then(|form| std::str::from_utf8(form).ok()).unwrap_or("")
    }
}

impl Vocabulary {
    /// The file's bytes for what the segments hold.
    pub fn build(segments: &[Segment], fields: Fields) -> std::io::Result<Vec<u8>> {
        let mut builder = Builder::default();
        for field in [fields.beside, fields.text] {
            let mut streams = Vec::new();
            for segment in segments {
                streams.push(segment.dictionary(field).stream()?);
            }
            let mut terms = TermMerger::new(streams);
            while terms.advance() {
                let key = if field == fields.text { terms.key().get(..HEADER) } else { Some(BESIDE.as_bytes()) };
                let Some(key) = key.and_then(|key| std::str::from_utf8(key).ok()) else { continue };
                builder.add(key, terms.key().get(key.len()..).unwrap_or_default());
            }
        }
        Ok(builder.finish())
    }

    /// Reads what [`Self::build`] made.
    pub fn of(bytes: OwnedBytes) -> Option<Self> {
        let bytes = sealed(bytes)?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (format, sections): (u32, Vec<Section>) = serde_json::from_slice(bytes.get(..end)?).ok()?;
        let base = end + 1;
        let inside = |range: &Range<usize>| range.start <= range.end && base + range.end <= bytes.len();
        let whole = format == FORMAT && sections.iter().all(|one| inside(&one.forms) && inside(&one.stems));
        let shifted = |range: Range<usize>| base + range.start..base + range.end;
        let sections = sections.into_iter();
        let sections = sections.map(|one| Section { forms: shifted(one.forms), stems: shifted(one.stems), ..one });
        let mut vocabulary = whole.then(|| Self { sections: sections.collect(), bytes })?;
        let lines = |one: &Section| Lines(vocabulary.bytes.get(one.forms.clone()).unwrap_or_default());
        let particles: Vec<bool> = vocabulary.sections.iter().map(|one| lines(one).hold_particles()).collect();
        vocabulary.sections.iter_mut().zip(particles).for_each(|(one, particles)| one.particles = particles);
        Some(vocabulary)
    }

    /// The forms that a word of a query stands for, at most `most`, in every language or in those that share a stemmer.
    pub fn forms(&self, term: &Term, stemmer: Option<&str>, most: usize) -> Result<Vec<Form>, IndexError> {
        let kind = kind_tag(term.inserted);
        let mut found = Vec::new();
        for section in &self.sections {
            let Some(own) = section.key.strip_prefix(kind) else { continue };
            if stemmer.is_none_or(|wanted| wanted == own) {
                self.forms_in(section, own, term, most, &mut found);
            }
            if found.len() > most {
                return Err(IndexError::TooManyForms { word: Query::Term(term.clone()).to_string() });
            }
        }
        Ok(found)
    }

    fn forms_in(&self, section: &Section, stemmer: &str, term: &Term, most: usize, found: &mut Vec<Form>) {
        let lines = self.lines(section);
        let folded = fold(&term.text);
        let matcher = TermMatcher::new(&term.text, term.mode.into(), stemmer);
        let mut take = |form: &str| {
            if found.len() <= most && (term.mode == TermMode::Exact || matcher.matches(form, form)) {
                found.push(Form { beside: false, term: [section.key.as_bytes(), form.as_bytes()].concat() });
            }
        };
        match term.mode {
            TermMode::Exact => lines.range(&folded).filter(|form| *form == folded).for_each(take),
            TermMode::Plain => {
                let mut forms: Vec<&str> = lines.range(&folded).take_while(|form| *form == folded).collect();
                forms.extend(self.of_stem(section, &stem(stemmer, &folded)));
                if section.particles {
                    lines.behind_particles(&folded, &mut |form| forms.push(form));
                }
                forms.sort_unstable();
                forms.dedup();
                forms.into_iter().for_each(take);
            }
            TermMode::Wildcard => {
                let letters = folded.split(['*', '?']).max_by_key(|letters| letters.len()).unwrap_or("");
                let beginning = folded.split(['*', '?']).next().unwrap_or("");
                match () {
                    () if !beginning.is_empty() && !section.particles => lines.range(beginning).for_each(take),
                    () if !letters.is_empty() => lines.holding(letters).for_each(take),
                    () => lines.all().for_each(take),
                }
            }
            TermMode::Fuzzy(most) => {
                // A letter is four bytes at most.
                let near = |form: &&str| form.len().abs_diff(folded.len()) <= 4 * usize::from(most);
                lines.all().filter(near).for_each(&mut take);
            }
        }
    }

    /// Forms of which one stands in a turn wherever a gate's word does; nothing where that cannot be told.
    pub fn gate_forms(&self, word: &GateWord, most: usize) -> Option<Vec<Form>> {
        // Beyond these letters, marks that are no diacritics join with what stands before them.
        let simple = |text: &String| text.chars().all(|c| c < '\u{700}') && !fold(text).is_empty();
        if !word.texts.iter().all(simple) {
            return None;
        }
        let mut found = Vec::new();
        for section in &self.sections {
            let lines = self.lines(section);
            for text in &word.texts {
                let text = &*fold(text);
                let mut take = |form: &str| {
                    let term = [section.key.as_bytes(), form.as_bytes()].concat();
                    found.push(Form { beside: section.key == BESIDE, term });
                };
                match word.place {
                    Place::Whole => lines.range(text).take_while(|form| *form == text).for_each(take),
                    Place::Start => lines.range(text).take(most + 1).for_each(take),
                    Place::End => lines.holding(text).filter(|form| form.ends_with(text)).take(most + 1).for_each(take),
                    Place::Inside => lines.holding(text).take(most + 1).for_each(&mut take),
                }
            }
            if found.len() > most {
                return None;
            }
        }
        found.sort();
        found.dedup();
        Some(found)
    }

    fn lines(&self, section: &Section) -> Lines<'_> {
        Lines(self.bytes.get(section.forms.clone()).unwrap_or_default())
    }

    fn of_stem(&self, section: &Section, stem: &str) -> Vec<&str> {
        let table = self.bytes.get(section.stems.clone()).unwrap_or_default();
        let (entries, _) = table.as_chunks::<STEM_ENTRY>();
        let wanted = hash(stem.as_bytes()).to_be_bytes();
        let from = entries.partition_point(|entry| entry.get(..8).is_some_and(|hash| hash < &wanted[..]));
        let of_stem = entries.iter().skip(from).take_while(|entry| entry.starts_with(&wanted));
        let lines = self.lines(section);
        of_stem.filter_map(|entry| lines.at(u32::from_be_bytes(entry.get(8..)?.try_into().ok()?) as usize)).collect()
    }
}

/// Bytes of an entry of the table of stems.
const STEM_ENTRY: usize = 12;

/// Sorted forms: a line end, then each form with a line end.
#[derive(Clone, Copy)]
struct Lines<'a>(&'a [u8]);

impl<'a> Lines<'a> {
    /// The form that starts at a place.
    fn at(self, start: usize) -> Option<&'a str> {
        let rest = self.0.get(start..)?;
        let end = memchr::memchr(b'\n', rest)?;
        std::str::from_utf8(rest.get(..end)?).ok()
    }

    /// Start of the line that a place lies in.
    fn line_start(self, place: usize) -> usize {
        self.0.get(..place).and_then(|before| memchr::memrchr(b'\n', before)).map_or(1, |end| end + 1)
    }

    fn from(self, mut start: usize) -> impl Iterator<Item = &'a str> {
        std::iter::from_fn(move || {
            let form = self.at(start)?;
            start += form.len() + 1;
            Some(form)
        })
    }

    fn all(self) -> impl Iterator<Item = &'a str> {
        self.from(1)
    }

    /// Forms that begin so.
    fn range(self, beginning: &str) -> impl Iterator<Item = &'a str> {
        let (mut low, mut high) = (1, self.0.len());
        while low < high {
            let start = self.line_start(usize::midpoint(low, high));
            match self.at(start) {
                Some(form) if form.as_bytes() < beginning.as_bytes() => low = start + form.len() + 1,
                _ => high = start,
            }
        }
        self.from(low).take_while(move |form| form.starts_with(beginning))
    }

    /// Forms that hold these letters.
    fn holding(self, letters: &str) -> impl Iterator<Item = &'a str> {
        let finder = memchr::memmem::Finder::new(letters.as_bytes()).into_owned();
        let mut from = 0;
        std::iter::from_fn(move || {
            let place = from + finder.find(self.0.get(from..)?)?;
            let start = self.line_start(place);
            let form = self.at(start)?;
            from = start + form.len();
            Some(form)
        })
    }

    /// Whether any form begins with a Hebrew particle.
    fn hold_particles(self) -> bool {
        HEBREW_PARTICLES.iter().any(|particle| self.range(particle.encode_utf8(&mut [0; 4])).next().is_some())
    }

    /// Forms that are one to three Hebrew particles and this word.
    fn behind_particles(self, word: &str, take: &mut impl FnMut(&'a str)) {
        let mut heads = vec![String::new()];
        for _ in 0..3 {
            let longer =
                heads.iter().flat_map(|head| HEBREW_PARTICLES.iter().map(move |particle| format!("{head}{particle}")));
            heads = longer.filter(|head| self.range(head).next().is_some()).collect();
            for head in &heads {
                let whole = format!("{head}{word}");
                if let Some(form) = self.range(&whole).next().filter(|form| *form == whole) {
                    take(form);
                }
            }
        }
    }
}

/// Where the forms of a section lie, and for each of them the hash of its stem and its place.
type Gathered = (Range<usize>, Vec<(u64, u32)>);

#[derive(Default)]
struct Builder {
    bytes: Vec<u8>,
    sections: BTreeMap<String, Gathered>,
}

impl Builder {
    /// Forms come sorted, section by section.
    fn add(&mut self, key: &str, form: &[u8]) {
        if !self.sections.contains_key(key) {
            let start = self.bytes.len();
            self.bytes.push(b'\n');
            self.sections.insert(key.to_owned(), (start..start + 1, Vec::new()));
        }
        let Some((forms, stems)) = self.sections.get_mut(key) else { return };
        if let Ok(word) = std::str::from_utf8(form)
            && key != BESIDE
        {
            let stem = stem(key.get(1..).unwrap_or(""), word);
            stems.push((hash(stem.as_bytes()), (self.bytes.len() - forms.start) as u32));
        }
        self.bytes.extend_from_slice(form);
        self.bytes.push(b'\n');
        forms.end = self.bytes.len();
    }

    fn finish(mut self) -> Vec<u8> {
        let mut sections = Vec::new();
        for (key, (forms, mut stems)) in std::mem::take(&mut self.sections) {
            stems.sort_unstable();
            let start = self.bytes.len();
            for (hash, place) in stems {
                self.bytes.extend(hash.to_be_bytes());
                self.bytes.extend(place.to_be_bytes());
            }
            sections.push(Section { key, forms, stems: start..self.bytes.len(), particles: false });
        }
        // Numbers and short keys always become JSON.
        let mut whole = serde_json::to_vec(&(FORMAT, sections)).unwrap_or_default();
        whole.push(b'\n');
        whole.append(&mut self.bytes);
        seal(whole)
    }
}

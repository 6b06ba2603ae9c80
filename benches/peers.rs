//! What the index is measured against: tantivy as it comes, and SQLite's FTS5.

use crate::{Result, Said, processor_seconds};
use rusqlite::Connection;
use std::path::Path;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query as BareQuery, RegexQuery, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, STORED, STRING, Schema, TEXT, Value};
use tantivy::snippet::SnippetGenerator;
use tantivy::{Searcher, TantivyDocument, Term};
use themata::index::Reader;
use themata::query::Query;

/// Tantivy with its own analyser: text stored and indexed with positions, a number for each turn.
pub struct Bare {
    searcher: Searcher,
    text: Field,
    /// Who speaks, where it was told.
    speaker: Option<Field>,
    /// What building it took.
    pub seconds: f64,
}

/// Combinations of forms that a phrase is spelled out in, at most.
const MOST_PHRASES: usize = 256;

impl Bare {
    /// Builds it, by one thread; for counts by participant also with who speaks.
    pub fn build(said: &[Said], folder: &Path, with_speakers: bool) -> Result<Self> {
        let before = processor_seconds()?;
        let mut schema = Schema::builder();
        let text = schema.add_text_field("text", TEXT | STORED);
        let turn = schema.add_u64_field("turn", FAST);
        let mut label = |name| schema.add_text_field(name, STRING | FAST);
        let labels = with_speakers.then(|| (label("participant"), label("speaker")));
        std::fs::create_dir(folder)?;
        let index = tantivy::Index::create_in_dir(folder, schema.build())?;
        let mut writer = index.writer_with_num_threads(1, 160_000_000)?;
        for (number, (who, speaker, words)) in (0..).zip(said) {
            let mut document = TantivyDocument::new();
            document.add_text(text, words);
            document.add_u64(turn, number);
            if let Some(labels) = labels {
                document.add_text(labels.0, who);
                document.add_text(labels.1, speaker);
            }
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        let seconds = processor_seconds()? - before;
        let searcher = index.reader()?.searcher();
        Ok(Self { searcher, text, speaker: labels.map(|labels| labels.1), seconds })
    }

    /// The turns of a query that participants say, counted by participant: the 20 who say most.
    pub fn facet(&self, query: &dyn BareQuery) -> Result<usize> {
        let speaker = self.speaker.ok_or("built without speakers")?;
        let speaks = TermQuery::new(Term::from_field_text(speaker, "participant"), IndexRecordOption::Basic);
        let both: Vec<(Occur, Box<dyn BareQuery>)> =
            vec![(Occur::Must, query.box_clone()), (Occur::Must, Box::new(speaks))];
        let by: Aggregations =
            serde_json::from_value(serde_json::json!({ "by": { "terms": { "field": "participant", "size": 20 } } }))?;
        let counts =
            self.searcher.search(&BooleanQuery::new(both), &AggregationCollector::from_aggs(by, Default::default()))?;
        Ok(serde_json::to_string(&counts)?.len())
    }

    /// A query with its words as the forms of the study.
    pub fn expand(&self, kind: &str, query: &Query, reader: &Reader<'_>) -> Result<Box<dyn BareQuery>> {
        Ok(match query {
            Query::Term(term) if kind == "regex" => {
                let pattern = term.text.replace('*', ".*");
                Box::new(RegexQuery::from_pattern(&pattern, self.text)?)
            }
            Query::Term(term) => {
                let forms = reader.forms(term, "en")?;
                let of_form = |form: &String| -> (Occur, Box<dyn BareQuery>) { (Occur::Should, self.term(form)) };
                match forms.as_slice() {
                    [] => Box::new(EmptyQuery),
                    [form] => self.term(form),
                    forms => Box::new(BooleanQuery::new(forms.iter().map(of_form).collect())),
                }
            }
            Query::Phrase { terms, slop } => {
                let mut phrases: Vec<Vec<String>> = vec![Vec::new()];
                for term in terms {
                    let forms = reader.forms(term, "en")?;
                    let longer = |phrase: &Vec<String>| {
                        forms
                            .iter()
                            .map(|form| [phrase.as_slice(), std::slice::from_ref(form)].concat())
                            .collect::<Vec<_>>()
                    };
                    phrases = phrases.iter().flat_map(longer).take(MOST_PHRASES).collect();
                }
                let phrase = |words: &Vec<String>| -> (Occur, Box<dyn BareQuery>) {
                    let terms = words.iter().map(|word| Term::from_field_text(self.text, word)).collect();
                    let mut phrase = PhraseQuery::new(terms);
                    phrase.set_slop(*slop);
                    (Occur::Should, Box::new(phrase))
                };
                Box::new(BooleanQuery::new(phrases.iter().map(phrase).collect()))
            }
            Query::And(parts) => self.join(kind, Occur::Must, parts, reader)?,
            Query::Or(parts) => self.join(kind, Occur::Should, parts, reader)?,
            other => return Err(format!("no query of the measurement: {other}").into()),
        })
    }

    fn join(&self, kind: &str, occur: Occur, parts: &[Query], reader: &Reader<'_>) -> Result<Box<dyn BareQuery>> {
        let mut joined = Vec::new();
        for part in parts {
            joined.push((occur, self.expand(kind, part, reader)?));
        }
        Ok(Box::new(BooleanQuery::new(joined)))
    }

    fn term(&self, form: &str) -> Box<dyn BareQuery> {
        Box::new(TermQuery::new(Term::from_field_text(self.text, form), IndexRecordOption::WithFreqs))
    }

    /// The best 20 with a snippet of each.
    pub fn best(&self, query: &dyn BareQuery) -> Result<usize> {
        let best = self.searcher.search(query, &TopDocs::with_limit(20).order_by_score())?;
        let snippets = SnippetGenerator::create(&self.searcher, query, self.text)?;
        let mut marks = 0;
        for (_, address) in best {
            let document: TantivyDocument = self.searcher.doc(address)?;
            let text = document.get_first(self.text).and_then(|value| value.as_str()).unwrap_or("");
            marks += snippets.snippet(text).highlighted().len();
        }
        Ok(marks)
    }
}

/// A table of FTS5.
pub struct Fts {
    connection: Connection,
    /// What building it took.
    pub seconds: f64,
}

impl Fts {
    /// Builds it.
    pub fn build(said: &[Said], file: &Path) -> Result<Self> {
        let before = processor_seconds()?;
        let mut connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off; CREATE VIRTUAL TABLE turn USING fts5 (text);",
        )?;
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare("INSERT INTO turn (rowid, text) VALUES (?1, ?2)")?;
            for (number, (.., words)) in (1_i64..).zip(said) {
                insert.execute((number, words))?;
            }
        }
        transaction.commit()?;
        let seconds = processor_seconds()? - before;
        Ok(Self { connection, seconds })
    }

    /// A line of the list in its language; it has no infixes.
    pub fn query(&self, kind: &str, line: &str) -> Option<String> {
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_start_matches('+')).collect();
        Some(match kind {
            "bool_and" => words.join(" AND "),
            "bool_or" => words.join(" OR "),
            "prefix" => format!("{line}*"),
            "slop" => format!("NEAR({line}, 5)"),
            "regex" => return None,
            _ => format!("\"{line}\""),
        })
    }

    /// The best 20 with a snippet of each.
    pub fn best(&self, query: &str) -> Result<usize> {
        let sql =
            "SELECT snippet(turn, 0, '<b>', '</b>', '..', 24) FROM turn WHERE turn MATCH ?1 ORDER BY rank LIMIT 20";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([query], |row| row.get::<_, String>(0))?;
        let mut bytes = 0;
        for row in rows {
            bytes += row?.len();
        }
        Ok(bytes)
    }
}

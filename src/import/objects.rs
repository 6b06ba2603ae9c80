//! JSON objects become turns or rows.
//!
//! A path such as `turns[].text` goes through a list of objects; what stands around the list holds for every object in
//! it. Objects with words become sources, others a data table.

use super::builder::Place;
use super::draft::offset;
use super::encoding::Decoded;
use super::few::Few;
use super::json::{self, Node, Value};
use super::problem::first_few;
use super::rows::{self, Entry, Mapped, Words};
use super::table::{Cell, Row, Table};
use super::{Import, Kind, Options, Problem, columns, data, lines};
use crate::model::{ColumnMapping, Locator};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Path of the number of the outermost object, where a file has several.
const NUMBER: &str = "#";

/// Reads JSON: sources where there are words, else a data table.
pub fn read(file: &str, bytes: &[u8], decoded: &Decoded, options: &Options) -> Result<Import, Problem> {
    let (nodes, mut problems) = json::parse(file, &decoded.text)?;
    let mut records = Records::default();
    records.flatten(&nodes);
    problems.extend(records.problem(file));
    let header = records.header();
    let mapping = columns::mapping(file, &header, &header.join(","), true, options)?;
    let lines = Lines::new(&decoded.text);
    let mut import = match mapping {
        Some(mut mapping) if columns::has_texts(&mapping) => {
            if options.columns.is_none() {
                guess_source(&records.found, &header, &mut mapping);
            }
            let entries = entries(&records.found, &mapping, decoded, &lines);
            // The words are in the entries now: a large file is not held twice while sources are made of them.
            drop(records);
            drop(nodes);
            let fields = mapping.fields.keys().cloned().collect();
            let mapped = Mapped { file: file.into(), kind: Some(Kind::Json), fields, decimal_comma: false };
            let mut import = rows::read(&mapped, &entries, options)?;
            import.table.uses = columns::said(&header, &mapping);
            Import { original: Some(bytes.to_vec()), columns: Some(mapping), ..import }
        }
        mapping => table(file, &records.found, header, mapping.as_ref(), &lines, options)?,
    };
    import.problems.splice(0..0, problems);
    Ok(import)
}

/// A value of an object.
#[derive(Debug, Clone)]
struct Leaf<'a> {
    start: usize,
    text: Cow<'a, str>,
}

/// The values of an object by path, and the objects around it.
#[derive(Debug, Clone, Default)]
struct Scope<'a> {
    values: Few<Leaf<'a>>,
    outer: Option<Rc<Scope<'a>>>,
}

/// An innermost object.
#[derive(Debug, Clone)]
struct Record<'a> {
    start: usize,
    /// Where it is, with its number in each list: `[3].turns[12]`.
    place: String,
    scope: Rc<Scope<'a>>,
}

impl Record<'_> {
    fn get(&self, path: &str) -> Option<&Leaf<'_>> {
        let mut scope = &self.scope;
        loop {
            match (scope.values.get(path), &scope.outer) {
                (Some(leaf), _) => return Some(leaf),
                (None, Some(outer)) => scope = outer,
                (None, None) => return None,
            }
        }
    }

    fn text(&self, path: &str) -> &str {
        self.get(path).map_or("", |leaf| leaf.text.as_ref())
    }
}

#[derive(Debug, Default)]
struct Records<'a> {
    found: Vec<Record<'a>>,
    /// Paths, each kept once however many objects have it.
    paths: BTreeSet<Rc<str>>,
    /// Lists of objects beside the one that was read, by path.
    beside: BTreeSet<String>,
}

impl<'a> Records<'a> {
    fn flatten(&mut self, nodes: &'a [Node<'a>]) {
        for (k, node) in nodes.iter().enumerate() {
            if nodes.len() == 1 {
                self.spread(node, "", String::new(), &Rc::default());
            } else {
                let outer = self.numbered(k);
                self.spread(node, "", format!("[{k}]"), &outer);
            }
        }
    }

    fn spread(&mut self, node: &'a Node<'a>, path: &str, place: String, outer: &Rc<Scope<'a>>) {
        match &node.value {
            Value::Scalar(_) => {}
            Value::List(items) => {
                for (k, item) in items.iter().enumerate() {
                    let own = (path.is_empty() && outer.values.is_empty()).then(|| self.numbered(k));
                    self.spread(item, path, format!("{place}[{k}]"), own.as_ref().unwrap_or(outer));
                }
            }
            Value::Object(_) => {
                let (mut values, mut lists) = (Vec::new(), Vec::new());
                self.members(node, path, &mut values, &mut lists);
                let scope = Rc::new(Scope { values: values.into_iter().collect(), outer: Some(Rc::clone(outer)) });
                let longest = (0..lists.len()).rev().max_by_key(|k| lists.get(*k).map_or(0, |(_, list)| objects(list)));
                let Some((name, list)) = longest.map(|k| lists.remove(k)) else {
                    return self.found.push(Record { start: node.start, place, scope });
                };
                self.beside.extend(lists.into_iter().map(|(name, _)| name));
                let key = name.strip_prefix(path).unwrap_or(&name);
                let dot = if place.is_empty() { "" } else { "." };
                let place = format!("{place}{dot}{key}");
                self.spread(list, &format!("{name}[]."), place, &scope);
            }
        }
    }

    fn path(&mut self, path: &str) -> Rc<str> {
        if let Some(known) = self.paths.get(path) {
            return Rc::clone(known);
        }
        let new: Rc<str> = path.into();
        self.paths.insert(Rc::clone(&new));
        new
    }

    fn numbered(&mut self, k: usize) -> Rc<Scope<'a>> {
        let leaf = Leaf { start: 0, text: Cow::Owned(rows::number(k).to_string()) };
        Rc::new(Scope { values: [(self.path(NUMBER), leaf)].into_iter().collect(), outer: None })
    }

    /// Values of an object and of the objects in it, and its lists of objects. A list of values is one value, with `;`.
    fn members(
        &mut self,
        node: &'a Node<'a>,
        path: &str,
        values: &mut Vec<(Rc<str>, Leaf<'a>)>,
        lists: &mut Vec<(String, &'a Node<'a>)>,
    ) {
        let Value::Object(found) = &node.value else { return };
        for (key, member) in found {
            let name = format!("{path}{key}");
            let text = match &member.value {
                Value::Object(_) => {
                    self.members(member, &format!("{name}."), values, lists);
                    continue;
                }
                Value::List(_) if objects(member) > 0 => {
                    lists.push((name, member));
                    continue;
                }
                Value::List(items) => Cow::Owned(items.iter().filter_map(Node::text).collect::<Vec<_>>().join("; ")),
                Value::Scalar(text) => Cow::Borrowed(text.as_deref().unwrap_or_default()),
            };
            values.push((self.path(&name), Leaf { start: member.start, text }));
        }
    }

    fn problem(&self, file: &str) -> Option<Problem> {
        let lists: Vec<&String> = self.beside.iter().collect();
        let what = format!("lists beside the longest one were not read: {}", first_few(&lists));
        (!lists.is_empty()).then(|| Problem::error(file, what).hint("put them in a file of their own"))
    }

    fn header(&self) -> Vec<String> {
        let mut scopes: BTreeSet<*const Scope<'_>> = BTreeSet::new();
        let mut seen = BTreeSet::from([NUMBER]);
        let mut header = Vec::new();
        for record in &self.found {
            let mut scope = Some(&record.scope);
            while let Some(here) = scope.filter(|scope| scopes.insert(Rc::as_ptr(scope))) {
                header.extend(here.values.names().filter(|path| seen.insert(path)).map(str::to_owned));
                scope = here.outer.as_ref();
            }
        }
        header.sort();
        header
    }
}

fn objects(node: &Node<'_>) -> usize {
    let Value::List(items) = &node.value else { return 0 };
    items.iter().filter(|item| matches!(item.value, Value::Object(_) | Value::List(_))).count()
}

fn entries(records: &[Record<'_>], mapping: &ColumnMapping, decoded: &Decoded, lines: &Lines) -> Vec<Entry> {
    let questions = mapping.fields.get("questions");
    let paths = questions.or_else(|| mapping.fields.get("text")).map_or("", String::as_str);
    let words = |record: &Record<'_>, path: &str| {
        let leaf = record.get(path)?;
        // An escape makes the bytes differ; the value of a text begins after its quotation mark.
        let inside = leaf.start + usize::from(decoded.text.as_bytes().get(leaf.start) == Some(&b'"'));
        let same = decoded.text.get(inside..).is_some_and(|rest| rest.starts_with(leaf.text.as_ref()));
        let key = path.rsplit("[].").next().unwrap_or(path);
        let dot = if record.place.is_empty() { "" } else { "." };
        let locator = Locator::Path(format!("{}{dot}{key}", record.place));
        let place = Place { start: decoded.origin(inside), verbatim: same && decoded.is_verbatim(), locator };
        Some(Words { question: questions.map(|_| path.to_owned()), text: leaf.text.clone().into_owned(), place })
    };
    let rest = mapping.fields.iter().filter(|(field, _)| !matches!(field.as_str(), "text" | "questions"));
    let rest: Vec<(Rc<str>, &String)> = rest.map(|(field, path)| (field.as_str().into(), path)).collect();
    let entry = |(k, record): (usize, &Record<'_>)| Entry {
        number: rows::number(k),
        line: lines.of(record.start),
        words: paths.split('|').filter_map(|path| words(record, path)).collect(),
        fields: rest.iter().map(|(field, path)| (Rc::clone(field), record.text(path).to_owned())).collect(),
    };
    records.iter().enumerate().map(entry).collect()
}

/// Turns in lists belong to the object around them; flat turns to the id that recurs, or to the participant whose
/// turns stand together.
fn guess_source(records: &[Record<'_>], header: &[String], mapping: &mut ColumnMapping) {
    if mapping.fields.contains_key("source") {
        return;
    }
    let nested = mapping.fields.get("text").is_some_and(|path| path.contains("[]"));
    let used = |path: &&String| !mapping.fields.values().any(|field| field == *path);
    let named = |name: &&str| header.iter().find(|column| column.eq_ignore_ascii_case(name)).filter(used);
    let id = ["id", "name", "title", "number"].iter().find_map(named);
    let recurs = |path: &&String| {
        let distinct: BTreeSet<&str> = records.iter().map(|record| record.text(path)).collect();
        nested || distinct.len() < records.len()
    };
    let together = |path: &&String| {
        let (mut seen, mut last) = (BTreeSet::new(), None);
        let mut blocks = records.iter().map(|record| record.text(path)).filter(|id| last.replace(*id) != Some(*id));
        blocks.all(|id| seen.insert(id)) && seen.len() > 1
    };
    let several = nested && records.first().is_some_and(|record| record.get(NUMBER).is_some());
    let person = mapping.fields.get("participant");
    let found = id.filter(recurs).or_else(|| person.filter(together)).cloned();
    let found = found.or_else(|| several.then(|| NUMBER.to_owned()));
    mapping.fields.extend(found.map(|path| ("source".to_owned(), path)));
}

/// Objects without words as a data table.
fn table(
    file: &str,
    records: &[Record<'_>],
    header: Vec<String>,
    mapping: Option<&ColumnMapping>,
    lines: &Lines,
    options: &Options,
) -> Result<Import, Problem> {
    if header.is_empty() {
        return Err(Problem::error(file, "no objects with values were found"));
    }
    let cell = |record: &Record<'_>, path: &String| Cell { text: record.text(path).into(), ..Cell::default() };
    let row = |(k, record): (usize, &Record<'_>)| Row {
        number: rows::number(k),
        line: lines.of(record.start),
        cells: header.iter().map(|path| cell(record, path)).collect(),
    };
    let rows = records.iter().enumerate().map(row).collect();
    data::read(file, &Table { rows, header: header.clone(), decimal_comma: false }, mapping, options)
}

/// Lines of offsets.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        Self { starts: lines::lines(text).map(|line| line.start).collect() }
    }

    fn of(&self, at: usize) -> u32 {
        offset(self.starts.partition_point(|start| *start <= at))
    }
}

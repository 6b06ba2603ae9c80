//! Posts of a WordPress site, as its REST interface gives them: title and content as reading text.

use super::builder::{About, Builder, Place, TooLarge};
use super::cast::{self, Clues};
use super::encoding::Decoded;
use super::json::{self, Node, Value};
use super::options::stem;
use super::{Import, Kind, Options, Problem, SourceDraft, html};
use crate::model::{AttributeValue, Locator, Role};
use std::collections::BTreeMap;

/// Reads a post or a list of posts.
pub fn read(file: &str, bytes: &[u8], decoded: &Decoded, options: &Options) -> Result<Import, Problem> {
    let (nodes, mut problems) = json::parse(file, &decoded.text)?;
    let posts: Vec<&Node> = nodes
        .iter()
        .flat_map(|node| match &node.value {
            Value::List(items) => items.iter().collect(),
            _ => vec![node],
        })
        .collect();
    let mut sources = Vec::new();
    for (k, post) in posts.iter().enumerate() {
        match source(file, k, posts.len() > 1, post, decoded, options) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(problem),
        }
    }
    if sources.is_empty() {
        return Err(problems.into_iter().next().unwrap_or_else(|| Problem::error(file, "no posts were found")));
    }
    Ok(Import { sources, original: Some(bytes.to_vec()), problems, ..Import::default() })
}

fn source(
    file: &str,
    k: usize,
    several: bool,
    post: &Node,
    decoded: &Decoded,
    options: &Options,
) -> Result<SourceDraft, Problem> {
    let said = |key: &str| post.get(key).and_then(Node::text);
    let wrong = |what: &str| Problem::error(file, format!("post {}: {what}: not taken", k + 1));
    let too_large = |_: TooLarge| wrong("it is larger than 1 GB");
    let mut builder = Builder::default();
    for part in ["title", "content"] {
        let Some(node) = post.get(part).and_then(|part| part.get("rendered")) else { continue };
        let text = html::reading_text(node.text().unwrap_or_default());
        let text = text.ok_or_else(|| wrong("its HTML nests deeper than any page"))?;
        let path = if several { format!("[{k}].{part}.rendered") } else { format!("{part}.rendered") };
        let place = Place { start: decoded.origin(node.start), verbatim: false, locator: Locator::Path(path) };
        let about = About { question: Some(part.into()), ..About::default() };
        builder.begin("", true, about).map_err(too_large)?;
        builder.words(&text, place).map_err(too_large)?;
    }
    let (text, segmentation) = builder.finish();
    if segmentation.turns.is_empty() {
        return Err(wrong("it has no words"));
    }
    let id = said("slug").or_else(|| said("id")).map_or_else(|| (k + 1).to_string(), str::to_owned);
    let name = if several { format!("{}/{id}", stem(file)) } else { file.to_owned() };
    let ids = BTreeMap::new();
    let clues = Clues { file, source: &name, name: &name, ids: &ids, default: Role::Other };
    let cast = cast::cast(&segmentation.speakers, clues, options);
    let mut source = SourceDraft::new(&name, Kind::WordPress, text, segmentation, cast);
    source.language = options.language_for(&source.text);
    for key in ["date", "link"] {
        source.attributes.extend(said(key).map(|value| (key.to_owned(), AttributeValue::Text(value.into()))));
    }
    Ok(source)
}

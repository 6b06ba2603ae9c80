//! HTML to reading text: blocks become lines, entities become letters, markup goes.
//!
//! Owns no file format; posts, table cells and subtitles call it.

use regex::Regex;
use scraper::{Html, Node};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static ENTITY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});").ok());

/// Decodes character references (`&#8212;`, `&amp;`); anything else stays as it is.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(pattern) = ENTITY.as_ref().filter(|_| text.contains('&')) else { return Cow::Borrowed(text) };
    pattern.replace_all(text, |found: &regex::Captures<'_>| {
        let entity = found.get(0).map_or("", |part| part.as_str());
        Html::parse_fragment(entity).root_element().text().collect::<String>()
    })
}

/// Deepest nesting of elements that is read; the parser's time grows with its square.
const DEEPEST: usize = 1_000;

/// The words of a piece of HTML: one line per block, runs of white space as one space, no-break spaces kept. Nothing
/// where elements nest deeper than any page.
pub fn reading_text(html: &str) -> Option<String> {
    if is_too_deep(html) {
        return None;
    }
    let document = Html::parse_fragment(html);
    let mut text = Text::default();
    let mut at = Some(document.tree.root());
    while let Some(node) = at {
        let hidden = match node.value() {
            Node::Text(words) => {
                text.words(words);
                false
            }
            Node::Element(element) => {
                text.border(element.name());
                matches!(element.name(), "script" | "style" | "noscript" | "template" | "head" | "svg")
            }
            _ => false,
        };
        let child = if hidden { None } else { node.first_child() };
        at = child.or_else(|| {
            let mut up = node;
            loop {
                if let Node::Element(element) = up.value() {
                    text.border(element.name());
                }
                if let Some(next) = up.next_sibling() {
                    break Some(next);
                }
                match up.parent() {
                    Some(parent) => up = parent,
                    None => break None,
                }
            }
        });
    }
    Some(text.finish())
}

/// Whether more elements are open at once than in any page. Elements that need no end tag are not counted; those that
/// the parser opens again in every paragraph count many times.
fn is_too_deep(html: &str) -> bool {
    const REOPENED: [&str; 13] =
        ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "u"];
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    let mut weight = 0;
    for (at, _) in html.match_indices('<') {
        let tag = html.get(at + 1..).unwrap_or_default();
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let length = tag.bytes().take(12).take_while(u8::is_ascii_alphanumeric).count();
        let name = tag.get(..length).unwrap_or_default().to_ascii_lowercase();
        let endless = matches!(
            name.as_str(),
            "" | "p"
                | "li"
                | "br"
                | "img"
                | "hr"
                | "input"
                | "meta"
                | "link"
                | "td"
                | "th"
                | "tr"
                | "dt"
                | "dd"
                | "col"
                | "wbr"
                | "option"
                | "source"
                | "embed"
                | "area"
                | "base"
        );
        let cost = if REOPENED.contains(&name.as_str()) { DEEPEST / 20 } else { 1 };
        let count = open.entry(name).or_default();
        match closes {
            _ if endless => {}
            true if *count > 0 => (*count, weight) = (*count - 1, weight - cost),
            true => {}
            false => (*count, weight) = (*count + 1, weight + cost),
        }
        if weight > DEEPEST {
            return true;
        }
    }
    false
}

#[derive(Default)]
struct Text {
    done: String,
    space: bool,
}

impl Text {
    fn words(&mut self, words: &str) {
        for c in words.chars() {
            if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                self.space = true;
            } else {
                if self.space && !self.done.is_empty() && !self.done.ends_with('\n') {
                    self.done.push(' ');
                }
                self.space = false;
                self.done.push(c);
            }
        }
    }

    fn border(&mut self, element: &str) {
        let block = matches!(
            element,
            "p" | "div"
                | "br"
                | "hr"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "li"
                | "ul"
                | "ol"
                | "dl"
                | "dt"
                | "dd"
                | "table"
                | "tr"
                | "td"
                | "th"
                | "caption"
                | "blockquote"
                | "pre"
                | "section"
                | "article"
                | "header"
                | "footer"
                | "aside"
                | "figure"
                | "figcaption"
                | "address"
                | "main"
                | "nav"
                | "form"
                | "fieldset"
                | "body"
        );
        if block && !self.done.is_empty() && !self.done.ends_with('\n') {
            self.done.push('\n');
        }
        self.space &= !block;
    }

    /// Lines that hold nothing but no-break spaces are layout, not words.
    fn finish(self) -> String {
        let lines = self.done.lines().filter(|line| !line.trim().is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_and_the_rest_is_left_alone() {
        assert_eq!(unescape("a &amp; b&#8212;c&nbsp;d &eacute;"), "a & b\u{2014}c\u{a0}d é");
        assert_eq!(unescape("R&D; Q&A &unknownthing; AT&T <b>"), "R&D; Q&A &unknownthing; AT&T <b>");
        assert!(matches!(unescape("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn blocks_become_lines() {
        let html = "<h2>Title</h2>\n<p>One <b>bold</b>\n word.<br>Next&nbsp;line</p><p>\u{a0}</p><ul><li>a</li><li>b</li></ul>\
                    <script>no()</script>tail";
        assert_eq!(reading_text(html).as_deref(), Some("Title\nOne bold word.\nNext\u{a0}line\na\nb\ntail"));
        assert_eq!(reading_text("un<i>brok</i>en").as_deref(), Some("unbroken"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert_eq!(reading_text(&("<div>".repeat(900) + "deep")).as_deref(), Some("deep"));
        assert_eq!(reading_text(&("<div>".repeat(2_000_000) + "deep")), None);
        assert_eq!(reading_text(&"<div></span>".repeat(2_000_000)), None);
        assert!(reading_text(&"<p>a<br><b>b</b>".repeat(3_000)).is_some());
    }
}

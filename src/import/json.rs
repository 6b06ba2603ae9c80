//! JSON and JSON lines as nodes that know their place in the file.
//!
//! What is valid, and how deep it may nest (128 levels), is the parser's business; what the keys mean is
//! [`super::objects`]'s.

use super::Problem;
use super::draft::offset;
use std::borrow::Cow;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// First byte in the decoded text.
    pub start: usize,
    /// What it is.
    pub value: Value<'a>,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text as text, numbers and flags as written; nothing for `null`. Borrowed from the file unless an escape stands in it.
    Scalar(Option<Cow<'a, str>>),
    /// A list.
    List(Vec<Node<'a>>),
    /// An object, keys in file order.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl Node<'_> {
    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Value::Object(members) = &self.value else { return None };
        members.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        if let Value::Scalar(Some(text)) = &self.value { Some(text) } else { None }
    }
}

/// The documents of a file: one, or one a line; lines that cannot be read are problems.
pub fn parse<'a>(file: &str, text: &'a str) -> Result<(Vec<Node<'a>>, Vec<Problem>), Problem> {
    let (nodes, problems) = documents(file, text)?;
    if nodes.iter().map(longest_key).max() > Some(LONGEST_KEY) {
        let hint = "turns are objects with keys such as speaker and text";
        return Err(Problem::error(file, format!("a key has more than {LONGEST_KEY} letters")).hint(hint));
    }
    Ok((nodes, problems))
}

fn documents<'a>(file: &str, text: &'a str) -> Result<(Vec<Node<'a>>, Vec<Problem>), Problem> {
    let skipped = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = text.get(skipped..).unwrap_or_default();
    let broken = |error: serde_json::Error, line: u32| {
        let reason = error.to_string();
        let reason = reason.split(" at line").next().unwrap_or_default().to_owned();
        Problem::error(file, format!("this is not JSON: {reason}")).at(line)
    };
    let whole = match node(body, skipped) {
        Ok(node) => return Ok((vec![node], Vec::new())),
        Err(error) => error,
    };
    let (mut nodes, mut problems) = (Vec::new(), Vec::new());
    for line in super::lines::lines(body).filter(|line| !line.is_blank()) {
        match node(line.text, skipped + line.start) {
            Ok(node) => nodes.push(node),
            Err(error) => problems.push(broken(error, line.number)),
        }
    }
    let lines = nodes.iter().any(|node| matches!(node.value, Value::Object(_)));
    if !lines || nodes.len() < problems.len() {
        let line = offset(whole.line());
        return Err(broken(whole, line).hint("one document, or one object on each line, can be read"));
    }
    Ok((nodes, problems))
}

/// Longest key, in bytes: longer ones are data, and paths would grow without end.
const LONGEST_KEY: usize = 200;

fn node(text: &str, base: usize) -> Result<Node<'_>, serde_json::Error> {
    // The parser checks the document and limits its depth; the walk below relies on both.
    drop(serde_json::from_str::<serde_json::Value>(text)?);
    Ok(Walk { text, at: 0, base }.value())
}

fn longest_key(node: &Node<'_>) -> usize {
    match &node.value {
        Value::Scalar(_) => 0,
        Value::List(items) => items.iter().map(longest_key).max().unwrap_or(0),
        Value::Object(members) => members.iter().map(|(key, node)| key.len().max(longest_key(node))).max().unwrap_or(0),
    }
}

/// A walk over JSON that is known to be valid.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    base: usize,
}

impl<'a> Walk<'a> {
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self) -> Node<'a> {
        let first = self.peek();
        let start = self.base + self.at;
        let value = match first {
            Some(b'{') => Value::Object(self.object()),
            Some(b'[') => Value::List(self.list()),
            Some(b'"') => Value::Scalar(Some(self.string())),
            _ => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let length =
                    rest.find(|c: char| matches!(c, ',' | ']' | '}') || c.is_whitespace()).unwrap_or(rest.len());
                self.at += length;
                Value::Scalar(rest.get(..length).filter(|word| *word != "null").map(Cow::Borrowed))
            }
        };
        Node { start, value }
    }

    fn object(&mut self) -> Vec<(Cow<'a, str>, Node<'a>)> {
        let mut members = Vec::new();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let key = self.string();
                    self.peek();
                    self.at += 1;
                    members.push((key, self.value()));
                }
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.at += 1;
        members.shrink_to_fit();
        members
    }

    fn list(&mut self) -> Vec<Node<'a>> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b']') | None => break,
                Some(b',') => self.at += 1,
                Some(_) => items.push(self.value()),
            }
        }
        self.at += 1;
        items
    }

    fn string(&mut self) -> Cow<'a, str> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (mut escaped, mut as_written) = (false, true);
        let closing = rest.bytes().skip(1).position(|byte| match byte {
            _ if escaped => {
                escaped = false;
                false
            }
            b'\\' => {
                (escaped, as_written) = (true, false);
                false
            }
            byte => byte == b'"',
        });
        let length = closing.map_or(rest.len(), |k| k + 2);
        self.at += length;
        if as_written {
            return Cow::Borrowed(rest.get(1..length.saturating_sub(1)).unwrap_or_default());
        }
        Cow::Owned(rest.get(..length).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn to_serde(node: &Node<'_>, text: &str) -> serde_json::Value {
        match &node.value {
            Value::Scalar(_) => {
                let mut values = serde_json::Deserializer::from_str(&text[node.start..]).into_iter();
                values.next().unwrap().unwrap()
            }
            Value::List(items) => items.iter().map(|item| to_serde(item, text)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, node)| (key.clone().into_owned(), to_serde(node, text))).collect()
            }
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i32>().prop_map(Into::into),
            "[a-z\"\\\\,:{}\\[\\] \n\u{5d0}\u{1f600}]{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 30, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-z\"\\\\]{0,4}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_walk_agrees_with_the_parser(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let (nodes, problems) = parse("a.json", &text).unwrap();
            prop_assert_eq!(problems, vec![]);
            prop_assert_eq!(to_serde(&nodes[0], &text), value);
        }
    }

    #[test]
    fn broken_lines_are_reported_and_the_others_taken() {
        let (nodes, problems) = parse("a.jsonl", "{\"a\":1}\n\n{\"a\":\n{\"a\":3}\n").unwrap();
        assert_eq!(nodes.len(), 2);
        assert_eq!((problems.len(), problems[0].line), (1, Some(3)));
        let problem = parse("a.json", "{\n\"a\": oops\n}").unwrap_err();
        assert_eq!(problem.line, Some(2));
        assert!(parse("a.json", &"[".repeat(100_000)).is_err());
        assert!(parse("a.json", &format!("{{\"{}\":1}}", "k".repeat(300))).unwrap_err().what.contains("key"));
    }
}

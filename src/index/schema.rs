//! What a turn is to tantivy: its fields, and how its text becomes terms.
//!
//! A term of the text field is a kind (spoken or inserted), the stemmer of the turn's language and the folded form, so
//! that one field holds every language and a stem only ever meets forms of its own. Positions are those of the
//! analyser's tokens: remarks take none, insertions take one.

use crate::query::gates::LONG_S;
use crate::text::{self, LONGEST_TOKEN, TokenKind, fold, stemmer_of};
use tantivy::schema::IndexRecordOption::WithFreqsAndPositions;
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, SchemaBuilder, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

/// Version of everything in `index/`: another one is rebuilt.
pub(super) const FORMAT: u32 = 3;

/// Bytes of a term before its form.
pub(super) const HEADER: usize = 3;

/// In [`Fields::beside`]: the words of this turn may be cut where a regular expression does not expect it.
pub(super) const ODD: &str = "\u{1}";

/// The fields of a turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Folded forms with positions; as [`headed`] it is also stored, for showing and for what only the text can decide.
    pub text: Field,
    /// Where a turn holds remarks, all its words as though brackets meant nothing; see also [`ODD`]. Only regular
    /// expressions ask for it, which run on the raw text.
    pub beside: Field,
    /// Ordinal of the turn.
    pub turn: Field,
    /// Where it starts in its revision, in bytes.
    pub start: Field,
    /// Where it ends.
    pub end: Field,
    /// Label of its speaker.
    pub speaker: Field,
    /// Its language, where it is not that of its source.
    pub language: Field,
    /// The question it answers.
    pub question: Field,
}

impl Fields {
    /// The schema of the index with its fields.
    pub fn schema() -> (Schema, Self) {
        let mut schema = SchemaBuilder::new();
        let indexed = |analyser: &str, record, norms| {
            let indexing = TextFieldIndexing::default().set_tokenizer(analyser).set_index_option(record);
            TextOptions::default().set_indexing_options(indexing.set_fieldnorms(norms))
        };
        let fields = Self {
            text: schema.add_text_field("text", indexed("words", WithFreqsAndPositions, true).set_stored()),
            beside: schema.add_text_field("beside", indexed("beside", IndexRecordOption::Basic, false)),
            turn: schema.add_u64_field("turn", FAST),
            start: schema.add_u64_field("start", FAST),
            end: schema.add_u64_field("end", FAST),
            speaker: schema.add_text_field("speaker", label()),
            language: schema.add_text_field("language", label()),
            question: schema.add_text_field("question", label()),
        };
        (schema.build(), fields)
    }
}

/// What the text of a turn is handed over as: its language goes before it.
pub(super) fn headed(language: &str, text: &str) -> String {
    format!("{}{text}", stemmer_tag(language))
}

/// The text again.
pub(super) fn without_head(mut headed: String) -> String {
    headed.drain(..headed.len().min(HEADER - 1));
    headed
}

/// A column that nobody searches by its terms.
fn label() -> TextOptions {
    TextOptions::from(FAST)
}

/// Two letters for a stemmer.
pub(super) fn stemmer_tag(language: &str) -> &str {
    match stemmer_of(language) {
        "" => "--",
        stemmer => stemmer,
    }
}

/// The letter for a kind of token.
pub(super) const fn kind_tag(inserted: bool) -> char {
    if inserted { 'i' } else { 'w' }
}

/// Whether a turn needs [`Fields::beside`].
pub(super) fn has_beside(text: &str) -> bool {
    text::may_hold_marks(text) || is_odd(text)
}

fn is_odd(text: &str) -> bool {
    // A word as long as this may have been cut in the middle of what a gate asks for.
    const LONG: usize = LONGEST_TOKEN - 3;
    let mut is_long = false;
    if text.len() >= LONG {
        text::each_token(text, |span, _| is_long |= span.len() as usize >= LONG);
    }
    is_long || (!text.is_ascii() && text.contains(LONG_S))
}

/// The analysers under the names that the schema gives them.
pub(super) fn analysers() -> TokenizerManager {
    // Tantivy asks for its own `default` even where a field has no use for one.
    let manager = TokenizerManager::default();
    manager.register("words", TextAnalyzer::from(Words::default()));
    manager.register("beside", TextAnalyzer::from(Beside::default()));
    manager
}

/// Terms in a row with their positions.
struct Terms<'a> {
    text: &'a str,
    tokens: &'a [(text::Token, u8)],
    header: &'a str,
    next: usize,
    token: &'a mut Token,
}

impl TokenStream for Terms<'_> {
    fn advance(&mut self) -> bool {
        let Some((token, kind)) = self.tokens.get(self.next) else { return false };
        self.token.position = self.next;
        self.token.text.clear();
        if *kind != 0 {
            self.token.text.push(char::from(*kind));
            self.token.text.push_str(self.header);
        }
        self.token.text.push_str(&fold(token.span.of(self.text).unwrap_or("")));
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Reads what [`headed`] made.
#[derive(Clone, Default)]
struct Words {
    tokens: Vec<(text::Token, u8)>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Terms<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms<'a> {
        let (header, text) = text.split_at_checked(HEADER - 1).unwrap_or(("--", ""));
        let tokens = &mut self.tokens;
        tokens.clear();
        text::each_token(text, |span, kind| {
            tokens.push((text::Token { span, kind }, kind_tag(kind == TokenKind::Inserted) as u8));
        });
        Terms { text, tokens, header, next: 0, token: &mut self.token }
    }
}

/// Reads a turn for [`Fields::beside`].
#[derive(Clone, Default)]
struct Beside {
    tokens: Vec<(text::Token, u8)>,
    token: Token,
}

impl Tokenizer for Beside {
    type TokenStream<'a> = Terms<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms<'a> {
        let tokens = &mut self.tokens;
        tokens.clear();
        if is_odd(text) {
            let nothing = crate::model::Span::new(0, 0);
            tokens.push((
                text::Token { span: nothing, kind: TokenKind::Word },
                ODD.as_bytes().first().copied().unwrap_or(1),
            ));
        }
        if text::may_hold_marks(text) {
            text::each_word(text, 0, |span| tokens.push((text::Token { span, kind: TokenKind::Word }, 0)));
        }
        Terms { text, tokens, header: "", next: 0, token: &mut self.token }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn terms(analyser: &str, text: &str) -> Vec<(usize, String)> {
        let mut analyser = analysers().get(analyser).unwrap();
        let mut stream = analyser.token_stream(text);
        let mut found = Vec::new();
        while let Some(token) = stream.next() {
            found.push((token.position, token.text.clone()));
        }
        found
    }

    #[test]
    fn positions_are_those_of_the_analyser() {
        let text = headed("en-GB", "No [laughs] Longer [and] ALONE");
        let expected = [(0, "wenno"), (1, "wenlonger"), (2, "ienand"), (3, "wenalone")];
        assert_eq!(terms("words", &text), expected.map(|(at, term)| (at, term.to_owned())));
        assert_eq!(terms("words", &headed("he", "לבד")), [(0, "w--לבד".to_owned())]);
    }

    #[test]
    fn words_beside_the_text_are_those_in_brackets_too() {
        assert_eq!(terms("beside", "so [laughs]").into_iter().map(|t| t.1).collect::<Vec<_>>(), ["so", "laughs"]);
        assert!(has_beside("so [laughs]") && has_beside(&"x".repeat(252)) && has_beside("ſo") && !has_beside("so"));
        assert_eq!(terms("beside", "ſo"), [(0, ODD.to_owned())]);
    }
}

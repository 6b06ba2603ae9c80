//! Tokens: the positions that queries count.

use crate::model::Span;

/// What kind of position a token takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A spoken word.
    Word,
    /// A word inside an editorial insertion (`[and]`): takes a position, matched only on request.
    Inserted,
}

/// One word of a turn. Remarks (`[laughs]`, timestamps) give no token, so a phrase joins across them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    /// Bytes of the turn's text (offsets count from the start of the turn).
    pub span: Span,
    /// Spoken or inserted.
    pub kind: TokenKind,
}

//! Errors at the edge: what went wrong, why, and the command to type next.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, Write};

/// An error as it is shown: one sentence, its causes, hints.
#[derive(Debug)]
pub struct CliError {
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl CliError {
    /// An error with this sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// The same with a line that says what to do, best a command to type.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Writes `error:`, causes and `hint:` lines.
    pub fn print(&self, to: &mut dyn Write) -> io::Result<()> {
        writeln!(to, "error: {}", self.message)?;
        for cause in &self.causes {
            writeln!(to, "  because: {cause}")?;
        }
        for hint in &self.hints {
            writeln!(to, "hint: {hint}")?;
        }
        Ok(())
    }
}

impl Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Turns a stage's error into one that is shown, causes kept.
pub trait Shown<T> {
    /// The same as an error of the command.
    fn shown(self) -> Result<T, CliError>;
}

impl<T, E: Error> Shown<T> for Result<T, E> {
    fn shown(self) -> Result<T, CliError> {
        self.map_err(|error| {
            let mut causes = Vec::new();
            let mut at = error.source();
            while let Some(cause) = at {
                causes.push(cause.to_string());
                at = cause.source();
            }
            CliError { message: error.to_string(), causes, hints: Vec::new() }
        })
    }
}

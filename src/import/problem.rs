//! Problems: what was wrong with a file, where, and what to do about it.
//!
//! The one error type of the stage. A problem returned as an error means that nothing of the file was taken; problems
//! returned beside a result name the parts that were not taken (errors) or were taken with a doubt (warnings).

use std::fmt::{self, Display};

/// Whether something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file, row or value was not taken.
    Error,
    /// It was taken, but should be looked at.
    Warning,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// Name of the file.
    pub file: String,
    /// Line of the file, from 1.
    pub line: Option<u32>,
    /// Column of a table.
    pub column: Option<String>,
    /// What is wrong: a sentence without its full stop.
    pub what: String,
    /// What to do: empty where nothing needs to be done.
    pub hint: String,
    /// Whether something was left out.
    pub severity: Severity,
}

impl Problem {
    /// Something was not taken.
    pub fn error(file: &str, what: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            what: what.into(),
            hint: String::new(),
            severity: Severity::Error,
        }
    }

    /// Something was taken that should be looked at.
    pub fn warning(file: &str, what: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(file, what) }
    }

    /// The same at a line, counted from 1.
    #[must_use]
    pub fn at(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// The same in a column of a table.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = Some(column.into());
        self
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// The first few of a longer list, in words: `3, 9, 12 and 4 more`.
pub(super) fn first_few<T: Display>(items: &[T]) -> String {
    listed(items, 5)
}

/// The columns of a table, in words.
pub(super) fn column_list(header: &[String]) -> String {
    listed(header, 30)
}

fn listed<T: Display>(items: &[T], most: usize) -> String {
    let shown: Vec<String> = items.iter().take(most).map(T::to_string).collect();
    match items.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_line_and_column() {
        let problem = Problem::error("scores.csv", "`high` is not a number").at(4).in_column("wellbeing.T1");
        assert_eq!(problem.to_string(), "scores.csv, line 4, column wellbeing.T1: `high` is not a number");
        assert_eq!(Problem::warning("a.txt", "no labels").to_string(), "a.txt: no labels");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(first_few(&[1, 2, 3]), "1, 2, 3");
        assert_eq!(first_few(&[1, 2, 3, 4, 5, 6, 7]), "1, 2, 3, 4, 5 and 2 more");
    }
}

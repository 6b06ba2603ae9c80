//! Cells as values: numbers, yes or no, several answers, classes, nothing.

use crate::model::{AttributeValue, ScoreValue};

/// Whether a cell says that there is no value: blank, `NA`, `n/a`, `NaN`, `null`, `.`, `-`.
pub fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty()
        || matches!(cell, "." | "-" | "–" | "NA")
        || ["n/a", "#n/a", "nan", "null", "none given"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// A finite number; `3,5` is one where the table's cells are not separated by commas.
pub fn number(cell: &str, decimal_comma: bool) -> Option<f64> {
    let cell = cell.trim();
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    let parse = |text: &str| text.parse::<f64>().ok().filter(|x| plain(text) && x.is_finite());
    parse(cell).or_else(|| parse(&cell.replacen(',', ".", 1)).filter(|_| decimal_comma && !cell.contains('.')))
}

/// Whether a number stands for a label: `007`, a telephone number.
fn is_code(cell: &str) -> bool {
    let digits = cell.trim();
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Yes or no, as people write it.
pub fn flag(cell: &str) -> Option<bool> {
    match cell.trim().to_lowercase().as_str() {
        "yes" | "y" | "true" | "ja" | "כן" => Some(true),
        "no" | "n" | "false" | "nein" | "לא" => Some(false),
        _ => None,
    }
}

/// One cell as an attribute, on its own.
pub fn typed(cell: &str, decimal_comma: bool) -> AttributeValue {
    column(&[cell], decimal_comma).into_iter().next().flatten().unwrap_or_else(|| AttributeValue::Text(cell.into()))
}

/// The cells of a column as attributes of one type: numbers or flags only if all are, lists if one is.
pub fn column(cells: &[&str], decimal_comma: bool) -> Vec<Option<AttributeValue>> {
    let present = || cells.iter().filter(|cell| !is_missing(cell));
    let numbers = present().all(|cell| number(cell, decimal_comma).is_some() && !is_code(cell));
    let flags = present().all(|cell| flag(cell).is_some());
    let lists = !numbers && present().any(|cell| cell.contains(';')) && present().all(|cell| is_list(cell));
    let value = |cell: &str| match cell.trim() {
        cell if numbers => number(cell, decimal_comma).map(AttributeValue::Number),
        cell if flags => flag(cell).map(AttributeValue::Flag),
        cell if lists => {
            let mut parts: Vec<String> =
                cell.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect();
            parts.sort();
            parts.dedup();
            Some(AttributeValue::Many(parts))
        }
        cell => Some(AttributeValue::Text(cell.to_owned())),
    };
    cells.iter().map(|cell| if is_missing(cell) { None } else { value(cell) }).collect()
}

/// Answers of a multiple choice are short; a sentence with a semicolon is one text.
fn is_list(cell: &str) -> bool {
    const LONGEST: usize = 40;
    cell.split(';').all(|part| part.trim().chars().count() <= LONGEST)
}

/// A cell as the value of a score: a number, else a class.
pub fn score(cell: &str, decimal_comma: bool) -> ScoreValue {
    match number(cell, decimal_comma) {
        Some(x) => ScoreValue::Number(x),
        None => ScoreValue::Class(cell.trim().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_and_codes_are_not() {
        assert_eq!(number(" 3.50 ", false), Some(3.5));
        assert_eq!(number("3,5", true), Some(3.5));
        assert_eq!(number("3,5", false), None);
        assert_eq!(number("1.000,5", true), None);
        for cell in ["inf", "nan", "1e999", "", "12 years", "0x10"] {
            assert_eq!(number(cell, true), None, "{cell}");
        }
        assert_eq!(typed("007", false), AttributeValue::Text("007".into()));
        assert_eq!(typed("0", false), AttributeValue::Number(0.0));
    }

    #[test]
    fn a_column_has_one_type() {
        let labels = |cells: &[&str]| -> Vec<String> {
            column(cells, false).iter().map(|value| value.as_ref().map_or("-".into(), |v| format!("{v:?}"))).collect()
        };
        assert_eq!(labels(&["1", "", "2.5"]), ["Number(1.0)", "-", "Number(2.5)"]);
        assert_eq!(labels(&["1", "two"]), ["Text(\"1\")", "Text(\"two\")"]);
        assert_eq!(labels(&["Yes", "no", "n/a"]), ["Flag(true)", "Flag(false)", "-"]);
        assert_eq!(labels(&["b; a", "c"]), ["Many([\"a\", \"b\"])", "Many([\"c\"])"]);
        let sentence = "we tried for a very long time indeed to make it work; it did not";
        assert!(labels(&[sentence, "short"]).iter().all(|label| label.starts_with("Text")));
    }
}

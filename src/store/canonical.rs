//! Canonical JSON (RFC 8785): one value, one sequence of bytes, so that its digest can be computed again anywhere.

use serde_json::{Number, Value};
use std::fmt::Write;

/// The value as canonical JSON: no blanks, keys sorted by UTF-16 units, numbers as ECMAScript prints them.
pub(super) fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (k, item) in items.iter().enumerate() {
                if k > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push('{');
            for (k, (key, item)) in members.into_iter().enumerate() {
                if k > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write_value(item, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// ECMAScript's Number::toString over the shortest digits that read back as the same number.
fn write_number(number: &Number, out: &mut String) {
    let x = number.as_f64().unwrap_or(0.0);
    if x == 0.0 {
        out.push('0');
        return;
    }
    if x < 0.0 {
        out.push('-');
    }
    // serde_json, unlike `format!`, takes the even one of two equally short and near: as ECMAScript does.
    let shortest = Number::from_f64(x.abs()).map(|number| number.to_string()).unwrap_or_default();
    let (mantissa, power) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let leading = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0');
    // The number is 0.DIGITS times ten to the power of `point`.
    let point = power.parse::<i32>().unwrap_or(0) + whole.len() as i32 - leading as i32;
    let exponent = point - 1;
    let count = digits.len() as i32;
    let zeros = |n: i32| "0".repeat(n.max(0) as usize);
    if (count..=21).contains(&point) {
        out.push_str(digits);
        out.push_str(&zeros(point - count));
    } else if (1..=21).contains(&point) {
        let (whole, rest) = digits.split_at(point as usize);
        out.push_str(whole);
        out.push('.');
        out.push_str(rest);
    } else if (-5..=0).contains(&point) {
        out.push_str("0.");
        out.push_str(&zeros(-point));
        out.push_str(digits);
    } else {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        out.push_str(if exponent < 0 { "e-" } else { "e+" });
        out.push_str(&exponent.abs().to_string());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_printed_as_in_rfc_8785_appendix_b() {
        let cases: [(u64, &str); 20] = [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
        ];
        for (bits, expected) in cases {
            assert_eq!(canonical(&json!(f64::from_bits(bits))), expected);
        }
    }

    #[test]
    fn keys_are_sorted_by_utf_16_units_and_controls_are_escaped() {
        let value = json!({"\u{20ac}": "euro", "\r": "return", "\u{fb33}": "dalet", "1": "one", "\u{1f600}": "smile",
            "\u{80}": "control", "\u{f6}": "o"});
        assert_eq!(
            canonical(&value),
            "{\"\\r\":\"return\",\"1\":\"one\",\"\u{80}\":\"control\",\"\u{f6}\":\"o\",\"\u{20ac}\":\"euro\",\"\u{1f600}\":\"smile\",\"\u{fb33}\":\"dalet\"}"
        );
        assert_eq!(
            canonical(&json!(["\u{20ac}$\u{f}\nA'B\"\\\\\"/", null, true])),
            "[\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",null,true]"
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(number in proptest::num::f64::NORMAL, text in ".*") {
            // Not through serde_json, which reads numbers to the last place only with its `float_roundtrip`.
            proptest::prop_assert_eq!(canonical(&json!(number)).parse::<f64>().unwrap().to_bits(), number.to_bits());
            let back: Value = serde_json::from_str(&canonical(&json!({"text": text}))).unwrap();
            proptest::prop_assert_eq!(back["text"].as_str().unwrap(), text);
        }
    }
}

//! Two or more values of one record become one: field by field, against the value that all of them came from.
//!
//! What only one side changed is taken; lists are joined item by item; where both changed the same field, the later one
//! stands and the field is named as a clash.

use serde_json::{Map, Value};

/// Joins two values. `later` wins where both changed the same field; the paths of such fields are added to `clashes`.
pub(super) fn join(base: Option<&Value>, earlier: &Value, later: &Value, clashes: &mut Vec<String>) -> Value {
    join_at("", base, earlier, later, clashes)
}

fn join_at(path: &str, base: Option<&Value>, earlier: &Value, later: &Value, clashes: &mut Vec<String>) -> Value {
    if earlier == later || base == Some(earlier) {
        return later.clone();
    }
    if base == Some(later) {
        return earlier.clone();
    }
    match (earlier, later) {
        (Value::Object(a), Value::Object(b)) => {
            let base = base.and_then(Value::as_object);
            Value::Object(join_members(path, base, a, b, clashes))
        }
        (Value::Array(a), Value::Array(b)) if is_list(a) && is_list(b) => {
            Value::Array(join_lists(base.and_then(Value::as_array), a, b))
        }
        _ => {
            clashes.push(path.to_owned());
            later.clone()
        }
    }
}

fn join_members(
    path: &str,
    base: Option<&Map<String, Value>>,
    earlier: &Map<String, Value>,
    later: &Map<String, Value>,
    clashes: &mut Vec<String>,
) -> Map<String, Value> {
    let mut joined = Map::new();
    let mut keys: Vec<&String> = earlier.keys().chain(later.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let was = base.and_then(|base| base.get(key));
        let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let value = match (earlier.get(key), later.get(key)) {
            (Some(a), Some(b)) => Some(join_at(&at, was, a, b, clashes)),
            // Left out on one side: gone, unless the other side changed it meanwhile.
            (Some(kept), None) | (None, Some(kept)) if was != Some(kept) => {
                if was.is_some() {
                    clashes.push(at);
                }
                Some(kept.clone())
            }
            _ => None,
        };
        if let Some(value) = value {
            joined.insert(key.clone(), value);
        }
    }
    joined
}

/// Lists of words or of things; a list of numbers is one value.
fn is_list(items: &[Value]) -> bool {
    items.iter().all(|item| item.is_string() || item.is_object())
}

/// The later list with what the earlier one added and without what it took out.
fn join_lists(base: Option<&Vec<Value>>, earlier: &[Value], later: &[Value]) -> Vec<Value> {
    let was = |item: &Value| base.is_some_and(|base| base.contains(item));
    let mut joined: Vec<Value> = later.iter().filter(|item| !was(item) || earlier.contains(item)).cloned().collect();
    for item in earlier.iter().filter(|item| !was(item) && !later.contains(item)) {
        joined.push(item.clone());
    }
    let word = |item: &Value| item.as_str().map(str::to_owned);
    if earlier.is_sorted_by_key(word) && later.is_sorted_by_key(word) && joined.iter().all(Value::is_string) {
        joined.sort_by_key(word);
    }
    joined
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn joined(base: Value, a: Value, b: Value) -> (Value, Vec<String>) {
        let mut clashes = Vec::new();
        (join(Some(&base), &a, &b, &mut clashes), clashes)
    }

    #[test]
    fn what_one_side_changed_is_taken_and_a_clash_is_named() {
        let base = json!({"label": "Hope", "brief": "x", "rules": ["a", "b"], "parent": "p"});
        let a = json!({"label": "Hope", "brief": "y", "rules": ["b", "c"], "parent": "p"});
        let b = json!({"label": "Hopes", "brief": "z", "rules": ["a", "b", "d"], "color": "red"});
        let (value, clashes) = joined(base, a, b);
        assert_eq!(value, json!({"label": "Hopes", "brief": "z", "rules": ["b", "c", "d"], "color": "red"}));
        assert_eq!(clashes, ["brief"]);
    }

    #[test]
    fn what_was_left_out_and_changed_stays() {
        let (value, clashes) = joined(json!({"codes": {"a": 1}}), json!({"codes": {}}), json!({"codes": {"a": 2}}));
        assert_eq!((value, clashes), (json!({"codes": {"a": 2}}), vec!["codes.a".to_owned()]));
        let (value, clashes) =
            joined(json!({"codes": {"a": 1}}), json!({"codes": {}}), json!({"codes": {"a": 1}, "n": 1}));
        assert_eq!((value, clashes), (json!({"codes": {}, "n": 1}), vec![]));
    }
}

//! A few values by name, for rows of which there may be millions: a list is a fraction of a tree.

use std::rc::Rc;

/// Values in order of their names. Of equal names the last counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Few<V>(Vec<(Rc<str>, V)>);

impl<V> Few<V> {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        let at = self.0.binary_search_by(|(known, _)| known.as_ref().cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> Default for Few<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> FromIterator<(Rc<str>, V)> for Few<V> {
    fn from_iter<T: IntoIterator<Item = (Rc<str>, V)>>(values: T) -> Self {
        let mut values: Vec<(Rc<str>, V)> = values.into_iter().collect();
        values.sort_by(|a, b| a.0.cmp(&b.0));
        values.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        values.shrink_to_fit();
        Self(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_names_counts() {
        let few: Few<u8> =
            [("b", 1), ("a", 2), ("b", 3)].map(|(name, value)| (name.into(), value)).into_iter().collect();
        assert_eq!((few.get("b"), few.get("a"), few.get("c")), (Some(&3), Some(&2), None));
        assert_eq!(few.names().collect::<Vec<_>>(), ["a", "b"]);
    }
}

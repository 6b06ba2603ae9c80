//! Terms as columns: classes, products, what is centred within and between groups, and random terms.

use super::{Builder, Column, ModelError, RandomColumns, all_of, key};
use crate::matrix::model::formula::{Name, Part, Random, Term};
use crate::stats;
use std::collections::{BTreeMap, BTreeSet};

impl Builder<'_> {
    /// Columns of a term; a variable with k classes has k - 1, the first class being what the others are compared with.
    pub(super) fn term(&self, term: &Term, kept: &[usize]) -> Result<Vec<(String, Vec<f64>)>, ModelError> {
        let mut columns = vec![(String::new(), vec![1.0; kept.len()])];
        for part in &term.0 {
            let own = self.part(part, kept)?;
            columns = columns
                .iter()
                .flat_map(|(name, values)| {
                    own.iter().map(move |(other, more)| {
                        let name = if name.is_empty() { other.clone() } else { format!("{name}:{other}") };
                        (name, values.iter().zip(more).map(|(a, b)| a * b).collect())
                    })
                })
                .collect();
        }
        Ok(columns)
    }

    fn part(&self, part: &Part, kept: &[usize]) -> Result<Vec<(String, Vec<f64>)>, ModelError> {
        let Some(column) = self.columns.get(&key(part)) else { return Ok(Vec::new()) };
        let values = match column {
            Column::Numeric(values) => kept.iter().filter_map(|&k| values[k]).collect::<Vec<f64>>(),
            Column::Classes(values) => {
                if matches!(part, Part::Within(..) | Part::Between(..)) {
                    return Err(self.error(part.name(), "only numbers are centred, and this has classes"));
                }
                let values: Vec<&String> = kept.iter().filter_map(|&k| values[k].as_ref()).collect();
                let classes: BTreeSet<&String> = values.iter().copied().collect();
                if classes.len() > 12 {
                    let message = format!("this has {} classes, and each would be a term of its own", classes.len());
                    return Err(self.error(part.name(), message));
                }
                if classes.len() < 2 {
                    return Err(ModelError::Constant(part.to_string(), all_of(kept.len())));
                }
                let column = |class: &&String| {
                    let is = values.iter().map(|value| f64::from(u8::from(*value == *class))).collect();
                    (format!("{part}={class}"), is)
                };
                return Ok(classes.iter().skip(1).map(column).collect());
            }
        };
        let (Part::Within(_, group) | Part::Between(_, group)) = part else {
            return Ok(vec![(part.to_string(), values)]);
        };
        let means = self.means(part, group.as_ref(), &values, kept)?;
        let centred = match part {
            Part::Within(..) => values.iter().zip(&means).map(|(value, mean)| value - mean).collect(),
            _ => means,
        };
        Ok(vec![(part.to_string(), centred)])
    }

    /// The mean of each observation's group.
    fn means(&self, part: &Part, group: Option<&Name>, values: &[f64], kept: &[usize]) -> Result<Vec<f64>, ModelError> {
        let groups = match (group, self.formula.random.as_slice()) {
            (Some(group), _) => self.group(group)?,
            (None, [only]) => self.groups(only)?,
            (None, _) => {
                return Err(self.error(
                    part.name(),
                    format!(
                        "say within which group: `{}`",
                        match part {
                            Part::Within(name, _) => format!("within({}, worker)", name.text),
                            _ => format!("between({}, worker)", part.name().text),
                        }
                    ),
                ));
            }
        };
        let of: Vec<&str> = kept.iter().map(|&k| groups[k].as_deref().unwrap_or("")).collect();
        let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (group, value) in of.iter().zip(values) {
            let sum = sums.entry(group).or_default();
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
        Ok(of.iter().filter_map(|group| sums.get(group)).map(|(sum, n)| sum / n).collect())
    }

    pub(super) fn random(
        &self,
        random: &Random,
        groups: &[Option<String>],
        kept: &[usize],
    ) -> Result<RandomColumns, ModelError> {
        let of: Vec<&String> = kept.iter().filter_map(|&k| groups[k].as_ref()).collect();
        let names: BTreeSet<&String> = of.iter().copied().collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let mut slopes = Vec::new();
        let mut titles: Vec<String> = random.intercept.then(|| "intercept".to_owned()).into_iter().collect();
        for slope in &random.slopes {
            for (name, column) in self.part(slope, kept)? {
                titles.push(name);
                slopes.push(column);
            }
        }
        let level = of.iter().map(|group| names.partition_point(|name| name < *group)).collect();
        Ok(RandomColumns {
            title: random.title(),
            term: stats::RandomTerm { level, intercept: random.intercept, slopes },
            levels: names.len(),
            names: titles,
            groups: names,
        })
    }
}

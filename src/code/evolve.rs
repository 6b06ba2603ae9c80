//! A codebook that changes while people code: what an edit does to the codings, and what must be looked at again.
//!
//! Only builds the next codebook and the records that follow from it; the caller commits them as one operation. A
//! coding keeps the version that it was made under until somebody looks at it again: so a table can say "coded under
//! version 3", and the queue knows what is open.

use super::diff::{Change, diff};
use crate::model::{
    Code, CodeStatus, Codebook, CodebookVersion, Coding, Coverage, Plan, PlannedTable, Rejection, Theme,
};
use crate::store::Study;
use std::collections::{BTreeMap, BTreeSet};

/// Why the codebook cannot be changed like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvolveError {
    /// No such code.
    #[error("the codebook has no code `{0}`")]
    Unknown(String),
    /// It has the id already.
    #[error("the codebook has a code `{0}` already")]
    Taken(String),
    /// A code cannot lie under itself.
    #[error("`{code}` cannot lie under `{parent}`, which lies under `{code}`")]
    Circle {
        /// The code.
        code: String,
        /// Where it was to go.
        parent: String,
    },
    /// Into itself.
    #[error("`{0}` cannot go into itself")]
    Itself(String),
    /// It is out of use.
    #[error("`{code}` is no longer used (status {status})")]
    OutOfUse {
        /// The code.
        code: String,
        /// Its status.
        status: &'static str,
    },
    /// The codebook is like that already.
    #[error("`{0}` is like that already")]
    Nothing(String),
    /// Too few codes.
    #[error("a split needs at least two codes to go into")]
    OneOnly,
}

/// What a change of the codebook does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evolution {
    /// The next version's list.
    pub codebook: Codebook,
    /// Codings that go to another code, with that code.
    pub recoded: BTreeMap<String, String>,
    /// They were looked at one by one, so they stand under the next version.
    pub looked_at: bool,
    /// Rejections that go to another code.
    pub rejections: BTreeMap<String, Rejection>,
    /// Themes whose codes change.
    pub themes: BTreeMap<String, Theme>,
    /// Plans whose codes change.
    pub plans: BTreeMap<String, Plan>,
    /// Coverage whose codes change.
    pub coverage: BTreeMap<String, Coverage>,
}

/// Edits of one code's definition; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Redefinition {
    /// One line.
    pub brief: Option<String>,
    /// Full definition.
    pub full: Option<String>,
    /// Criteria to add.
    pub include: Vec<String>,
    /// Criteria to add.
    pub exclude: Vec<String>,
}

fn code_mut<'a>(codebook: &'a mut Codebook, id: &str) -> Result<&'a mut Code, EvolveError> {
    codebook.codes.get_mut(id).ok_or_else(|| EvolveError::Unknown(id.to_owned()))
}

fn only(codebook: Codebook, old: &Codebook, id: &str) -> Result<Evolution, EvolveError> {
    if codebook == *old {
        return Err(EvolveError::Nothing(id.to_owned()));
    }
    Ok(Evolution { codebook, ..Evolution::default() })
}

/// Another label; the id stays, and with it everything that names the code.
pub fn rename(study: &Study, id: &str, label: &str) -> Result<Evolution, EvolveError> {
    let mut codebook = study.codebook.codebook.clone();
    label.clone_into(&mut code_mut(&mut codebook, id)?.label);
    only(codebook, &study.codebook.codebook, id)
}

/// Another parent, or none.
pub fn move_under(study: &Study, id: &str, parent: Option<&str>) -> Result<Evolution, EvolveError> {
    let mut codebook = study.codebook.codebook.clone();
    if let Some(parent) = parent {
        code_mut(&mut codebook, parent)?;
        if codebook.path(parent).split('/').any(|part| part == id) {
            return Err(EvolveError::Circle { code: id.to_owned(), parent: parent.to_owned() });
        }
    }
    code_mut(&mut codebook, id)?.parent = parent.map(str::to_owned);
    only(codebook, &study.codebook.codebook, id)
}

/// Another definition: everything coded under the old one comes into the queue.
pub fn redefine(study: &Study, id: &str, new: &Redefinition) -> Result<Evolution, EvolveError> {
    let mut codebook = study.codebook.codebook.clone();
    let code = code_mut(&mut codebook, id)?;
    if let Some(brief) = &new.brief {
        code.brief.clone_from(brief);
    }
    if let Some(full) = &new.full {
        code.full.clone_from(full);
    }
    code.include.extend(new.include.iter().cloned());
    code.exclude.extend(new.exclude.iter().cloned());
    only(codebook, &study.codebook.codebook, id)
}

/// No longer used: its codings stay, its rules suggest nothing more.
pub fn retire(study: &Study, id: &str) -> Result<Evolution, EvolveError> {
    let mut codebook = study.codebook.codebook.clone();
    let code = code_mut(&mut codebook, id)?;
    code.status = CodeStatus::Retired;
    code.rules.clear();
    code.negative_forms.clear();
    only(codebook, &study.codebook.codebook, id)
}

/// All of a code goes to another one: codings, rejections, rules, children; themes, plans and coverage follow.
pub fn merge_code(study: &Study, id: &str, into: &str) -> Result<Evolution, EvolveError> {
    if id == into {
        return Err(EvolveError::Itself(id.to_owned()));
    }
    let mut codebook = study.codebook.codebook.clone();
    let code = code_mut(&mut codebook, id)?;
    refuse_out_of_use(id, code)?;
    code.status = CodeStatus::Merged;
    let rules = std::mem::take(&mut code.rules);
    let negative = std::mem::take(&mut code.negative_forms);
    let targets = code.targets.clone();
    let parent = code.parent.clone();
    let goal = code_mut(&mut codebook, into)?;
    refuse_out_of_use(into, goal)?;
    if goal.parent.as_deref() == Some(id) {
        goal.parent = parent;
    }
    add_missing(&mut goal.rules, rules);
    add_missing(&mut goal.negative_forms, negative);
    add_missing(&mut goal.targets, targets);
    for child in codebook.codes.values_mut().filter(|child| child.parent.as_deref() == Some(id)) {
        child.parent = Some(into.to_owned());
    }
    let mut evolution = Evolution { codebook, ..Evolution::default() };
    let of_code = |code: &Option<String>| code.as_deref() == Some(id);
    let codings = study.codings.iter().filter(|(_, coding)| of_code(&coding.code));
    evolution.recoded = codings.map(|(key, _)| (key.clone(), into.to_owned())).collect();
    for (key, rejection) in study.rejections.iter().filter(|(_, rejection)| rejection.code == id) {
        evolution.rejections.insert(key.clone(), Rejection { code: into.to_owned(), ..rejection.clone() });
    }
    follow(study, id, &[into.to_owned()], &mut evolution);
    Ok(evolution)
}

/// A code becomes several: new ones begin as drafts in its place. Excerpts go one by one, as `table` says; those that
/// it does not name stay with the old code and in the queue.
pub fn split_code(
    study: &Study,
    id: &str,
    into: &[String],
    table: &BTreeMap<String, String>,
) -> Result<Evolution, EvolveError> {
    let mut codebook = study.codebook.codebook.clone();
    let old = code_mut(&mut codebook, id)?;
    if matches!(old.status, CodeStatus::Merged | CodeStatus::Retired) {
        refuse_out_of_use(id, old)?;
    }
    if into.len() < 2 {
        return Err(EvolveError::OneOnly);
    }
    if into.iter().any(|code| code == id) {
        return Err(EvolveError::Itself(id.to_owned()));
    }
    old.status = CodeStatus::Split;
    old.rules.clear();
    old.negative_forms.clear();
    let parent = old.parent.clone();
    for code in into {
        let draft = || Code { label: code.replace('_', " "), parent: parent.clone(), ..Code::default() };
        codebook.codes.entry(code.clone()).or_insert_with(draft);
    }
    let mut evolution = Evolution { codebook, recoded: table.clone(), looked_at: true, ..Evolution::default() };
    follow(study, id, into, &mut evolution);
    Ok(evolution)
}

fn refuse_out_of_use(id: &str, code: &Code) -> Result<(), EvolveError> {
    let status = match code.status {
        CodeStatus::Draft | CodeStatus::Active => return Ok(()),
        CodeStatus::Merged => "merged",
        CodeStatus::Split => "split",
        CodeStatus::Retired => "retired",
    };
    Err(EvolveError::OutOfUse { code: id.to_owned(), status })
}

fn add_missing<T: PartialEq>(list: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !list.contains(&item) {
            list.push(item);
        }
    }
}

/// Whoever read a source for the code has read it for what the code became; themes and plans that rest on it rest on
/// that too.
fn follow(study: &Study, id: &str, into: &[String], evolution: &mut Evolution) {
    let replaced = |codes: &[String]| -> Option<Vec<String>> {
        codes.iter().any(|code| code == id).then(|| {
            let kept = codes.iter().filter(|code| *code != id).chain(into);
            kept.cloned().collect::<BTreeSet<_>>().into_iter().collect()
        })
    };
    for (key, theme) in &study.themes {
        if let Some(codes) = replaced(&theme.codes) {
            evolution.themes.insert(key.clone(), Theme { codes, ..theme.clone() });
        }
    }
    // The terms of a declared model are part of its formula, and a plan is not rewritten.
    for (key, plan) in study.plans.iter().filter(|(_, plan)| plan.table != PlannedTable::Model) {
        if let Some(codes) = replaced(&plan.codes) {
            evolution.plans.insert(key.clone(), Plan { codes, ..plan.clone() });
        }
    }
    for (key, row) in &study.coverage {
        if let Some(codes) = replaced(&row.codes) {
            evolution.coverage.insert(key.clone(), Coverage { codes, ..row.clone() });
        }
    }
}

/// A coding that should be looked at again, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Id of the coding.
    pub coding: String,
    /// Why.
    pub why: String,
}

/// Codings whose code means something else now than when they were made, or is no longer used; sorted by code.
pub fn queue(study: &Study, versions: &BTreeMap<u32, CodebookVersion>) -> Vec<Open> {
    let now = &study.codebook.codebook;
    let mut reasons: BTreeMap<(u32, &str), Option<String>> = BTreeMap::new();
    let mut open: Vec<(&str, Open)> = Vec::new();
    for (id, coding) in &study.codings {
        let Some(code) = coding.code.as_deref() else { continue };
        let why = reasons
            .entry((coding.codebook_version, code))
            .or_insert_with(|| reason(coding, code, versions.get(&coding.codebook_version), now));
        if let Some(why) = why {
            open.push((code, Open { coding: id.clone(), why: why.clone() }));
        }
    }
    open.sort_by(|a, b| (a.0, &a.1.coding).cmp(&(b.0, &b.1.coding)));
    open.into_iter().map(|(_, open)| open).collect()
}

fn reason(coding: &Coding, code: &str, then: Option<&CodebookVersion>, now: &Codebook) -> Option<String> {
    let Some(new) = now.codes.get(code) else {
        return Some(format!("`{code}` is no longer in the codebook"));
    };
    let status_then = then.and_then(|version| version.codebook.codes.get(code)).map(|code| code.status);
    match new.status {
        same if status_then == Some(same) => {}
        CodeStatus::Split => return Some(format!("`{code}` was split")),
        CodeStatus::Retired => return Some(format!("`{code}` was retired")),
        CodeStatus::Merged => return Some(format!("`{code}` was merged into another code")),
        CodeStatus::Draft | CodeStatus::Active => {}
    }
    let one = |code: &Code| Codebook { codes: BTreeMap::from([(String::new(), code.clone())]), ..Codebook::default() };
    let Some(old) = then.and_then(|version| version.codebook.codes.get(code)) else {
        let made_under = coding.codebook_version;
        return then.is_some().then(|| format!("version {made_under}, under which it was made, had no `{code}`"));
    };
    diff(&one(old), &one(new)).into_iter().find_map(|change| match change {
        Change::Redefined { fields, .. } => Some(format!("`{code}` was redefined ({})", fields.join(", "))),
        _ => None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn study() -> Study {
        let mut study = Study::default();
        for (id, parent) in [("trust", None), ("hope", None), ("deep_trust", Some("trust"))] {
            let code = Code { label: id.into(), parent: parent.map(str::to_owned), ..Code::default() };
            study.codebook.codebook.codes.insert(id.into(), code);
        }
        study
    }

    #[test]
    fn a_code_cannot_lie_under_its_own_child() {
        let circle = move_under(&study(), "trust", Some("deep_trust"));
        assert_eq!(circle, Err(EvolveError::Circle { code: "trust".into(), parent: "deep_trust".into() }));
        let moved = move_under(&study(), "hope", Some("deep_trust")).unwrap();
        assert_eq!(moved.codebook.path("hope"), "trust/deep_trust/hope");
    }

    #[test]
    fn what_goes_into_another_code_takes_children_and_coverage_along() {
        let mut study = study();
        let row = Coverage {
            coder: "ada".into(),
            source: "s".into(),
            codes: vec!["trust".into()],
            turns: Vec::new(),
            round: crate::model::FIRST_ROUND,
        };
        study.coverage.insert("ada/s".into(), row);
        let merged = merge_code(&study, "trust", "hope").unwrap();
        assert_eq!(merged.codebook.codes["deep_trust"].parent.as_deref(), Some("hope"));
        assert_eq!(merged.codebook.codes["trust"].status, CodeStatus::Merged);
        assert_eq!(merged.coverage["ada/s"].codes, ["hope"]);
        // Into its own child: the child comes up to where its parent was.
        let merged = merge_code(&study, "trust", "deep_trust").unwrap();
        assert_eq!(merged.codebook.codes["deep_trust"].parent, None);
    }

    #[test]
    fn a_split_begins_with_drafts_and_keeps_what_nobody_decided() {
        let table = BTreeMap::from([("c-1".to_owned(), "faith".to_owned())]);
        let split = split_code(&study(), "hope", &["faith".into(), "plans".into()], &table).unwrap();
        assert_eq!(split.codebook.codes["faith"].status, CodeStatus::Draft);
        assert_eq!(split.codebook.codes["hope"].status, CodeStatus::Split);
        assert_eq!(split.recoded, table);
        assert_eq!(rename(&study(), "hope", "hope"), Err(EvolveError::Nothing("hope".into())));
    }
}

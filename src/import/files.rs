//! Which files an import reads, and in which order. Looks at names only; what a file holds is read afterwards.

use super::{known_instrument, known_instruments};
use std::io;
use std::path::{Path, PathBuf};

/// Files to read, and those that were left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// In the order of reading: tables and codebooks say who the participants are and which waves and codes there are.
    pub files: Vec<PathBuf>,
    /// Files that tell about a folder (`README.md`): read only where they are named.
    pub about_folders: Vec<PathBuf>,
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A path that leads nowhere.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// As typed.
        path: String,
        /// What the system says.
        why: io::Error,
        /// An instrument with a name like it.
        near: Option<String>,
    },
    /// A folder that cannot be listed.
    #[error("cannot list {path}: {why}")]
    Unlistable {
        /// The folder.
        path: String,
        /// What the system says.
        why: io::Error,
    },
    /// Folders without files.
    #[error("these folders hold no file")]
    Empty,
}

/// All files that the paths name, and those in their folders; hidden files are left out.
pub fn files(paths: &[PathBuf]) -> Result<Files, FilesError> {
    let mut found = Files::default();
    let mut waiting: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = waiting.pop() {
        if comes_along(&path).is_some() {
            found.files.push(path);
            continue;
        }
        let about = std::fs::metadata(&path).map_err(|why| {
            let path = path.to_string_lossy().into_owned();
            let known = known_instruments();
            let near = crate::query::nearest(&path, known.iter().map(String::as_str)).map(str::to_owned);
            FilesError::Unreadable { path, why, near }
        })?;
        if !about.is_dir() {
            found.files.push(path);
            continue;
        }
        let entries =
            std::fs::read_dir(&path).map_err(|why| FilesError::Unlistable { path: path.display().to_string(), why })?;
        let mut inside: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        inside.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
        found.about_folders.extend(inside.extract_if(.., |path| tells_about_the_folder(path)));
        inside.sort();
        waiting.extend(inside.into_iter().rev());
    }
    if found.files.is_empty() {
        return Err(FilesError::Empty);
    }
    found.about_folders.sort();
    found.files.sort_by_cached_key(|path| (rank(path), path.clone()));
    Ok(found)
}

fn tells_about_the_folder(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme")) && path.is_file()
}

/// The definition of an instrument that comes with the program, where no file has that name.
pub fn comes_along(path: &Path) -> Option<String> {
    path.to_str().filter(|_| !path.exists()).and_then(known_instrument)
}

/// Where a file stands in the order of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Codebooks and instruments.
    Definitions,
    /// Tables of people, scores, answers.
    Tables,
    /// Texts.
    Texts,
    /// Tables of codings, which name texts.
    Reference,
    /// Tables of memos, which name anything.
    Memos,
}

/// Where a file stands by its name.
pub fn rank(path: &Path) -> Rank {
    if comes_along(path).is_some() {
        return Rank::Definitions;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    match path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).as_deref() {
        Some("toml") => Rank::Definitions,
        Some("csv" | "tsv") if name.starts_with("reference") => Rank::Reference,
        Some("csv" | "tsv") if name.starts_with("memos") => Rank::Memos,
        Some("csv" | "tsv") => Rank::Tables,
        _ => Rank::Texts,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn definitions_come_first_and_what_names_texts_comes_last() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.txt", "memos.csv", "reference.csv", "people.csv", "book.toml", "README.md", ".hidden"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let found = files(&[folder.path().to_owned()]).unwrap();
        let names = |paths: &[PathBuf]| -> Vec<String> {
            paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(&found.files), ["book.toml", "people.csv", "a.txt", "reference.csv", "memos.csv"]);
        assert_eq!(names(&found.about_folders), ["README.md"]);
        assert_eq!(files(&[folder.path().join("README.md")]).unwrap().files.len(), 1);
    }

    #[test]
    fn a_path_that_leads_nowhere_may_be_a_slip() {
        let error = files(&[PathBuf::from("phq99")]).unwrap_err();
        assert!(matches!(&error, FilesError::Unreadable { near: Some(near), .. } if near == "phq9"), "{error:?}");
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(files(&[folder.path().to_owned()]), Err(FilesError::Empty)));
    }
}

//! Whether the files of an index are as they were written.
//!
//! Tantivy ends each of its files with a checksum and never looks at it again. To read all of a large index at each
//! opening would cost more than the search. So size and time of change of every file are noted where its bytes were
//! found right or were just written, and the bytes are read again where one of these differs: after a copy, or a repair
//! of the disk. `audit verify` has them read in any case.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;
use tantivy::index::SegmentId;
use tantivy::{Index, TantivyError};

/// The file that the notes are in.
const NOTED: &str = "files-noted";

/// By name: size, and time of change in nanoseconds.
type Files = BTreeMap<String, (u64, u64)>;

/// Whether the files of the last commit are whole.
pub(super) fn is_whole(path: &Path, index: &Index) -> Result<bool, TantivyError> {
    let files = files(path, index)?;
    let noted = std::fs::read(path.join(NOTED)).ok();
    if noted.and_then(|noted| serde_json::from_slice::<Files>(&noted).ok()).as_ref() == Some(&files) {
        return Ok(true);
    }
    for name in files.keys() {
        if !index.directory().validate_checksum(Path::new(name))? {
            return Ok(false);
        }
    }
    write_down(path, &files);
    Ok(true)
}

/// Notes the files of a commit that was just written.
pub(super) fn note(path: &Path, index: &Index) -> Result<(), TantivyError> {
    write_down(path, &files(path, index)?);
    Ok(())
}

/// Has every byte read again when the index is opened next; whether there is an index.
pub(super) fn distrust(path: &Path) -> bool {
    // Where it cannot be removed, nobody could make the index anew either.
    let _ = std::fs::remove_file(path.join(NOTED));
    path.join("meta.json").exists()
}

fn write_down(path: &Path, files: &Files) {
    // On a disk that cannot be written the bytes are read each time.
    let _ = std::fs::write(path.join(NOTED), serde_json::to_vec(files).unwrap_or_default());
}

/// The files that tantivy has of the last commit: they begin with the name of a segment.
fn files(path: &Path, index: &Index) -> Result<Files, TantivyError> {
    let segments: Vec<String> = index.searchable_segment_ids()?.iter().map(SegmentId::uuid_string).collect();
    let mut files = Files::new();
    for entry in std::fs::read_dir(path)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(known) = entry.metadata() else { continue };
        if segments.iter().any(|segment| name.starts_with(segment)) {
            let changed = known.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let changed = changed.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
            files.insert(name, (known.len(), changed));
        }
    }
    Ok(files)
}

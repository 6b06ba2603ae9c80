//! Where a study lies: SQLite's log needs a local disk that one machine at a time writes.

use std::fmt;
use std::path::{Path, PathBuf};

/// Something about the study that a person should know; it was opened all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A program that copies files between machines watches the folder.
    SyncFolder {
        /// The folder's name, as the program makes it.
        name: String,
    },
    /// Opened for reading on a network file system.
    NetworkFileSystem {
        /// Its type.
        kind: String,
    },
    /// No snapshot could be kept.
    NoSnapshot {
        /// Why.
        why: String,
    },
    /// Traces of an erasure could not be removed yet.
    ErasureUnfinished {
        /// What to do.
        what: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SyncFolder { name } => write!(
                f,
                "the study lies in a folder that {name} copies to other machines, which can damage it: keep it outside, and put backups there"
            ),
            Self::NetworkFileSystem { kind } => {
                write!(f, "the study lies on a network file system ({kind}) and is opened for reading only")
            }
            Self::NoSnapshot { why } => write!(f, "no snapshot was kept: {why}"),
            Self::ErasureUnfinished { what } => {
                write!(f, "traces of an erasure may remain on disk until this is done: {what}")
            }
        }
    }
}

const NETWORK: [&str; 12] =
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.rclone", "davfs"];

const SYNC: [(&str, &str); 7] = [
    ("dropbox", "Dropbox"),
    ("onedrive", "OneDrive"),
    ("icloud", "iCloud"),
    ("mobile documents", "iCloud"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("my drive", "Google Drive"),
];

/// The network file system that holds an absolute path, according to a table such as `/proc/mounts`.
pub(super) fn network_file_system(path: &Path, mounts: &str) -> Option<String> {
    let holding = mounts.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (point, kind) = (PathBuf::from(unescape(fields.next()?)), fields.next()?);
        path.starts_with(&point).then(|| (point.components().count(), kind))
    });
    // Of equally deep mounts the later one covers the earlier.
    let (_, kind) = holding.max_by_key(|(depth, _)| *depth)?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

/// Mount tables write blanks and a few others as three octal digits.
fn unescape(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.filter(|_| first == b'\\').and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The program that copies this folder between machines, told by the names of the folders above it.
pub(super) fn sync_folder(path: &Path) -> Option<&'static str> {
    path.components().find_map(|part| {
        let name = part.as_os_str().to_string_lossy().to_lowercase();
        // "OneDrive - University", "Dropbox (Personal)" are how these programs name further accounts.
        SYNC.iter()
            .find(|(word, _)| {
                name == *word || name.strip_prefix(*word).is_some_and(|rest| rest.starts_with([' ', '-']))
            })
            .map(|(_, program)| *program)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const MOUNTS: &str = "/dev/sda1 / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/sdb1 /home/ada/local ext4 rw 0 0\n//nas/x /mnt/lab\\040share cifs rw 0 0\n";

    #[test]
    fn the_deepest_mount_decides() {
        let kind = |path: &str| network_file_system(Path::new(path), MOUNTS);
        assert_eq!(kind("/home/ada/study").as_deref(), Some("nfs4"));
        assert_eq!(kind("/home/ada/local/study"), None);
        assert_eq!(kind("/mnt/lab share/study").as_deref(), Some("cifs"));
        assert_eq!(kind("/homework/study"), None);
        assert_eq!(network_file_system(Path::new("/x"), "garbage\n\\04"), None);
    }

    #[test]
    fn sync_folders_are_told_by_name() {
        assert_eq!(sync_folder(Path::new("/home/ada/Dropbox/study")), Some("Dropbox"));
        assert_eq!(sync_folder(Path::new("/Users/ada/OneDrive - University/study")), Some("OneDrive"));
        assert_eq!(sync_folder(Path::new("/Users/ada/Library/Mobile Documents/study")), Some("iCloud"));
        assert_eq!(sync_folder(Path::new("/home/ada/dropboxes/study")), None);
    }
}

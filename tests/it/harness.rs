//! A study in a temporary folder, and the command run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// What one run printed.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Exit code, stdout and stderr, as a snapshot shows them.
    pub fn shown(&self) -> String {
        format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// The same run, which must have ended with this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.shown());
        self
    }
}

/// A study in a temporary folder.
pub struct Study {
    folder: TempDir,
    clock: std::cell::Cell<u32>,
}

impl Study {
    /// An empty study.
    pub fn new() -> Self {
        let study = Self::bare();
        study.run(&["init", ".", "--name", "test"]).exits(0);
        study
    }

    /// A folder without a study.
    pub fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: std::cell::Cell::new(0) }
    }

    /// The small sample of six people, `corpus-samples/first-steps`, with its reference coding.
    pub fn first_steps() -> Self {
        let study = Self::bare();
        let name = "First steps (fictional)";
        study.run(&["init", ".", "--name", name, "--waves", "T0=during,T1=during"]).exits(0);
        study.run(&["settings", "set", "fictional", "yes"]).exits(0);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus-samples/first-steps");
        study.run_as("coder-a", &["import", &folder.display().to_string()]).exits(0);
        study
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder and gives its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs the command in the folder; the clock goes on by a second.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_as("tester", args)
    }

    /// Runs the command as a coder.
    pub fn run_as(&self, coder: &str, args: &[&str]) -> Ran {
        let output = self.command(coder, args).output().unwrap();
        self.ran(&output)
    }

    /// The command, ready to run.
    pub fn command(&self, coder: &str, args: &[&str]) -> Command {
        let second = self.clock.get();
        self.clock.set(second + 1);
        let mut command = Command::new(env!("CARGO_BIN_EXE_themata"));
        command
            .args(args)
            .current_dir(self.path())
            .env_remove("THEMATA_STUDY")
            .env(
                "THEMATA_NOW",
                format!("2026-01-01T{:02}:{:02}:{:02}.000Z", second / 3600, second / 60 % 60, second % 60),
            )
            .env("THEMATA_CODER", coder)
            .env("THEMATA_WIDTH", "120")
            .env("THEMATA_SEED", "test")
            .env("NO_COLOR", "1");
        command
    }

    /// Data of a listing as JSON.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let mut args = args.to_vec();
        args.extend(["--format", "json"]);
        let ran = self.run(&args);
        assert!(ran.code < 2, "{}", ran.shown());
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.shown()))
    }

    /// What a run printed; the temporary folder is called STUDY, so that the text is the same in every run.
    fn ran(&self, output: &Output) -> Ran {
        let folder = self.path().display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder, "STUDY");
        Ran { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// A folder of `../shared`, or the reason printed why the test does nothing.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THEMATA_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: no ../shared/{path}");
    None
}

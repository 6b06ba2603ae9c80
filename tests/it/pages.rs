//! The pages that say "type along": every command in them is typed, and what it prints is what the page shows.
//!
//! The commands are typed into `sh`, and use what POSIX has; the test is left out where there is none.
//!
//! A line `...` in a block stands for lines left out. Where a page is behind, `THEMATA_PAGES=write cargo test --test it
//! pages` puts in what is printed now; read the difference before you keep it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const LEFT_OUT: &str = "...";

/// A command that is typed and not shown: what a page takes for granted.
const UNSEEN: &str = "<!-- $ ";

/// A copy of what the project's folder holds, and the terminal that the commands are typed into.
struct Terminal {
    _folder: TempDir,
    root: PathBuf,
    at: PathBuf,
    exported: BTreeMap<String, String>,
    minute: u32,
}

impl Terminal {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // As the program prints it, where the folder for temporary files is a link.
        let root = folder.path().canonicalize().unwrap();
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["corpus-samples", "codebooks"] {
            std::os::unix::fs::symlink(project.join(name), root.join(name)).unwrap();
        }
        std::fs::create_dir(root.join("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_themata"), root.join("bin/themata")).unwrap();
        Self { _folder: folder, at: root.clone(), root, exported: BTreeMap::new(), minute: 0 }
    }

    /// Types a command and gives what appears.
    fn type_in(&mut self, command: &str) -> Vec<String> {
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let is_value = |value: &str| value.starts_with('\'') || !value.contains([' ', ';']);
        let assigned = command.trim_start_matches("export ").split_once('=');
        if let Some((name, value)) = assigned.filter(|(name, value)| is_name(name) && is_value(value)) {
            let value = value.trim_matches('\'');
            let value = if name == "THEMATA_STUDY" { self.at.join(value).display().to_string() } else { value.into() };
            self.exported.insert(name.to_owned(), value);
            return Vec::new();
        }
        if let Some(folder) = command.strip_prefix("cd ") {
            for step in folder.split('/').filter(|step| !step.is_empty()) {
                // As a shell does it: back out of a linked folder to where one came from.
                if step == ".." { assert!(self.at.pop()) } else { self.at.push(step) }
            }
            return Vec::new();
        }
        let bin = self.root.join("bin").display().to_string();
        let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
        let now = format!("2025-03-03T09:{:02}:00.000Z", self.minute);
        self.minute += 1;
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(&self.at)
            .env_remove("THEMATA_STUDY")
            .env("PATH", path)
            .env("THEMATA_NOW", now)
            .env("THEMATA_CODER", "coder-b")
            .env("THEMATA_WIDTH", "118")
            .env("THEMATA_SEED", "pages")
            .env("NO_COLOR", "1")
            .envs(&self.exported)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let folder = format!("{}/", self.root.display());
        printed.lines().map(|line| line.trim_end().replace(&folder, "")).collect()
    }
}

/// Whether a page shows what was printed, given that it may leave lines out.
fn shows(page: &[&str], printed: &[String]) -> bool {
    match page {
        [] => printed.is_empty(),
        [LEFT_OUT, rest @ ..] => (0..=printed.len()).any(|from| shows(rest, &printed[from..])),
        [line, rest @ ..] => printed.first().is_some_and(|first| first == line) && shows(rest, &printed[1..]),
    }
}

/// What the page should show: as many lines before and behind the ones left out as it had.
fn renewed(page: &[&str], printed: &[String]) -> Vec<String> {
    let Some(cut) = page.iter().position(|line| *line == LEFT_OUT) else { return printed.to_vec() };
    let (head, tail) = (cut, page.len() - cut - 1);
    if head + tail >= printed.len() {
        return printed.to_vec();
    }
    let mut lines = printed[..head].to_vec();
    lines.push(LEFT_OUT.into());
    lines.extend_from_slice(&printed[printed.len() - tail..]);
    lines
}

/// Types along with a page; gives it as it should be, and where it is not.
fn typed_along(text: &str) -> (String, String) {
    let mut terminal = Terminal::new();
    let (mut right, mut wrong) = (String::new(), String::new());
    let mut is_console = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        writeln!(right, "{line}").unwrap();
        if let Some(unseen) = line.strip_prefix(UNSEEN).and_then(|rest| rest.strip_suffix(" -->")) {
            terminal.type_in(unseen);
        }
        if line.starts_with("```") {
            is_console = line == "```console";
        }
        let Some(prompt) = line.strip_prefix("$ ").filter(|_| is_console) else { continue };
        let mut command = prompt.to_owned();
        let end = prompt.split_once("<<'").and_then(|(_, rest)| rest.split_once('\'')).map(|(end, _)| end);
        let goes_on = |command: &str| match end {
            Some(end) => !command.ends_with(&format!("\n{end}")),
            None => command.ends_with('\\'),
        };
        while goes_on(&command) {
            let more = lines.next().unwrap();
            writeln!(right, "{more}").unwrap();
            write!(command, "\n{more}").unwrap();
        }
        let mut shown = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with("```")) {
            shown.push(line);
        }
        let mut printed = terminal.type_in(&command);
        while printed.last().is_some_and(String::is_empty) {
            printed.pop();
        }
        let gap = shown.iter().rev().take_while(|line| line.is_empty()).count();
        let (shown, gap) = shown.split_at(shown.len() - gap);
        // Where a page shows nothing, what is printed is beside the point.
        let is_right = shown.is_empty() || shows(shown, &printed);
        let lines =
            if is_right { shown.iter().map(|line| (*line).to_owned()).collect() } else { renewed(shown, &printed) };
        lines.iter().for_each(|line| writeln!(right, "{line}").unwrap());
        gap.iter().for_each(|line| writeln!(right, "{line}").unwrap());
        if !is_right {
            writeln!(wrong, "$ {command}\nshown:\n{}\nprinted:\n{}\n", shown.join("\n"), printed.join("\n")).unwrap();
        }
    }
    (right, wrong)
}

#[track_caller]
fn is_up_to_date(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let (right, wrong) = typed_along(&std::fs::read_to_string(&path).unwrap());
    if std::env::var_os("THEMATA_PAGES").is_some_and(|wish| wish == "write") {
        std::fs::write(path, right).unwrap();
    } else {
        assert!(wrong.is_empty(), "{page} shows what is no longer printed\n\n{wrong}");
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    is_up_to_date("README.md");
}

#[test]
fn the_guide_shows_what_is_printed_of_a_first_study() {
    is_up_to_date("docs/guide/01-first-study.md");
}

#[test]
fn the_guide_shows_what_is_printed_of_queries_polarity_and_files() {
    is_up_to_date("docs/guide/02-query-language.md");
    is_up_to_date("docs/guide/03-polarity.md");
    is_up_to_date("docs/guide/06-files.md");
}

#[test]
fn the_guide_shows_what_is_printed_of_people_scores_and_models() {
    is_up_to_date("docs/guide/04-counting-people.md");
    is_up_to_date("docs/guide/09-scores-and-change.md");
    is_up_to_date("docs/guide/10-matrix-and-models.md");
}

#[test]
fn the_guide_shows_what_is_printed_of_agreement() {
    is_up_to_date("docs/guide/11-agreement-and-review.md");
}

#[test]
fn a_page_may_leave_lines_out_but_not_change_them() {
    let printed = ["a", "b", "c", "d"].map(str::to_owned);
    assert!(shows(&["a", "b", "c", "d"], &printed) && shows(&["a", "...", "d"], &printed) && shows(&["..."], &printed));
    assert!(
        !shows(&["a", "c", "d"], &printed)
            && !shows(&["a", "b", "..", "d"], &printed)
            && !shows(&["...", "c"], &printed)
    );
    assert_eq!(renewed(&["a", "...", "x"], &printed), ["a", "...", "d"]);
    assert_eq!(renewed(&["x"], &printed), printed);
}

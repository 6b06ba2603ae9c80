//! The `themata` command: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    themata::cli::main()
}

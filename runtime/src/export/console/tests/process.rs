//! A process whose stderr is a pipe.

use std::process::{Command, Output};

use super::super::{ConsoleExporter, Delivery};
use super::given::batch;
use super::picture::support_answer;

/// Runs [`what_reaches_stderr_counts_as_delivered`] with these variables and no others that count.
fn run(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture"]);
    command.arg(format!(
        "{}::what_reaches_stderr_counts_as_delivered",
        module_path!().split_once("::").unwrap().1
    ));
    for name in
        ["CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "TERM"]
    {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

/// Also the other process of the tests below.
#[test]
fn what_reaches_stderr_counts_as_delivered() {
    let mut console = ConsoleExporter::stderr();
    assert_eq!(console.export_spans(batch(support_answer())), Delivery::complete());
    assert_eq!(console.close(), Delivery::complete());
}

#[test]
fn the_tree_goes_to_stderr_and_leaves_stdout_alone() {
    let output = run(&[("COLUMNS", "20"), ("TERM", "xterm")]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        stderr,
        "\
support-answer                                   1.84 s  ok      612 → 148 tokens
├─ retrieve                    retriever          42 ms  ok      top_k=5
└─ chat gpt-4o-mini            openai            1.79 s  ok      612 → 148 tokens  first chunk 310 ms
"
    );
    assert!(!String::from_utf8(output.stdout).unwrap().contains("support-answer"));
}

#[test]
fn the_environment_decides_on_colours_and_characters() {
    let forced = run(&[("CLICOLOR_FORCE", "1"), ("LANG", "C")]).stderr;
    assert!(forced.starts_with(b"\x1b[1msupport-answer\x1b[0m"), "{forced:?}");
    assert!(forced.is_ascii());

    let refused = run(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1"), ("LANG", "C")]).stderr;
    assert!(!refused.contains(&0x1b), "{refused:?}");
}

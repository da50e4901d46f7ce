//! What rustc says of programs that must not compile, and that it says nothing of those that must.
//!
//! Under the line at fault, a program in `ui/` tells the error that it expects: carets under the
//! columns, then the beginning of the message (and of its label, after a colon).
//!
//! ```text
//! #[trace_stage(kidn = "retriever")]
//! //~           ^^^^ unknown argument `kidn`; did you mean `kind`?
//! ```
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

const MARK: &str = "//~";

/// What the programs of a folder are compiled as.
struct Package {
    name: &'static str,
    folder: &'static str,
    edition: &'static str,
    /// What the library is called in it.
    library: &'static str,
}

const PACKAGES: [Package; 4] = [
    Package { name: "fail", folder: "ui", edition: "2024", library: "spanline" },
    Package { name: "pass", folder: "ui/pass", edition: "2024", library: "spanline" },
    Package { name: "pass-2021", folder: "ui/pass_2021", edition: "2021", library: "spanline" },
    Package {
        name: "pass-renamed",
        folder: "ui/pass_renamed",
        edition: "2024",
        library: "telemetry",
    },
];

/// One error: where its first line starts and ends, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mistake {
    line: usize,
    columns: (usize, usize),
    text: String,
}

/// What the compiler says of each program: errors, and everything else.
#[derive(Default)]
struct Said {
    errors: Vec<Mistake>,
    rest: Vec<String>,
}

#[test]
fn mistakes_are_reported_where_they_are_and_nothing_else_is() {
    let programs: Vec<(&Package, PathBuf)> = PACKAGES
        .iter()
        .flat_map(|package| programs(package).into_iter().map(move |program| (package, program)))
        .collect();
    let said = compile(&programs);

    let nothing = Said::default();
    let mut report = String::new();
    for (package, program) in &programs {
        let said = said.get(program).unwrap_or(&nothing);
        let complaints = if package.name == "fail" {
            let source = fs::read_to_string(program).unwrap();
            compare(&expected(&source), &said.errors, &source)
        } else {
            let errors =
                said.errors.iter().map(|error| format!("line {}: {}", error.line, error.text));
            said.rest.iter().cloned().chain(errors).collect()
        };
        if !complaints.is_empty() {
            let _ = writeln!(report, "{}\n{}\n", program.display(), complaints.join("\n"));
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

fn programs(package: &Package) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(package.folder);
    let mut programs: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    programs.sort();
    assert!(!programs.is_empty(), "no programs in {}", folder.display());
    programs
}

/// Compiles the programs: those that must not compile with rustc alone, whose words they expect, and
/// the others with every lint there is.
fn compile(programs: &[(&Package, PathBuf)]) -> BTreeMap<PathBuf, Said> {
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    lay_out(&workspace, programs);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let has_clippy = Command::new(&cargo)
        .args(["clippy", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let strictest = if has_clippy { "clippy" } else { "check" };

    let mut said = BTreeMap::<PathBuf, Said>::new();
    let mut compiled = BTreeSet::new();
    let mut complaints = String::new();
    for arguments in
        [&["check", "-p", "fail"][..], &[strictest, "--workspace", "--exclude", "fail"]]
    {
        let output = Command::new(&cargo)
            .args(arguments)
            .args(["--bins", "--offline", "--keep-going", "--message-format=json"])
            .current_dir(&workspace)
            .env("CARGO_TARGET_DIR", workspace.join("target"))
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()
            .unwrap();
        complaints.push_str(&String::from_utf8_lossy(&output.stderr));
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let program = || PathBuf::from(line["target"]["src_path"].as_str().unwrap());
            match line["reason"].as_str() {
                Some("compiler-message") => said.entry(program()).or_default().hear(&line),
                Some("compiler-artifact") => drop(compiled.insert(program())),
                _ => {}
            }
        }
    }
    // Else nothing would be compared with nothing.
    for (_, program) in programs {
        assert!(
            compiled.contains(program) || said.contains_key(program),
            "{} was not compiled:\n{complaints}",
            program.display(),
        );
    }
    said
}

/// A workspace of the programs, outside of this one.
fn lay_out(workspace: &Path, programs: &[(&Package, PathBuf)]) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(workspace).unwrap();
    fs::copy(here.join("../Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    let names = PACKAGES.map(|package| format!("{:?}", package.name)).join(", ");
    write(
        &workspace.join("Cargo.toml"),
        &format!("[workspace]\nresolver = \"3\"\nmembers = [{names}]\n"),
    );
    for package in &PACKAGES {
        let mut manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = {:?}\n\n\
             [dependencies]\n\
             async-trait = \"0.1\"\n\
             futures = \"0.3\"\n\
             {} = {{ package = \"spanline\", path = {:?}, default-features = false, features = [\"content\"] }}\n",
            package.name,
            package.edition,
            package.library,
            text(&here.join("../runtime")),
        );
        for (_, program) in programs.iter().filter(|(of, _)| of.name == package.name) {
            let name = program.file_stem().unwrap().to_str().unwrap();
            write!(manifest, "\n[[bin]]\nname = {name:?}\npath = {:?}\n", text(program)).unwrap();
        }
        fs::create_dir_all(workspace.join(package.name)).unwrap();
        write(&workspace.join(package.name).join("Cargo.toml"), &manifest);
    }
}

/// What a path is in TOML.
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Leaves a file alone that is right already: Cargo looks at its time.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return;
    }
    fs::write(path, text).unwrap();
}

impl Said {
    fn hear(&mut self, line: &Value) {
        let message = &line["message"];
        let program = &line["target"]["src_path"];
        let text = message["message"].as_str().unwrap();
        let spans = message["spans"].as_array().unwrap();
        let primary: Vec<&Value> = spans.iter().filter(|span| span["is_primary"] == true).collect();
        if primary.is_empty() && text.starts_with("aborting due to") {
            return;
        }
        if message["level"] != "error" || primary.is_empty() {
            self.rest.push(message["rendered"].as_str().unwrap_or(text).to_owned());
            return;
        }
        for mut span in primary {
            let text = match span["label"].as_str() {
                Some(label) => format!("{text}: {label}"),
                None => text.to_owned(),
            };
            // In the program, not in a macro of the library that it calls.
            while span["file_name"] != *program && !span["expansion"].is_null() {
                span = &span["expansion"]["span"];
            }
            let number = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
            let columns = (number("column_start"), number("column_end"));
            self.errors.push(Mistake { line: number("line_start"), columns, text });
        }
    }
}

/// The errors that a program expects.
fn expected(source: &str) -> Vec<Mistake> {
    let mut expected = Vec::new();
    let mut at = 0;
    for (index, line) in source.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix(MARK) else {
            at = index + 1;
            continue;
        };
        let start = line.find('^').unwrap_or_else(|| panic!("no carets in `{line}`"));
        let carets = comment.chars().filter(|letter| *letter == '^').count();
        let text = comment.trim_start_matches(['^', ' ']).to_owned();
        expected.push(Mistake { line: at, columns: (start + 1, start + 1 + carets), text });
    }
    expected
}

fn compare(expected: &[Mistake], found: &[Mistake], source: &str) -> Vec<String> {
    let matches = |expected: &Mistake, found: &Mistake| {
        expected.line == found.line
            && expected.columns == found.columns
            && found.text.starts_with(&expected.text)
    };
    let mut complaints = Vec::new();
    if expected.is_empty() {
        complaints.push("it expects no error".to_owned());
    }
    let mut surplus = found.to_vec();
    for expected in expected {
        match surplus.iter().position(|found| matches(expected, found)) {
            Some(index) => drop(surplus.remove(index)),
            None => complaints.push(format!("missing:\n{}", drawn(expected, source))),
        }
    }
    complaints.extend(surplus.iter().map(|found| format!("surplus:\n{}", drawn(found, source))));
    complaints
}

/// A mistake as it is written in a program.
fn drawn(mistake: &Mistake, source: &str) -> String {
    let line = source.lines().nth(mistake.line - 1).unwrap_or_default();
    let (start, end) = mistake.columns;
    let gap = " ".repeat((start - 1).saturating_sub(MARK.len()));
    let carets = "^".repeat(end.saturating_sub(start));
    format!("{line}\n{MARK}{gap}{carets} {}", mistake.text)
}

#[test]
fn a_missing_a_displaced_and_a_surplus_error_are_told() {
    let source = "    let wrong = 1;\n//~     ^^^^^ here\n";
    let here = expected(source);
    assert_eq!(here, [Mistake { line: 1, columns: (9, 14), text: "here".to_owned() }]);

    assert!(compare(&here, &here, source).is_empty());
    assert_eq!(compare(&here, &[], source).len(), 1);
    assert_eq!(compare(&[], &here, source).len(), 2);
    let displaced = Mistake { columns: (9, 13), ..here[0].clone() };
    assert_eq!(compare(&here, &[displaced], source).len(), 2);
    let other = Mistake { text: "not here".to_owned(), ..here[0].clone() };
    assert_eq!(compare(&here, &[other], source).len(), 2);
}

//! The boundaries of the house, read from the tree.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of code a file may have before it is split.
const LINES: usize = 500;
const VAGUE: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "types", "manager"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A source file without its tests and comments.
#[derive(Debug)]
struct Source {
    /// From the root of the workspace, with `/`.
    path: String,
    code: Vec<String>,
}

impl Source {
    fn contains(&self, text: &str) -> bool {
        self.code.iter().any(|line| line.contains(text))
    }

    /// Whether a word stands in the code that is part of no longer one.
    fn names(&self, word: &str) -> bool {
        let is_part =
            |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        self.code.iter().any(|line| {
            line.match_indices(word).any(|(at, _)| {
                let bytes = line.as_bytes();
                let before = at.checked_sub(1).and_then(|at| bytes.get(at));
                !is_part(before) && !is_part(bytes.get(at + word.len()))
            })
        })
    }
}

/// Every source file of a crate but those that are compiled for tests alone.
fn sources(folder: &str) -> Vec<Source> {
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files);
    let mut for_tests = BTreeSet::new();
    let mut sources = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let mut code = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            let before = number.checked_sub(1).map_or("", |before| lines[before].trim());
            if before == "#[cfg(test)]" {
                let module = line.trim().trim_start_matches("pub(crate) ").strip_prefix("mod ");
                match module.map(|module| module.split_once(';')) {
                    Some(Some((name, _))) => {
                        for_tests.insert(module_folder(file).join(name));
                        continue;
                    }
                    // Tests within the file are its end.
                    Some(None) => break,
                    None => {}
                }
            }
            if !line.trim_start().starts_with("//") {
                code.push((*line).to_owned());
            }
        }
        sources.push((file.clone(), code));
    }
    let sources: Vec<Source> = sources
        .into_iter()
        .filter(|(file, _)| {
            let module = module_folder(file);
            !for_tests.iter().any(|tests| module.starts_with(tests))
        })
        .map(|(file, code)| {
            let path = file.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            Source { path, code }
        })
        .collect();
    assert!(sources.len() >= 5, "{folder} has sources");
    sources
}

/// Where the files of a module's own modules are.
fn module_folder(file: &Path) -> PathBuf {
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") => file.parent().unwrap().to_owned(),
        _ => file.with_extension(""),
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The paths of the sources that a rule finds fault with.
fn offenders(sources: &[Source], is_offence: impl Fn(&Source) -> bool) -> Vec<&str> {
    sources.iter().filter(|source| is_offence(source)).map(|source| source.path.as_str()).collect()
}

fn none() -> [&'static str; 0] {
    []
}

#[test]
fn the_macros_know_nothing_of_opentelemetry_and_its_conventions() {
    let mut files = Vec::new();
    collect(&root().join("macros"), &mut files);
    files.push(root().join("macros/Cargo.toml"));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for word in ["opentelemetry", "gen_ai"] {
            assert!(!text.contains(word), "`{word}` in {}", file.display());
        }
    }
}

#[test]
fn the_runtime_knows_nothing_of_syntax() {
    let sources = sources("runtime/src");
    for word in ["syn", "proc_macro", "proc_macro2"] {
        assert_eq!(offenders(&sources, |source| source.names(word)), none(), "{word}");
    }
    for text in ["quote!", "quote::"] {
        assert_eq!(offenders(&sources, |source| source.contains(text)), none(), "{text}");
    }
    let manifest = text("runtime/Cargo.toml");
    assert!(!manifest.lines().any(|line| line.starts_with("syn") || line.starts_with("quote")));
}

#[test]
fn names_of_the_conventions_are_written_in_semconv_alone() {
    let semconv = text("runtime/src/semconv.rs");
    // The tables of the other conventions have values too, which are others' as well.
    let others = ["genai_main", "openinference"]
        .map(|name| text(&format!("runtime/src/semconv/{name}.rs")))
        .concat();
    let constants = others.split(": &str =").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let mut names: BTreeSet<String> = semconv
        .split('"')
        .skip(1)
        .step_by(2)
        .chain(constants)
        .filter(|name| name.contains('.') && !name.contains('/') && !name.contains(' '))
        .map(|name| format!("\"{name}\""))
        .collect();
    assert!(names.len() > 50, "{names:?}");
    // The folder of a file's name, and prefixes of names.
    names.retain(|name| !name.ends_with(".\""));
    let mut sources = sources("runtime/src");
    sources.retain(|source| !source.path.starts_with("runtime/src/semconv"));
    for name in &names {
        assert_eq!(offenders(&sources, |source| source.contains(name)), none(), "{name}");
    }
    for prefix in
        ["\"gen_ai.", "\"spanline.stage", "\"spanline.pipeline", "\"exception.", "\"exception\""]
    {
        assert_eq!(offenders(&sources, |source| source.contains(prefix)), none(), "{prefix}");
    }
}

#[test]
fn the_sdk_is_known_where_telemetry_is_set_up_and_exported_alone() {
    let sources = sources("runtime/src");
    for word in ["opentelemetry_sdk", "opentelemetry_otlp", "opentelemetry_proto", "tokio", "tonic"]
    {
        let found = offenders(&sources, |source| source.names(word));
        let outside: Vec<_> = found
            .iter()
            .filter(|path| {
                !["telemetry/", "export/", "testing"]
                    .iter()
                    .any(|inside| path.starts_with(&format!("runtime/src/{inside}")))
            })
            .collect();
        assert!(outside.is_empty(), "{word}: {outside:?}");
    }
    assert!(
        sources.iter().any(|source| source.names("opentelemetry_sdk")),
        "the rule sees something"
    );
}

#[test]
fn the_expansion_cannot_fail() {
    let sources = sources("macros/src");
    let raising: BTreeSet<_> = offenders(&sources, |source| {
        source.contains("Error::new") || source.contains("compile_error")
    })
    .into_iter()
    .collect();
    for quoting in [
        "macros/src/error_type/expand.rs",
        "macros/src/expand.rs",
        "macros/src/operation.rs",
        "macros/src/response/reading.rs",
        "macros/src/shape.rs",
    ] {
        assert!(sources.iter().any(|source| source.path == quoting), "{quoting}");
        assert!(!raising.contains(quoting), "{quoting}");
    }
    for expand in sources.iter().filter(|source| source.path.ends_with("expand.rs")) {
        for text in
            ["-> Result", "-> syn::Result", "panic!", "unreachable!", ".unwrap()", ".expect("]
        {
            assert!(!expand.contains(text), "{text} in {}", expand.path);
        }
    }
}

#[test]
fn private_re_exports_and_defines_nothing() {
    let text = text("runtime/src/__private.rs");
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let statements: Vec<&str> =
        code.split(';').map(str::trim).filter(|text| !text.is_empty()).collect();
    assert!(statements.len() > 3);
    for statement in statements {
        let statement = ["#[doc(hidden)]", "#[cfg(fuzzing)]"]
            .iter()
            .fold(statement, |rest, attribute| rest.trim_start_matches(attribute).trim_start());
        assert!(statement.starts_with("pub use "), "{statement}");
    }
}

#[test]
fn no_file_is_long_and_no_name_is_vague() {
    for folder in ["runtime/src", "macros/src", "tests/src", "examples"] {
        for source in sources_or_none(folder) {
            let lines = source.code.len();
            assert!(lines <= LINES, "{} has {lines} lines", source.path);
            for part in source.path.trim_end_matches(".rs").split('/') {
                assert!(!VAGUE.contains(&part), "{}", source.path);
            }
            for name in VAGUE {
                assert!(!source.names(&format!("mod {name}")), "`mod {name}` in {}", source.path);
            }
        }
    }
}

/// A folder may have fewer files than a crate of ours has.
fn sources_or_none(folder: &str) -> Vec<Source> {
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files);
    if files.len() < 5 { Vec::new() } else { sources(folder) }
}

/// What `lib.rs` makes public, by name.
fn public() -> BTreeSet<String> {
    let library = text("runtime/src/lib.rs");
    let code: String =
        library.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut names = BTreeSet::new();
    for part in code.split("pub use ").skip(1) {
        let path = part.split(';').next().unwrap();
        for piece in path.split(['{', '}', ',']) {
            let name = piece.rsplit("::").next().unwrap().trim();
            if !name.is_empty() {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn every_public_item_is_listed_in_the_crate_docs() {
    let documentation = text("runtime/src/docs/crate.md");
    let names = public();
    assert!(names.contains("trace_stage") && names.contains("Telemetry") && names.len() > 30);
    for name in names {
        assert!(
            documentation.contains(&format!("`{name}`")),
            "`{name}` is public and not listed in the crate docs"
        );
    }
}

#[test]
fn nothing_else_is_public() {
    let library = text("runtime/src/lib.rs");
    let lines: Vec<&str> = library.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        if line.starts_with("pub ") && !line.starts_with("pub use ") {
            assert_eq!(*line, "pub mod __private;");
            assert_eq!(lines[number - 1], "#[doc(hidden)]");
        }
        assert!(!line.contains("::*"), "{line}");
    }
    for source in sources("runtime/src") {
        for (number, line) in source.code.iter().enumerate() {
            if line.trim() == "#[macro_export]" {
                let before = &source.code[number - 1];
                assert_eq!(before.trim(), "#[doc(hidden)]", "{}", source.path);
            }
        }
    }
}

#[test]
fn the_changelog_and_the_macros_have_the_version_of_the_workspace() {
    let manifest = text("Cargo.toml");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .unwrap();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    let changelog = text("CHANGELOG.md");
    assert!(
        changelog.contains(&format!(" {version}")) || changelog.contains(&format!("[{version}]"))
    );
    let pinned = format!("spanline-macros = {{ path = \"macros\", version = \"={version}\" }}");
    assert!(manifest.contains(&pinned), "{pinned}");
}

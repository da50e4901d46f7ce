//! A workspace of its own, in the target folder: one package per contender.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::contender::{Contender, Dependency};
use crate::program;

/// Where the contenders are; their dependencies are shared.
pub(crate) struct Workspace(PathBuf);

/// The program whose compilation is measured.
pub(crate) const PROGRAM: &str = "program";

impl Workspace {
    pub(crate) fn lay_out(contenders: &[&Contender]) -> Self {
        let workspace = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile"));
        let members: Vec<String> =
            contenders.iter().map(|contender| format!("{:?}", contender.package())).collect();
        let members = members.join(", ");
        workspace.write(
            "Cargo.toml",
            &format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n"),
        );
        for contender in contenders {
            workspace.lay_out_package(contender);
        }
        workspace
    }

    fn lay_out_package(&self, contender: &Contender) {
        let name = contender.package();
        let dependency = match contender.dependency {
            Dependency::None => String::new(),
            Dependency::Spanline => format!(
                "spanline = {{ path = {:?}, default-features = false }}",
                env!("CARGO_MANIFEST_DIR")
            ),
            Dependency::Published(dependency) => dependency.to_owned(),
        };
        self.write(
            &format!("{name}/Cargo.toml"),
            &format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\n{dependency}\n"
            ),
        );
        self.write_program(contender, 0);
    }

    pub(crate) fn write_program(&self, contender: &Contender, edits: usize) {
        self.write_binary(contender, PROGRAM, &program::source(contender, edits));
    }

    pub(crate) fn write_binary(&self, contender: &Contender, binary: &str, source: &str) {
        self.write(&format!("{}/src/bin/{binary}.rs", contender.package()), source);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Cargo, on one program of a contender.
    pub(crate) fn cargo(&self, contender: &Contender, binary: &str, arguments: &[&str]) -> Output {
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .args(["-p", &contender.package(), "--bin", binary])
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env("CARGO_INCREMENTAL", "1")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()
            .expect("cargo can be run")
    }

    /// What a program of a contender prints.
    pub(crate) fn run(&self, contender: &Contender, binary: &str) -> String {
        let output = self.cargo(contender, binary, &["run", "--quiet"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Whether a program of a contender compiles; that it does not can only be for its depth.
    pub(crate) fn compiles(&self, contender: &Contender, binary: &str) -> bool {
        let output = self.cargo(contender, binary, &["build"]);
        let said = String::from_utf8_lossy(&output.stderr);
        let is_too_deep =
            ["recursion_limit", "overflow", "depth limit"].iter().any(|word| said.contains(word));
        assert!(output.status.success() || is_too_deep, "{said}");
        output.status.success()
    }
}

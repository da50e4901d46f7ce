//! Futures in futures: how large they grow, and how deep they may be.

use std::fmt::Write as _;

use crate::contender::{Contender, Function};
use crate::program::ground;
use crate::workspace::Workspace;

/// The depths at which a future is measured.
pub(crate) const SIZED: [usize; 3] = [1, 5, 20];
/// The greatest depth that is tried.
const DEEPEST: usize = 150;

/// How a contender's futures nest.
pub(crate) struct Growth {
    /// Bytes, in order of [`SIZED`].
    pub(crate) sizes: [usize; SIZED.len()],
    /// How deep a future may be with the limit that a crate has by default.
    pub(crate) runs: usize,
    /// How deep one may be that is spawned where it has to be `Send`.
    pub(crate) spawns: usize,
}

impl Growth {
    pub(crate) fn measure(workspace: &Workspace, contender: &Contender) -> Self {
        let mut sizes = [0; SIZED.len()];
        workspace.write_binary(contender, "sizes", &sizes_printed(contender));
        let printed = workspace.run(contender, "sizes");
        for (size, line) in sizes.iter_mut().zip(printed.lines()) {
            *size = line.parse().expect("a size");
        }
        assert_eq!(printed.lines().count(), SIZED.len());
        let deepest = |bound| {
            let (mut compiles, mut fails) = (0, DEEPEST + 1);
            while fails - compiles > 1 {
                let depth = usize::midpoint(compiles, fails);
                workspace.write_binary(contender, "depth", &deep(contender, depth, bound));
                if workspace.compiles(contender, "depth") {
                    compiles = depth;
                } else {
                    fails = depth;
                }
            }
            compiles
        };
        Self { sizes, runs: deepest(""), spawns: deepest(" + Send + 'static") }
    }
}

/// A program that prints the sizes of its futures.
fn sizes_printed(contender: &Contender) -> String {
    let mut source = String::from("#![recursion_limit = \"1024\"]\n");
    source.push_str(&levels(contender, SIZED[SIZED.len() - 1]));
    source.push_str("fn main() {\n");
    for depth in SIZED {
        let _ = writeln!(source, "    println!(\"{{}}\", size_of_val(&level_{depth}(1)));");
    }
    source.push_str("}\n");
    source
}

/// A program that runs a future of this depth.
fn deep(contender: &Contender, depth: usize, bound: &str) -> String {
    let mut source = levels(contender, depth);
    let _ = write!(
        source,
        "fn run<T>(future: impl Future<Output = T>{bound}) -> T {{\n    block_on(future)\n}}\n\n\
         fn main() {{\n    println!(\"{{:?}}\", run(level_{depth}(1)));\n}}\n"
    );
    source
}

/// Functions that call each other, the outermost first.
fn levels(contender: &Contender, depth: usize) -> String {
    let mut source = ground(contender);
    for level in (1..=depth).rev() {
        let inner = match level - 1 {
            0 => "Pause::default().await;\n    let below = length;".to_owned(),
            below => format!("let below = level_{below}(length).await?;"),
        };
        source.push_str(&contender.annotate(&Function {
            name: format!("level_{level}"),
            signature: "(length: usize) -> Result<usize, Error>".to_owned(),
            returned: "Result<usize, Error>".to_owned(),
            body: format!("    {inner}\n    Ok(below + 1)\n"),
        }));
    }
    source
}

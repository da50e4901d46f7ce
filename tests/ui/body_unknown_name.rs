//! Nothing of the expansion is in scope.
use spanline::trace_stage;

#[trace_stage]
async fn answer() -> usize {
    output.len()
//~ ^^^^^^ cannot find value `output` in this scope
}

#[trace_stage]
fn blocking() {
    drop(operation);
//~      ^^^^^^^^^ cannot find value `operation` in this scope
}

fn main() {}

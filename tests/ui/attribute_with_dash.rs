//! Only dots join names.
use spanline::trace_stage;

#[trace_stage(attributes(odd-key = 1))]
//~                         ^ only dots join the parts of a name; write it as a string, `"a-key" = value`
async fn retrieve() {}

fn main() {}

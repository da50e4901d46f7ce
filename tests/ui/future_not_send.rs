//! What the body holds is told.
use spanline::trace_stage;

#[trace_stage]
async fn answer() {
    let held = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(held);
}

fn spawn<T: Send>(_: T) {}
fn start() { spawn(answer()) }
//~                ^^^^^^^^ future cannot be sent between threads safely: future created by async block is not `Send`

fn main() {}

//! Beginnings and ends.

use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::{TraceContextExt, Tracer};
use spanline::{Stage, Telemetry};

fn stage(name: &'static str) {
    Stage::new(name).run_blocking(|| Ok::<_, String>(())).unwrap();
}

pub(crate) fn second_init() {
    let first = spanline::init().unwrap();
    let second = Telemetry::builder().service_name("ignored").init().unwrap();
    stage("with both");
    println!("second enabled: {}", second.is_enabled());
    drop(second);
    stage("with the first");
    println!("first enabled: {}", first.is_enabled());
    for warning in first.health().warnings {
        println!("{warning}");
    }
    first.shutdown().unwrap();
}

pub(crate) fn again() {
    for name in ["first", "second"] {
        let telemetry = spanline::init().unwrap();
        stage(name);
        global::tracer("theirs").in_span(format!("{name} of theirs"), |_| ());
        println!("enabled: {}", telemetry.is_enabled());
        telemetry.shutdown().unwrap();
        println!("enabled: {}", telemetry.is_enabled());
        telemetry.shutdown().unwrap();
        telemetry.flush().unwrap();
        stage("between");
        global::tracer("theirs").in_span("between", |_| ());
    }
}

pub(crate) fn disabled() {
    let telemetry = spanline::init().unwrap();
    stage("not recorded");
    global::tracer("theirs").in_span("not recorded", |_| ());
    println!("enabled: {}", telemetry.is_enabled());
    println!("inside: {:?}", spanline::current().trace_id());
    telemetry.flush().unwrap();
    telemetry.shutdown().unwrap();
    let telemetry = Telemetry::builder().enabled(true).init().unwrap();
    println!("enabled: {}", telemetry.is_enabled());
    stage("recorded");
    drop(telemetry);
}

pub(crate) fn dropped() {
    let _telemetry = spanline::init().unwrap();
    stage("before the end of main");
}

pub(crate) fn panics() {
    let _telemetry = spanline::init().unwrap();
    Stage::new("around").run_blocking_with(
        || {
            stage("before");
            panic!("the end");
        },
        |(): &(), _| (),
    );
}

pub(crate) fn flushes() {
    let telemetry = spanline::init().unwrap();
    let exported = || telemetry.health().exporters[0].exported_spans;

    stage("no runtime");
    telemetry.flush().unwrap();
    println!("no runtime: {}", exported());

    let current = tokio::runtime::Builder::new_current_thread().build().unwrap();
    current.block_on(async {
        stage("current-thread");
        telemetry.flush().unwrap();
    });
    println!("current-thread: {}", exported());

    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    multi.block_on(async {
        stage("multi-thread");
        telemetry.flush().unwrap();
    });
    println!("multi-thread: {}", exported());

    std::thread::scope(|scope| {
        scope.spawn(|| stage("another thread")).join().unwrap();
        scope.spawn(|| telemetry.flush().unwrap()).join().unwrap();
    });
    println!("another thread: {}", exported());

    global::tracer("theirs").in_span("theirs", |_| ());
    telemetry.flush().unwrap();
    println!("theirs: {}", exported());

    current.block_on(async {
        stage("shutdown inside a runtime");
        telemetry.shutdown().unwrap();
    });
    println!("shutdown: {}", exported());
}

pub(crate) fn late() {
    let telemetry = spanline::init().unwrap();
    let first = Stage::new("late").start();
    let second = Stage::new("late too").start();
    telemetry.shutdown().unwrap();
    println!("{}", telemetry.health().late_spans);
    first.end();
    std::thread::spawn(move || drop(second)).join().unwrap();
    stage("never started");
    println!("{}", telemetry.health().late_spans);
}

/// More than the queue holds, from many threads at once.
pub(crate) fn overflow() {
    const THREADS: u64 = 4;
    const SPANS: u64 = 5_000;
    let telemetry = Telemetry::builder().queue_size(16).batch_size(8).init().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..SPANS {
                    Stage::new("ours").start().end();
                    global::tracer("theirs").in_span("theirs", |_| ());
                }
            });
        }
    });
    let lost = telemetry.shutdown().map_or_else(|error| error.lost_spans(), |()| 0);
    let health = telemetry.health();
    println!("{}", THREADS * SPANS * 2);
    println!("{}", health.exporters[0].exported_spans);
    println!("{lost}");
    println!("{}", health.lost_spans());
}

/// Shut down while other threads still end spans.
pub(crate) fn still_running() {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    let telemetry = Telemetry::builder().queue_size(100_000).init().unwrap();
    let (stop, made) = (AtomicBool::new(false), AtomicU64::new(0));
    let warm = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                stage("first of its thread");
                made.fetch_add(1, Ordering::SeqCst);
                warm.wait();
                while !stop.load(Ordering::Relaxed) {
                    let span = Stage::new("running").start();
                    if span.handle().is_recording() {
                        made.fetch_add(1, Ordering::SeqCst);
                    }
                    span.end();
                }
            });
        }
        warm.wait();
        while made.load(Ordering::SeqCst) < 2_000 {
            std::thread::yield_now();
        }
        let _ = telemetry.shutdown();
        stop.store(true, Ordering::Relaxed);
    });
    let health = telemetry.health();
    println!("{}", made.load(Ordering::SeqCst));
    println!("{}", health.exporters[0].exported_spans + health.lost_spans() + health.late_spans);
}

/// Spans without a pause, until some of them have left: nobody flushes.
pub(crate) fn busy() {
    let telemetry = Telemetry::builder().metric_interval(Duration::from_millis(10)).init().unwrap();
    let exported = || {
        let exporters = telemetry.health().exporters;
        exporters[0].exported_spans > 1_000 && exporters[1].exported_points > 0
    };
    let mut made = 0_u64;
    while !exported() {
        for _ in 0..100 {
            stage("busy");
        }
        made += 100;
        assert!(made < 20_000_000, "nothing has left");
    }
    // An exit of this thread would flush.
    let _ = std::thread::spawn(|| std::process::exit(0)).join();
}

/// Without `init` nothing is recorded.
pub(crate) fn unset() {
    let name = String::from("not recorded");
    let inside = Stage::new(name)
        .run_blocking(|| {
            spanline::current().set("a", 1);
            Ok::<_, String>(spanline::current().trace_id())
        })
        .unwrap();
    println!("{inside:?}");
    println!("{}", opentelemetry::Context::current().has_active_span());
}

pub(crate) fn health() {
    let telemetry = spanline::init().unwrap();
    stage("one");
    stage("two");
    telemetry.flush().unwrap();
    println!("{}", telemetry.health());
    telemetry.shutdown().unwrap();
}

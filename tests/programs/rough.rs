//! Rough treatment: ends of threads, callbacks, stalls, races, floods.

use std::cell::RefCell;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, OnceLock};
use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::{Status, TraceContextExt};
use spanline::{ExporterName, Protocol, SpanGuard, Stage, Telemetry, TelemetryBuilder};

fn stage(name: &'static str) {
    Stage::new(name).run_blocking(|| Ok::<_, String>(())).unwrap();
}

fn accounted(telemetry: &Telemetry) -> u64 {
    let health = telemetry.health();
    health.exporters.iter().map(|exporter| exporter.exported_spans).sum::<u64>()
        + health.lost_spans()
        + health.late_spans
}

/// Somebody who takes connections, and says nothing.
fn stalled() -> (TcpListener, TelemetryBuilder) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let builder = Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .otlp_protocol(Protocol::HttpJson)
        .otlp_endpoint(endpoint);
    (listener, builder)
}

#[cfg(target_os = "linux")]
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What a thread drops last.
#[derive(Default)]
struct Last {
    guard: Option<SpanGuard>,
    future: Option<std::pin::Pin<Box<dyn Future<Output = ()>>>>,
}

impl Drop for Last {
    fn drop(&mut self) {
        spanline::current().set("a", 1).event("e", [("b", 2)]);
        spanline::inject(&mut std::collections::HashMap::new());
        stage("in a destructor");
        drop(self.guard.take());
        drop(self.future.take());
    }
}

thread_local!(static LAST: RefCell<Last> = RefCell::default());

fn poll_once(future: &mut (impl Future + Unpin)) {
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(std::pin::Pin::new(future).poll(&mut task).is_pending());
}

pub(crate) fn thread_ends() {
    let telemetry = spanline::init().unwrap();
    let leave = |guard, future| {
        LAST.with(|last| *last.borrow_mut() = Last { guard, future });
    };
    let waiting = || {
        let mut future: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(
            Stage::new("cancelled by the end of its thread")
                .run_with(std::future::pending(), |(), _| ()),
        );
        poll_once(&mut future);
        future
    };
    // Destroyed after and before what the library keeps of a thread.
    std::thread::spawn(move || {
        LAST.with(|_| ());
        leave(Some(Stage::new("left").start()), Some(waiting()));
    })
    .join()
    .unwrap();
    std::thread::spawn(move || {
        stage("first");
        leave(Some(Stage::new("left").start()), Some(waiting()));
    })
    .join()
    .unwrap();
    // Nothing of the library was used before.
    std::thread::spawn(move || LAST.with(|_| ())).join().unwrap();
    telemetry.shutdown().unwrap();
    println!("{}", telemetry.health().late_spans);
}

static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();

pub(crate) fn callback_flushes() {
    let telemetry = TELEMETRY.get_or_init(|| {
        Telemetry::builder().shutdown_timeout(Duration::from_secs(60)).init().unwrap()
    });
    let _gauge = global::meter("theirs")
        .u64_observable_gauge("depth")
        .with_callback(|gauge| {
            gauge.observe(u64::from(TELEMETRY.get().unwrap().flush().is_err()), &[]);
        })
        .build();
    stage("before");
    telemetry.flush().unwrap();
    telemetry.shutdown().unwrap();
}

pub(crate) fn callback_panics() {
    let telemetry = spanline::init().unwrap();
    let _gauge = global::meter("theirs")
        .u64_observable_gauge("depth")
        .with_callback(|_| panic!("no depth"))
        .build();
    stage("before");
    let error = telemetry.flush().unwrap_err();
    println!("{error}");
    stage("after");
    let _ = telemetry.shutdown();
}

pub(crate) fn callback_hangs() {
    let telemetry =
        Telemetry::builder().shutdown_timeout(Duration::from_millis(200)).init().unwrap();
    let _gauge = global::meter("theirs")
        .u64_observable_gauge("depth")
        .with_callback(|_| {
            loop {
                std::thread::park();
            }
        })
        .build();
    stage("before");
    println!("{}", telemetry.shutdown().is_err());
}

pub(crate) fn forever() {
    let telemetry = Telemetry::builder().shutdown_timeout(Duration::MAX).init().unwrap();
    stage("before");
    telemetry.flush().unwrap();
    telemetry.shutdown().unwrap();
}

/// A second shutdown while the first is at work.
pub(crate) fn shutdown_twice() {
    let (_listener, builder) = stalled();
    let telemetry = builder.shutdown_timeout(Duration::from_secs(1)).init().unwrap();
    for _ in 0..10 {
        stage("lost");
    }
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                let told = telemetry.shutdown().is_err();
                // Whoever comes back knows what became of everything.
                println!("{} {told}", accounted(&telemetry));
            });
        }
    });
}

/// A set-up while the one before is being shut down.
pub(crate) fn init_during_shutdown() {
    let (_listener, builder) = stalled();
    let first = builder.shutdown_timeout(Duration::from_secs(1)).init().unwrap();
    stage("lost");
    std::thread::scope(|scope| {
        scope.spawn(|| first.shutdown().unwrap_err());
        while first.is_enabled() {
            std::thread::yield_now();
        }
        let second = spanline::init().unwrap();
        println!("{}", second.is_enabled());
        stage("in the second");
        second.shutdown().unwrap();
    });
}

pub(crate) fn flush_stalled() {
    let (_listener, builder) = stalled();
    let telemetry = builder.shutdown_timeout(Duration::from_millis(200)).init().unwrap();
    stage("waiting");
    println!("{}", telemetry.flush().is_err());
    println!("{}", telemetry.shutdown().unwrap_err().lost_spans());
}

/// Flushes wait in a line, and shutdown comes last.
pub(crate) fn many_flushes() {
    const THREADS: usize = 30;
    let (_listener, builder) = stalled();
    let telemetry = builder.shutdown_timeout(Duration::from_millis(500)).init().unwrap();
    let start = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                stage("lost");
                start.wait();
                let _ = telemetry.flush();
            });
        }
    });
    println!("{}", telemetry.shutdown().unwrap_err().lost_spans());
}

/// A flush ends though spans never do.
pub(crate) fn flush_under_load() {
    let telemetry =
        Arc::new(Telemetry::builder().shutdown_timeout(Duration::from_secs(20)).init().unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicU64::new(0));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (stop, made) = (Arc::clone(&stop), Arc::clone(&made));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    stage("flood");
                    made.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while made.load(Ordering::Relaxed) < 10_000 {
        std::thread::yield_now();
    }
    let result = telemetry.flush();
    let in_time = match &result {
        Ok(()) => true,
        Err(error) => !error.to_string().contains("within"),
    };
    println!("{in_time}");
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
    let _ = telemetry.shutdown();
    println!("{}", made.load(Ordering::Relaxed));
    println!("{}", accounted(&telemetry));
}

/// Threads that come, make one span and go, while nobody takes anything.
#[cfg(target_os = "linux")]
pub(crate) fn many_threads() {
    let (_listener, builder) = stalled();
    let telemetry = builder.shutdown_timeout(Duration::from_millis(100)).init().unwrap();
    let threads = 20_000;
    let before = resident_kib();
    for _ in 0..threads {
        std::thread::spawn(|| stage("short")).join().unwrap();
    }
    let grown = resident_kib().saturating_sub(before);
    let _ = telemetry.shutdown();
    println!("{threads}\n{}\n{grown}", accounted(&telemetry));
}

/// One span that is open for long, and is written to all the time.
#[cfg(target_os = "linux")]
pub(crate) fn long_span() {
    let telemetry = spanline::init().unwrap();
    let before = resident_kib();
    Stage::new("long").run_blocking_with(
        || {
            for number in 0..200_000 {
                spanline::current().set("progress", number);
                spanline::current().event("chunk", [("number", number)]);
            }
            println!("{}", resident_kib().saturating_sub(before));
        },
        |(), _| (),
    );
    telemetry.shutdown().unwrap();
}

/// More keys than anybody has use for.
pub(crate) fn many_keys() {
    let telemetry = spanline::init().unwrap();
    Stage::new("keys").run_blocking_with(
        || {
            for number in 0..200_000 {
                spanline::current().set(format!("key.{number}"), number);
            }
        },
        |(), _| (),
    );
    telemetry.shutdown().unwrap();
}

struct Name;

impl From<Name> for std::borrow::Cow<'static, str> {
    fn from(_: Name) -> Self {
        spanline::current().set("named", true);
        "named".into()
    }
}

pub(crate) fn name_that_writes() {
    let telemetry = spanline::init().unwrap();
    Stage::new("around").run_blocking_with(
        || {
            spanline::current().set(Name, 1).event(Name, [(Name, 1)]);
        },
        |(), _| (),
    );
    Stage::new(Name).attribute(Name, 1).run_blocking_with(|| (), |(), _| ());
    telemetry.shutdown().unwrap();
}

pub(crate) fn status_is_final() {
    let telemetry = spanline::init().unwrap();
    Stage::new("fine").run_blocking_with(
        || {
            let context = opentelemetry::Context::current();
            context.span().set_status(Status::Ok);
            context.span().set_status(Status::error("late"));
        },
        |(), _| (),
    );
    telemetry.shutdown().unwrap();
}

/// Metrics come faster than they can go.
#[cfg(target_os = "linux")]
pub(crate) fn metrics_stalled() {
    let (_listener, builder) = stalled();
    let telemetry = builder
        .metrics_to([ExporterName::Otlp])
        .metric_interval(Duration::from_millis(1))
        .shutdown_timeout(Duration::from_millis(5))
        .init()
        .unwrap();
    let counter = global::meter("theirs").u64_counter("many").build();
    for series in 0..1_500 {
        counter.add(1, &[opentelemetry::KeyValue::new("series", series)]);
    }
    let before = resident_kib();
    for _ in 0..200 {
        let _ = telemetry.flush();
    }
    println!("{}", resident_kib().saturating_sub(before));
    println!("{}", telemetry.health().lost_points() / 1_500);
    let _ = telemetry.shutdown();
}

/// Again and again set up and shut down, under threads that never stop.
pub(crate) fn races() {
    let stop = AtomicBool::new(false);
    let made = AtomicU64::new(0);
    let mut found = 0;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let span = Stage::new("racing").start();
                    if span.handle().is_recording() {
                        made.fetch_add(1, Ordering::SeqCst);
                    }
                    span.end();
                }
            });
        }
        let mut late = 0;
        for _ in 0..20 {
            let telemetry = spanline::init().unwrap();
            let target = made.load(Ordering::SeqCst) + 50;
            while made.load(Ordering::SeqCst) < target {
                std::thread::yield_now();
            }
            let _ = telemetry.shutdown();
            let health = telemetry.health();
            late = health.late_spans;
            found += health.exporters[0].exported_spans + health.lost_spans();
        }
        stop.store(true, Ordering::Relaxed);
        found += late;
    });
    println!("{}\n{found}", made.load(Ordering::SeqCst));
}

/// Nested and wide beyond reason.
pub(crate) fn extremes() {
    fn nest(depth: usize) {
        if depth > 0 {
            Stage::new("deep").run_blocking_with(|| nest(depth - 1), |(), _| ());
        }
    }
    let long = Duration::from_secs(120);
    let telemetry = Telemetry::builder()
        .queue_size(100_000)
        .queue_bytes(256 << 20)
        .shutdown_timeout(long)
        .init()
        .unwrap();
    std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(|| nest(10_000))
        .unwrap()
        .join()
        .unwrap();
    telemetry.flush().unwrap();
    Stage::new("").run_blocking_with(
        || {
            for number in 0..1_000 {
                spanline::current().set(format!("key.{number}"), "nul \0 inside");
            }
            spanline::current().set("", "\0").event("", [("", "")]);
        },
        |(), _| (),
    );
    let huge = "x".repeat(64 << 20);
    Stage::new("huge").attribute("text", &huge).run_blocking_with(|| (), |(), _| ());
    telemetry.shutdown().unwrap();
    println!("{}", accounted(&telemetry));
}

//! Ends that do not come from the end of `main`.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::Duration;

use spanline::{ExporterName, Protocol, Stage, Telemetry};

static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();

fn stage(name: &'static str) {
    Stage::new(name).run_blocking(|| Ok::<_, String>(())).unwrap();
}

pub(crate) fn exit() {
    let _telemetry = spanline::init().unwrap();
    stage("before the exit");
    std::process::exit(3);
}

pub(crate) fn exit_without_receiver() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _telemetry = Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .otlp_endpoint(format!("http://{closed}"))
        .init()
        .unwrap();
    stage("nobody gets it");
    std::process::exit(3);
}

pub(crate) fn never_dropped() {
    TELEMETRY.get_or_init(|| spanline::init().unwrap());
    stage("before the end of main");
}

pub(crate) fn begun_elsewhere() {
    let begun = std::thread::spawn(|| {
        TELEMETRY.get_or_init(|| spanline::init().unwrap());
    });
    begun.join().unwrap();
    stage("after the thread that called init");
    TELEMETRY.get().unwrap().shutdown().unwrap();
}

fn wait_for_ever() {
    println!("ready");
    std::io::stdout().flush().unwrap();
    loop {
        std::thread::sleep(Duration::from_secs(600));
    }
}

pub(crate) fn signal() {
    let _telemetry = Telemetry::builder().exit_on_signals().init().unwrap();
    stage("before the signal");
    let _open = Stage::new("open").start();
    wait_for_ever();
}

pub(crate) fn signal_while_stalled() {
    let stalled = TcpListener::bind("127.0.0.1:0").unwrap();
    let _telemetry = Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .otlp_protocol(Protocol::HttpJson)
        .otlp_endpoint(format!("http://{}", stalled.local_addr().unwrap()))
        .shutdown_timeout(Duration::from_secs(600))
        .exit_on_signals()
        .init()
        .unwrap();
    stage("nobody gets it");
    wait_for_ever();
}

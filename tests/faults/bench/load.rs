//! The tables of rates, of memory and of latency.

use std::time::Duration;

use spanline_faults::{
    Fault, Figures, Manner, Programs, Protocol, Receiver, Running, Script, Sender, Setting,
};

use crate::PROGRAMS;

/// How long one row of rates takes, and one of latency.
const SECONDS: u64 = 12;
/// Memory is looked at when set-up is over.
const SET_UP: usize = 2;

/// Who is at the other end.
#[derive(Clone, Copy)]
enum Other {
    Healthy,
    Absent,
    Stalling,
}

impl Other {
    fn title(self) -> &'static str {
        match self {
            Self::Healthy => "takes all",
            Self::Absent => "nobody listens",
            Self::Stalling => "never answers",
        }
    }

    fn receiver(self, programs: Programs) -> Receiver {
        let fault = if let Self::Stalling = self { Fault::Stall } else { Fault::Take };
        let script = Script::new(&[fault]);
        let setting = Setting { manner: Manner::Normal, script, writes: false };
        match self {
            Self::Absent => Receiver::absent(programs, setting),
            Self::Healthy | Self::Stalling => Receiver::present(programs, setting),
        }
    }
}

/// One row of rates.
struct Load {
    other: Other,
    protocol: Protocol,
    threads: u64,
    /// Whether it waits where too much is on its way.
    is_closed: bool,
}

pub(crate) fn print_rates() {
    let load = |other, protocol, threads, is_closed| Load { other, protocol, threads, is_closed };
    let loads = [
        load(Other::Healthy, Protocol::Grpc, 1, true),
        load(Other::Healthy, Protocol::Grpc, 2, true),
        load(Other::Healthy, Protocol::Http, 1, true),
        load(Other::Healthy, Protocol::Http, 2, true),
        load(Other::Healthy, Protocol::Grpc, 1, false),
        load(Other::Healthy, Protocol::Grpc, 2, false),
        load(Other::Absent, Protocol::Grpc, 1, false),
        load(Other::Stalling, Protocol::Grpc, 1, false),
    ];
    println!(
        "\n| receiver | protocol | threads | | ended per second | arrived per second | counted as \
         lost | MiB, first half | second half | most |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for load in loads {
        let Load { other, protocol, threads, is_closed } = load;
        eprintln!("load: {}, {protocol}, threads: {threads}", other.title());
        let hurry = if is_closed { "closed" } else { "open" };
        let arguments = ["load".to_owned(), threads.to_string(), SECONDS.to_string(), hurry.into()];
        let mut receiver = other.receiver(PROGRAMS);
        let mut sender = Sender::new(PROGRAMS, &arguments)
            .to(protocol, &format!("http://{}", receiver.address()));
        if is_closed {
            // More than is ever on its way: a queue that is full would drop.
            sender = sender.env("OTEL_BSP_MAX_QUEUE_SIZE", "16384");
        }
        let (figures, memory) = watched(sender.start());
        receiver.stop();
        let lost = figures.lost();
        assert_eq!(figures.ended(), receiver.counted() + lost, "{figures:?}");
        assert_eq!(lost, figures.told(), "{figures:?}");
        let per_second = |spans: u64| spans * 1000 / figures.number("milliseconds");
        let (first, second) = memory.split_at(memory.len() / 2);
        println!(
            "| {} | {protocol} | {threads} | {} | {} | {} | {lost} ({:.1} %) | {:.1} | {:.1} | {:.1} |",
            other.title(),
            if is_closed { "as fast as it arrives" } else { "as fast as it can" },
            thousands(per_second(figures.ended())),
            thousands(per_second(figures.number("exported_in_time"))),
            share(lost, figures.ended()),
            mean(first),
            mean(second),
            memory.iter().copied().fold(0.0, f64::max),
        );
    }
}

pub(crate) fn print_latency() {
    println!(
        "\n| receiver | plain: p50 | p99 | most | annotated: p50 | p99 | most | added: p50 | p99 | \
         calls | counted as lost |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for other in [Other::Healthy, Other::Absent, Other::Stalling] {
        eprintln!("latency: {}", other.title());
        let mut receiver = other.receiver(PROGRAMS);
        let sender = Sender::new(PROGRAMS, &["latency".to_owned(), SECONDS.to_string()])
            .to(Protocol::Grpc, &format!("http://{}", receiver.address()));
        let (figures, _) = sender.start().wait(Duration::from_secs(120));
        receiver.stop();
        assert_eq!(figures.ended(), receiver.counted() + figures.lost(), "{figures:?}");
        assert_eq!(figures.lost(), figures.told(), "{figures:?}");
        let [plain, annotated] = ["plain", "annotated"].map(|name| figures.numbers(name));
        let added = |place: usize| microseconds(annotated[place].saturating_sub(plain[place]));
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            other.title(),
            microseconds(plain[0]),
            microseconds(plain[1]),
            microseconds(plain[2]),
            microseconds(annotated[0]),
            microseconds(annotated[1]),
            microseconds(annotated[2]),
            added(0),
            added(1),
            figures.ended(),
            figures.lost(),
        );
    }
}

/// What a sender says at its end, and its memory second by second.
fn watched(mut running: Running) -> (Figures, Vec<f64>) {
    let mut memory = Vec::new();
    for _ in 0..SECONDS {
        std::thread::sleep(Duration::from_secs(1));
        if !running.has_ended() {
            memory.extend(resident(running.id()));
        }
    }
    memory.drain(..SET_UP.min(memory.len()));
    (running.wait(Duration::from_secs(120)).0, memory)
}

/// Mebibytes; where the system does not tell, none.
fn resident(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

#[allow(clippy::cast_precision_loss, reason = "a few samples")]
fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

#[allow(clippy::cast_precision_loss, reason = "counts of spans")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole as f64
}

#[allow(clippy::cast_precision_loss, reason = "times of calls")]
fn microseconds(nanoseconds: u64) -> String {
    format!("{:.2} µs", nanoseconds as f64 / 1000.0)
}

fn thousands(count: u64) -> String {
    if count < 1000 { count.to_string() } else { format!("{},{:03}", count / 1000, count % 1000) }
}

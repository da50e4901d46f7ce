//! One contender in a process of its own, which prints its figures in one line.

use std::iter::Sum;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

use cpu_time::{ProcessTime, ThreadTime};
use tokio::runtime::{Builder, Runtime};

use crate::contender::{Contender, State};
use crate::exporter::{Arrived, Counter};
use crate::scenario::Scenario;

/// Spans that are made before everybody waits until they are exported: no queue overflows.
const CHUNK: u64 = 2000;

/// What is to be measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) contender: Contender,
    pub(crate) state: State,
    pub(crate) scenario: Scenario,
    /// Of each thread.
    pub(crate) runs: u64,
    pub(crate) threads: u64,
}

/// What the callers spend from the first span to the last, waiting left out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    /// What has passed for them.
    pub(crate) time: Duration,
    /// What they had a core for: other programs change it less.
    pub(crate) cpu: Duration,
}

impl Sum for Spent {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, it| Self {
            time: sum.time + it.time,
            cpu: sum.cpu + it.cpu,
        })
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// All threads together.
    pub(crate) callers: Spent,
    /// Of all threads, the export included.
    pub(crate) cpu: Duration,
    pub(crate) made: Arrived,
    pub(crate) exported: Arrived,
}

impl Figures {
    /// The share of spans, or of their attributes if that is more, that did not reach the exporter.
    pub(crate) fn lost(&self) -> f64 {
        let Arrived { spans, attributes } = self.made;
        share(spans, self.exported.spans).max(share(attributes, self.exported.attributes))
    }

    fn parse(text: &str) -> Option<Self> {
        let figures: Vec<u64> = text.split_whitespace().filter_map(|it| it.parse().ok()).collect();
        let [time, callers_cpu, cpu, spans_made, attributes_made, spans, attributes] = figures[..]
        else {
            return None;
        };
        Some(Self {
            callers: Spent {
                time: Duration::from_nanos(time),
                cpu: Duration::from_nanos(callers_cpu),
            },
            cpu: Duration::from_nanos(cpu),
            made: Arrived { spans: spans_made, attributes: attributes_made },
            exported: Arrived { spans, attributes },
        })
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of spans")]
fn share(made: u64, exported: u64) -> f64 {
    if made == 0 { 0.0 } else { made.saturating_sub(exported) as f64 / made as f64 }
}

impl Order {
    pub(crate) fn parse(arguments: &[String]) -> Option<Self> {
        let [contender, state, scenario, runs, threads] = arguments else { return None };
        Some(Self {
            contender: Contender::ALL.into_iter().find(|it| it.name() == contender)?,
            state: State::ALL.into_iter().find(|it| it.name() == state)?,
            scenario: Scenario::parse(scenario)?,
            runs: runs.parse().ok()?,
            threads: threads.parse().ok()?,
        })
    }

    /// In a process of its own, which a command in front of it may watch.
    pub(crate) fn measure(&self, in_front: &[String]) -> Figures {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = match in_front {
            [] => Command::new(&program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(&program);
                command
            }
        };
        for (name, _) in std::env::vars_os() {
            let name_shown = name.to_string_lossy();
            if name_shown.starts_with("OTEL_") || name_shown.starts_with("SPANLINE_") {
                command.env_remove(name);
            }
        }
        let output = command
            .args(["measure", self.contender.name(), self.state.name(), &self.scenario.argument()])
            .args([self.runs.to_string(), self.threads.to_string()])
            .env("SPANLINE_FILE", "/dev/null")
            // The most that a scenario sets; 128 is the limit by default.
            .env("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1000")
            .stderr(Stdio::inherit())
            .output()
            .expect("this program can be started");
        assert!(output.status.success(), "{self:?} failed");
        let text = String::from_utf8(output.stdout).expect("figures are text");
        Figures::parse(&text).unwrap_or_else(|| panic!("{self:?} said {text:?}"))
    }

    /// In this process, which ends with it.
    pub(crate) fn carry_out(self) {
        let counter = Counter::default();
        let queue = usize::try_from(2 * CHUNK.max(self.scenario.spans())).expect("a small number");
        let tear_down = self.contender.set_up(self.state, counter.clone(), queue);
        let (callers, cpu, before) = if self.threads == 1 {
            self.on_this_thread(&counter)
        } else {
            self.side_by_side(&counter)
        };
        tear_down();
        let exported = counter.arrived() - before;
        let made = if self.is_exported() {
            self.scenario.made() * (self.runs * self.threads)
        } else {
            Arrived::default()
        };
        println!(
            "{} {} {} {} {} {} {}",
            callers.time.as_nanos(),
            callers.cpu.as_nanos(),
            cpu.as_nanos(),
            made.spans,
            made.attributes,
            exported.spans,
            exported.attributes,
        );
    }

    fn is_exported(&self) -> bool {
        self.state == State::Enabled && self.contender != Contender::Plain
    }

    /// What the caller spends, what all threads do, and what had arrived before.
    fn on_this_thread(&self, counter: &Counter) -> (Spent, Duration, Arrived) {
        let runtime = runtime();
        let runs_per_chunk = (CHUNK / self.scenario.weight()).max(1);
        // Everybody has made their buffers, rings and series then.
        let (scenario, runs) = self.scenario.to_warm_up();
        let warm_up = Self { scenario, ..*self };
        warm_up.repeat(&runtime, runs);
        warm_up.wait(counter, 0, runs);
        let before = counter.arrived();
        let cpu = ProcessTime::now();
        let mut chunks = Vec::new();
        let mut done = 0;
        while done < self.runs {
            let runs = runs_per_chunk.min(self.runs - done);
            let exported = counter.arrived().spans;
            chunks.push(measured_runs(self, &runtime, runs));
            done += runs;
            self.wait(counter, exported, runs);
        }
        (chunks.into_iter().sum(), cpu.elapsed(), before)
    }

    /// The same on several threads, which start each chunk together.
    fn side_by_side(&self, counter: &Counter) -> (Spent, Duration, Arrived) {
        let runs_per_chunk = (CHUNK / self.scenario.weight() / self.threads).max(1);
        let chunks = self.runs / runs_per_chunk;
        assert_eq!(chunks * runs_per_chunk, self.runs, "whole chunks");
        let threads = usize::try_from(self.threads).expect("a few threads");
        // Before and after each chunk; who waits here sleeps.
        let border = Barrier::new(threads + 1);
        let mut before = Arrived::default();
        let mut cpu = ProcessTime::now();
        let callers = std::thread::scope(|scope| {
            let work = || {
                let runtime = runtime();
                let mut spent = Vec::new();
                // Chunk 0 warms up.
                for chunk in 0..=chunks {
                    border.wait();
                    if chunk == 0 {
                        self.repeat(&runtime, runs_per_chunk);
                    } else {
                        spent.push(measured_runs(self, &runtime, runs_per_chunk));
                    }
                    border.wait();
                }
                spent.into_iter().sum()
            };
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for chunk in 0..=chunks {
                let exported = counter.arrived().spans;
                border.wait();
                border.wait();
                self.wait(counter, exported, runs_per_chunk * self.threads);
                if chunk == 0 {
                    before = counter.arrived();
                    cpu = ProcessTime::now();
                }
            }
            workers.into_iter().map(|it| it.join().expect("no run panics")).sum()
        });
        (callers, cpu.elapsed(), before)
    }

    /// Until the spans of so many runs have come to those that are exported.
    fn wait(&self, counter: &Counter, exported: u64, runs: u64) {
        if self.is_exported() {
            counter.wait_for(exported + runs * self.scenario.spans());
        }
    }

    fn repeat(&self, runtime: &Runtime, runs: u64) {
        let works = self.contender.works(self.state);
        runtime.block_on(async {
            for input in 0..runs {
                self.scenario.run(&works, input).await;
            }
        });
    }
}

/// A function of its own, without closures: Valgrind finds it by its name.
#[inline(never)]
fn measured_runs(order: &Order, runtime: &Runtime, runs: u64) -> Spent {
    let (started, cpu) = (Instant::now(), ThreadTime::now());
    order.repeat(runtime, runs);
    Spent { time: started.elapsed(), cpu: cpu.elapsed() }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime can be started")
}

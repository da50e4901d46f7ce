//! One contender in a process of its own, which prints its figures in one line.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use tokio::runtime::{Builder, Runtime};

use crate::contender::{Contender, State};
use crate::exporter::Counter;
use crate::scenario::Scenario;

/// Spans that are made before everybody waits for them: no queue overflows.
const CHUNK: u64 = 1000;

/// What is to be measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) contender: Contender,
    pub(crate) state: State,
    pub(crate) scenario: Scenario,
    pub(crate) runs: u64,
    pub(crate) threads: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Of the callers, from the first span to the last, waiting left out; the mean of the threads.
    pub(crate) callers: Duration,
    /// Of all threads, the export included.
    pub(crate) cpu: Duration,
    pub(crate) made: u64,
    pub(crate) exported: u64,
}

impl Order {
    pub(crate) fn arguments(&self) -> [String; 6] {
        [
            String::from("measure"),
            String::from(self.contender.name()),
            String::from(self.state.name()),
            self.scenario.argument(),
            self.runs.to_string(),
            self.threads.to_string(),
        ]
    }

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

    /// In a process of its own.
    pub(crate) fn measure(&self) -> Figures {
        let output = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(self.arguments())
            .env("SPANLINE_FILE", "/dev/null")
            .stderr(Stdio::inherit())
            .output()
            .expect("this program can be started");
        assert!(output.status.success(), "{self:?} failed");
        let text = String::from_utf8(output.stdout).expect("figures are text");
        let figures: Vec<u64> = text.split_whitespace().filter_map(|it| it.parse().ok()).collect();
        let [callers, cpu, made, exported] = figures[..] else { panic!("{self:?} said {text:?}") };
        Figures {
            callers: Duration::from_nanos(callers),
            cpu: Duration::from_nanos(cpu),
            made,
            exported,
        }
    }

    /// In this process, which ends with it.
    pub(crate) fn carry_out(self) {
        let counter = Counter::default();
        let tear_down = self.contender.set_up(self.state, counter.clone());
        let is_counted = self.state == State::Enabled && self.contender != Contender::Plain;
        let runtime = runtime();
        // Everybody has made their buffers, rings and series then.
        let warm = (CHUNK / self.scenario.spans()).clamp(1, 200);
        self.chunk(&runtime, warm);
        let made_warm = if is_counted { warm * self.scenario.spans() } else { 0 };
        counter.wait_for(made_warm);
        let cpu = ProcessTime::now();
        let callers = if self.threads == 1 {
            self.all(&runtime, is_counted.then_some(&counter), made_warm)
        } else {
            self.side_by_side()
        };
        let made = self.runs * self.scenario.spans() * self.threads;
        if is_counted {
            counter.wait_for(made_warm + made);
        }
        let cpu = cpu.elapsed();
        tear_down();
        let exported = counter.spans().saturating_sub(made_warm);
        println!("{} {} {made} {exported}", callers.as_nanos(), cpu.as_nanos());
    }

    fn all(&self, runtime: &Runtime, counter: Option<&Counter>, before: u64) -> Duration {
        let mut callers = Duration::ZERO;
        let runs_per_chunk = (CHUNK / self.scenario.spans()).max(1);
        let mut done = 0;
        while done < self.runs {
            let runs = runs_per_chunk.min(self.runs - done);
            callers += self.chunk(runtime, runs);
            done += runs;
            if let Some(counter) = counter {
                counter.wait_for(before + done * self.scenario.spans());
            }
        }
        callers
    }

    fn side_by_side(&self) -> Duration {
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| self.chunk(&runtime(), self.runs));
            }
        });
        started.elapsed()
    }

    fn chunk(&self, runtime: &Runtime, runs: u64) -> Duration {
        let works = self.contender.works();
        let started = Instant::now();
        runtime.block_on(async {
            for input in 0..runs {
                self.scenario.run(&works, input).await;
            }
        });
        started.elapsed()
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime can be started")
}

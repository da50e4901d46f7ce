//! Each example, run as a reader runs it: what it prints, and how it ends.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod program;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use program::{Program, shape, text_of};
use serde_json::Value;
use spanline_examples::corpus::own_files;
use spanline_examples::loopback::Loopback;
use spanline_examples::model::http_client;

const DISCLAIMER: &str = "I am no model, I only quote; and my token counts are word counts.";

const QUICKSTART: &str = "
answer-question | ok | # → # tokens | files=#
  read | loader | ok | passages=#
  retrieve | retriever | ok | top_k=# | found=#
  prompt | template | ok | characters=#
  chat best-passage | loopback | ok | # → # tokens
";

/// A port of this machine where nobody listens, for as long as this is kept.
fn nobody() -> (tokio::net::TcpSocket, SocketAddr) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

#[test]
fn the_quickstart_answers_from_this_repositorys_docs() {
    let ended = Program::new("quickstart").run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with(DISCLAIMER), "{}", ended.stdout);
    assert!(ended.stdout.contains("docs/exporters.md"), "{}", ended.stdout);
    assert!(ended.stdout.contains("OTEL_EXPORTER_OTLP_ENDPOINT="), "{}", ended.stdout);
    assert_eq!(shape(&ended.stderr), QUICKSTART);
}

#[test]
fn the_readme_shows_the_tree_that_the_quickstart_prints() {
    let readme = text_of(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"));
    let tree = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(shape(tree), QUICKSTART);
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = own_files().unwrap();
    files.push(root.join("CHANGELOG.md"));
    let mut links = 0;
    for file in files {
        let text = text_of(&file);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("https://")) {
            let there = target.split('#').next().unwrap();
            let path =
                if there.is_empty() { file.clone() } else { file.parent().unwrap().join(there) };
            assert!(path.is_file(), "{}: {target}", file.display());
            links += 1;
        }
    }
    assert!(links > 10, "only {links} links were found");
}

#[test]
fn the_readmes_variables_are_described_in_full_elsewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = text_of(root.join("README.md"));
    let full = text_of(root.join("docs/variables.md"));
    let table = readme.split("## Variables").nth(1).unwrap().split("##").next().unwrap();
    let names: Vec<_> = table
        .split('`')
        .filter(|word| word.starts_with("OTEL_") || word.starts_with("SPANLINE_"))
        .collect();
    assert!(names.len() > 5, "{table}");
    for name in names {
        assert!(full.contains(&format!("\n| `{name}` |")), "{name}");
    }
}

#[test]
fn the_quickstart_answers_from_the_files_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("garden.txt");
    fs::write(&file, "Roses want sun.\n\nFerns want shade.\n").unwrap();
    let ended = Program::new("quickstart").arg("What does a fern want?").arg(&file).run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.ends_with("garden.txt:\n\nFerns want shade.\n"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("Roses"), "{}", ended.stdout);
    assert!(ended.stderr.contains("files=1"), "{}", ended.stderr);
}

#[test]
fn the_token_counts_of_the_quickstart_are_the_servers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("garden.txt");
    fs::write(&file, "Ferns want shade.\n").unwrap();
    let ended = Program::new("quickstart").arg("fern?").arg(&file).run();
    let words = ended.stdout.split_whitespace().count();
    let tokens = format!("→ {words} tokens");
    assert!(ended.stderr.contains(&tokens), "expected {tokens} in {}", ended.stderr);
    let metric = format!("gen_ai.token.type=output  count 1  sum {words} tokens");
    let summary: Vec<_> = ended.stderr.lines().map(one_gap).collect();
    assert!(
        summary.iter().any(|line| line.contains(&one_gap(&metric))),
        "expected {metric} in {}",
        ended.stderr
    );
}

fn one_gap(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_unreachable_endpoint_costs_neither_the_answer_nor_the_exit_code() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    for protocol in ["grpc", "http/protobuf", "http/json"] {
        let (_kept, address) = nobody();
        let ended = Program::new("quickstart")
            .variable("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{address}"))
            .variable("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
            .run();
        assert_eq!(ended.code, Some(0), "{protocol}: {}", ended.stderr);
        assert!(ended.stdout.starts_with(DISCLAIMER), "{protocol}: {}", ended.stdout);
        let told: Vec<_> = ended.stderr.lines().collect();
        let [line] = told.as_slice() else { panic!("{protocol}: {}", ended.stderr) };
        assert!(
            line.starts_with("quickstart: lost 5 spans and 7 metric points: "),
            "{protocol}: {line}"
        );
        assert!(line.contains(&address.to_string()), "{protocol}: {line}");
        assert!(line.contains("refused"), "{protocol}: {line}");
    }
}

#[test]
fn a_file_that_is_missing_is_an_error_in_the_tree_and_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::new("quickstart").arg("why?").arg(folder.path().join("no.md")).run();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert!(lines[0].starts_with("answer-question "), "{}", ended.stderr);
    assert!(lines[0].contains("  error  "), "{}", ended.stderr);
    let read = lines.iter().find(|line| line.contains(" read ")).unwrap();
    assert!(read.contains("  error  ") && read.contains("no.md"), "{}", ended.stderr);
    assert!(ended.stderr.contains("Error: cannot read "), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quickstart_asks_the_server_that_the_environment_names() {
    let server = Loopback::start(0).await.unwrap();
    let ended = Program::new("quickstart")
        .variable("OPENAI_BASE_URL", &server.url())
        .variable("OPENAI_MODEL", "someone")
        .run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let call = ended.stderr.lines().find(|line| line.contains("chat someone")).unwrap();
    assert!(call.contains("  openai  "), "{call}");
    assert!(call.contains("server.address=127.0.0.1"), "{call}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_refuses_is_named_by_its_own_code() {
    let server = Loopback::start(usize::MAX).await.unwrap();
    let ended = Program::new("quickstart").variable("OPENAI_BASE_URL", &server.url()).run();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let call = ended.stderr.lines().find(|line| line.contains("chat gpt-4o-mini")).unwrap();
    assert!(call.contains("rate_limit_exceeded: 429 Too Many Requests"), "{call}");
    let metric = ended.stderr.split("gen_ai.client.operation.duration").nth(1).unwrap();
    assert!(metric.starts_with("  error.type=rate_limit_exceeded  "), "{metric}");
}

#[test]
fn the_agent_survives_a_refused_call_and_a_failed_tool() {
    let ended = Program::new("agent").run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with(DISCLAIMER), "{}", ended.stdout);
    assert!(ended.stdout.contains("cancelled"), "{}", ended.stdout);
    assert_eq!(
        outline(&ended.stderr),
        "
ask-the-docs | ok
  researcher | agent | ok
    turn | ok
      chat best-passage | loopback | ok
      search | tool | ok
    turn | ok
      chat best-passage | loopback | ok
      read | tool | error
    turn | ok
      chat best-passage | loopback | ok
      read | tool | ok
    turn | ok
      chat best-passage | loopback | ok
"
    );
    let agent = ended.stderr.lines().find(|line| line.contains(" researcher ")).unwrap();
    assert!(agent.contains("  4 LLM calls, 3 tool calls"), "{agent}");
    let first_call = ended.stderr.lines().find(|line| line.contains(" chat ")).unwrap();
    assert!(first_call.contains("  2 attempts"), "{first_call}");
    assert!(ended.stderr.contains("there is no place \"docs/everything.md\""), "{}", ended.stderr);
}

#[test]
fn the_conversation_stops_at_its_budget_and_its_answers_are_judged() {
    let ended = Program::new("conversation").run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("The conversation ends here: the budget"), "{}", ended.stdout);
    let asked = ended.stdout.lines().filter(|line| line.starts_with("> ")).count();
    assert!((1..4).contains(&asked), "{}", ended.stdout);
    assert_eq!(ended.stderr.matches("─ chat best-passage").count(), asked, "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("evaluate groundedness").count(), asked, "{}", ended.stderr);
    let root = ended.stderr.lines().find(|line| line.starts_with("conversation ")).unwrap();
    assert!(root.contains("$0.0") && root.contains("over budget"), "{root}");
}

/// The shape up to the outcome.
fn outline(text: &str) -> String {
    let cut = |line: &str| {
        let mut kept = Vec::new();
        for cell in line.split(" | ") {
            kept.push(cell);
            if matches!(cell, "ok" | "error" | "cancelled" | "panicked") {
                break;
            }
        }
        kept.join(" | ")
    };
    shape(text).lines().map(cut).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn the_steps_of_dynamic_are_the_stages_of_its_tree() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::new("dynamic").arg("words,unique,count");
    for (name, text) in [("a.txt", "to be or not to be"), ("b.txt", "one two"), ("c.txt", "")] {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        program = program.arg(file);
    }
    let ended = program.run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "a.txt: 4\nb.txt: 2\nc.txt: 0\n");

    let shape = shape(&ended.stderr);
    let (root, files) = shape.trim_start().split_once('\n').unwrap();
    assert_eq!(root, r#"text-steps | ok | steps=["words","unique","count"]"#);
    let mut files: Vec<_> =
        files.split("\n  file").map(|file| file.trim_start_matches("  file")).collect();
    // The files are read all at once, in no order.
    files.sort_unstable();
    let steps = "
    read | loader | ok
    words | splitter | ok | texts=#
    unique | filter | ok | texts=#
    count | reducer | ok | texts=#";
    let expected =
        ["a.txt", "b.txt", "c.txt"].map(|name| format!(" | branch | ok | name={name}{steps}"));
    assert_eq!(files.iter().map(|file| file.trim_end()).collect::<Vec<_>>(), expected);
}

#[test]
fn a_step_of_dynamic_that_fails_says_so_up_to_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    fs::write(&file, "1 two").unwrap();
    let ended = Program::new("dynamic").arg("words,sum").arg(&file).run();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(
        outline(&ended.stderr),
        "
text-steps | error
  caused by: invalid float literal
  file | branch | error
    caused by: invalid float literal
    read | loader | ok
    words | splitter | ok
    sum | reducer | error
      caused by: invalid float literal
"
    );
    assert!(ended.stderr.contains("cannot add \"two\""), "{}", ended.stderr);
}

#[test]
fn an_unknown_step_of_dynamic_is_answered_with_the_known_ones() {
    let ended = Program::new("dynamic").arg("words,explode").run();
    assert_eq!(ended.code, Some(1));
    assert_eq!(
        ended.stderr,
        "Error: unknown step `explode`; expected a list of lines, words, lowercase, numbers, \
         unique, longest, count, sum\n"
    );
}

const WEB: &str = "
GET /passages | server | ok | (continues trace #bf#f#… from remote)
  search | retriever | ok | top_k=#
web-answer | ok | (continues trace #bf#f#… from remote)
  GET /passages | client | ok
  choose | ranker | ok | candidates=#
";

#[test]
fn the_web_services_continue_the_callers_trace() {
    let ended = Program::new("web").run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answer["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(answer["answer"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{answer}");
    // The services end at nearly the same time, each on a thread of its own.
    assert_eq!(sorted(&shape(&ended.stderr)), WEB);
}

/// Its trees in the order of their roots.
fn sorted(trees: &str) -> String {
    let mut sorted: Vec<String> = Vec::new();
    for line in trees.trim_start().lines() {
        match sorted.last_mut() {
            Some(tree) if line.starts_with(' ') => tree.extend([line, "\n"]),
            _ => sorted.push(format!("{line}\n")),
        }
    }
    sorted.sort();
    format!("\n{}", sorted.concat())
}

#[test]
fn the_session_is_on_every_span_of_both_web_services() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spans.jsonl");
    let ended = Program::new("web")
        .variable("OTEL_TRACES_EXPORTER", "file")
        .variable("OTEL_METRICS_EXPORTER", "none")
        .variable("SPANLINE_FILE", file.to_str().unwrap())
        .run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let lines = text_of(&file);
    let mut spans = Vec::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        spans
            .extend(line["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone());
    }
    assert_eq!(spans.len(), 5, "{lines}");
    let session = serde_json::json!({"key": "session.id", "value": {"stringValue": "s-1"}});
    for span in &spans {
        assert!(span["attributes"].as_array().unwrap().contains(&session), "{span}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_web_services_end_with_ctrl_c_and_what_was_recorded_is_out() {
    let mut served = Program::new("web").arg("--serve").arg("127.0.0.1:0").start();
    let mut stdout = BufReader::new(served.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let url = line.trim().replace('…', "stage");
    let answer = http_client(&url).unwrap().get(&url).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["trace_id"].as_str().map(str::len), Some(32), "{answer}");

    let process = served.id().to_string();
    let interrupt = std::process::Command::new("kill").args(["-INT", &process]).status();
    assert!(interrupt.unwrap().success());
    let mut stderr = String::new();
    served.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(served.wait().unwrap().code(), Some(0), "{stderr}");
    assert!(
        outline(&stderr).contains("\nweb-answer | ok\n  GET /passages | client | ok\n"),
        "{stderr}"
    );
}

#[test]
fn arguments_that_web_does_not_know_are_refused() {
    let ended = Program::new("web").arg("--port").run();
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, "Error: expected no arguments, or `--serve ADDRESS`\n");
}

#[test]
fn the_doctor_is_content_with_the_console() {
    let ended = Program::new("doctor").run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("\ntraces: console (default)\n"), "{}", ended.stdout);
    for line in ["\ntraces to console: ok, one span in ", "\nmetrics to console: ok, one point in "]
    {
        assert!(ended.stdout.contains(line), "{}", ended.stdout);
    }
    let id = ended.stdout.rsplit(' ').next().unwrap().trim();
    assert_eq!(id.len(), 32, "{}", ended.stdout);
    assert!(ended.stderr.starts_with("spanline.check "), "{}", ended.stderr);
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_to_change() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let (_kept, address) = nobody();
    let endpoint = format!("http://{address}");
    for (variables, expected) in [
        (&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())][..], "connection refused; start "),
        (&[("OTEL_SDK_DISABLED", "true")], "disabled: true (OTEL_SDK_DISABLED); unset that"),
        (&[("OTEL_TRACES_EXPORTER", "none")], "none (OTEL_TRACES_EXPORTER); name an exporter"),
        (
            &[("OTEL_TRACES_SAMPLER", "always_off")],
            "(OTEL_TRACES_SAMPLER); set OTEL_TRACES_SAMPLER=",
        ),
    ] {
        let program = Program::new("doctor");
        let program =
            variables.iter().fold(program, |program, (name, value)| program.variable(name, value));
        let ended = program.run();
        assert_eq!(ended.code, Some(1), "{variables:?}: {}", ended.stdout);
        assert!(ended.stdout.contains(expected), "{variables:?}: {}", ended.stdout);
    }
    let ended = Program::new("doctor").variable("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost").run();
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stderr.starts_with("doctor: OTEL_EXPORTER_OTLP_ENDPOINT"), "{}", ended.stderr);
}

//! A message bus between agents: events, requests with an answer, tools at the other end of it.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use spanline::{Envelope, trace_agent, trace_span, trace_stage, trace_tool};
use spanline_tests::telemetry::{trace, watch, watch_blocking};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What travels; around it the envelope with the trace context.
struct Message {
    id: u64,
    topic: String,
    body: String,
    answer_to: Option<oneshot::Sender<Envelope<String>>>,
}

#[derive(Default)]
struct Bus {
    subscribers: HashMap<String, Vec<mpsc::UnboundedSender<Envelope<Message>>>>,
    last_id: AtomicU64,
}

#[derive(Debug, PartialEq)]
enum BusError {
    NobodyListens,
    NoAnswer,
}

impl fmt::Display for BusError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NobodyListens => "nobody listens",
            Self::NoAnswer => "no answer in time",
        })
    }
}

impl std::error::Error for BusError {}

impl Bus {
    fn subscribe(&mut self, topic: &str) -> mpsc::UnboundedReceiver<Envelope<Message>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.subscribers.entry(topic.to_owned()).or_default().push(sender);
        receiver
    }

    fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// To everyone who listens; nobody has to.
    #[trace_span(
        name = format!("send {topic}"),
        kind = "producer",
        attributes(messaging.destination.name = topic),
    )]
    fn emit(&self, topic: &str, body: &str) {
        let id = self.next_id();
        spanline::current().set("messaging.message.id", id.to_string());
        for subscriber in self.subscribers.get(topic).into_iter().flatten() {
            let (topic, body) = (topic.to_owned(), body.to_owned());
            let message = Message { id, topic, body, answer_to: None };
            let _ = subscriber.send(Envelope::seal(message));
        }
    }

    /// To one who answers, in time.
    #[trace_span(
        name = format!("request {topic}"),
        kind = "client",
        attributes(messaging.destination.name = topic, timeout.seconds = limit.as_secs_f64()),
    )]
    async fn request(&self, topic: &str, body: &str, limit: Duration) -> Result<String, BusError> {
        let id = self.next_id();
        spanline::current().set("messaging.message.conversation_id", id.to_string());
        let subscriber = self
            .subscribers
            .get(topic)
            .and_then(|subscribers| subscribers.first())
            .ok_or(BusError::NobodyListens)?;
        let (answer_to, answer) = oneshot::channel();
        let (topic, body) = (topic.to_owned(), body.to_owned());
        let message = Message { id, topic, body, answer_to: Some(answer_to) };
        subscriber.send(Envelope::seal(message)).map_err(|_| BusError::NobodyListens)?;
        let Ok(Ok(answer)) = timeout(limit, answer).await else {
            return Err(BusError::NoAnswer);
        };
        spanline::current().link(&answer);
        Ok(answer.into_payload())
    }
}

/// Each message in a span of its own, below who sent it.
#[trace_span(
    name = format!("process {}", message.payload().topic),
    kind = "consumer",
    parent = message,
    attributes(messaging.message.id = message.payload().id.to_string()),
)]
async fn process(message: Envelope<Message>) -> String {
    let Message { body, answer_to, .. } = message.into_payload();
    let answer = work(&body).await;
    if let Some(answer_to) = answer_to {
        let _ = answer_to.send(Envelope::seal(answer.clone()));
    }
    answer
}

#[trace_stage]
async fn work(body: &str) -> String {
    body.to_uppercase()
}

/// Until everyone who could send is gone.
fn worker(mut messages: mpsc::UnboundedReceiver<Envelope<Message>>) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let mut processed = Vec::new();
        while let Some(message) = messages.recv().await {
            processed.push(process(message).await);
        }
        processed
    })
}

const KEYS: [&str; 4] =
    ["messaging.destination.name", "messaging.message.id", "timeout.seconds", "error.type"];

#[tokio::test]
async fn whoever_takes_an_event_works_below_the_one_who_sent_it() {
    let ((), trace) = watch(async {
        let mut bus = Bus::default();
        let workers = [bus.subscribe("news"), bus.subscribe("news")].map(worker);
        bus.emit("news", "one");
        bus.emit("weather", "nobody cares");
        drop(bus);
        for worker in workers {
            assert_eq!(worker.await.unwrap(), ["ONE"]);
        }
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        r#"send news <producer> messaging.destination.name="news" messaging.message.id="1"
  process news <consumer> messaging.message.id="1"
    work
  process news <consumer> messaging.message.id="1"
    work
send weather <producer> messaging.destination.name="weather" messaging.message.id="2"
"#
    );
}

#[tokio::test]
async fn a_request_is_linked_to_the_span_that_answered_it() {
    let (answer, trace) = watch(async {
        let mut bus = Bus::default();
        let worker = worker(bus.subscribe("shout"));
        let answer = bus.request("shout", "hey", Duration::from_secs(60)).await;
        drop(bus);
        worker.await.unwrap();
        answer
    })
    .await;
    assert_eq!(answer.unwrap(), "HEY");
    assert_eq!(
        trace.tree_with(&KEYS),
        r#"request shout <client> messaging.destination.name="shout" timeout.seconds=60.0
  process shout <consumer> messaging.message.id="1"
    work
"#
    );
    assert_eq!(trace.links("request shout"), ["process shout"]);
    assert_eq!(
        trace.attribute("request shout", "messaging.message.conversation_id"),
        trace.attribute("process shout", "messaging.message.id"),
    );
}

#[tokio::test]
async fn a_request_without_an_answer_in_time_is_an_error() {
    let (answer, trace) = watch(async {
        let mut bus = Bus::default();
        let _deaf = bus.subscribe("shout");
        assert_eq!(
            bus.request("whisper", "hey", Duration::from_secs(60)).await,
            Err(BusError::NobodyListens)
        );
        bus.request("shout", "hey", Duration::from_millis(1)).await
    })
    .await;
    assert_eq!(answer, Err(BusError::NoAnswer));
    assert_eq!(
        trace.tree_with(&["messaging.message.conversation_id", "error.type"]),
        r#"request shout <client> error "no answer in time" messaging.message.conversation_id="2" error.type="layers::messages::BusError"
request whisper <client> error "nobody listens" messaging.message.conversation_id="1" error.type="layers::messages::BusError"
"#
    );
}

#[tokio::test]
async fn a_request_that_its_caller_gives_up_is_cancelled() {
    let ((), trace) = watch(async {
        let mut bus = Bus::default();
        let _deaf = bus.subscribe("shout");
        let request = bus.request("shout", "hey", Duration::from_secs(60));
        timeout(Duration::from_millis(1), request).await.unwrap_err();
    })
    .await;
    assert_eq!(trace.tree(), "request shout <client> error.type=\"cancelled\"\n");
}

#[test]
fn a_batch_is_linked_to_all_who_sent_a_part_of_it() {
    #[trace_span(
        kind = "consumer",
        root,
        links = batch,
        attributes(messaging.batch.message_count = batch.len()),
    )]
    fn process_all(batch: &[Envelope<Message>]) -> (String, Option<String>) {
        let bodies = batch.iter().map(|message| message.payload().body.as_str());
        (bodies.collect(), spanline::current().trace_id())
    }

    let (batch, sent) = watch_blocking(|| {
        let mut bus = Bus::default();
        let mut messages = bus.subscribe("news");
        bus.emit("news", "one");
        bus.emit("news", "two");
        std::iter::from_fn(|| messages.try_recv().ok()).collect::<Vec<_>>()
    });
    let (bodies, trace_id) = process_all(&batch);
    assert_eq!(bodies, "onetwo");

    let processed = trace(&trace_id.unwrap());
    assert_eq!(
        processed.tree_with(&["messaging.batch.message_count"]),
        "process_all <consumer> messaging.batch.message_count=2\n"
    );
    let links = processed.span("process_all").links.iter().map(|link| &link.span_id);
    let mut senders: Vec<_> = sent.spans.iter().filter(|span| span.name == "send news").collect();
    senders.sort_by_key(|span| span.start_time_unix_nano);
    assert!(links.eq(senders.iter().map(|span| &span.span_id)), "{processed:?}");
}

#[tokio::test]
async fn a_tool_at_the_other_end_of_the_bus_is_one_of_the_agent() {
    #[trace_agent("assistant")]
    async fn assist(bus: Bus) -> Result<String, BusError> {
        bus.request("tools", "weather", Duration::from_secs(60)).await
    }

    #[trace_tool(&call.payload().body, call_id = call.payload().id.to_string(), parent = call)]
    fn invoke(call: &Envelope<Message>) -> Envelope<String> {
        Envelope::seal("rain".to_owned())
    }

    let (answer, trace) = watch(async {
        let mut bus = Bus::default();
        let mut calls = bus.subscribe("tools");
        let tools = tokio::spawn(async move {
            let call = calls.recv().await.unwrap();
            let answer = invoke(&call);
            call.into_payload().answer_to.unwrap().send(answer).unwrap();
        });
        let answer = assist(bus).await;
        tools.await.unwrap();
        answer
    })
    .await;
    assert_eq!(answer.unwrap(), "rain");
    assert_eq!(
        trace.tree_with(&["spanline.agent.tool_calls", "gen_ai.agent.name"]),
        r#"invoke_agent assistant spanline.agent.tool_calls=1 gen_ai.agent.name="assistant"
  request tools <client>
    execute_tool weather gen_ai.agent.name="assistant"
"#
    );
    assert_eq!(trace.links("request tools"), ["execute_tool weather"]);
}

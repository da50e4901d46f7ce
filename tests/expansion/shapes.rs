//! Each shape of function returns what its body does, recorded or not.

use std::future::{Future, ready};
use std::num::ParseIntError;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use spanline::{Stage, current, trace_llm_call, trace_span, trace_stage};

use crate::{recorded, unrecorded};

#[derive(Clone)]
struct Store {
    words: Vec<String>,
}

fn store() -> Store {
    Store { words: vec!["one".to_owned(), "two".to_owned()] }
}

#[trace_stage]
async fn early(text: &str) -> Result<u32, ParseIntError> {
    if text == "none" {
        return Ok(0);
    }
    let number: u32 = text.parse()?;
    Ok(number + 1)
}

#[trace_stage]
fn blocking_early(text: &str) -> Result<u32, ParseIntError> {
    if text == "none" {
        return Ok(0);
    }
    let number: u32 = text.parse()?;
    Ok(number + 1)
}

#[trace_stage]
async fn unsized_output(which: bool) -> Box<dyn std::fmt::Display> {
    if which {
        return Box::new(1);
    }
    Box::new("text")
}

#[trace_stage]
async fn generic<'a, T, const N: usize>(items: &'a [T; N], other: &'a T) -> [&'a T; 2]
where
    T: Ord,
{
    [items.iter().max().unwrap_or(other), other]
}

#[trace_stage]
async fn iterates(words: &[String]) -> impl Iterator<Item = usize> {
    words.iter().map(String::len)
}

#[trace_stage]
fn blocking_iterates(words: &[String]) -> impl Iterator<Item = usize> {
    words.iter().map(String::len)
}

#[trace_stage]
async fn recursion(depth: u32) -> u32 {
    if depth == 0 { 0 } else { 1 + Box::pin(recursion(depth - 1)).await }
}

#[trace_stage]
async fn destructured((left, mut right): (u32, u32), [first, ..]: [u32; 3], &third: &u32) -> u32 {
    right += first;
    left + right + third
}

#[trace_stage]
fn future(number: u32) -> impl Future<Output = Result<u32, String>> {
    async move { if number == 0 { Err("zero".to_owned()) } else { Ok(number) } }
}

#[trace_stage]
fn boxed(number: u32) -> Pin<Box<dyn Future<Output = Result<u32, String>> + Send>> {
    if number == 0 {
        return Box::pin(async { Err("zero".to_owned()) });
    }
    Box::pin(async move { Ok(number) })
}

#[trace_stage]
fn boxed_unpin(number: u32) -> Box<dyn Future<Output = Result<u32, String>> + Send + Unpin> {
    Box::new(Box::pin(async move { if number == 0 { Err("zero".to_owned()) } else { Ok(number) } }))
}

#[trace_stage]
fn boxed_unpinned(number: u32) -> Box<dyn Future<Output = u32>> {
    if number == 0 {
        return Box::new(ready(0));
    }
    Box::new(async move {
        tokio::task::yield_now().await;
        number
    })
}

#[trace_stage]
fn counter(start: usize) -> impl Fn(&str) -> usize {
    move |text| start + text.len()
}

#[trace_stage]
fn longest<'a, T: AsRef<str>>(
    words: &'a [T],
) -> impl for<'b> FnMut(&'b str) -> Option<&'b str> + use<'a, T> {
    let mut words = words.iter();
    move |text| words.next().is_none_or(|word| word.as_ref().len() <= text.len()).then_some(text)
}

#[trace_stage]
fn returned_early(start: usize) -> impl Fn(&str) -> usize {
    return move |text: &str| start + text.len();
}

#[trace_stage]
async fn later_counter(start: usize) -> impl Fn(&[usize]) -> usize + Send {
    tokio::task::yield_now().await;
    move |numbers| start + numbers.len()
}

#[trace_stage]
extern "C" fn foreign(number: u32) -> u32 {
    number + 1
}

impl Store {
    #[trace_stage]
    async fn first(&self) -> Option<&str> {
        ready(()).await;
        self.words.first().map(String::as_str)
    }

    #[trace_stage]
    async fn push(&mut self, word: &str) -> &mut String {
        self.words.push(word.to_owned());
        let last = self.words.len() - 1;
        &mut self.words[last]
    }

    #[trace_stage]
    fn blocking_push(&mut self, word: &str) -> &mut String {
        self.words.push(word.to_owned());
        let last = self.words.len() - 1;
        &mut self.words[last]
    }

    #[trace_stage]
    fn finder(&self) -> impl FnOnce(&str) -> Option<usize> {
        |word| self.words.iter().position(|found| found == word)
    }

    #[trace_stage]
    async fn into_words(mut self) -> Vec<String> {
        self.words.reverse();
        self.words
    }

    #[trace_stage]
    async fn shared(self: Arc<Self>) -> usize {
        self.words.len()
    }

    #[trace_stage]
    async fn pinned(self: Pin<&mut Self>) -> usize {
        self.words.len()
    }

    #[trace_stage]
    fn boxed_borrow(&mut self) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        Box::pin(self.shrink())
    }

    #[trace_stage]
    fn future_borrow(&mut self) -> impl Future<Output = usize> {
        self.shrink()
    }

    async fn shrink(&mut self) -> usize {
        ready(()).await;
        self.words.pop();
        self.words.len()
    }
}

trait Native {
    fn find(&self, word: &str) -> impl Future<Output = Option<usize>> + Send;

    #[trace_span]
    fn find_first(&self) -> impl Future<Output = Option<usize>> + Send
    where
        Self: Sync,
    {
        async { self.find("one").await }
    }
}

impl Native for Store {
    #[trace_stage]
    async fn find(&self, word: &str) -> Option<usize> {
        self.words.iter().position(|found| found == word)
    }
}

#[async_trait]
trait Client {
    async fn complete(&self, prompt: &str) -> Result<String, String>;

    #[trace_stage("twice", attributes(prompt))]
    async fn twice(&self, prompt: &str) -> Result<String, String> {
        let first = self.complete(prompt).await?;
        self.complete(&first).await
    }
}

#[async_trait]
impl Client for Store {
    #[trace_llm_call(provider = "openai", model = self.words[0])]
    async fn complete(&self, prompt: &str) -> Result<String, String> {
        if prompt.len() > 3 {
            return Err("too long".to_owned());
        }
        ready(()).await;
        Ok(format!("{prompt}!"))
    }
}

/// Calls every shape.
async fn all() {
    assert_eq!(early("none").await, Ok(0));
    assert_eq!(early("4").await, Ok(5));
    assert!(early("x").await.is_err());
    assert_eq!(blocking_early("none"), Ok(0));
    assert_eq!(blocking_early("4"), Ok(5));
    assert!(blocking_early("x").is_err());
    assert_eq!(unsized_output(true).await.to_string(), "1");
    assert_eq!(unsized_output(false).await.to_string(), "text");
    assert_eq!(generic(&[1, 3, 2], &0).await, [&3, &0]);
    assert_eq!(iterates(&store().words).await.sum::<usize>(), 6);
    assert_eq!(blocking_iterates(&store().words).sum::<usize>(), 6);
    assert_eq!(recursion(3).await, 3);
    assert_eq!(destructured((1, 2), [3, 4, 5], &6).await, 12);
    assert_eq!(future(1).await, Ok(1));
    assert_eq!(future(0).await, Err("zero".to_owned()));
    assert_eq!(boxed(1).await, Ok(1));
    assert_eq!(boxed(0).await, Err("zero".to_owned()));
    assert_eq!(boxed_unpin(1).await, Ok(1));
    assert_eq!(boxed_unpin(0).await, Err("zero".to_owned()));
    assert_eq!(Box::into_pin(boxed_unpinned(1)).await, 1);
    assert_eq!(Box::into_pin(boxed_unpinned(0)).await, 0);
    assert_eq!(counter(1)("four"), 5);
    assert_eq!(longest(&["longer"])("text"), None);
    assert_eq!(returned_early(1)("four"), 5);
    assert_eq!(later_counter(1).await(&[2, 3]), 3);
    assert_eq!(store().finder()("two"), Some(1));
    assert_eq!(foreign(1), 2);

    let mut words = store();
    assert_eq!(words.first().await, Some("one"));
    words.push("three").await.push('!');
    words.blocking_push("four").push('!');
    assert_eq!(words.clone().into_words().await, ["four!", "three!", "two", "one"]);
    assert_eq!(Arc::new(words.clone()).shared().await, 4);
    assert_eq!(Pin::new(&mut words).pinned().await, 4);
    assert_eq!(words.boxed_borrow().await, 3);
    assert_eq!(words.future_borrow().await, 2);
    assert_eq!(words.find("two").await, Some(1));
    assert_eq!(words.find_first().await, Some(0));
    assert_eq!(words.twice("a").await, Ok("a!!".to_owned()));
    assert_eq!(words.twice("abc").await, Err("too long".to_owned()));
}

#[test]
fn every_shape_does_what_its_body_does_when_nothing_is_recorded() {
    unrecorded(async || all().await);
}

#[test]
fn every_shape_does_what_its_body_does_in_a_span() {
    let ((), tree) = recorded(async || all().await);
    // Every one, in the order of the calls; those inside of another are indented.
    let spans: Vec<&str> = tree.lines().filter(|line| line.contains(" (")).collect();
    assert_eq!(
        spans,
        [
            "early (internal) unset",
            "early (internal) unset",
            "early (internal) error: invalid digit found in string",
            "blocking_early (internal) unset",
            "blocking_early (internal) unset",
            "blocking_early (internal) error: invalid digit found in string",
            "unsized_output (internal) unset",
            "unsized_output (internal) unset",
            "generic (internal) unset",
            "iterates (internal) unset",
            "blocking_iterates (internal) unset",
            "recursion (internal) unset",
            "    recursion (internal) unset",
            "        recursion (internal) unset",
            "            recursion (internal) unset",
            "destructured (internal) unset",
            "future (internal) unset",
            "future (internal) error: zero",
            "boxed (internal) unset",
            "boxed (internal) error: zero",
            "boxed_unpin (internal) unset",
            "boxed_unpin (internal) error: zero",
            "boxed_unpinned (internal) unset",
            "boxed_unpinned (internal) unset",
            "counter (internal) unset",
            "longest (internal) unset",
            "returned_early (internal) unset",
            "later_counter (internal) unset",
            "finder (internal) unset",
            "foreign (internal) unset",
            "first (internal) unset",
            "push (internal) unset",
            "blocking_push (internal) unset",
            "into_words (internal) unset",
            "shared (internal) unset",
            "pinned (internal) unset",
            "boxed_borrow (internal) unset",
            "future_borrow (internal) unset",
            "find (internal) unset",
            "find_first (internal) unset",
            "    find (internal) unset",
            "twice (internal) unset",
            "    chat one (client) unset",
            "    chat one (client) unset",
            "twice (internal) error: too long",
            "    chat one (client) unset",
            "    chat one (client) error: too long",
        ]
    );
}

#[test]
fn a_body_runs_inside_of_its_span() {
    #[trace_span]
    async fn asynchronous() -> bool {
        ready(()).await;
        current().is_recording()
    }

    #[trace_span]
    fn blocking() -> bool {
        current().is_recording()
    }

    #[trace_span]
    fn future() -> impl Future<Output = bool> {
        async { current().is_recording() }
    }

    #[trace_span]
    fn boxed() -> Pin<Box<dyn Future<Output = bool>>> {
        Box::pin(async { current().is_recording() })
    }

    #[trace_span]
    fn boxed_unpinned() -> Box<dyn Future<Output = bool>> {
        Box::new(async { current().is_recording() })
    }

    async fn all() -> [bool; 6] {
        let inside = [asynchronous().await, blocking(), future().await, boxed().await];
        let [first, second, third, fourth] = inside;
        let fifth = Box::into_pin(boxed_unpinned()).await;
        [first, second, third, fourth, fifth, current().is_recording()]
    }

    assert_eq!(unrecorded(async || all().await), [false; 6]);
    assert_eq!(recorded(async || all().await).0, [true, true, true, true, true, false]);
}

#[test]
fn a_future_does_nothing_before_it_is_polled() {
    #[trace_stage]
    async fn never() {
        panic!("polled");
    }

    let ((), tree) = recorded(async || drop(never()));
    assert_eq!(tree, "");
}

#[test]
fn what_never_returns_is_polled_like_any_other() {
    #[trace_stage]
    async fn forever() -> ! {
        loop {
            std::future::pending::<()>().await;
        }
    }

    let ((), tree) = recorded(async || {
        let mut future = pin!(forever());
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Pending);
    });
    assert!(tree.starts_with("forever (internal) unset\n  error.type = \"cancelled\""), "{tree}");
}

/// Runs an async closure twice, each time in a span of its own.
async fn twice(step: impl AsyncFn(u32) -> Result<u32, String>) -> Result<u32, String> {
    let number = Stage::new("first").run(step(1)).await?;
    Stage::new("second").run(step(number)).await
}

#[test]
fn an_async_closure_runs_in_the_span_of_a_builder() {
    let (result, tree) = recorded(async || {
        let offset = String::from("ten");
        // It borrows, which a closure that returns an `async` block could not do.
        twice(async |number| {
            let found = early(&number.to_string()).await.map_err(|error| error.to_string())?;
            if found > 2 { Err(format!("{found} is more than {offset}")) } else { Ok(found) }
        })
        .await
    });
    assert_eq!(result, Err("3 is more than ten".to_owned()));
    let spans: Vec<&str> = tree.lines().filter(|line| line.contains(" (")).collect();
    assert_eq!(
        spans,
        [
            "first (internal) unset",
            "    early (internal) unset",
            "second (internal) error: 3 is more than ten",
            "    early (internal) unset",
        ]
    );
}

#[test]
fn an_async_closure_that_is_called_once_owns_what_it_takes() {
    let (length, tree) = recorded(async || {
        let text = String::from("owned");
        let closure = async move || text.into_bytes().len();
        Stage::new("once").run_with(closure(), |_, _| ()).await
    });
    assert_eq!(length, 5);
    assert!(tree.starts_with("once (internal) unset"), "{tree}");
}

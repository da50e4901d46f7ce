//! Every form of function, under every lint.
#![deny(warnings, clippy::all, clippy::pedantic, missing_docs, unused, rust_2018_idioms)]
#![allow(
    dead_code,
    clippy::elidable_lifetime_names,
    clippy::many_single_char_names,
    clippy::must_use_candidate,
    clippy::trivially_copy_pass_by_ref,
    reason = "they are said of the functions as they are, and forms are what this is about"
)]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use spanline::{trace_pipeline, trace_span, trace_stage};

struct Store {
    words: Vec<String>,
}

struct Pair<T>(T, T);

struct Point {
    left: u32,
    right: u32,
}

#[derive(Debug)]
struct Borrowed<'a>(&'a str);

impl std::fmt::Display for Borrowed<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Borrowed<'_> {}

#[trace_stage]
async fn unit() {}

#[trace_stage]
fn blocking_unit() {}

#[trace_stage]
async fn number() -> u32 { 7 }

#[trace_stage]
fn blocking_number() -> u32 { 7 }

#[trace_stage]
async fn early(question: bool) -> Result<Box<dyn std::fmt::Debug>, Box<dyn std::error::Error>> {
    if question {
        return Ok(Box::new(1));
    }
    "x".parse::<u32>()?;
    Ok(Box::new("text"))
}

#[trace_stage]
fn blocking_early(question: bool) -> Result<Box<dyn std::fmt::Debug>, Box<dyn std::error::Error>> {
    if question {
        return Ok(Box::new(1));
    }
    "x".parse::<u32>()?;
    Ok(Box::new("text"))
}

#[trace_stage]
async fn elided(text: &str) -> &str {
    std::future::ready(()).await;
    text
}

#[trace_stage]
async fn named<'a, 'b: 'a, T, const N: usize>(left: &'a [T; N], right: &'b [T; N]) -> [&'a T; 2]
where
    T: PartialOrd + Sync,
{
    if left.len() > 1 { [&left[0], &right[0]] } else { [&right[0], &left[0]] }
}

#[trace_stage]
fn blocking_named<'a, 'b: 'a, T, const N: usize>(left: &'a [T; N], right: &'b [T; N]) -> [&'a T; 2]
where
    T: PartialOrd,
{
    if left.len() > 1 { [&left[0], &right[0]] } else { [&right[0], &left[0]] }
}

#[trace_stage]
async fn error_that_borrows(text: &str) -> Result<(), Borrowed<'_>> {
    Err(Borrowed(text))
}

#[trace_stage]
fn generic_error<E: std::error::Error>(error: E) -> Result<(), E> {
    Err(error)
}

#[trace_stage(attributes(text.length = text.as_ref().len(), times))]
async fn impl_argument(text: impl AsRef<str>, times: usize) -> String {
    text.as_ref().repeat(times)
}

#[trace_stage]
async fn impl_return(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(String::as_str)
}

#[trace_stage]
fn blocking_impl_return(
    words: &[String],
) -> Result<impl Iterator<Item = &str>, Box<dyn std::error::Error>> {
    if words.is_empty() {
        Err("no words")?;
    }
    Ok(words.iter().map(String::as_str))
}

#[trace_stage]
async fn impl_return_in_result(
    words: &[String],
) -> Result<impl Iterator<Item = &str>, Box<dyn std::error::Error>> {
    if words.is_empty() {
        Err("no words")?;
    }
    Ok(words.iter().map(String::as_str))
}

#[trace_stage(attributes(left))]
async fn destructured(
    Point { left, mut right }: Point,
    (a, _): (u32, String),
    Pair(b, ..): Pair<u32>,
    &c: &u32,
    [d, ..]: [u32; 3],
    _: String,
    mut e: u32,
) -> u32 {
    right += 1;
    e += 1;
    left + right + a + b + c + d + e
}

#[trace_stage]
fn blocking_destructured(
    Point { left, mut right }: Point,
    (a, _): (u32, String),
    Pair(b, ..): Pair<u32>,
    &c: &u32,
    [d, ..]: [u32; 3],
    _: String,
    mut e: u32,
) -> u32 {
    right += 1;
    e += 1;
    left + right + a + b + c + d + e
}

#[trace_stage]
async fn reference_pattern(ref text: String) -> usize {
    text.len()
}

#[trace_stage]
async fn mutable_reference_pattern(
    ref mut text: String,
    (ref mut words, count): (Vec<String>, usize),
) -> usize {
    text.push('!');
    words.clear();
    text.len() + count
}

#[trace_stage]
async fn kept_alive(_permit: String, _: Vec<u8>) {
    std::future::ready(()).await;
}

#[trace_stage]
async fn recursion(depth: u32) -> u32 {
    if depth == 0 { 0 } else { 1 + Box::pin(recursion(depth - 1)).await }
}

#[trace_stage]
fn blocking_recursion(depth: u32) -> u32 {
    if depth == 0 { 0 } else { 1 + blocking_recursion(depth - 1) }
}

#[trace_stage]
async fn endless() -> ! {
    loop {
        std::future::ready(()).await;
    }
}

#[trace_stage]
fn blocking_endless() -> ! {
    std::process::exit(0)
}

#[trace_stage]
async fn diverges() -> Result<u32, String> {
    panic!("always")
}

#[trace_stage]
fn blocking_diverges() -> Result<u32, String> {
    std::process::exit(1)
}

/// Reads.
///
/// # Safety
///
/// `number` must be valid.
#[trace_stage]
pub unsafe fn unsafe_blocking(number: *const u32) -> u32 {
    // SAFETY: the caller's word.
    unsafe { *number }
}

/// Reads.
///
/// # Safety
///
/// `number` must be valid.
#[trace_stage]
pub async unsafe fn unsafe_async(number: &*const u32) -> u32 {
    // SAFETY: the caller's word.
    unsafe { **number }
}

#[trace_stage]
extern "C" fn foreign_call(number: u32) -> u32 {
    number + 1
}

#[trace_stage]
#[inline]
#[track_caller]
#[must_use]
fn with_attributes(#[allow(unused_variables)] ignored: u32) -> u32 {
    1
}

#[trace_stage]
#[must_use = "a reason"]
async fn async_with_attributes(
    #[allow(unused_variables)] ignored: u32,
    #[cfg(any())] never: Missing,
    #[cfg(not(any()))] always: u32,
) -> u32 {
    always
}

#[trace_stage]
async fn inner_attributes(Number: u32) -> u32 {
    #![allow(non_snake_case)]
    Number
}

#[trace_stage]
fn blocking_inner_attributes(Number: u32) -> u32 {
    #![allow(non_snake_case)]
    Number
}

#[trace_stage]
fn future(text: &str) -> impl Future<Output = usize> {
    async move { text.len() }
}

#[trace_stage]
fn future_with_bounds<'a>(text: &'a str) -> impl Future<Output = Result<usize, String>> + Send + use<'a> {
    async move { Ok(text.len()) }
}

#[trace_stage]
fn boxed(text: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    if text.is_empty() {
        return Box::pin(async { 0 });
    }
    Box::pin(async move { text.len() })
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[trace_stage]
fn boxed_by_alias(text: &str) -> BoxFuture<'_, usize> {
    Box::pin(async move { text.len() })
}

#[trace_stage]
fn pinned(text: Pin<&mut String>) -> Pin<&mut String> {
    text
}

impl Store {
    #[trace_stage]
    async fn by_reference(&self, index: usize) -> Option<&str> {
        self.words.get(index).map(String::as_str)
    }

    #[trace_stage]
    async fn by_mutable_reference(&mut self, word: &str) -> &mut String {
        self.words.push(word.to_owned());
        let last = self.words.len() - 1;
        &mut self.words[last]
    }

    #[trace_stage(attributes(count = self.words.len()))]
    async fn by_value(self) -> Vec<String> {
        self.words
    }

    #[trace_stage]
    async fn by_mutable_value(mut self) -> Vec<String> {
        self.words.push(String::new());
        self.words
    }

    #[trace_stage]
    async fn by_arc(self: Arc<Self>) -> usize {
        self.words.len()
    }

    #[trace_stage]
    async fn by_pin(self: Pin<&mut Self>) -> usize {
        self.words.len()
    }

    #[trace_stage]
    async fn by_mutable_pin(mut self: Pin<&mut Self>) -> usize {
        self.words.clear();
        self.as_mut().words.len()
    }

    #[trace_stage]
    fn blocking_by_reference(&self, index: usize) -> Option<&str> {
        self.words.get(index).map(String::as_str)
    }

    #[trace_stage]
    fn blocking_by_mutable_reference(&mut self, word: &str) -> &mut String {
        self.words.push(word.to_owned());
        let last = self.words.len() - 1;
        &mut self.words[last]
    }

    #[trace_stage]
    fn blocking_by_value(self) -> Vec<String> {
        self.words
    }

    #[trace_stage]
    fn blocking_by_mutable_value(mut self) -> Vec<String> {
        self.words.push(String::new());
        self.words
    }

    #[trace_stage]
    fn blocking_by_box(self: Box<Self>) -> usize {
        self.words.len()
    }

    #[trace_stage]
    fn boxed_borrow(&mut self) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        Box::pin(self.count())
    }

    #[trace_stage]
    fn future_borrow(&mut self) -> impl Future<Output = usize> {
        self.count()
    }

    async fn count(&mut self) -> usize {
        std::future::ready(()).await;
        self.words.len()
    }

    #[trace_stage]
    fn builder(mut self, word: &str) -> Self {
        self.words.push(word.to_owned());
        self
    }
}

/// Finds.
pub trait Finder {
    /// Finds in a future.
    fn find(&self, text: &str) -> impl Future<Output = Result<usize, String>> + Send;

    /// Finds, as a default.
    #[trace_stage]
    fn find_default(&self, text: &str) -> usize {
        text.len()
    }

    /// Counts.
    #[trace_span]
    fn count(&self) -> impl Future<Output = usize> + Send
    where
        Self: Sync,
    {
        async { 1 }
    }
}

#[allow(async_fn_in_trait, reason = "as users do")]
trait Native {
    async fn native(&self, text: &str) -> usize;

    #[trace_span]
    async fn native_default(&self, text: &str) -> usize {
        self.native(text).await
    }
}

impl Finder for Store {
    #[trace_stage("find", attributes(text))]
    async fn find(&self, text: &str) -> Result<usize, String> {
        self.words.iter().position(|word| word == text).ok_or_else(|| "not found".to_owned())
    }
}

impl Native for Store {
    #[trace_stage]
    async fn native(&self, text: &str) -> usize {
        self.words.len() + text.len()
    }
}

#[trace_pipeline("answer", session = session)]
async fn pipeline<S: Finder + Sync>(store: &S, session: Option<&str>) -> Result<usize, String> {
    store.find("text").await
}

fn assert_send<T: Send>(_: T) {}

fn futures_are_send(store: &mut Store) {
    assert_send(unit());
    assert_send(elided(""));
    assert_send(recursion(1));
    assert_send(pipeline(store, None));
    assert_send(boxed(""));
    assert_send(store.by_mutable_reference(""));
}

fn main() {}

//! One attribute on an `impl` or a `trait` traces its methods, named after it.

use std::fmt::Debug;

use async_trait::async_trait;
use spanline::{trace_span, trace_stage};

use crate::recorded;
use crate::tree::names;

struct Store<T> {
    items: Vec<T>,
}

#[trace_stage(kind = "store", attributes(size = self.items.len()))]
impl<T: Clone + Debug + Send + Sync> Store<T> {
    const LIMIT: usize = { 3 };

    async fn find(&self, index: usize) -> Option<T> {
        self.checked(index);
        self.items.get(index).cloned()
    }

    fn checked(&self, index: usize) -> bool {
        self.quiet() && index < Self::LIMIT
    }

    #[spanline(skip)]
    fn quiet(&self) -> bool {
        !self.items.is_empty()
    }

    #[trace_span("own name")]
    async fn named(&self) -> usize {
        self.items.len()
    }
}

trait Search {
    async fn search(&self, text: &str) -> Result<usize, String>;
}

#[trace_stage]
impl Search for Store<&str> {
    async fn search(&self, text: &str) -> Result<usize, String> {
        self.items.iter().position(|item| *item == text).ok_or_else(|| format!("no {text}"))
    }
}

#[trace_stage]
trait Twice {
    fn once(&self) -> u32;

    fn twice(&self) -> u32 {
        self.once() * 2
    }

    async fn later(&self) -> u32 {
        self.twice()
    }
}

impl Twice for u32 {
    fn once(&self) -> u32 {
        *self
    }
}

#[async_trait]
trait Client {
    async fn call(&self) -> Result<u32, String>;
}

struct Above;
struct Below;

#[trace_stage]
#[async_trait]
impl Client for Above {
    async fn call(&self) -> Result<u32, String> {
        Err("above".to_owned())
    }
}

#[async_trait]
#[trace_stage]
impl Client for Below {
    async fn call(&self) -> Result<u32, String> {
        Err("below".to_owned())
    }
}

fn store() -> Store<&'static str> {
    Store { items: vec!["one", "two"] }
}

#[test]
fn each_method_of_an_impl_is_named_after_its_type() {
    let (found, tree) = recorded(async || store().find(1).await);
    assert_eq!(found, Some("two"));
    assert_eq!(names(&tree), ["Store::find", "    Store::checked"]);
    assert!(tree.contains("size"), "{tree}");
}

#[test]
fn a_method_keeps_its_own_attribute() {
    let (count, tree) = recorded(async || store().named().await);
    assert_eq!(count, 2);
    assert_eq!(names(&tree), ["own name"]);
}

#[test]
fn a_trait_impl_is_named_after_the_type_and_its_errors_are_errors() {
    let (found, tree) = recorded(async || store().search("three").await);
    assert_eq!(found, Err("no three".to_owned()));
    assert_eq!(names(&tree), ["Store::search"]);
    assert!(tree.contains("no three"), "{tree}");
}

#[test]
fn the_bodies_of_a_trait_are_traced() {
    let (number, tree) = recorded(async || 4_u32.later().await);
    assert_eq!(number, 8);
    assert_eq!(names(&tree), ["Twice::later", "    Twice::twice"]);
}

#[test]
fn async_trait_goes_above_or_below() {
    for (client, name) in [(&Above as &dyn Client, "Above::call"), (&Below, "Below::call")] {
        let (_, tree) = recorded(async || client.call().await);
        assert_eq!(names(&tree), [name]);
        assert!(tree.contains("error"), "{tree}");
    }
}

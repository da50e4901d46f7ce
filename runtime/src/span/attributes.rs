//! What an event carries.

use std::borrow::Cow;

use opentelemetry::KeyValue;

use super::value::AttributeValue;

/// The attributes of an event: any list or map of pairs, and where their values are of different
/// types a tuple of up to eight pairs; `()` for none. Sealed.
///
/// ```
/// let (task, attempt) = ("load", 2);
/// spanline::current()
///     .event("task.failed", (("task", task), ("attempt", attempt)))
///     .event("scores", [0.2, 0.8].map(|score| ("score", score)))
///     .event("given up", ());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the attributes of an event",
    label = "expected a list of pairs, a tuple of pairs, or `()`",
    note = "write `[(\"key\", value)]`, or `((\"key\", value), (\"other\", value))` where the types differ"
)]
pub trait EventAttributes<M>: sealed::Sealed<M> {
    #[doc(hidden)]
    fn into_list(self) -> Vec<KeyValue>;
}

/// Which kind of [`EventAttributes`] it is: pairs of one type.
#[derive(Debug)]
pub enum List {}
/// Which kind of [`EventAttributes`] it is: a pair of each type.
#[derive(Debug)]
pub enum Tuple {}

mod sealed {
    pub trait Sealed<M> {}
}

fn attribute(
    (key, value): (impl Into<Cow<'static, str>>, impl AttributeValue),
) -> Option<KeyValue> {
    Some(KeyValue::new(key.into(), value.value()?.into_value()))
}

impl<I: IntoIterator<Item = (K, V)>, K, V> sealed::Sealed<(List, K, V)> for I {}
impl<I, K, V> EventAttributes<(List, K, V)> for I
where
    I: IntoIterator<Item = (K, V)>,
    K: Into<Cow<'static, str>>,
    V: AttributeValue,
{
    fn into_list(self) -> Vec<KeyValue> {
        self.into_iter().filter_map(attribute).collect()
    }
}

macro_rules! tuples {
    ($(($($pair:ident: $key:ident $value:ident),*);)+) => {$(
        impl<$($key, $value),*> sealed::Sealed<Tuple> for ($(($key, $value),)*) {}
        impl<$($key, $value),*> EventAttributes<Tuple> for ($(($key, $value),)*)
        where
            $($key: Into<Cow<'static, str>>, $value: AttributeValue,)*
        {
            fn into_list(self) -> Vec<KeyValue> {
                let ($($pair,)*) = self;
                std::iter::empty()$(.chain(attribute($pair)))*.collect()
            }
        }
    )+};
}

tuples! {
    ();
    (a: A1 A2);
    (a: A1 A2, b: B1 B2);
    (a: A1 A2, b: B1 B2, c: C1 C2);
    (a: A1 A2, b: B1 B2, c: C1 C2, d: D1 D2);
    (a: A1 A2, b: B1 B2, c: C1 C2, d: D1 D2, e: E1 E2);
    (a: A1 A2, b: B1 B2, c: C1 C2, d: D1 D2, e: E1 E2, f: F1 F2);
    (a: A1 A2, b: B1 B2, c: C1 C2, d: D1 D2, e: E1 E2, f: F1 F2, g: G1 G2);
    (a: A1 A2, b: B1 B2, c: C1 C2, d: D1 D2, e: E1 E2, f: F1 F2, g: G1 G2, h: H1 H2);
}

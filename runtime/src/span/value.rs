//! What an attribute can hold, and which arguments take which kind of it.

use std::borrow::Cow;

use opentelemetry::{Array, StringValue, Value};

/// A value on its way into a record; text is copied once, by the record.
#[derive(Debug)]
pub enum ValueRef<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A single; widened where it costs nobody time.
    Single(f32),
    /// Text.
    Text(&'a str),
    /// An array of one kind.
    Array(Array),
}

impl ValueRef<'_> {
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::I64(value),
            Self::Float(value) => Value::F64(value),
            Self::Single(value) => Value::F64(widen(value)),
            Self::Text(value) => Value::String(StringValue::from(value.to_owned())),
            Self::Array(value) => Value::Array(value),
        }
    }
}

/// What can be the value of an attribute: strings, booleans, every integer type, floats, arrays of
/// them, and `Option` of any of these, where `None` leaves the attribute unset.
///
/// Numbers reach OpenTelemetry as numbers. An integer beyond the range of `i64` is recorded as the
/// nearest double. The trait is sealed.
///
/// ```
/// fn accepts(_: impl spanline::AttributeValue) {}
/// accepts("text");
/// accepts(5_u64);
/// accepts(&[0.1_f32, 0.2]);
/// accepts(None::<bool>);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a span attribute",
    label = "not a string, a boolean, a number or an array of them",
    note = "pass a part of it, or its text: `.to_string()`"
)]
pub trait AttributeValue: sealed::Sealed {
    #[doc(hidden)]
    fn value(&self) -> Option<ValueRef<'_>>;
}

/// Text, or `Option` of it. Sealed.
#[diagnostic::on_unimplemented(
    message = "expected text, found `{Self}`",
    label = "not a string",
    note = "pass a string or an `Option` of one; `.to_string()` makes one of anything that displays"
)]
pub trait Text: AttributeValue {}

/// An integer, or `Option` of one. Sealed.
#[diagnostic::on_unimplemented(
    message = "expected an integer, found `{Self}`",
    label = "not an integer",
    note = "pass an integer of any type or an `Option` of one"
)]
pub trait Integer: AttributeValue {}

/// A number, or `Option` of one. Sealed.
#[diagnostic::on_unimplemented(
    message = "expected a number, found `{Self}`",
    label = "not a number",
    note = "pass a float or an integer, or an `Option` of one"
)]
pub trait Number: AttributeValue {
    /// The value as a double, whatever it was.
    #[doc(hidden)]
    fn double(&self) -> Option<ValueRef<'static>> {
        match self.value()? {
            #[allow(clippy::cast_precision_loss, reason = "a setting of a model is small")]
            ValueRef::Int(value) => Some(ValueRef::Float(value as f64)),
            ValueRef::Float(value) => Some(ValueRef::Float(value)),
            ValueRef::Single(value) => Some(ValueRef::Single(value)),
            _ => None,
        }
    }
}

/// `bool`, or `Option` of it. Sealed.
#[diagnostic::on_unimplemented(
    message = "expected `true` or `false`, found `{Self}`",
    label = "not a `bool`",
    note = "pass a `bool` or an `Option` of one"
)]
pub trait Flag: AttributeValue {}

/// A list of texts, or `Option` of one. Sealed.
#[diagnostic::on_unimplemented(
    message = "expected a list of texts, found `{Self}`",
    label = "not an array, slice or `Vec` of strings",
    note = "write `[\"a\", \"b\"]` or pass a `Vec<String>`"
)]
pub trait TextList: AttributeValue {}

mod sealed {
    pub trait Sealed {}
}

use sealed::Sealed;

impl<T: Sealed + ?Sized> Sealed for &T {}
impl<T: AttributeValue + ?Sized> AttributeValue for &T {
    fn value(&self) -> Option<ValueRef<'_>> {
        (**self).value()
    }
}
impl<T: Text + ?Sized> Text for &T {}
impl<T: Integer + ?Sized> Integer for &T {}
impl<T: Number + ?Sized> Number for &T {}
impl<T: Flag + ?Sized> Flag for &T {}
impl<T: TextList + ?Sized> TextList for &T {}

impl<T: Sealed> Sealed for Option<T> {}
impl<T: AttributeValue> AttributeValue for Option<T> {
    fn value(&self) -> Option<ValueRef<'_>> {
        self.as_ref()?.value()
    }
}
impl<T: Text> Text for Option<T> {}
impl<T: Integer> Integer for Option<T> {}
impl<T: Number> Number for Option<T> {}
impl<T: Flag> Flag for Option<T> {}
impl<T: TextList> TextList for Option<T> {}

macro_rules! text {
    ($($type:ty),+) => {$(
        impl Sealed for $type {}
        impl AttributeValue for $type {
            fn value(&self) -> Option<ValueRef<'_>> {
                Some(ValueRef::Text(self))
            }
        }
        impl Text for $type {}
        impl Element for $type {
            fn array(items: &[Self]) -> Array {
                Array::String(items.iter().map(|item| StringValue::from(item.to_string())).collect())
            }
        }
    )+};
}

/// What an array can be of.
trait Element: Sized {
    fn array(items: &[Self]) -> Array;
}

text!(String, Cow<'_, str>, Box<str>, std::sync::Arc<str>, std::rc::Rc<str>);

impl Sealed for str {}
impl AttributeValue for str {
    fn value(&self) -> Option<ValueRef<'_>> {
        Some(ValueRef::Text(self))
    }
}
impl Text for str {}
impl Element for &str {
    fn array(items: &[Self]) -> Array {
        Array::String(items.iter().map(|item| StringValue::from((*item).to_owned())).collect())
    }
}
impl Element for &String {
    fn array(items: &[Self]) -> Array {
        Array::String(items.iter().map(|item| StringValue::from((*item).clone())).collect())
    }
}

impl Sealed for bool {}
impl AttributeValue for bool {
    fn value(&self) -> Option<ValueRef<'_>> {
        Some(ValueRef::Bool(*self))
    }
}
impl Flag for bool {}
impl Element for bool {
    fn array(items: &[Self]) -> Array {
        Array::Bool(items.to_vec())
    }
}

#[allow(clippy::cast_precision_loss, reason = "the nearest double is what is documented")]
fn wide(value: i128) -> ValueRef<'static> {
    i64::try_from(value).map_or(ValueRef::Float(value as f64), ValueRef::Int)
}

#[allow(clippy::cast_precision_loss, reason = "the nearest double is what is documented")]
fn wide_unsigned(value: u128) -> ValueRef<'static> {
    i64::try_from(value).map_or(ValueRef::Float(value as f64), ValueRef::Int)
}

macro_rules! integer {
    ($wide:ident: $($type:ty),+) => {$(
        impl Sealed for $type {}
        impl AttributeValue for $type {
            fn value(&self) -> Option<ValueRef<'_>> {
                Some($wide((*self).into()))
            }
        }
        impl Integer for $type {}
        impl Number for $type {}
        impl Element for $type {
            fn array(items: &[Self]) -> Array {
                integers(items.iter().map(|item| $wide((*item).into())))
            }
        }
    )+};
}

/// One array has one kind: as soon as one integer needs a double, all are doubles.
#[allow(clippy::cast_precision_loss, reason = "the nearest double is what is documented")]
fn integers<'a>(items: impl Iterator<Item = ValueRef<'a>> + Clone) -> Array {
    let exact: Option<Vec<i64>> = items
        .clone()
        .map(|item| if let ValueRef::Int(value) = item { Some(value) } else { None })
        .collect();
    exact.map_or_else(
        || {
            Array::F64(
                items
                    .filter_map(|item| match item {
                        ValueRef::Int(value) => Some(value as f64),
                        ValueRef::Float(value) => Some(value),
                        _ => None,
                    })
                    .collect(),
            )
        },
        Array::I64,
    )
}

integer!(wide: i8, i16, i32, i64, i128);
integer!(wide_unsigned: u8, u16, u32, u64, u128);

/// Pointer-sized integers have no `Into<i128>`.
macro_rules! pointer_sized {
    ($($type:ty),+) => {$(
        impl Sealed for $type {}
        impl AttributeValue for $type {
            fn value(&self) -> Option<ValueRef<'_>> {
                #[allow(clippy::cast_precision_loss, reason = "the nearest double is what is documented")]
                Some(i64::try_from(*self).map_or(ValueRef::Float(*self as f64), ValueRef::Int))
            }
        }
        impl Integer for $type {}
        impl Number for $type {}
        impl Element for $type {
            fn array(items: &[Self]) -> Array {
                #[allow(clippy::cast_precision_loss, reason = "the nearest double is what is documented")]
                integers(items.iter().map(|item| {
                    i64::try_from(*item).map_or(ValueRef::Float(*item as f64), ValueRef::Int)
                }))
            }
        }
    )+};
}

pointer_sized!(isize, usize);

macro_rules! non_zero {
    ($($type:ty),+) => {$(
        impl Sealed for $type {}
        impl AttributeValue for $type {
            fn value(&self) -> Option<ValueRef<'_>> {
                match self.get().value()? {
                    ValueRef::Int(value) => Some(ValueRef::Int(value)),
                    ValueRef::Float(value) => Some(ValueRef::Float(value)),
                    _ => None,
                }
            }
        }
        impl Integer for $type {}
        impl Number for $type {}
    )+};
}

non_zero!(
    std::num::NonZeroI8,
    std::num::NonZeroI16,
    std::num::NonZeroI32,
    std::num::NonZeroI64,
    std::num::NonZeroIsize,
    std::num::NonZeroU8,
    std::num::NonZeroU16,
    std::num::NonZeroU32,
    std::num::NonZeroU64,
    std::num::NonZeroUsize
);

impl Sealed for f64 {}
impl AttributeValue for f64 {
    fn value(&self) -> Option<ValueRef<'_>> {
        Some(ValueRef::Float(*self))
    }
}
impl Number for f64 {}
impl Element for f64 {
    fn array(items: &[Self]) -> Array {
        Array::F64(items.to_vec())
    }
}

impl Sealed for f32 {}
impl AttributeValue for f32 {
    fn value(&self) -> Option<ValueRef<'_>> {
        Some(ValueRef::Single(*self))
    }
}
impl Number for f32 {}
impl Element for f32 {
    fn array(items: &[Self]) -> Array {
        Array::F64(items.iter().copied().map(widen).collect())
    }
}

/// The double that reads like the single: 0.2, not 0.200000003.
pub(crate) fn widen(single: f32) -> f64 {
    single.to_string().parse().unwrap_or_else(|_| f64::from(single))
}

#[allow(private_bounds, reason = "the trait is sealed; elements are its own business")]
mod arrays {
    use super::{AttributeValue, Element, Sealed, TextList, ValueRef};

    impl<T: Element> Sealed for [T] {}
    impl<T: Element> AttributeValue for [T] {
        fn value(&self) -> Option<ValueRef<'_>> {
            Some(ValueRef::Array(T::array(self)))
        }
    }
    impl<T: Element, const N: usize> Sealed for [T; N] {}
    impl<T: Element, const N: usize> AttributeValue for [T; N] {
        fn value(&self) -> Option<ValueRef<'_>> {
            Some(ValueRef::Array(T::array(self)))
        }
    }
    impl<T: Element> Sealed for Vec<T> {}
    impl<T: Element> AttributeValue for Vec<T> {
        fn value(&self) -> Option<ValueRef<'_>> {
            Some(ValueRef::Array(T::array(self)))
        }
    }
    impl<T: Element + super::Text> TextList for [T] {}
    impl<T: Element + super::Text, const N: usize> TextList for [T; N] {}
    impl<T: Element + super::Text> TextList for Vec<T> {}
}

/// What a value has beside itself.
pub(crate) fn bytes_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(array) => bytes_of_array(array),
        _ => 0,
    }
}

pub(crate) fn bytes_of_array(array: &Array) -> usize {
    match array {
        Array::String(texts) => {
            texts.iter().map(|text| size_of::<StringValue>() + text.as_str().len()).sum()
        }
        Array::Bool(flags) => flags.len(),
        Array::I64(numbers) => size_of_val(numbers.as_slice()),
        Array::F64(numbers) => size_of_val(numbers.as_slice()),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: impl AttributeValue) -> Option<Value> {
        value.value().map(ValueRef::into_value)
    }

    #[test]
    fn every_integer_type_is_a_number() {
        for found in [
            value(7_i8),
            value(7_i16),
            value(7_i32),
            value(7_i64),
            value(7_i128),
            value(7_isize),
            value(7_u8),
            value(7_u16),
            value(7_u32),
            value(7_u64),
            value(7_u128),
            value(7_usize),
            value(std::num::NonZeroU32::new(7)),
        ] {
            assert_eq!(found, Some(Value::I64(7)));
        }
    }

    #[test]
    fn an_integer_beyond_i64_is_the_nearest_double() {
        assert_eq!(value(u64::MAX), Some(Value::F64(18_446_744_073_709_551_615.0)));
        assert_eq!(value(usize::MAX), Some(Value::F64(18_446_744_073_709_551_615.0)));
        assert_eq!(
            value([1_u64, u64::MAX]),
            Some(Value::Array(Array::F64(vec![1.0, 1.844_674_407_370_955_2e19])))
        );
    }

    #[test]
    fn a_single_reads_as_it_was_written() {
        assert_eq!(value([0.2_f32]), Some(Value::Array(Array::F64(vec![0.2]))));
        assert_eq!(value(0.1_f32), Some(Value::F64(0.1)));
    }

    #[test]
    fn text_in_every_form_is_a_string() {
        for found in [
            value("a"),
            value(String::from("a")),
            value(Cow::Borrowed("a")),
            value(std::sync::Arc::<str>::from("a")),
            value(Some("a")),
            value("a"),
        ] {
            assert_eq!(found, Some(Value::String("a".into())));
        }
    }

    #[test]
    fn none_is_not_set() {
        assert_eq!(value(None::<u32>), None);
        assert_eq!(value(Some(None::<&str>)), None);
    }

    #[test]
    fn arrays_keep_their_kind() {
        assert_eq!(value([true, false]), Some(Value::Array(Array::Bool(vec![true, false]))));
        assert_eq!(value(vec![1_u8, 2]), Some(Value::Array(Array::I64(vec![1, 2]))));
        assert_eq!(
            value(vec![String::from("a")]),
            Some(Value::Array(Array::String(vec!["a".into()])))
        );
        assert_eq!(value(&["a", "b"][..1]), Some(Value::Array(Array::String(vec!["a".into()]))));
    }
}

//! Derived implementations, under every lint and without a prelude.
#![no_implicit_prelude]
#![deny(warnings, clippy::pedantic)]

/// What would be mistaken for ours.
#[allow(dead_code)]
struct Option;

/// A struct with everything.
#[derive(::spanline::LlmResponse)]
pub struct Reply<'a, T, const N: usize>
where
    T: ::core::fmt::Debug,
{
    /// Both.
    #[llm(id, model)]
    pub name: &'a str,
    /// An escaped name.
    #[llm(finish_reason)]
    pub r#type: ::std::string::String,
    /// What else is told.
    #[llm(flatten)]
    pub rest: ::core::option::Option<T>,
    /// The choices.
    #[llm(choices)]
    pub choices: [Choice; N],
    /// What was consumed.
    #[llm(usage)]
    pub usage: (u32, ::core::option::Option<u64>),
    /// Not read.
    pub reply: u8,
}

/// A tuple.
#[derive(::spanline::LlmResponse)]
pub struct Choice(
    /// Where.
    #[llm(index)]
    pub u32,
    /// What is said.
    #[llm(text)]
    pub ::std::string::String,
    /// Why.
    #[llm(finish_reason)]
    pub ::core::option::Option<&'static str>,
    /// What came before.
    #[llm(reasoning)]
    pub ::core::option::Option<::std::string::String>,
    /// What came instead.
    #[llm(refusal)]
    pub &'static str,
);

/// An enum of which each variant tells something.
#[derive(::spanline::LlmResponse)]
pub enum Event {
    /// In part.
    Some {
        /// Told.
        #[llm(output_tokens, reasoning_output_tokens)]
        field0: i64,
    },
    /// Whole.
    Ok(#[llm(flatten)] ::std::boxed::Box<Choice>),
}

/// An enum of which one does.
#[derive(::spanline::LlmResponse)]
pub enum Part {
    /// Nothing.
    None,
    /// Something.
    Err(#[llm(system_fingerprint, service_tier)] &'static str, u8),
}

/// One that is read without an argument, and one that must be.
#[::spanline::trace_llm_call(provider = "acme")]
#[must_use]
pub fn complete() -> Choice {
    Choice(0, ::std::string::String::new(), ::core::option::Option::None, ::core::option::Option::None, "")
}

/// One that holds another.
///
/// # Errors
///
/// None.
#[::spanline::trace_llm_call(provider = "acme", usage = required, response = |choice| &choice.0)]
pub async fn wrapped() -> ::core::result::Result<(Choice,), u8> {
    ::core::result::Result::Ok((complete(),))
}

fn main() {}

//! The macros of `spanline`; documented there, on their re-exports.
//!
//! ```text
//! #[trace_stage(…)] async fn …
//!         │
//!         ├─ block      an `impl` or a `trait`: the attribute goes on to each method
//!         ├─ args       the arguments, as written      ┐
//!         ├─ item       the function, body as tokens   ├─→ diagnostic: every mistake at its token
//!         ├─ check      both together: every rule      ┘
//!         └─ expand     a few lines that call `::spanline::__private`
//!
//! #[derive(ErrorType)] enum …
//!         └─ error_type the names of its variants, as written; expand writes the `impl`
//!
//! #[derive(LlmResponse)] struct …
//!         └─ response   which field tells what: its rules, then the implementation
//! ```

mod args;
mod block;
mod check;
mod diagnostic;
mod error_type;
mod expand;
mod item;
mod operation;
mod parameter;
mod response;
mod shape;
#[cfg(test)]
mod tests;

use operation::Operation;
use proc_macro::TokenStream;

/// Traces a run of a pipeline.
#[proc_macro_attribute]
pub fn trace_pipeline(args: TokenStream, item: TokenStream) -> TokenStream {
    trace(&operation::PIPELINE, args.into(), item.into()).into()
}

/// Traces a stage of a pipeline.
#[proc_macro_attribute]
pub fn trace_stage(args: TokenStream, item: TokenStream) -> TokenStream {
    trace(&operation::STAGE, args.into(), item.into()).into()
}

/// Traces a call of a model.
#[proc_macro_attribute]
pub fn trace_llm_call(args: TokenStream, item: TokenStream) -> TokenStream {
    trace(&operation::LLM_CALL, args.into(), item.into()).into()
}

/// Traces a run of an agent.
#[proc_macro_attribute]
pub fn trace_agent(args: TokenStream, item: TokenStream) -> TokenStream {
    trace(&operation::AGENT, args.into(), item.into()).into()
}

/// Traces a run of a tool.
#[proc_macro_attribute]
pub fn trace_tool(args: TokenStream, item: TokenStream) -> TokenStream {
    trace(&operation::TOOL, args.into(), item.into()).into()
}

/// Traces a search in a data source.
#[proc_macro_attribute]
pub fn trace_retrieval(args: TokenStream, item: TokenStream) -> TokenStream {
    trace(&operation::RETRIEVAL, args.into(), item.into()).into()
}

/// Traces anything else.
#[proc_macro_attribute]
pub fn trace_span(args: TokenStream, item: TokenStream) -> TokenStream {
    trace(&operation::SPAN, args.into(), item.into()).into()
}

/// Reads a reply of a model by its fields.
#[proc_macro_derive(LlmResponse, attributes(llm))]
pub fn llm_response(item: TokenStream) -> TokenStream {
    response::derive(item.into()).into()
}

/// Names each variant of an error.
#[proc_macro_derive(ErrorType, attributes(error_type))]
pub fn derive_error_type(item: TokenStream) -> TokenStream {
    name_errors(item.into()).into()
}

fn name_errors(item: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let mut diagnostics = diagnostic::Diagnostics::default();
    let named = error_type::NamedError::parse(item, &mut diagnostics);
    // Beside the mistakes too: that the trait is missing would be their echo.
    let implementation = named.as_ref().map(error_type::expand::expand).unwrap_or_default();
    match diagnostics.errors() {
        None => implementation,
        Some(errors) => diagnostic::report(&errors, implementation),
    }
}

fn trace(
    operation: &'static Operation,
    args: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> proc_macro2::TokenStream {
    let mut diagnostics = diagnostic::Diagnostics::default();
    if let Some(block) = block::Block::parse(&item, &mut diagnostics) {
        let root = check::check_block(args.clone(), &block, operation, &mut diagnostics);
        return match diagnostics.errors() {
            None => block.traced(operation, root.as_ref(), &args),
            Some(errors) => diagnostic::report(&errors, block.untraced(item)),
        };
    }
    match check::Call::check(args, item.clone(), operation) {
        Ok(call) => expand::expand(&call),
        Err(errors) => diagnostic::report(&errors, item),
    }
}

//! Fields that tell what they can, and types that can be read.
use spanline::LlmResponse;

#[derive(LlmResponse)]
struct Reply {
    #[llm(modle)]
    //~   ^^^^^ unknown argument `modle`; did you mean `model`?
    model: String,
    #[llm(prompt_tokens)]
    //~   ^^^^^^^^^^^^^ unknown argument `prompt_tokens`; did you mean `input_tokens`?
    input: u32,
    #[llm(id, id)]
    //~       ^^ `id` is told twice
    id: String,
    #[llm(output_tokens = 3)]
    //~                   ^ `output_tokens` takes no value; write `#[llm(output_tokens)]`
    output: u32,
}

#[derive(LlmResponse)]
struct Mute {
//~    ^^^^ no field tells anything; put `#[llm(model)]`, `#[llm(input_tokens)]`, `#[llm(flatten)]` or the like on a field
    model: String,
}

#[derive(LlmResponse)]
struct Typed {
    #[llm(model)]
    model: u32,
    //~    ^^^ expected text, found `u32`
    #[llm(input_tokens)]
    input: Vec<u8>,
    //~    ^^^^^^^ expected an integer, found `Vec<u8>`
    #[llm(flatten)]
    rest: Option<String>,
    //~   ^^^^^^^^^^^^^^ `std::string::String` cannot be read as the reply of a model
    #[llm(usage)]
    usage: String,
    //~    ^^^^^^ `std::string::String` does not tell a token usage
}

mod bits {
    #[derive(spanline::LlmResponse)]
    union Bits {
//~ ^^^^^ a union cannot be read: nothing tells which field it holds
        id: u8,
    }
}

fn main() {}

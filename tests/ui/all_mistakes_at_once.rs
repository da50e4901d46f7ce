//! Arguments and function, in one build.
use spanline::trace_llm_call;

#[trace_llm_call(temprature = 0.5, operation = "embed", root = 1, attributes(nothing))] const fn complete() {}
//~              ^^^^^^^^^^ unknown argument `temprature`; did you mean `temperature`?
//~                                            ^^^^^^^ unknown operation `embed`; expected one of `chat`, `text_completion`, `generate_content`, `embeddings`
//~                                                            ^ `root` takes no value; write `root` alone
//~                                                                          ^^^^^^^ `nothing` is not a parameter of `complete`; write `nothing = …`
//~                                                                                              ^^^^^^^^ `#[trace_llm_call]` needs `provider`; write `provider = "openai"`
//~                                                                                     ^^^^^ a `const fn` cannot be traced: a span needs a clock

fn main() {}

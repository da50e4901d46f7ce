//! The replies of client crates, one file for each crate.

#[cfg(feature = "async-openai")]
mod async_openai;
#[cfg(feature = "genai")]
mod genai;
#[cfg(feature = "ollama-rs")]
mod ollama_rs;
#[cfg(test)]
mod tests;

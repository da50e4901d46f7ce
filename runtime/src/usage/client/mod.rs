//! The replies of client crates, one file for each crate.

#[cfg(feature = "async-openai")]
mod async_openai;
#[cfg(test)]
mod tests;

//! Whole printed trees, compared with what a reader should see.

mod agents;
mod given;
mod hostile;
mod metrics;
mod narrow;
mod order;
mod outcomes;
mod picture;
mod process;
mod records;
mod writes;

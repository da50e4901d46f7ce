//! Each variable, good and bad.

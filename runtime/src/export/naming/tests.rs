//! Spans and events written anew.

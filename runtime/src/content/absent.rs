//! The same where the feature `content` is off: everything is taken and nothing is read.

use crate::{Reply, Text};

/// What can be recorded as messages, by the feature `content`; without it, anything, and nothing of it
/// is read.
pub trait IntoMessages {}
impl<T: ?Sized> IntoMessages for T {}

/// What can be recorded as instructions, by the feature `content`; without it, anything, and nothing
/// of it is read.
pub trait IntoInstructions {}
impl<T: ?Sized> IntoInstructions for T {}

/// What can be recorded as JSON, by the feature `content`; without it, anything, and nothing of it is
/// read.
pub trait IntoContent {}
impl<T: ?Sized> IntoContent for T {}

/// One captured thing: there is none.
#[derive(Debug)]
pub(crate) enum Piece {}

impl Piece {
    pub(crate) fn bytes(&self) -> usize {
        match *self {}
    }
}

macro_rules! nothing {
    ($($name:ident: $given:ident;)+) => {
        impl Piece {
            $(pub(crate) fn $name(_: &(impl $given + ?Sized)) -> Option<Self> {
                None
            })+
        }
    };
}

nothing! {
    system_instructions: IntoInstructions;
    input_messages: IntoMessages;
    output_messages: IntoMessages;
    tool_definitions: IntoContent;
    call_arguments: IntoContent;
    call_result: IntoContent;
    query: Text;
    documents: IntoContent;
}

impl Piece {
    pub(crate) fn answered(_: &mut Reply) -> Option<Self> {
        None
    }

    pub(crate) fn key(&self) -> &'static str {
        match *self {}
    }

    pub(crate) fn follow(&mut self, _: Self) {
        match *self {}
    }
}

pub(crate) const fn is_captured() -> bool {
    false
}

pub(crate) const fn has_hook() -> bool {
    false
}

//! How a set of names follows from the default one, as data.

/// What a span stands for, as far as conventions tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Workflow,
    Stage,
    Inference,
    Embeddings,
    Retrieval,
    InternalAgent,
    /// An agent in a service elsewhere.
    RemoteAgent,
    Tool,
    Span,
    /// A span that other code has made; what it shares with others is ours.
    Foreign,
}

impl Subject {
    pub(crate) const ALL: &[Self] = &[
        Self::Workflow,
        Self::Stage,
        Self::Inference,
        Self::Embeddings,
        Self::Retrieval,
        Self::InternalAgent,
        Self::RemoteAgent,
        Self::Tool,
        Self::Span,
        Self::Foreign,
    ];
}

/// What becomes of one attribute of the default set on some spans. Where several rules of a table write
/// one name, the first that finds its attribute does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) from: &'static str,
    pub(crate) on: &'static [Subject],
    pub(crate) change: Change,
}

/// How an attribute is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Not at all.
    Omit,
    /// Under this name.
    Name(&'static str),
    /// Under this name as an integer, rounded.
    Integer(&'static str),
    /// Under this name, in the words of the other conventions; unknown ones stay.
    Word(&'static str, &'static [(&'static str, &'static str)]),
    /// Under this name, where the second attribute has another value.
    IfOther(&'static str, &'static str),
    /// Under this name together with the second attribute, where both are known.
    Sum(&'static str, &'static str),
    /// Under this name, the first of several.
    First(&'static str),
    /// As a member, the second, of the object that the first holds as JSON.
    Member(&'static str, &'static str),
    /// As a member of this object, under its own name; only where no profile writes that name.
    Rest(&'static str),
    /// As text under the first name, and under the second what kind of text that is.
    Content(&'static str, &'static str),
    /// As the first message below this name.
    Instructions(&'static str),
    /// As messages below this name, behind the instructions, if the second attribute has some.
    Messages(&'static str, Option<&'static str>),
    /// As tools below this name.
    Tools(&'static str),
    /// As documents below this name.
    Documents(&'static str),
}

//! A search in a data source.

use std::future::Future;

use super::content::content;
use super::{attributes, builder, doubles};
use crate::semconv::attribute;
use crate::span::active::Draft;
use crate::span::dispatch::is_span_wanted;
use crate::span::record::{Kind, OperationKind};
use crate::span::value::Text;

/// A search in a data source: span `retrieval {data source}` of kind client, metric
/// `gen_ai.client.operation.duration`.
///
/// ```
/// use spanline::Retrieval;
///
/// # async fn search() -> Result<Vec<String>, std::io::Error> { Ok(Vec::new()) }
/// # async fn example() -> Result<(), std::io::Error> {
/// let passages = Retrieval::new("handbook").top_k(5).run(search()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct Retrieval(Option<Draft>);

impl Retrieval {
    /// A search in the data source with this id, such as a collection or an index; one that has no
    /// id is `None::<&str>`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn new(data_source: impl Text) -> Self {
        Self(is_span_wanted().then(|| {
            let mut draft = Draft::new(OperationKind::Retrieval, Kind::Client);
            draft.attribute(attribute::DATA_SOURCE_ID, data_source.value());
            draft
        }))
    }

    /// Names the span, instead of `retrieval {data source}`.
    pub fn name(mut self, name: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.name(name.into());
        }
        self
    }
}

builder!(Retrieval);

content!(Retrieval {
    /// What is searched for, where content is captured: `gen_ai.retrieval.query.text`.
    query: Text;
});

attributes!(Retrieval {
    /// Whose service is asked: `gen_ai.provider.name`.
    provider: Text => PROVIDER_NAME;
    /// The model that ranks or embeds: `gen_ai.request.model`.
    model: Text => REQUEST_MODEL;
    /// The host that is called: `server.address`.
    server_address: Text => SERVER_ADDRESS;
    /// Its port: `server.port`.
    server_port: Integer => SERVER_PORT;
});

doubles!(Retrieval {
    /// How many results are asked for: `gen_ai.request.top_k`, a double.
    top_k => REQUEST_TOP_K;
});

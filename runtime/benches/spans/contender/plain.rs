//! The work, with nothing around it.

use futures::stream;
use tokio::task::yield_now;

use super::{Failure, Reply, Works};

pub(super) fn works() -> Works {
    Works {
        pipeline: |input| Box::pin(pipeline(input)),
        attributes: |count| Box::pin(async move { Ok(count as u64) }),
        nested: |depth| Box::pin(nested(depth)),
        held: |input| Box::pin(held(input)),
        stream: |chunks| Box::pin(stream::iter(0..chunks)),
    }
}

async fn pipeline(input: u64) -> Result<u64, Failure> {
    let read = stage(input).await?;
    let found = stage(read).await?;
    let prompt = stage(found).await?;
    Ok(complete(prompt).await?.output_tokens)
}

pub(super) async fn stage(input: u64) -> Result<u64, Failure> {
    yield_now().await;
    if input == u64::MAX { Err(Failure) } else { Ok(input + 1) }
}

pub(super) async fn complete(input: u64) -> Result<Reply, Failure> {
    yield_now().await;
    if input == u64::MAX {
        return Err(Failure);
    }
    Ok(Reply { model: "a-large-2", input_tokens: 612, output_tokens: input % 1000 })
}

async fn held(input: u64) -> Result<u64, Failure> {
    stage(input).await
}

async fn nested(depth: usize) -> Result<u64, Failure> {
    if depth <= 1 {
        return Ok(0);
    }
    Ok(Box::pin(nested(depth - 1)).await? + 1)
}

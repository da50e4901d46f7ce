//! OTLP over gRPC, with requests that are encoded once for all tries.

use std::time::Duration;

use http::HeaderMap;
use http::uri::PathAndQuery;
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _, Bytes};
use tonic::client::Grpc;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::answer::{self, Again, Answer, Partial, RpcStatus};
use super::credentials::Headers;
use super::endpoint::{self, Endpoint};
use super::failure;
use super::signal::Signal;
use super::tls::{self, Certificates};
use crate::Error;
use crate::telemetry::settings::Otlp;

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

#[derive(Clone)]
pub(super) struct GrpcTransport {
    client: Grpc<Channel>,
    metadata: MetadataMap,
}

impl GrpcTransport {
    pub(super) fn new(
        settings: &Otlp,
        headers: &Headers,
        endpoint: &Endpoint,
    ) -> Result<Self, Error> {
        if endpoint.has_user_information() {
            return Err(Error::configuration(format!(
                "the gRPC endpoint {endpoint} is given with a user name; expected the credentials \
                 in the header `authorization`"
            )));
        }
        let unusable = |error: tonic::transport::Error| {
            let cause = answer::cause(&error);
            Error::configuration(format!("cannot send OTLP to {endpoint}: {cause}"))
        };
        let mut channel = Channel::builder(endpoint.uri().clone())
            .connect_timeout(settings.timeout)
            .user_agent(super::USER_AGENT)
            .map_err(unusable)?;
        if endpoint.is_https() {
            let certificates = Certificates::read(settings)?;
            channel = channel.tls_config(certificates.into_tonic()).map_err(|error| {
                if settings.client_key.is_some() {
                    tls::unusable_identity()
                } else {
                    unusable(error)
                }
            })?;
        }
        let mut client = Grpc::new(channel.connect_lazy())
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(answer::LONGEST_ANSWER);
        if settings.gzip {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        let metadata = MetadataMap::from_headers(endpoint::header_map(headers)?);
        Ok(Self { client, metadata })
    }

    pub(super) fn set_headers(&mut self, headers: HeaderMap) {
        self.metadata = MetadataMap::from_headers(headers);
    }

    pub(super) async fn send(
        &mut self,
        endpoint: &Endpoint,
        signal: Signal,
        body: Bytes,
    ) -> Answer {
        let method = PathAndQuery::from_static(match signal {
            Signal::Traces => TRACES,
            Signal::Metrics => METRICS,
            Signal::Logs => LOGS,
        });
        if let Err(error) = self.client.ready().await {
            return unreached(endpoint, &error);
        }
        let mut request = tonic::Request::new(body);
        *request.metadata_mut() = self.metadata.clone();
        match self.client.unary(request, method, Encoded).await {
            Ok(response) => match Partial::from_protobuf(signal, response.get_ref()) {
                Ok(partial) => Answer::Taken(partial),
                Err(_) => Answer::Taken(Partial::foreign("its answer is not OTLP".to_owned())),
            },
            Err(status) => refused(endpoint, &status),
        }
    }
}

/// A status with a source was made on this side: the receiver never spoke.
fn refused(endpoint: &Endpoint, status: &Status) -> Answer {
    if let Some(source) = std::error::Error::source(status) {
        return unreached(endpoint, source);
    }
    let again = match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => retry_delay(status).map_or(Again::Later, Again::After),
        // Without a delay the receiver is out of quota, not out of breath.
        Code::ResourceExhausted => retry_delay(status).map_or(Again::Never, Again::After),
        _ => Again::Never,
    };
    let mut reason = format!("{endpoint} answered gRPC status {:?}", status.code());
    let message = endpoint.quote(status.message());
    if !message.is_empty() {
        reason.push_str(": ");
        reason.push_str(&message);
    }
    Answer::Refused { diagnosis: failure::of_grpc(status), reason, again }
}

fn retry_delay(status: &Status) -> Option<Duration> {
    RpcStatus::decode(status.details()).ok()?.retry_delay()
}

fn unreached(endpoint: &Endpoint, error: &(dyn std::error::Error + 'static)) -> Answer {
    let cause = endpoint.quote(&answer::cause(error));
    let again = if answer::is_tls(error) { Again::NotSoon } else { Again::Unreached };
    let diagnosis = failure::of_connection(error);
    Answer::Refused {
        diagnosis,
        reason: format!("{endpoint} could not be reached: {cause}"),
        again,
    }
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, prost::Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl RpcStatus {
    /// When the receiver would like to be asked again.
    fn retry_delay(&self) -> Option<Duration> {
        let detail = self
            .details
            .iter()
            .find(|detail| detail.type_url.ends_with("/google.rpc.RetryInfo"))?;
        let delay = RetryInfo::decode(detail.value.as_slice()).ok()?.retry_delay?;
        let nanos = u32::try_from(delay.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
        Some(Duration::new(u64::try_from(delay.seconds).ok()?, nanos))
    }
}

#[cfg(test)]
impl RpcStatus {
    pub(super) fn retry_in(delay: Duration) -> Self {
        let retry_delay = Delay {
            seconds: i64::try_from(delay.as_secs()).unwrap(),
            nanos: i32::try_from(delay.subsec_nanos()).unwrap(),
        };
        let value = RetryInfo { retry_delay: Some(retry_delay) }.encode_to_vec();
        let type_url = "type.googleapis.com/google.rpc.RetryInfo".to_owned();
        Self { details: vec![answer::Detail { type_url, value }], ..Self::default() }
    }
}

/// Messages that are bytes already, and stay bytes.
#[derive(Clone, Copy)]
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

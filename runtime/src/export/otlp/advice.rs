//! What to change, in one sentence, for each thing that can be wrong on the way to a receiver.

use super::OtlpExporter;
use super::signal::Signal;
use crate::telemetry::diagnosis::Diagnosis;
use crate::telemetry::settings::Protocol;

impl OtlpExporter {
    pub(super) fn advice(&self, diagnosis: Diagnosis, signal: Signal) -> String {
        match diagnosis {
            Diagnosis::NameNotResolved => {
                "correct the host in the endpoint, or make this machine resolve it".to_owned()
            }
            Diagnosis::ConnectionRefused => {
                "start the receiver, or correct the port: 4317 is usual for gRPC and 4318 for HTTP"
                    .to_owned()
            }
            Diagnosis::Unreachable => {
                "open the way from this network to that host, or correct the endpoint".to_owned()
            }
            Diagnosis::ConnectionBroken => {
                "see that the port is that of a receiver of OTLP, and what stands before it"
                    .to_owned()
            }
            Diagnosis::NoAnswer => {
                "see that a receiver of OTLP listens on this port, or give it more time with \
                 OTEL_EXPORTER_OTLP_TIMEOUT"
                    .to_owned()
            }
            Diagnosis::Unauthenticated => self.on_credentials(),
            Diagnosis::PermissionDenied => {
                "see what these credentials may write, and where: the project, the tenant, the \
                 region"
                    .to_owned()
            }
            Diagnosis::PathNotFound => self.on_path(signal),
            Diagnosis::SignalNotTaken => on_signal(signal),
            Diagnosis::EncodingNotTaken => self.on_encoding(),
            Diagnosis::GrpcExpected => {
                "set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or name the receiver's port for HTTP, \
                 usually 4318"
                    .to_owned()
            }
            Diagnosis::HttpExpected => {
                "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or name the receiver's port for \
                 gRPC, usually 4317"
                    .to_owned()
            }
            Diagnosis::TlsExpected => "begin the endpoint with https://".to_owned(),
            Diagnosis::PlainTextExpected => "begin the endpoint with http://".to_owned(),
            other => on_tls_and_answers(other).to_owned(),
        }
    }

    fn on_credentials(&self) -> String {
        let headers = self.credentials.headers();
        if headers.is_empty() {
            return "send the backend's key in OTEL_EXPORTER_OTLP_HEADERS, such as \
                    `authorization=Bearer%20…`"
                .to_owned();
        }
        let names = headers.iter().map(|(name, _)| name.as_str());
        format!(
            "correct the key: the headers sent were {}, as OTEL_EXPORTER_OTLP_HEADERS, a file or \
             code have them",
            names.collect::<Vec<_>>().join(", ")
        )
    }

    fn on_path(&self, signal: Signal) -> String {
        let path = signal.path();
        let variable = signal.endpoint_variable();
        let place = self.settings.place();
        let base = place.trim_end_matches('/');
        if self.settings.protocol == Protocol::Grpc {
            return "name the receiver's port for gRPC, without a path".to_owned();
        }
        if base.ends_with(path) {
            return format!(
                "correct what stands before {path} in the endpoint: the backend's documentation \
                 has it"
            );
        }
        format!("receivers usually take this at {path}: try {variable}={base}{path}")
    }

    fn on_encoding(&self) -> String {
        if self.settings.gzip {
            return "set OTEL_EXPORTER_OTLP_COMPRESSION=none".to_owned();
        }
        let other = match self.settings.protocol {
            Protocol::HttpProtobuf => "http/json",
            Protocol::HttpJson | Protocol::Grpc => "http/protobuf",
        };
        format!("set OTEL_EXPORTER_OTLP_PROTOCOL={other}, or the one that the backend names")
    }
}

fn on_signal(signal: Signal) -> String {
    let (variable, endpoint) = match signal {
        Signal::Traces => {
            return "name a receiver that takes spans by OTLP: this one does not".to_owned();
        }
        Signal::Metrics => ("OTEL_METRICS_EXPORTER", signal.endpoint_variable()),
        Signal::Logs => ("OTEL_LOGS_EXPORTER", signal.endpoint_variable()),
    };
    format!("set {variable}=none, or {endpoint} to a receiver that takes them")
}

fn on_tls_and_answers(diagnosis: Diagnosis) -> &'static str {
    match diagnosis {
        Diagnosis::UntrustedCertificate => {
            "name the PEM file of the receiver's authority in OTEL_EXPORTER_OTLP_CERTIFICATE"
        }
        Diagnosis::CertificateOfAnotherHost => {
            "name the host in the endpoint as the receiver's certificate does, or have a \
             certificate made for this name"
        }
        Diagnosis::CertificateExpired => {
            "have the receiver's certificate renewed, and see that this machine's clock is right"
        }
        Diagnosis::ClientCertificateRequired => {
            "name a certificate in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and its key in \
             OTEL_EXPORTER_OTLP_CLIENT_KEY"
        }
        Diagnosis::ClientCertificateRefused => {
            "use a client certificate that is valid and of an authority that the receiver trusts"
        }
        Diagnosis::TlsFailed => "let both ends have a version and a cipher of TLS in common",
        Diagnosis::TooLarge => {
            "raise the limit of the receiver, or of the proxy before it, to 4 MiB at least"
        }
        Diagnosis::TooManyRequests => {
            "raise the quota, or send less: OTEL_TRACES_SAMPLER, OTEL_METRIC_EXPORT_INTERVAL"
        }
        Diagnosis::Redirected => "name the new place as the endpoint: redirects are not followed",
        Diagnosis::BadRequest => {
            "see that the endpoint is one of OTLP, and that OTEL_EXPORTER_OTLP_PROTOCOL is right"
        }
        Diagnosis::ServerError => {
            "look into the receiver's log: it may be starting, overloaded or cut off from its \
             storage"
        }
        Diagnosis::NotOtlp => "correct the endpoint: what answers there is no receiver of OTLP",
        Diagnosis::Rejected => "see in the receiver's words, or in its log, what it does not take",
        _ => "see what the message says",
    }
}

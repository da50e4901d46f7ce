//! What is compared: each a way to annotate one and the same function.

/// A way to trace a function.
pub(crate) struct Contender {
    /// Of its package, after a prefix, and on the command line.
    pub(crate) name: &'static str,
    /// Of its row.
    pub(crate) title: &'static str,
    pub(crate) dependency: Dependency,
    /// What stands above the functions.
    pub(crate) imports: &'static str,
    trace: Trace,
}

/// What its package depends on.
pub(crate) enum Dependency {
    None,
    Spanline,
    Published(&'static str),
}

/// How a function becomes a traced one; `NAME` stands for its name.
enum Trace {
    /// By what stands above it.
    Attribute(&'static str),
    /// By what stands around its body.
    Around { before: &'static str, after: &'static str },
}

/// An `async fn` to be traced, with a parameter `length: usize`.
pub(crate) struct Function {
    pub(crate) name: String,
    /// From its parameters on: `(length: usize) -> Result<…>`.
    pub(crate) signature: String,
    pub(crate) returned: String,
    pub(crate) body: String,
}

impl Contender {
    /// Not the name of a crate that it depends on.
    pub(crate) fn package(&self) -> String {
        format!("with-{}", self.name)
    }

    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.dependency, Dependency::None)
    }

    pub(crate) fn annotate(&self, function: &Function) -> String {
        let Function { name, signature, returned, body } = function;
        match self.trace {
            Trace::Attribute(attribute) => {
                let attribute = attribute.replace("NAME", name);
                format!("{attribute}\nasync fn {name}{signature} {{\n{body}}}\n\n")
            }
            Trace::Around { before, after } => {
                let before = before.replace("NAME", name).replace("RETURNED", returned);
                format!("async fn {name}{signature} {{\n{before}\n{body}{after}\n}}\n\n")
            }
        }
    }
}

pub(crate) const CONTENDERS: [Contender; 7] = [
    Contender {
        name: "plain",
        title: "no attribute",
        dependency: Dependency::None,
        imports: "",
        trace: Trace::Attribute(""),
    },
    Contender {
        name: "stage",
        title: "`spanline::trace_stage`",
        dependency: Dependency::Spanline,
        imports: "",
        trace: Trace::Attribute("#[spanline::trace_stage(attributes(length))]"),
    },
    Contender {
        name: "llm-call",
        title: "`spanline::trace_llm_call`, with usage",
        dependency: Dependency::Spanline,
        imports: "",
        trace: Trace::Attribute(
            "#[spanline::trace_llm_call(\n    \
                 provider = \"openai\",\n    model = \"gpt-4o-mini\",\n    attributes(length),\n    \
                 usage = |reply| (reply.weight() as u64, 1_u64)\n)]",
        ),
    },
    Contender {
        name: "tracing",
        title: "`tracing::instrument`",
        dependency: Dependency::Published("tracing = \"=0.1.44\""),
        imports: "",
        trace: Trace::Attribute("#[tracing::instrument(skip_all, fields(length = length))]"),
    },
    Contender {
        name: "tracing-err",
        title: "`tracing::instrument(err)`",
        dependency: Dependency::Published("tracing = \"=0.1.44\""),
        imports: "",
        trace: Trace::Attribute("#[tracing::instrument(skip_all, err, fields(length = length))]"),
    },
    Contender {
        name: "fastrace",
        title: "`fastrace::trace`",
        dependency: Dependency::Published(
            "fastrace = { version = \"=0.7.19\", features = [\"enable\"] }",
        ),
        imports: "",
        trace: Trace::Attribute(
            "#[fastrace::trace(name = \"NAME\", properties = { \"length\": \"{length}\" })]",
        ),
    },
    Contender {
        name: "by-hand",
        title: "OpenTelemetry by hand",
        dependency: Dependency::Published("opentelemetry = \"=0.33.1\""),
        imports: "use opentelemetry::trace::{FutureExt, Status, TraceContextExt, Tracer};\n\
                  use opentelemetry::{Context, KeyValue, global};\n",
        trace: Trace::Around {
            before: "    let tracer = global::tracer(\"pipeline\");\n    \
                     let span = tracer\n        .span_builder(\"NAME\")\n        \
                     .with_attributes([KeyValue::new(\"length\", length as i64)])\n        \
                     .start(&tracer);\n    \
                     let context = Context::current_with_span(span);\n    \
                     let result: RETURNED = async {",
            after: "    }\n    .with_context(context.clone())\n    .await;\n    \
                    if let Err(error) = &result {\n        \
                    context.span().record_error(error);\n        \
                    context.span().set_status(Status::error(error.to_string()));\n    }\n    \
                    context.span().end();\n    result",
        },
    },
];

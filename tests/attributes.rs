//! Attributes, events and links as backends get them.
#![allow(
    clippy::unwrap_used,
    clippy::unused_async,
    clippy::needless_borrows_for_generic_args,
    reason = "programs as users write them"
)]

use std::borrow::Cow;
use std::num::{NonZeroU8, NonZeroU64};
use std::sync::Arc;

use opentelemetry::trace::TraceContextExt;
use spanline::{
    LlmCall, LlmOperation, Pipeline, SpanBuilder, SpanGuard, Stage, TraceContext, Usage,
    trace_llm_call, trace_pipeline, trace_span, trace_stage,
};
use spanline_tests::lines::hex;
use spanline_tests::telemetry::{watch, watch_blocking};

#[test]
fn integers_of_every_type_arrive_as_integers() {
    let ((), trace) = watch_blocking(|| {
        Stage::new("integers")
            .attribute("i8", i8::MIN)
            .attribute("i16", i16::MIN)
            .attribute("i32", i32::MIN)
            .attribute("i64", i64::MIN)
            .attribute("i128", -5_i128)
            .attribute("isize", -5_isize)
            .attribute("u8", u8::MAX)
            .attribute("u16", u16::MAX)
            .attribute("u32", u32::MAX)
            .attribute("u64", i64::MAX as u64)
            .attribute("u128", 5_u128)
            .attribute("usize", 5_usize)
            .attribute("non_zero", NonZeroU64::new(5))
            .attribute("reference", &&5_u8)
            .start()
            .end();
    });
    assert_eq!(
        trace.attributes("integers"),
        "i8=-128\ni16=-32768\ni32=-2147483648\ni64=-9223372036854775808\ni128=-5\nisize=-5\n\
         u8=255\nu16=65535\nu32=4294967295\nu64=9223372036854775807\nu128=5\nusize=5\n\
         non_zero=5\nreference=5\n"
    );
}

#[test]
fn an_integer_that_no_backend_holds_is_the_nearest_double() {
    let ((), trace) = watch_blocking(|| {
        let span = Stage::new("beyond").attribute("built", u64::MAX).start();
        span.set("set", u128::MAX);
        span.set("in_array", [1_u64, u64::MAX]);
        span.end();
    });
    assert_eq!(
        trace.attributes("beyond"),
        "built=1.8446744073709552e19\nset=3.402823669209385e38\nin_array=[1.0, 1.8446744073709552e19]\n"
    );
}

#[test]
fn floats_read_as_they_were_written() {
    let ((), trace) = watch_blocking(|| {
        let span = Stage::new("floats")
            .attribute("single", 0.2_f32)
            .attribute("double", 0.1_f64)
            .attribute("whole", 1.0_f64)
            .start();
        span.set("late_single", 0.7_f32);
        span.set("singles", [0.1_f32, 0.2]);
        span.end();
    });
    assert_eq!(
        trace.attributes("floats"),
        "single=0.2\ndouble=0.1\nwhole=1.0\nlate_single=0.7\nsingles=[0.1, 0.2]\n"
    );
}

#[test]
fn text_and_flags_arrive_as_such() {
    let long = "añ→".repeat(1000);
    let ((), trace) = watch_blocking(|| {
        Stage::new("texts")
            .attribute("literal", "with \"quotes\"\nand lines\0")
            .attribute("string", String::from("s"))
            .attribute("cow", Cow::Borrowed("c"))
            .attribute("arc", Arc::<str>::from("a"))
            .attribute("empty", "")
            .attribute("number_like", "5")
            .attribute("flag", true)
            .attribute(String::from("owned.key"), false)
            .attribute("long", &long)
            .start()
            .end();
    });
    assert_eq!(
        trace.attributes("texts"),
        format!(
            "literal=\"with \\\"quotes\\\"\\nand lines\\0\"\nstring=\"s\"\ncow=\"c\"\narc=\"a\"\n\
             empty=\"\"\nnumber_like=\"5\"\nflag=true\nowned.key=false\nlong={long:?}\n"
        )
    );
}

#[test]
fn arrays_keep_the_kind_of_their_items() {
    let ((), trace) = watch_blocking(|| {
        Stage::new("arrays")
            .attribute("texts", ["a", "b"])
            .attribute("strings", vec![String::from("a")])
            .attribute("flags", [true, false])
            .attribute("integers", vec![1_u64, 2])
            .attribute("slice", &[1_i8, -2][..])
            .attribute("doubles", [0.5, 1.0])
            .attribute("empty", Vec::<u8>::new())
            .start()
            .end();
    });
    assert_eq!(
        trace.attributes("arrays"),
        "texts=[\"a\", \"b\"]\nstrings=[\"a\"]\nflags=[true, false]\nintegers=[1, 2]\n\
         slice=[1, -2]\ndoubles=[0.5, 1.0]\nempty=[]\n"
    );
}

#[test]
fn none_is_not_set_and_some_is_its_value() {
    let ((), trace) = watch_blocking(|| {
        let span = Stage::new("options")
            .id(None::<String>)
            .kind(Some("ranker"))
            .attribute("none", None::<u64>)
            .attribute("some", Some(5_u64))
            .attribute("nested", Some(None::<&str>))
            .start();
        span.set("late_none", None::<bool>);
        span.set("late_some", Some(false));
        span.end();
    });
    assert_eq!(
        trace.attributes("options"),
        "spanline.stage.kind=\"ranker\"\nsome=5\nlate_some=false\n"
    );
}

#[tokio::test]
async fn the_last_value_of_a_key_wins_and_may_be_of_another_type() {
    #[trace_stage(attributes(hits = 0, other = "stays"))]
    async fn counting() {
        for hits in 1..=3 {
            spanline::current().set("hits", hits);
        }
        spanline::current().set("hits", "three");
    }
    let ((), trace) = watch(async { counting().await }).await;
    assert_eq!(trace.attributes("counting"), "hits=\"three\"\nother=\"stays\"\n");
}

#[tokio::test]
async fn attributes_can_be_set_from_any_depth_and_after_awaits() {
    fn deep() {
        spanline::current().set("deep", 1);
    }
    #[trace_stage]
    async fn late() {
        tokio::task::yield_now().await;
        deep();
        let handle = spanline::current();
        tokio::spawn(async move {
            handle.set("from_a_task", 2);
        })
        .await
        .unwrap();
    }
    let ((), trace) = watch(async { late().await }).await;
    assert_eq!(trace.attributes("late"), "deep=1\nfrom_a_task=2\n");
}

#[tokio::test]
async fn what_is_set_after_the_end_changes_nothing() {
    let ((), trace) = watch(async {
        let handle =
            Stage::new("over").run(async { Ok::<_, String>(spanline::current()) }).await.unwrap();
        assert!(!handle.is_recording());
        handle.set("late", 1).event("late", [("n", 1)]).record_error(&std::fmt::Error);
    })
    .await;
    assert_eq!(trace.tree_with(&["late", "error.type"]), "over\n");
    assert_eq!(trace.events("over"), "");
}

#[test]
fn outside_any_span_the_handle_does_nothing() {
    spanline_tests::telemetry::telemetry();
    let handle = spanline::current();
    handle.set("a", 1).event("b", [("c", 1)]).record_error(&std::fmt::Error).usage((1_u8, 2_u8));
    assert!(!handle.is_recording());
    assert_eq!((handle.trace_id(), handle.span_id(), handle.traceparent()), (None, None, None));
}

#[tokio::test]
async fn ids_of_a_pipeline_and_its_session_are_attributes() {
    struct Question {
        session: String,
        user: Option<String>,
    }
    #[trace_pipeline(
        "support-answer",
        id = "p-1",
        run_id = run.to_string(),
        session = question.session,
        user = question.user,
        conversation = "c-1"
    )]
    async fn answer(question: &Question, run: u64) {}
    let question = Question { session: "s-1".into(), user: None };
    let ((), trace) = watch(async { answer(&question, 7).await }).await;
    assert_eq!(
        trace.attributes("invoke_workflow support-answer"),
        "gen_ai.operation.name=\"invoke_workflow\"\ngen_ai.workflow.name=\"support-answer\"\n\
         spanline.pipeline.id=\"p-1\"\nspanline.run.id=\"7\"\nsession.id=\"s-1\"\n\
         gen_ai.conversation.id=\"c-1\"\n"
    );
}

#[tokio::test]
async fn a_model_call_carries_what_was_asked_and_answered() {
    struct Reply {
        tokens: (u64, u64),
    }
    #[trace_llm_call(
        provider = "openai",
        model = model,
        temperature = 0.2_f32,
        top_p = 1,
        top_k = 40,
        max_tokens = Some(256),
        seed = 7_u64,
        stop_sequences = ["END"],
        choice_count = 1,
        streaming = false,
        server_address = "localhost",
        server_port = 8080_u16,
        usage = |reply: &Reply| Usage::from(reply.tokens).cache_read_input_tokens(512),
    )]
    async fn complete(model: &str) -> Result<Reply, String> {
        spanline::current()
            .response_model("gpt-4o-mini-2024-07-18")
            .response_id("r-1")
            .finish_reason("stop");
        Ok(Reply { tokens: (612, 148) })
    }
    let (reply, trace) = watch(async { complete("gpt-4o-mini").await }).await;
    reply.map_err(drop).unwrap();
    assert_eq!(
        trace.tree_with(&["gen_ai.request.temperature"]),
        "chat gpt-4o-mini <client> gen_ai.request.temperature=0.2\n"
    );
    let mut attributes: Vec<_> =
        trace.attributes("chat gpt-4o-mini").lines().map(str::to_owned).collect();
    attributes.sort();
    assert_eq!(
        attributes,
        [
            "gen_ai.operation.name=\"chat\"",
            "gen_ai.provider.name=\"openai\"",
            "gen_ai.request.max_tokens=256",
            "gen_ai.request.model=\"gpt-4o-mini\"",
            "gen_ai.request.seed=7",
            "gen_ai.request.stop_sequences=[\"END\"]",
            "gen_ai.request.temperature=0.2",
            "gen_ai.request.top_k=40.0",
            "gen_ai.request.top_p=1.0",
            "gen_ai.response.finish_reasons=[\"stop\"]",
            "gen_ai.response.id=\"r-1\"",
            "gen_ai.response.model=\"gpt-4o-mini-2024-07-18\"",
            "gen_ai.usage.cache_read.input_tokens=512",
            "gen_ai.usage.input_tokens=612",
            "gen_ai.usage.output_tokens=148",
            "server.address=\"localhost\"",
            "server.port=8080",
            "spanline.cost.source=\"list 2025-11\"",
            "spanline.cost.usd=0.0001422",
        ]
    );
}

#[tokio::test]
async fn a_call_is_named_for_its_operation_and_model() {
    let ((), trace) = watch(async {
        for (operation, model) in [
            (LlmOperation::Chat, None),
            (LlmOperation::TextCompletion, Some("t")),
            (LlmOperation::GenerateContent, Some("g")),
            (LlmOperation::Embeddings, Some("e")),
        ] {
            LlmCall::new("openai", model).operation_kind(operation).start().end();
        }
        LlmCall::new("openai", "s").streaming(true).choice_count(3).start().end();
    })
    .await;
    assert_eq!(
        trace.tree_with(&[
            "gen_ai.operation.name",
            "gen_ai.request.stream",
            "gen_ai.request.choice.count"
        ]),
        "chat <client> gen_ai.operation.name=\"chat\"\n\
         chat s <client> gen_ai.operation.name=\"chat\" gen_ai.request.stream=true gen_ai.request.choice.count=3\n\
         embeddings e <client> gen_ai.operation.name=\"embeddings\"\n\
         generate_content g <client> gen_ai.operation.name=\"generate_content\"\n\
         text_completion t <client> gen_ai.operation.name=\"text_completion\"\n"
    );
}

#[tokio::test]
async fn names_can_be_expressions_of_the_arguments() {
    #[trace_stage(format!("shard-{number}"))]
    async fn shard(number: u8) {}
    #[trace_span(name = path, kind = "server")]
    fn handle(path: &str) {}
    let ((), trace) = watch(async {
        shard(3).await;
        handle("GET /answer");
    })
    .await;
    assert_eq!(trace.tree(), "GET /answer <server>\nshard-3\n");
}

#[tokio::test]
async fn attributes_of_arguments_are_read_before_the_body() {
    #[trace_stage(attributes(first = items.len(), "odd-key" = limit, limit))]
    async fn consuming(mut items: Vec<u8>, limit: usize) -> usize {
        items.clear();
        drop(items);
        limit
    }
    let (_, trace) = watch(async { consuming(vec![1, 2, 3], 5).await }).await;
    assert_eq!(trace.attributes("consuming"), "first=3\nodd-key=5\nlimit=5\n");
}

#[tokio::test]
async fn nothing_is_captured_unless_it_is_named() {
    #[trace_stage]
    async fn secretive(password: &str) -> Result<String, String> {
        Ok(password.to_owned())
    }
    let (_, trace) = watch(async { secretive("hunter2").await }).await;
    assert_eq!(trace.attributes("secretive"), "");
    assert!(!format!("{trace:?}").contains("hunter2"));
}

#[tokio::test]
async fn events_keep_their_order_and_types() {
    #[trace_stage]
    async fn eventful() {
        spanline::current()
            .event("first", [("n", 1)])
            .event("second", [("flag", true)])
            .event("third", [("none", None::<u8>), ("some", Some(2))])
            .event("fourth", (("text", "a"), ("n", 1), (String::from("none"), None::<bool>)))
            .event("fifth", ());
    }
    let ((), trace) = watch(async { eventful().await }).await;
    assert_eq!(
        trace.events("eventful"),
        "first n=1\nsecond flag=true\nthird some=2\nfourth text=\"a\" n=1\nfifth\n"
    );
    let times: Vec<u64> =
        trace.span("eventful").events.iter().map(|event| event.time_unix_nano).collect();
    assert!(times.is_sorted());
    assert!(times[0] >= trace.span("eventful").start_time_unix_nano);
}

#[tokio::test]
async fn links_name_the_spans_they_were_given() {
    #[trace_stage(links = [&first, &second])]
    async fn batch(first: TraceContext, second: TraceContext) {}
    let ids = std::sync::Mutex::new(Vec::new());
    let ((), trace) = watch(async {
        let mut requests = Vec::new();
        for name in ["one", "two"] {
            let request = Pipeline::new(name).root().start();
            requests.push(TraceContext::from(request.context()));
            ids.lock().unwrap().push(request.handle().span_id().unwrap());
            request.end();
        }
        let [second, first] = [requests.pop().unwrap(), requests.pop().unwrap()];
        batch(first, second).await;
        Stage::new("unlinked").links(TraceContext::default()).start().end();
    })
    .await;
    let links: Vec<String> =
        trace.span("batch").links.iter().map(|link| hex(&link.span_id)).collect();
    assert_eq!(links, *ids.lock().unwrap());
    assert!(trace.span("unlinked").links.is_empty(), "a link to nothing is none");
}

#[tokio::test]
async fn a_running_span_is_linked_to_what_it_learns_of() {
    let ((), trace) = watch(async {
        let others = ["one", "two"].map(|name| Stage::new(name).start());
        let late = Stage::new("late").start();
        late.handle().link(&others).link(late.handle()).link(TraceContext::default());
        spanline::current().link(None::<TraceContext>);
        late.end();
        others.into_iter().for_each(SpanGuard::end);
    })
    .await;
    assert_eq!(trace.links("late"), ["one", "two", "late"], "{}", trace.tree());
}

#[tokio::test]
async fn a_link_that_other_code_adds_is_kept() {
    let ((), trace) = watch(async {
        let linked = Stage::new("linked").start();
        let other = Stage::new("other").start();
        let context = other.context().span().span_context().clone();
        linked.context().span().add_link(context, Vec::new());
        other.end();
        linked.end();
    })
    .await;
    let links = &trace.span("linked").links;
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].span_id, trace.span("other").span_id);
}

#[tokio::test]
async fn times_lie_within_those_of_the_parent() {
    let ((), trace) = watch(async {
        Pipeline::new("timed")
            .run(async { Stage::new("inner").run(async { Ok::<_, String>(()) }).await })
            .await
            .unwrap();
    })
    .await;
    let (outer, inner) = (trace.span("invoke_workflow timed"), trace.span("inner"));
    assert!(outer.start_time_unix_nano <= inner.start_time_unix_nano);
    assert!(inner.start_time_unix_nano <= inner.end_time_unix_nano);
    assert!(inner.start_time_unix_nano - outer.start_time_unix_nano < 60_000_000_000);
}

#[test]
fn a_usage_is_numbers_whatever_it_came_as() {
    let ((), trace) = watch_blocking(|| {
        let call = LlmCall::new("openai", "m").start();
        call.usage(Usage::new(1, 2).reasoning_output_tokens(1).cache_creation_input_tokens(1));
        call.end();
        let embeddings =
            LlmCall::new("openai", "e").operation_kind(LlmOperation::Embeddings).start();
        embeddings.usage(Usage::input(7));
        embeddings.usage(None::<Usage>);
        embeddings.end();
        let none = SpanBuilder::new("none").attribute("n", NonZeroU8::new(0)).start();
        none.usage(None::<(u8, u8)>);
        none.usage((None::<u32>, -1));
        none.end();
        let mixed = LlmCall::new("aws.bedrock", "i").start();
        mixed.usage((3_i32, Some(4_usize)));
        mixed.end();
    });
    assert_eq!(
        trace.tree_with(&[
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
            "n",
        ]),
        "chat i <client> gen_ai.usage.input_tokens=3 gen_ai.usage.output_tokens=4\n\
         chat m <client> gen_ai.usage.input_tokens=1 gen_ai.usage.output_tokens=2 \
         gen_ai.usage.reasoning.output_tokens=1 gen_ai.usage.cache_creation.input_tokens=1\n\
         embeddings e <client> gen_ai.usage.input_tokens=7\n\
         none\n"
    );
}

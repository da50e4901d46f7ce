//! How much of an error a span tells.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use futures::stream::{self, Stream, StreamExt as _};
use spanline::{ErrorDetail, ErrorType, LlmCall, Stage, trace_llm_call, trace_stage};
use spanline_tests::telemetry::{watch, watch_blocking};

/// What a user wrote, in an error that quotes it.
#[derive(Clone, Debug)]
struct Quoting(&'static str);

impl fmt::Display for Quoting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot answer {:?}", self.0)
    }
}

#[derive(Clone, Debug)]
struct Outer(Quoting);

impl fmt::Display for Outer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no answer: {}", self.0)
    }
}

impl Error for Quoting {}
impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
impl ErrorType for Outer {
    fn error_type(&self) -> Cow<'static, str> {
        "unanswerable".into()
    }
}

const SECRET: &str = "my own words";

fn outer() -> Outer {
    Outer(Quoting(SECRET))
}

/// An error that is neither displayable nor standard.
#[derive(Debug, PartialEq)]
struct Code(u16);

/// The same, nameless.
struct Opaque;

#[trace_stage(err = debug)]
async fn debugged() -> Result<(), Outer> {
    Err(outer())
}

#[trace_stage(err = "debug")]
fn debugged_code() -> Result<(), Code> {
    Err(Code(7))
}

#[trace_stage(err = debug)]
async fn debugged_any() -> anyhow::Result<()> {
    Err(anyhow::Error::new(Quoting("x")).context("while asking"))
}

#[trace_stage(err = debug)]
fn debugged_text() -> Result<(), String> {
    Err("gone".into())
}

#[trace_stage(err = debug)]
fn debugged_box() -> Result<(), Box<dyn Error>> {
    Err(outer().into())
}

#[trace_stage(err = debug)]
fn plain() -> u8 {
    5
}

#[tokio::test]
async fn debug_tells_the_error_by_its_debug() {
    let ((), trace) = watch(async {
        debugged().await.unwrap_err();
        debugged_code().unwrap_err();
        debugged_text().unwrap_err();
        debugged_box().unwrap_err();
        plain();
    })
    .await;
    assert_eq!(
        trace.tree(),
        r#"debugged error "Outer(Quoting(\"my own words\"))" error.type="unanswerable"
debugged_box error "Outer(Quoting(\"my own words\"))" error.type="_OTHER"
debugged_code error "Code(7)" error.type="outcomes::detail::Code"
debugged_text error "\"gone\"" error.type="_OTHER"
plain
"#
    );
    assert_eq!(
        trace.events("debugged"),
        "exception exception.type=\"unanswerable\" \
         exception.message=\"Outer(Quoting(\\\"my own words\\\"))\"\n"
    );
}

#[tokio::test]
async fn a_shared_error_is_told_by_its_own_debug_however_it_is_run() {
    let ((), trace) = watch(async {
        debugged_any().await.unwrap_err();
        Stage::new("built")
            .err(ErrorDetail::Debug)
            .run(async { Err::<(), _>(anyhow::anyhow!("low").context("high")) })
            .await
            .unwrap_err();
    })
    .await;
    let message = |name| trace.span(name).status.clone().unwrap().message;
    // A backtrace may follow.
    let any = "while asking\n\nCaused by:\n    cannot answer \"x\"";
    assert!(message("debugged_any").starts_with(any), "{}", message("debugged_any"));
    assert!(message("built").starts_with("high\n\nCaused by:\n    low"), "{}", message("built"));
}

#[tokio::test]
async fn display_is_what_happens_anyway() {
    #[trace_stage(err = display)]
    async fn displayed() -> Result<(), Outer> {
        Err(outer())
    }
    #[trace_stage]
    async fn usual() -> Result<(), Outer> {
        Err(outer())
    }
    let ((), trace) = watch(async {
        displayed().await.unwrap_err();
        usual().await.unwrap_err();
    })
    .await;
    assert_eq!(trace.events("displayed"), trace.events("usual"));
    assert_eq!(
        trace.tree(),
        r#"displayed error "no answer: cannot answer \"my own words\"" error.type="unanswerable"
usual error "no answer: cannot answer \"my own words\"" error.type="unanswerable"
"#
    );
}

#[trace_stage(err = type)]
async fn named() -> Result<(), Outer> {
    Err(outer())
}

#[trace_stage(err = "type")]
fn text() -> Result<(), String> {
    Err(SECRET.into())
}

#[trace_stage(err = type)]
fn shared() -> anyhow::Result<()> {
    Err(anyhow::Error::new(outer()).context(SECRET))
}

#[trace_stage(err = type)]
fn opaque() -> Result<(), Opaque> {
    Err(Opaque)
}

#[trace_llm_call(provider = "local", model = "typed", err = type)]
fn items() -> impl Stream<Item = Result<u8, Outer>> {
    stream::iter([Ok(1), Err(outer()), Ok(2)])
}

#[tokio::test]
async fn type_tells_nothing_but_the_type() {
    let ((), trace) = watch(async {
        named().await.unwrap_err();
        text().unwrap_err();
        shared().unwrap_err();
        assert!(opaque().is_err());
        assert_eq!(items().count().await, 3);
    })
    .await;
    assert_eq!(
        trace.tree(),
        r#"chat typed <client> error "" error.type="unanswerable"
named error "" error.type="unanswerable"
opaque error "" error.type="outcomes::detail::Opaque"
shared error "" error.type="anyhow::Error"
text error "" error.type="_OTHER"
"#
    );
    assert_eq!(trace.events("named"), "exception exception.type=\"unanswerable\"\n");
    assert!(!format!("{trace:?}").contains(SECRET));
}

#[tokio::test]
async fn the_items_of_a_stream_are_told_by_their_debug() {
    #[trace_stage(err = debug)]
    async fn codes() -> Result<impl Stream<Item = Result<u8, Code>>, Code> {
        Ok(stream::iter([Ok(1), Err(Code(3))]))
    }
    #[trace_stage(err = debug)]
    async fn no_codes() -> Result<impl Stream<Item = Result<u8, Code>>, Code> {
        if true { Err(Code(4)) } else { Ok(stream::iter([Ok(1)])) }
    }
    let ((), trace) = watch(async {
        assert_eq!(codes().await.unwrap().count().await, 2);
        assert!(no_codes().await.is_err());
    })
    .await;
    assert_eq!(
        trace.tree(),
        "codes error \"Code(3)\" error.type=\"outcomes::detail::Code\"\n\
         no_codes error \"Code(4)\" error.type=\"outcomes::detail::Code\"\n"
    );
}

#[test]
fn nothing_that_quotes_is_told_of_a_panic_either() {
    fn fails() -> Result<u8, Outer> {
        Err(outer())
    }
    #[trace_stage(err = type)]
    fn unwraps() -> u8 {
        fails().unwrap()
    }
    #[trace_stage(err = type, ok_if = |_| panic!("{SECRET}"))]
    fn tested() -> u8 {
        5
    }
    let ((), trace) = watch_blocking(|| {
        assert!(std::panic::catch_unwind(unwraps).is_err());
        assert_eq!(tested(), 5);
    });
    assert_eq!(
        trace.tree(),
        "tested error \"\" error.type=\"panic\"\nunwraps error \"panicked\" error.type=\"panic\"\n"
    );
}

#[tokio::test]
async fn what_is_recorded_by_hand_goes_as_far() {
    #[trace_stage(err = type)]
    async fn closed() {
        spanline::current().record_error(&outer());
        open().await;
        spanline::current().record_error(&outer());
    }
    #[trace_stage]
    async fn open() {
        spanline::current().record_error(&Quoting("open"));
    }
    let ((), trace) = watch(async { closed().await }).await;
    assert_eq!(
        trace.tree(),
        "closed error \"\" error.type=\"outcomes::detail::Outer\"\n  open error \"cannot answer \\\"open\\\"\" \
         error.type=\"outcomes::detail::Quoting\"\n"
    );
    let event = "exception exception.type=\"outcomes::detail::Outer\"\n";
    assert_eq!(trace.events("closed"), event.repeat(2));
}

#[tokio::test]
async fn builders_tell_as_much_as_they_are_told_to() {
    let ((), trace) = watch(async {
        let stage = |name| Stage::new(name).err(ErrorDetail::Type);
        stage("run").run(async { Err::<(), _>(outer()) }).await.unwrap_err();
        stage("blocking").run_blocking(|| Err::<(), _>(SECRET)).unwrap_err();
        stage("by-hand").run_blocking_with(|| (), |(), outcome| outcome.fail("code", SECRET));
        stage("guard").start().fail(&outer());
        stage("stream").run_stream(stream::iter([Err::<(), _>(outer())])).count().await;
        LlmCall::new("local", "m")
            .err(ErrorDetail::Debug)
            .run(async { Err::<(), _>(outer()) })
            .await
            .unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree(),
        r#"blocking error "" error.type="_OTHER"
by-hand error "" error.type="code"
chat m <client> error "Outer(Quoting(\"my own words\"))" error.type="outcomes::detail::Outer"
guard error "" error.type="outcomes::detail::Outer"
run error "" error.type="outcomes::detail::Outer"
stream error "" error.type="outcomes::detail::Outer"
"#
    );
}

#[test]
fn what_ok_if_refuses_is_told_in_any_detail() {
    #[trace_stage(err = type, ok_if = Option::is_some)]
    fn refused() -> Option<u8> {
        None
    }
    let (_, trace) = watch_blocking(refused);
    assert_eq!(
        trace.tree(),
        "refused error \"refused by `Option::is_some`\" error.type=\"_OTHER\"\n"
    );
}

#[test]
fn a_debug_that_panics_takes_nothing_from_the_program() {
    struct Broken;
    impl fmt::Debug for Broken {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("the debug of the user is broken")
        }
    }
    #[trace_stage(err = debug)]
    fn broken() -> Result<(), Broken> {
        Err(Broken)
    }
    let (result, trace) = watch_blocking(broken);
    assert!(result.is_err());
    assert_eq!(
        trace.tree(),
        "broken error \"…\" error.type=\"outcomes::detail::a_debug_that_panics_takes_nothing_from_the_program::Broken\"\n"
    );
}

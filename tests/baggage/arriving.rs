//! What is taken of what arrives.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use spanline::{Stage, TraceContext, extract, inject, inject_context, inject_for, scope};
use spanline_tests::telemetry::watch_blocking;

use super::{TOLD, telemetry};

fn received(baggage: &str) -> HashMap<String, String> {
    HashMap::from([(String::from("baggage"), baggage.to_owned())])
}

/// The attributes of a span that is the child of what arrived.
fn served(baggage: &str) -> String {
    telemetry();
    let headers = received(baggage);
    let ((), trace) = watch_blocking(|| {
        let mut own = HashMap::new();
        inject(&mut own);
        let headers = headers.into_iter().chain(own).collect::<HashMap<_, _>>();
        Stage::new("serve").parent(extract(&headers)).run_blocking_with(
            || Stage::new("below").run_blocking_with(|| (), |(), _| ()),
            |(), _| (),
        );
    });
    assert_eq!(trace.attributes("serve"), trace.attributes("below"));
    trace.attributes("serve")
}

#[test]
fn what_is_on_the_list_is_on_every_span() {
    assert_eq!(
        served(
            "session.id=s-1;ttl=5 , user.id = u%201,spanline.tenant.id=t-1,region=eu,seats=5,\
             other=x,gen_ai.conversation.id=c-1"
        ),
        "session.id=\"s-1\"\nuser.id=\"u 1\"\nspanline.tenant.id=\"t-1\"\nregion=\"eu\"\nseats=\"5\"\n"
    );
    assert_eq!(served("session.id=a=b"), "session.id=\"a=b\"\n");
    assert_eq!(served("session=s-1,Session.Id=s-1,other=x"), "");
    assert_eq!(served("session.id,=,,;,=x,session.id="), "");
}

#[test]
fn hostile_baggage_is_refused_and_counted() {
    let refused = || telemetry().health().refused_baggage;
    let mut expected = refused();
    for (hostile, kept, count) in [
        (format!("session.id={},user.id=u-1", "x".repeat(1025)), "user.id=\"u-1\"\n", 1),
        (format!("session.id=s-1,other={}", "x".repeat(8192)), "", 1),
        (format!("session.id=s-1{}", ",a=b".repeat(64)), "", 1),
        (String::from("session.id=a%0Ab,region=%1b[31m,user.id=u-1"), "user.id=\"u-1\"\n", 2),
        (String::from("session.id=%ff%fe,user.id=u-1"), "user.id=\"u-1\"\n", 1),
    ] {
        assert_eq!(served(&hostile), kept, "{}", &hostile[..40]);
        expected += count;
        assert_eq!(refused(), expected, "{}", &hostile[..40]);
    }
    assert!(telemetry().health().to_string().contains("of baggage refused"));
    let long = format!("session.id={}", "x".repeat(1024));
    assert!(served(&long).contains("xxx"), "the longest that is taken");
    assert!(served(&format!("session.id=s-1{}", ",a=b".repeat(63))).contains("s-1"));
}

#[test]
fn what_is_known_here_wins() {
    telemetry();
    let headers = received("session.id=theirs,user.id=theirs,region=theirs");
    let ((), trace) = watch_blocking(|| {
        scope().user("ours").run_blocking(|| {
            Stage::new("within").parent(extract(&headers)).run_blocking_with(|| (), |(), _| ());
        });
        let before = Stage::new("before").parent(extract(&headers));
        scope().user("ours").tag("ours").run_blocking(|| {
            before.run_blocking_with(|| (), |(), _| ());
        });
    });
    let _ = trace;
    for name in ["within", "before"] {
        // Its parent came without a trace.
        let all = spanline_tests::telemetry::everything();
        let attributes = all.attributes(name);
        for part in ["session.id=\"theirs\"", "user.id=\"ours\"", "region=\"theirs\""] {
            assert!(attributes.contains(part), "{name}: {part} is not in {attributes}");
        }
    }
}

#[test]
fn what_was_taken_leaves_no_more_than_anything_else() {
    telemetry();
    let arrived = extract(&received("session.id=s-1,user.id=u-1,feature=f"));
    let mut headers = HashMap::new();
    inject_context(&arrived, &mut headers);
    assert_eq!(headers["baggage"], "feature=f");
    let context = Context::from(arrived);
    assert_eq!(context.baggage().len(), 1);
    let _attached = context.attach();
    let mut headers = HashMap::new();
    inject_for(TOLD, &mut headers);
    assert!(headers["baggage"].contains("session.id=s-1"), "{headers:?}");
}

#[test]
fn without_baggage_what_is_current_stays() {
    telemetry();
    scope().session("s-1").run_blocking(|| {
        let own = [opentelemetry::KeyValue::new("user.id", "chosen")];
        let _attached = Context::current_with_baggage(own).attach();
        let context = Context::from(extract(&HashMap::<String, String>::new()));
        assert_eq!(context.baggage().len(), 1);
        let stage = Stage::new("serve").parent(TraceContext::from(context)).start();
        assert_eq!(stage.handle().session().as_deref(), Some("s-1"));
        assert_eq!(stage.handle().user(), None, "baggage of the program is no identity");
        stage.end();
    });
}

//! What leaves, and where to.

use std::collections::HashMap;

use opentelemetry::baggage::{BaggageExt, KeyValueMetadata};
use opentelemetry::{Context, KeyValue};
use spanline::{Envelope, Scope, extract, inject, inject_for, scope};

use super::{TOLD, telemetry};

/// The entries of the header, in the order of the alphabet.
fn entries(headers: &HashMap<String, String>) -> Vec<&str> {
    let mut entries: Vec<&str> =
        headers.get("baggage").into_iter().flat_map(|header| header.split(',')).collect();
    entries.sort_unstable();
    entries
}

fn told(host: &str) -> HashMap<String, String> {
    let mut headers = HashMap::new();
    inject_for(host, &mut headers);
    headers
}

fn full() -> Scope {
    telemetry();
    scope()
        .session("s-1")
        .user("u-1")
        .tenant("t-1")
        .conversation("c-1")
        .prompt("support", "3")
        .tag("beta")
        .property("region", "eu")
        .property("seats", 5)
        .property("places", ["a", "b"])
        .property("secret", "kept")
}

#[test]
fn a_host_on_the_list_is_told_what_is_on_the_other_list() {
    let headers = full().run_blocking(|| told(TOLD));
    assert_eq!(
        entries(&headers),
        [
            "gen_ai.conversation.id=c-1",
            "region=eu",
            "seats=5",
            "session.id=s-1",
            "spanline.tenant.id=t-1",
            "user.id=u-1"
        ]
    );
}

#[test]
fn other_hosts_are_told_nothing() {
    full().run_blocking(|| {
        for host in [
            "internal.example",
            "evilinternal.example",
            "search.internal.example.evil.example",
            "evil.example/search.internal.example",
            "127.0.0.1.evil.example",
            "127.0.0.2",
            "",
        ] {
            assert_eq!(entries(&told(host)), [] as [&str; 0], "{host}");
        }
        let mut headers = HashMap::new();
        inject(&mut headers);
        assert_eq!(entries(&headers), [] as [&str; 0]);
    });
}

#[test]
fn baggage_of_the_program_itself_goes_everywhere_as_ever() {
    full().run_blocking(|| {
        let own = [
            KeyValueMetadata::new("feature", "a b", "ttl=5"),
            KeyValueMetadata::new("user.id", "chosen", ""),
        ];
        let _attached = Context::current_with_baggage(own).attach();
        for headers in [told("evil.example"), {
            let mut headers = HashMap::new();
            inject(&mut headers);
            headers
        }] {
            assert_eq!(entries(&headers), ["feature=a%20b;ttl=5", "user.id=chosen"]);
        }
        let headers = told(TOLD);
        let all = entries(&headers);
        for entry in ["feature=a%20b;ttl=5", "user.id=chosen", "session.id=s-1"] {
            assert!(all.contains(&entry), "{entry} is not in {all:?}");
        }
    });
}

#[test]
fn a_header_never_becomes_too_long() {
    full().run_blocking(|| {
        let own = [KeyValue::new("large", "x".repeat(8100))];
        let _attached = Context::current_with_baggage(own).attach();
        let headers = told(TOLD);
        assert!(headers["baggage"].len() <= 8192, "{}", headers["baggage"].len());
        assert!(entries(&headers).iter().any(|entry| entry.starts_with("large=xxx")));
        assert!(entries(&headers).contains(&"session.id=s-1"), "there is room for the first");
    });
    telemetry();
    let headers = scope().session("x".repeat(1025)).user("u-1").run_blocking(|| told(TOLD));
    assert_eq!(entries(&headers), ["user.id=u-1"], "what would not be taken is not sent");
}

#[test]
fn text_of_every_kind_arrives_as_it_left() {
    telemetry();
    for text in [
        "a,b;c=d",
        "100%25 of 50%",
        "back\\slash \"quoted\"",
        " spaces at the ends ",
        "añ→😀",
        "a+b&c",
        "{\"json\": [1]}",
        "=",
        "%",
    ] {
        let headers = scope().session(text).property("region", text).run_blocking(|| told(TOLD));
        let header = &headers["baggage"];
        assert!(
            header.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\;".contains(&byte)),
            "{header}"
        );
        let arrived = spanline::Stage::new("arrives").parent(extract(&headers)).start();
        assert_eq!(arrived.handle().session().as_deref(), Some(text), "{header}");
        arrived.end();
    }
}

#[test]
fn an_envelope_for_a_host_tells_what_the_host_may_be_told() {
    full().run_blocking(|| {
        let headers = |envelope: Envelope<()>| envelope.headers().get("baggage").cloned();
        assert!(headers(Envelope::seal_for(TOLD, ())).unwrap().contains("session.id=s-1"));
        assert_eq!(headers(Envelope::seal_for("evil.example", ())), None);
        assert_eq!(headers(Envelope::seal(())), None);
    });
    let sealed = full().run_blocking(|| Envelope::seal_for(TOLD, 7));
    let text = serde_json::to_string(&sealed).unwrap();
    let arrived: Envelope<u32> = serde_json::from_str(&text).unwrap();
    let work = spanline::Stage::new("work").parent(&arrived).start();
    assert_eq!(work.handle().tenant().as_deref(), Some("t-1"));
    work.end();
}

//! What the variables allow, in processes of their own.

use spanline_tests::process::Process;

fn told(variables: &[(&str, &str)]) -> (String, String) {
    let process = Process::new(env!("CARGO_BIN_EXE_program"), "headers");
    let process = variables.iter().fold(process, |process, (name, value)| process.env(name, value));
    let ended = process.run();
    assert!(ended.success, "{}", ended.stderr);
    (ended.stdout, ended.stderr)
}

#[test]
fn nothing_travels_unless_it_is_allowed() {
    for variables in [&[][..], &[("SPANLINE_BAGGAGE_HOSTS", "*")]] {
        let (headers, _) = told(variables);
        assert!(
            headers
                .starts_with("anywhere: \napi.example: \nother.example: \narrived: (None, None)\n"),
            "{headers}"
        );
    }
}

#[test]
fn keys_without_hosts_are_for_what_arrives() {
    let (headers, _) = told(&[("SPANLINE_BAGGAGE_KEYS", "session")]);
    assert!(
        headers.starts_with(
            "anywhere: \napi.example: \nother.example: \narrived: (Some(\"s-2\"), None)\n"
        ),
        "{headers}"
    );
}

#[test]
fn a_host_is_told_the_keys() {
    let (headers, _) =
        told(&[("SPANLINE_BAGGAGE_KEYS", "session"), ("SPANLINE_BAGGAGE_HOSTS", "api.example")]);
    assert!(
        headers.starts_with("anywhere: \napi.example: session.id=s-1\nother.example: \narrived:"),
        "{headers}"
    );
}

#[test]
fn a_star_is_every_request() {
    let (headers, _) =
        told(&[("SPANLINE_BAGGAGE_KEYS", "session"), ("SPANLINE_BAGGAGE_HOSTS", "*")]);
    assert!(
        headers.starts_with(
            "anywhere: session.id=s-1\napi.example: session.id=s-1\nother.example: session.id=s-1\n"
        ),
        "{headers}"
    );
}

#[test]
fn without_the_propagator_nothing_travels_and_it_is_said() {
    let (headers, messages) = told(&[
        ("SPANLINE_BAGGAGE_KEYS", "session"),
        ("SPANLINE_BAGGAGE_HOSTS", "*"),
        ("OTEL_PROPAGATORS", "tracecontext"),
    ]);
    assert!(
        headers.starts_with("anywhere: \napi.example: \nother.example: \narrived: (None, None)")
    );
    assert!(messages.contains("SPANLINE_BAGGAGE_KEYS: identity travels as baggage"), "{messages}");
}

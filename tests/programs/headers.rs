//! What leaves in headers of whom a request is for, and what is taken from them.

use std::collections::BTreeMap;

pub(crate) fn headers() {
    let telemetry = spanline::init().unwrap();
    spanline::scope().session("s-1").user("u-1").run_blocking(|| {
        let told = |host: Option<&str>| {
            let mut headers = BTreeMap::new();
            match host {
                Some(host) => spanline::inject_for(host, &mut headers),
                None => spanline::inject(&mut headers),
            }
            headers.remove("baggage").unwrap_or_default()
        };
        println!("anywhere: {}", told(None));
        println!("api.example: {}", told(Some("api.example")));
        println!("other.example: {}", told(Some("other.example")));
    });
    let arrived = vec![(String::from("baggage"), String::from("session.id=s-2,user.id=u-2"))];
    let server = spanline::Stage::new("server").parent(spanline::extract(&arrived)).start();
    println!("arrived: {:?}", (server.handle().session(), server.handle().user()));
    server.end();
    print!("{}", telemetry.health());
    telemetry.shutdown().unwrap();
}

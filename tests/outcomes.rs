//! What a function's end tells its span and its metrics.
#[tokio::test]
async fn first() {
    use spanline_tests::telemetry::watch;
    let ((), trace) = watch(async {
        spanline::Stage::new("a").attribute("k", 0.2_f32).run(async { Err::<(), _>(String::from("gone")) }).await.unwrap_err();
    }).await;
    assert_eq!(trace.tree_with(&["error.type", "k"]), "");
    println!("{:?}", spanline_tests::telemetry::metrics().counts("spanline.stage.duration", "spanline.stage.name", "a"));
}

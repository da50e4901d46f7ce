//! Arguments and what can be said of them.

use std::any::type_name;
use std::fmt::{Debug, Display};

use async_trait::async_trait;
use spanline::{trace_span, trace_stage};
use spanline_tests::telemetry::{watch, watch_blocking};

/// It can neither be compared nor shown nor cloned.
struct Opaque(&'static str);

#[tokio::test]
async fn an_argument_that_is_not_named_needs_no_trait_and_is_not_recorded() {
    #[trace_stage(attributes(size))]
    async fn consumes(size: usize, opaque: Opaque, rest: &mut Vec<Opaque>) {
        rest.push(opaque);
        assert_eq!(rest.len(), size);
    }
    let ((), trace) = watch(async { consumes(1, Opaque(""), &mut Vec::new()).await }).await;
    assert_eq!(trace.attributes("consumes"), "size=1\n");
}

#[tokio::test]
async fn parts_of_arguments_and_of_self_are_recorded_as_what_they_are() {
    struct Request {
        path: String,
        retries: Option<u8>,
    }
    struct Server {
        name: &'static str,
        load: f32,
    }
    impl Server {
        #[trace_span(attributes(
            http.path = request.path,
            http.retries = request.retries,
            next = index + 1,
            self.name = self.name,
            "server-load" = self.load,
            kind = "x",
            type = index > 0,
        ))]
        async fn handle(&mut self, request: Request, index: i8) -> usize {
            self.load += f32::from(index);
            request.path.len()
        }
    }
    let (length, trace) = watch(async {
        let request = Request { path: "/a".to_owned(), retries: None };
        Server { name: "s", load: 0.5 }.handle(request, 1).await
    })
    .await;
    assert_eq!(length, 2);
    assert_eq!(
        trace.attributes("handle"),
        r#"http.path="/a"
next=2
self.name="s"
server-load=0.5
kind="x"
type=true
"#
    );
}

#[test]
fn what_has_no_type_of_an_attribute_is_recorded_as_its_text() {
    #[trace_stage(attributes(shown = opaque.0.to_string(), debug = format!("{numbers:?}")))]
    fn texts(opaque: &Opaque, numbers: &[(u8, u8)]) {}

    let ((), trace) = watch_blocking(|| texts(&Opaque("o"), &[(1, 2)]));
    assert_eq!(trace.attributes("texts"), "shown=\"o\"\ndebug=\"[(1, 2)]\"\n");
}

#[test]
fn a_name_may_be_a_constant_or_computed() {
    const NAME: &str = "of a constant";

    #[trace_span(NAME)]
    fn constant() {}

    #[trace_span(name = format!("{verb} {}", objects.len()))]
    fn computed(verb: &str, objects: &[u8]) {}

    let ((), trace) = watch_blocking(|| {
        constant();
        computed("count", &[1, 2]);
    });
    assert_eq!(trace.tree(), "count 2\nof a constant\n");
}

#[test]
fn an_attribute_may_be_set_later_and_again() {
    #[trace_stage(attributes(sum = None::<u32>, step = 1))]
    fn add(left: u32, right: u32) -> u32 {
        const KEY: &str = "key.of.a.constant";
        let sum = left + right;
        spanline::current().set("sum", sum).set("step", 2).set(KEY, true);
        sum
    }
    let (sum, trace) = watch_blocking(|| add(1, 2));
    assert_eq!(sum, 3);
    assert_eq!(trace.attributes("add"), "step=2\nsum=3\nkey.of.a.constant=true\n");
}

#[test]
fn bindings_of_destructured_parameters_are_arguments_like_any_other() {
    struct Point {
        x: i32,
        y: i32,
    }
    struct Pair(u8, ());
    struct Store {
        base: i32,
    }
    impl Store {
        #[trace_stage(attributes(a, b, c, x, renamed, first, last, borrowed, whole))]
        #[allow(clippy::too_many_arguments, reason = "one of each")]
        fn put(
            &self,
            (a, (b, _)): (u8, (u8, u8)),
            Pair(c, ..): Pair,
            Point { x, y: renamed }: Point,
            [first, .., last]: [u8; 3],
            &borrowed: &u8,
            whole @ (0..=9 | 10..): u8,
        ) -> i32 {
            self.base + x + renamed + i32::from(a + b + c + first + last + borrowed + whole)
        }
    }
    let (sum, trace) = watch_blocking(|| {
        Store { base: 100 }.put((1, (2, 0)), Pair(3, ()), Point { x: 4, y: 5 }, [6, 0, 7], &8, 9)
    });
    assert_eq!(sum, 145);
    assert_eq!(
        trace.attributes("put"),
        "a=1\nb=2\nc=3\nx=4\nrenamed=5\nfirst=6\nlast=7\nborrowed=8\nwhole=9\n"
    );
}

#[tokio::test]
async fn generics_lifetimes_where_clauses_and_impl_traits_stay_as_they_are() {
    #[trace_stage(attributes(item = type_name::<T>(), count = N, text = text.to_string()))]
    async fn longest<'a, 'b: 'a, T, const N: usize>(
        items: &'a [T; N],
        other: &'b T,
        text: impl Display + Send,
        key: impl Fn(&T) -> usize,
    ) -> &'a T
    where
        T: Debug + Sync,
    {
        tokio::task::yield_now().await;
        items.iter().chain([other]).max_by_key(|item| key(item)).unwrap()
    }
    let (found, trace) = watch(async {
        let words = ["a", "long", "word"].map(String::from);
        longest::<_, 3>(&words, &"longest".to_owned(), 7, String::len).await.clone()
    })
    .await;
    assert_eq!(found, "longest");
    assert_eq!(
        trace.attributes("longest"),
        "item=\"alloc::string::String\"\ncount=3\ntext=\"7\"\n"
    );
}

#[async_trait]
trait Tell<T: Debug + Send + Sync + 'static> {
    async fn tell(&mut self, value: T) -> String;
    async fn count() -> usize;
}

#[derive(Clone, Debug)]
struct Teller<A>(A);

#[async_trait]
impl<A, T> Tell<T> for Teller<A>
where
    A: Display + Send + Sync + 'static,
    T: Debug + Send + Sync + 'static,
{
    #[trace_stage(attributes(
        me = type_name::<Self>().contains("Teller"),
        of = type_name::<A>(),
        value = type_name::<T>(),
        mine = self.0.to_string(),
    ))]
    async fn tell(&mut self, value: T) -> String {
        tokio::task::yield_now().await;
        format!("{} {value:?}", self.0)
    }

    #[trace_stage(attributes(of = type_name::<(A, T)>()))]
    async fn count() -> usize {
        2
    }
}

#[tokio::test]
async fn arguments_in_an_async_trait_know_self_and_all_generics() {
    let (told, trace) = watch(async {
        assert_eq!(<Teller<u8> as Tell<char>>::count().await, 2);
        Teller(7_u8).tell('x').await
    })
    .await;
    assert_eq!(told, "7 'x'");
    assert_eq!(trace.attributes("tell"), "me=true\nof=\"u8\"\nvalue=\"char\"\nmine=\"7\"\n");
    assert_eq!(trace.attributes("count"), "of=\"(u8, char)\"\n");
}

//! As without the attribute.
mod library {
    use spanline::trace_stage;

    #[trace_stage] async fn private() {}

    #[trace_stage] pub(self) fn own() {}

    pub struct Store;

    #[trace_stage]
    impl Store { fn private(&self) {} }
}

fn main() {
    drop(library::private());
//~               ^^^^^^^ function `private` is private
    library::own();
//~          ^^^ function `own` is private
    library::Store.private();
//~                ^^^^^^^ method `private` is private
}

//! What operations say of their content.

/// One builder method per piece of content; what the macros give goes through `content`, so that it is
/// not evaluated where nothing is captured.
macro_rules! content {
    ($type:ident { $($(#[$doc:meta])* $name:ident: $given:ident;)+ }) => {
        #[allow(
            clippy::needless_pass_by_value,
            reason = "takes values and references to them alike"
        )]
        impl $type {
            $(
                $(#[$doc])*
                pub fn $name(mut self, given: impl $crate::$given) -> Self {
                    if let Some(draft) = &mut self.0 {
                        draft.capture(|| $crate::content::Piece::$name(&given));
                    }
                    self
                }
            )+

            /// What the macros run.
            #[doc(hidden)]
            pub fn content(self, give: impl FnOnce(Self) -> Self) -> Self {
                if self.0.as_ref().is_some_and($crate::span::active::Draft::may_capture) {
                    give(self)
                } else {
                    self
                }
            }
        }
    };
}

pub(crate) use content;

//! Tells the compiler the bound of a closure that a traced function returns. Its body has become a
//! closure itself, and the return type of that cannot be written.

use std::ptr;

/// Takes a value when its type is known.
pub trait Keep<T> {
    /// Takes it.
    fn keep(self, value: T);
}

impl<T> Keep<T> for &mut Option<T> {
    fn keep(self, value: T) {
        *self = Some(value);
    }
}

/// Keeps the value. That the pointer is expected to be one to `dyn Fn(…)` tells the compiler what the
/// value takes; it points nowhere.
pub fn tell<T>(value: T, kept: impl Keep<T>) -> *const T {
    kept.keep(value);
    ptr::null()
}

/// What [`tell`] has kept.
pub fn kept<T>(kept: Option<T>) -> T {
    match kept {
        Some(value) => value,
        None => unreachable!("kept before it is asked for"),
    }
}

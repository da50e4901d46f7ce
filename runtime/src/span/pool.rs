//! What a thread keeps of what it no longer uses, so that the next span takes no memory.

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::LocalKey;

/// How many of a kind a thread keeps.
const KEPT: usize = 32;

pub(crate) type Pool<T> = RefCell<Vec<Arc<T>>>;

/// What can be used again.
pub(crate) trait Reuse: Default + 'static {
    fn pool() -> &'static LocalKey<Pool<Self>>;
    /// Forgets everything. What was above it is given back next: those of a deep tree may go all at once.
    fn reset(&mut self) -> Option<Pooled<Self>>;
}

/// A shared value that goes back to a pool when nobody holds it any more.
#[derive(Debug)]
pub(crate) struct Pooled<T: Reuse>(Arc<T>);

impl<T: Reuse> Pooled<T> {
    pub(crate) fn new() -> Self {
        let kept = T::pool().try_with(|pool| pool.try_borrow_mut().ok()?.pop());
        Self(kept.ok().flatten().unwrap_or_default())
    }

    /// While nobody else holds it.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        Arc::get_mut(&mut self.0)
    }

    fn give_back(&mut self) -> Option<Self> {
        // Cheaper than to ask whether it is the only one, and it seldom is.
        if Arc::strong_count(&self.0) > 1 {
            return None;
        }
        let above = self.get_mut()?.reset();
        let _ = T::pool().try_with(|pool| {
            if let Ok(mut pool) = pool.try_borrow_mut()
                && pool.len() < KEPT
            {
                pool.push(Arc::clone(&self.0));
            }
        });
        above
    }
}

impl<T: Reuse> Clone for Pooled<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Reuse> Deref for Pooled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Reuse> Drop for Pooled<T> {
    fn drop(&mut self) {
        let mut above = self.give_back();
        while let Some(mut next) = above {
            above = next.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Link {
        above: Option<Pooled<Link>>,
        number: AtomicU32,
    }

    thread_local! {
        static LINKS: Pool<Link> = const { RefCell::new(Vec::new()) };
    }

    impl Reuse for Link {
        fn pool() -> &'static LocalKey<Pool<Self>> {
            &LINKS
        }

        fn reset(&mut self) -> Option<Pooled<Self>> {
            self.number = AtomicU32::default();
            self.above.take()
        }
    }

    fn kept() -> usize {
        LINKS.with(|links| links.borrow().len())
    }

    #[test]
    fn what_the_last_holder_drops_is_used_again_and_empty() {
        let first = Pooled::<Link>::new();
        first.number.store(7, Ordering::Relaxed);
        let address = std::ptr::from_ref(&*first);
        let other = first.clone();
        drop(first);
        assert_eq!(kept(), 0);
        drop(other);
        assert_eq!(kept(), 1);
        let again = Pooled::<Link>::new();
        assert_eq!(std::ptr::from_ref(&*again), address);
        assert_eq!(again.number.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_long_chain_goes_without_recursion_and_little_of_it_is_kept() {
        let mut innermost = Pooled::<Link>::new();
        for _ in 0..100_000 {
            let mut next = Pooled::<Link>::new();
            next.get_mut().unwrap().above = Some(innermost);
            innermost = next;
        }
        drop(innermost);
        assert_eq!(kept(), KEPT);
    }

    #[test]
    fn what_another_thread_drops_last_stays_there() {
        let link = Pooled::<Link>::new();
        std::thread::spawn(move || {
            drop(link);
            assert_eq!(kept(), 1);
        })
        .join()
        .unwrap();
        assert_eq!(kept(), 0);
    }
}

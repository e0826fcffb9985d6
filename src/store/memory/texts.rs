//! Labels and networks, each kept once for all sessions that bear it.

use std::collections::HashSet;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Texts(HashSet<Arc<String>>);

impl Texts {
    pub(super) fn once(&mut self, text: Arc<String>) -> Arc<String> {
        match self.0.get(&text) {
            Some(known) => known.clone(),
            None => {
                self.0.insert(text.clone());
                text
            }
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.0.len() == self.0.capacity()
    }

    /// Drops what no session bears any more.
    pub(super) fn sweep(&mut self) {
        self.0.retain(|text| Arc::strong_count(text) > 1);
        self.0.shrink_to_fit();
        self.0.reserve(self.0.len().max(16));
    }
}

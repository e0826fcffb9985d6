//! Opens the store that a configuration names.

use std::sync::Arc;

use crate::session::settings::StoreChoice;
use crate::store::{MemoryStore, Store, StoreError};

/// Returns the store; `None` where sessions are not remembered.
pub(super) fn open(choice: &StoreChoice) -> Result<Option<Arc<dyn Store>>, StoreError> {
    let store: Arc<dyn Store> = match choice {
        StoreChoice::None => return Ok(None),
        StoreChoice::Memory => Arc::new(MemoryStore::new()),
        StoreChoice::Sqlite(path) => sqlite(path)?,
        StoreChoice::Redis(url) => redis(url)?,
    };
    Ok(Some(store))
}

fn sqlite(path: &str) -> Result<Arc<dyn Store>, StoreError> {
    Err(StoreError::new(format_args!(
        "the feature `sqlite` is off, so {path} stays shut"
    )))
}

fn redis(_: &str) -> Result<Arc<dyn Store>, StoreError> {
    Err(StoreError::new("the feature `redis` is off"))
}

//! Opens the store that a configuration names.

use std::sync::Arc;

use crate::session::settings::StoreChoice;
use crate::store::{MemoryStore, Store, StoreError};

/// Returns the store; `None` where sessions are not remembered.
pub(super) fn open(choice: &StoreChoice) -> Result<Option<Arc<dyn Store>>, StoreError> {
    let store: Arc<dyn Store> = match choice {
        StoreChoice::None => return Ok(None),
        StoreChoice::Memory => Arc::new(MemoryStore::new()),
        #[cfg(feature = "sqlite")]
        StoreChoice::Sqlite(path) => Arc::new(crate::store::SqliteStore::open(path)?),
        #[cfg(feature = "redis")]
        StoreChoice::Redis(url) => Arc::new(crate::store::RedisStore::open(url)?),
        // A configuration that names one of these without its feature was refused.
        #[cfg(not(all(feature = "redis", feature = "sqlite")))]
        _ => return Err(StoreError::new("its feature is off")),
    };
    Ok(Some(store))
}

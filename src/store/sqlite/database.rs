//! The database: whose turn it is, and on which thread.

use std::path::Path;
use std::sync::Arc;

use rocket::tokio::sync::Mutex;
use rocket::tokio::task::spawn_blocking;
use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;
use super::file::DatabaseFile;
use crate::store::call::StoreError;

/// An open database file.
pub(super) struct Database {
    file: Arc<DatabaseFile>,
    /// One of its own, so that no read waits until a write has reached the disk.
    reader: Arc<Mutex<Connection>>,
    pub(super) writer: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the file at `path`, which is created if there is none.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file = DatabaseFile::at(path)?;
        let writer = file.writer()?;
        let reader = file.reader()?;
        Ok(Self {
            file: Arc::new(file),
            reader: Arc::new(Mutex::new(reader)),
            writer: Arc::new(Mutex::new(writer)),
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Lets `step` read what is kept; each statement sees it as of one moment.
    pub(super) async fn read<R: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.run(&self.reader, |connection| step(connection)).await
    }

    /// Lets `step` read and change what is kept: all of it or nothing, and nobody else meanwhile.
    pub(super) async fn write<R: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, StoreError> {
        // Immediate: a transaction that reads first, and then finds that another process has
        // written since, could only fail.
        let behavior = TransactionBehavior::Immediate;
        self.run(&self.writer, move |connection| {
            let transaction = connection.transaction_with_behavior(behavior)?;
            let answer = step(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }

    /// Takes a step on a blocking thread, one at a time.
    ///
    /// The turn is awaited before the thread is taken: however slow the disk is, one thread waits
    /// for it. The lock cannot be poisoned, and a transaction that panics is rolled back.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        connection: &Arc<Mutex<Connection>>,
        step: impl FnOnce(&mut Connection) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, StoreError> {
        let mut connection = connection.clone().lock_owned().await;
        let file = self.file.clone();
        let blocking = spawn_blocking(move || {
            file.check()?;
            step(&mut connection)
        });
        let answer = blocking.await.unwrap_or(Err(Fault::Interrupted));
        answer.map_err(|fault| fault.at(self.path()))
    }
}

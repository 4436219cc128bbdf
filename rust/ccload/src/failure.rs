// SPDX-License-Identifier: GPL-2.0-only

//! What went wrong and what to do about it, in one line for the user.

use std::fmt;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure(String);

/// What comes of something that may fail.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// `what` failed with `error`, of which the first line counts.
    pub fn of(what: impl fmt::Display, error: impl fmt::Display) -> Self {
        let error = error.to_string();
        Self(format!(
            "{what}: {}",
            error.lines().next().unwrap_or("no reason given")
        ))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

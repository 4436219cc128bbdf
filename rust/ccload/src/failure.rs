// SPDX-License-Identifier: GPL-2.0-only

//! What went wrong and what to do about it, in one line for the user.

use std::fmt::{
    self,
    Write, //
};

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
        // A name or a message from outside may have a line's end in it.
        self.0
            .chars()
            .map(|letter| {
                if letter.is_control() {
                    char::REPLACEMENT_CHARACTER
                } else {
                    letter
                }
            })
            .try_for_each(|letter| f.write_char(letter))
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line() {
        assert_eq!(
            Failure::new("a\nb\u{1b}c").to_string(),
            "a\u{fffd}b\u{fffd}c"
        );
    }
}

// SPDX-License-Identifier: GPL-2.0-only

//! What `modinfo` shows of a module's algorithms: their parameters, and the names by which the
//! kernel asks for them.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h)

use tcp_cc::{
    Kind,
    Parameters, //
};

/// An algorithm, as far as `modinfo` is concerned.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its parameters.
    pub parameters: Parameters,
}

/// Strings one after the other, in as many bytes as the section's content has.
struct Section<const N: usize> {
    bytes: [u8; N],
    /// How many bytes there would be, if there was room.
    length: usize,
}

impl<const N: usize> Section<N> {
    /// Appends `text`, less a space at its beginning.
    const fn push(mut self, text: &[u8]) -> Self {
        let mut i = 0;
        if let [b' ', ..] = text {
            i = 1;
        }
        while i < text.len() {
            if self.length < N {
                self.bytes[self.length] = text[i];
            }
            self.length += 1;
            i += 1;
        }
        self
    }

    /// Appends a line as `parm=NAME:TEXT`.
    const fn push_parameter(self, tag: &str, name: &core::ffi::CStr, text: &str) -> Self {
        self.push(tag.as_bytes())
            .push(name.to_bytes())
            .push(b":")
            .push(text.as_bytes())
            .push(b"\0")
    }
}

/// The content of the section `.modinfo` for these algorithms: with an `N` of 0 just its length.
pub const fn section<const N: usize>(entries: &[Entry]) -> ([u8; N], usize) {
    let mut section = Section {
        bytes: [0; N],
        length: 0,
    };
    let mut i = 0;
    while i < entries.len() {
        section = section
            .push(b"alias=tcp_")
            .push(entries[i].name.as_bytes())
            .push(b"\0");

        let list = entries[i].parameters.list;
        let mut j = 0;
        while j < list.len() {
            let kind = match list[j].kind {
                Kind::Int => "int",
                Kind::Uint => "uint",
                Kind::Bool => "bool",
            };
            section = section
                .push_parameter("parmtype=", list[j].name, kind)
                .push_parameter("parm=", list[j].name, list[j].description);
            j += 1;
        }
        i += 1;
    }
    (section.bytes, section.length)
}

/// Does not compile if two algorithms of a module have the same name, or two parameters.
pub const fn check(entries: &[Entry]) {
    let mut i = 0;
    while i < entries.len() {
        let mut j = 0;
        while j < i {
            assert!(
                !equal(entries[i].name.as_bytes(), entries[j].name.as_bytes()),
                "two algorithms of this module have the same name: rename one"
            );
            let (ours, theirs) = (entries[i].parameters.list, entries[j].parameters.list);
            let mut k = 0;
            while k < ours.len() * theirs.len() {
                let (a, b) = (ours[k / theirs.len()].name, theirs[k % theirs.len()].name);
                assert!(
                    !equal(a.to_bytes(), b.to_bytes()),
                    "two algorithms of this module have a parameter of the same name: rename one"
                );
                k += 1;
            }
            j += 1;
        }
        i += 1;
    }
}

/// `a == b`, for constants.
pub(crate) const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

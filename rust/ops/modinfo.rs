// SPDX-License-Identifier: GPL-2.0-only

//! What `modinfo` shows of a module's implementations: their parameters, and the names by which the
//! kernel asks for them.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h)

use ferrops_core::{
    equal,
    ConstText,
    ParamKind,
    Parameters, //
};

/// An implementation, as far as `modinfo` is concerned.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its parameters.
    pub parameters: Parameters,
}

/// Appends a line as `parm=NAME:TEXT`. A documentation comment begins with a space.
const fn push_parameter<const N: usize>(
    section: ConstText<N>,
    tag: &str,
    name: &core::ffi::CStr,
    text: &str,
) -> ConstText<N> {
    let text = match text.as_bytes() {
        [b' ', text @ ..] => text,
        text => text,
    };
    section
        .push(tag.as_bytes())
        .push(name.to_bytes())
        .push(b":")
        .push(text)
        .push(b"\0")
}

/// Returns the content of the section `.modinfo` for these implementations, whose names come after
/// `alias` in the module's aliases.
pub const fn section<const N: usize>(alias: &str, entries: &[Entry]) -> ConstText<N> {
    let mut section = ConstText::new();
    let mut i = 0;
    while i < entries.len() {
        section = section
            .push(b"alias=")
            .push(alias.as_bytes())
            .push(entries[i].name.as_bytes())
            .push(b"\0");

        let list = entries[i].parameters.list;
        let mut j = 0;
        while j < list.len() {
            let kind = match list[j].kind {
                ParamKind::Int => "int",
                ParamKind::Uint => "uint",
                ParamKind::Bool => "bool",
            };
            section = push_parameter(section, "parmtype=", list[j].name, kind);
            section = push_parameter(section, "parm=", list[j].name, list[j].description);
            j += 1;
        }
        i += 1;
    }
    section
}

/// Does not compile if two implementations of a module have the same name, or two parameters.
pub const fn check(entries: &[Entry]) {
    let mut i = 0;
    while i < entries.len() {
        let mut j = 0;
        while j < i {
            assert!(
                !equal(entries[i].name.as_bytes(), entries[j].name.as_bytes()),
                "two implementations of this module have the same name: rename one"
            );
            let (ours, theirs) = (entries[i].parameters.list, entries[j].parameters.list);
            let mut k = 0;
            while k < ours.len() * theirs.len() {
                let (a, b) = (ours[k / theirs.len()].name, theirs[k % theirs.len()].name);
                assert!(
                    !equal(a.to_bytes(), b.to_bytes()),
                    "two implementations of this module have a parameter of the same name: \
                     rename one"
                );
                k += 1;
            }
            j += 1;
        }
        i += 1;
    }
}

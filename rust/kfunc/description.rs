// SPDX-License-Identifier: GPL-2.0-only

//! What a module says of its kfuncs, for `scripts/kfuncs` to read.

use crate::Declared;
use ferrops_core::{
    equal,
    ConstText, //
};

/// The most arguments that a BPF program can pass.
const ARGUMENTS_MAX: usize = 5;

/// One kfunc, as it is described to `scripts/kfuncs`.
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// Its documentation.
    pub docs: &'static [&'static str],
    /// If it is a callback: the members of its table whose programs may call it, or none for all.
    pub members: Option<&'static [&'static str]>,
    /// Who may call it.
    pub users: &'static [&'static str],
    /// `KF_*`
    pub flags: &'static [&'static str],
    /// Its result in C and in Rust.
    pub returns: (&'static str, &'static str),
    /// Whether the result may be `NULL`.
    pub may_be_null: bool,
    /// The names and types of its arguments, and how many the entry takes for each.
    pub arguments: &'static [(&'static str, Declared, usize)],
    /// Where it is defined.
    pub place: (&'static str, u32),
}

/// Appends a line of fields, which tabs separate.
const fn push_line<const N: usize>(mut text: ConstText<N>, fields: &[&str]) -> ConstText<N> {
    let mut i = 0;
    while i < fields.len() {
        text = text.push_field(fields[i]);
        i += 1;
        text = text.push(if i < fields.len() { b"\t" } else { b"\n" });
    }
    text
}

/// Appends a line of two fields for each of `values`.
const fn push_each<const N: usize>(
    mut text: ConstText<N>,
    key: &str,
    values: &[&str],
) -> ConstText<N> {
    let mut i = 0;
    while i < values.len() {
        text = push_line(text, &[key, values[i]]);
        i += 1;
    }
    text
}

impl Description {
    /// Returns the description as lines of fields.
    const fn text<const N: usize>(&self) -> ConstText<N> {
        let mut text = push_line(ConstText::new(), &["kfunc", self.name]);
        text = push_each(text, "doc", self.docs);
        text = push_each(text, "user", self.users);
        if let Some(members) = self.members {
            text = push_line(text, &["callback", ""]);
            text = push_each(text, "member", members);
        }
        text = push_each(text, "flag", self.flags);
        if self.may_be_null {
            text = push_line(text, &["flag", "KF_RET_NULL"]);
        }
        text = push_line(text, &["returns", self.returns.0, self.returns.1]);
        let mut i = 0;
        while i < self.arguments.len() {
            let (name, declared, _) = &self.arguments[i];
            let fields = ["argument", name, declared.suffix, declared.c, declared.rust];
            text = push_line(text, &fields);
            if let Some(header) = declared.header {
                text = push_line(text, &["header", header]);
            }
            i += 1;
        }
        text.push(b"place\t")
            .push_field(self.place.0)
            .push(b"\t")
            .push_number(self.place.1 as i64)
            .push(b"\n")
    }

    /// Returns how long the text is, in bytes.
    pub const fn text_len(&self) -> usize {
        self.text::<0>().len()
    }

    /// Returns the text.
    pub const fn bytes<const N: usize>(&self) -> [u8; N] {
        self.text::<N>().into_bytes()
    }

    /// How many arguments its callers pass.
    const fn count(&self) -> usize {
        let (mut count, mut i) = (0, 0);
        while i < self.arguments.len() {
            count += self.arguments[i].1.count();
            i += 1;
        }
        count
    }

    /// Whether it does not take more than a program can pass.
    pub const fn is_short(&self) -> bool {
        self.count() <= ARGUMENTS_MAX
    }

    /// Whether the entry takes what its callers pass: `kfuncs!` knows buffers by their names.
    pub const fn takes_what_is_passed(&self) -> bool {
        let mut i = 0;
        while i < self.arguments.len() {
            if self.arguments[i].1.count() != self.arguments[i].2 {
                return false;
            }
            i += 1;
        }
        true
    }

    /// Whether no two arguments are ways to the same object, of which one is `&mut`.
    pub const fn is_exclusive(&self) -> bool {
        let mut i = 0;
        while i < self.arguments.len() {
            let exclusive = &self.arguments[i].1;
            let mut j = 0;
            while j < self.arguments.len() {
                if let (true, Some(kind), Some(other)) = (
                    exclusive.is_exclusive && i != j,
                    exclusive.kind,
                    self.arguments[j].1.kind,
                ) {
                    if equal(kind.as_bytes(), other.as_bytes()) {
                        return false;
                    }
                }
                j += 1;
            }
            i += 1;
        }
        true
    }

    /// Whether all who may call it have what it takes.
    pub const fn is_for_owners(&self) -> bool {
        let mut i = 0;
        while i < self.arguments.len() {
            if let Some(table) = self.arguments[i].1.table {
                let mut j = 0;
                while j < self.users.len() {
                    if !equal(self.users[j].as_bytes(), table.as_bytes()) {
                        return false;
                    }
                    j += 1;
                }
            }
            i += 1;
        }
        true
    }
}

/// Leaves a description where the build finds it, unless it breaks a rule that is not a type's.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfunc_description {
    ($name:ident, $description:expr) => {
        const DESCRIPTION: $crate::Description = $description;
        $crate::__kfunc_rule! {
            $name, DESCRIPTION.takes_what_is_passed(),
            "a buffer is two arguments: import it, and call it `Mem<'_>` or `MemMut<'_>`"
        }
        $crate::__kfunc_rule! {
            $name, DESCRIPTION.is_short(),
            "a BPF program passes 5 arguments at most, and a buffer counts as 2: take fewer"
        }
        $crate::__kfunc_rule! {
            $name, DESCRIPTION.is_exclusive(),
            "a program may pass the same object twice: beside a `&mut` to one take no other of its \
kind"
        }
        $crate::__kfunc_rule! {
            $name, DESCRIPTION.is_for_owners(),
            "it takes an object of a table, which only programs of that table have to pass: name \
that table alone in `#[kfunc(...)]`"
        }

        // The kernel's linker script drops the section.
        #[used]
        #[link_section = ".discard.ferrops.kfuncs"]
        static TEXT: [u8; DESCRIPTION.text_len()] = DESCRIPTION.bytes();
    };
}

/// Does not compile unless a kfunc keeps a rule.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfunc_rule {
    ($name:ident, $rule:expr, $message:literal) => {
        const _: () = assert!(
            $rule,
            concat!("the kfunc `", stringify!($name), "`: ", $message)
        );
    };
}

// SPDX-License-Identifier: GPL-2.0-only

//! What a module says of its kfuncs, for `scripts/kfuncs` to read.

use super::Declared;
use crate::modinfo::equal;

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

/// A text that the compiler puts together: its length, and as many of its bytes as there is room
/// for.
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    /// Appends a field, and what ends it. What would end it before that becomes a blank.
    const fn push(&mut self, text: &str, end: u8) {
        let mut i = 0;
        while i <= text.len() {
            if self.len < N {
                self.bytes[self.len] = if i == text.len() {
                    end
                } else if text.as_bytes()[i] < b' ' {
                    b' '
                } else {
                    text.as_bytes()[i]
                };
            }
            self.len += 1;
            i += 1;
        }
    }

    /// Appends a line of two fields for each of `values`.
    const fn push_each(&mut self, key: &str, values: &[&str]) {
        let mut i = 0;
        while i < values.len() {
            self.push(key, b'\t');
            self.push(values[i], b'\n');
            i += 1;
        }
    }
}

impl Description {
    /// The description as lines of fields, cut off after `N` bytes.
    const fn text<const N: usize>(&self) -> Text<N> {
        let mut text = Text {
            bytes: [0; N],
            len: 0,
        };
        text.push_each("kfunc", &[self.name]);
        text.push_each("doc", self.docs);
        text.push_each("user", self.users);
        if let Some(members) = self.members {
            text.push_each("callback", &[""]);
            text.push_each("member", members);
        }
        text.push_each("flag", self.flags);
        if self.may_be_null {
            text.push_each("flag", &["KF_RET_NULL"]);
        }
        text.push("returns", b'\t');
        text.push(self.returns.0, b'\t');
        text.push(self.returns.1, b'\n');
        let mut i = 0;
        while i < self.arguments.len() {
            let (name, declared, _) = &self.arguments[i];
            text.push("argument", b'\t');
            text.push(name, b'\t');
            text.push(declared.suffix, b'\t');
            text.push(declared.c, b'\t');
            text.push(declared.rust, b'\n');
            i += 1;
        }
        text.push("place", b'\t');
        text.push(self.place.0, b'\t');
        text.push(decimal(&mut [0; 10], self.place.1), b'\n');
        text
    }

    /// How long the text is, in bytes.
    pub const fn text_len(&self) -> usize {
        self.text::<0>().len
    }

    /// The text.
    pub const fn bytes<const N: usize>(&self) -> [u8; N] {
        self.text::<N>().bytes
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
        let (mut sockets, mut exclusive, mut i) = (0, 0, 0);
        while i < self.arguments.len() {
            sockets += self.arguments[i].1.is_socket as usize;
            exclusive += self.arguments[i].1.is_exclusive as usize;
            i += 1;
        }
        exclusive == 0 || sockets == 1
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

/// A number in decimal digits.
const fn decimal(digits: &mut [u8; 10], mut value: u32) -> &str {
    let mut i = digits.len();
    loop {
        i -= 1;
        digits[i] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    match core::str::from_utf8(digits.split_at(i).1) {
        Ok(text) => text,
        Err(_) => "",
    }
}

/// `text.contains(byte)`, for constants.
pub(crate) const fn contains(text: &str, byte: u8) -> bool {
    let mut i = 0;
    while i < text.len() {
        if text.as_bytes()[i] == byte {
            return true;
        }
        i += 1;
    }
    false
}

/// Leaves a description where the build finds it, unless it breaks a rule that is not a type's.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfunc_description {
    ($name:ident, $description:expr) => {
        const DESCRIPTION: $crate::kfunc::Description = $description;
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
            "a program may pass the same socket twice: beside a `&mut Sock` take no other"
        }
        $crate::__kfunc_rule! {
            $name, DESCRIPTION.is_for_owners(),
            "only `#[kfunc(tcp_congestion_ops)]` has sockets and samples of its own to pass"
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

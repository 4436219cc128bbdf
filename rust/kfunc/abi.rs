// SPDX-License-Identifier: GPL-2.0-only

//! How arguments and results are passed between C or BPF and a kfunc: the rules, by type.

use ferrops_core::contains;

/// How an argument is declared.
pub struct Declared {
    /// Its type in C. A buffer has two, with a `|` between them.
    pub c: &'static str,
    /// Its type in Rust.
    pub rust: &'static str,
    /// What the verifier wants at the end of its name.
    pub suffix: &'static str,
    /// Whether no other argument may be the same object.
    pub is_exclusive: bool,
    /// The only table whose programs have such an object to pass, if it is not for all.
    pub table: Option<&'static str>,
    /// What other arguments of the same kind may be the same object as this one.
    pub kind: Option<&'static str>,
    /// The header that declares its type in C, if that is not in `linux/types.h`.
    pub header: Option<&'static str>,
}

impl Declared {
    /// A number, or a buffer.
    pub const fn scalar(c: &'static str, rust: &'static str) -> Self {
        Self {
            c,
            rust,
            suffix: "",
            is_exclusive: false,
            table: None,
            kind: None,
            header: None,
        }
    }

    /// Something that only programs of `table` have, `struct NAME`; `header` declares its type.
    pub const fn of_table(
        table: &'static str,
        header: &'static str,
        c: &'static str,
        rust: &'static str,
    ) -> Self {
        Self {
            table: Some(table),
            header: Some(header),
            ..Self::scalar(c, rust)
        }
    }

    /// How many arguments it is in C.
    pub(crate) const fn count(&self) -> usize {
        1 + contains(self.c, b'|') as usize
    }

    /// The same, or `NULL`.
    pub const fn nullable(self) -> Self {
        Self {
            suffix: "__nullable",
            ..self
        }
    }
}

/// What a kfunc may take.
///
/// | in Rust | in C | |
/// |---|---|---|
/// | `u8` ... `u64`, `i8` ... `i64`, `bool` | the same | any value: the verifier does not look |
/// | [`Mem<'_>`](super::Mem), `MemMut<'_>` | `(const) void *mem, u32 mem__sz` | bytes |
///
/// A table's crate adds references to the table's objects. Those are for the programs of that table
/// only: others may have a pointer of that type to something that is not such an object, or is not
/// theirs.
///
/// # Safety
///
/// `Abi` has to be passed as the type that `DECLARED` names, and to have its type id (kCFI).
/// `from_abi` has to make a valid value of whatever the verifier lets through for that.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a kfunc",
    label = "cannot cross to C and BPF",
    note = "a kfunc takes integers, `bool`, `Mem<'_>` and `MemMut<'_>`, references to the objects \
            of a table as its crate offers them, and an `Option` of such a shared reference"
)]
pub unsafe trait Argument: Sized {
    /// What C passes; the first of a buffer's two.
    type Abi;

    /// What the argument borrows from.
    type Stored;

    /// The argument, borrowed for `'h` and not for as long as somebody would like.
    type Borrowed<'h>
    where
        Self: 'h;

    /// How it is declared.
    const DECLARED: Declared;

    /// Takes it from C; `size` is of a buffer.
    ///
    /// # Safety
    ///
    /// They must be what a caller passes for this type.
    unsafe fn from_abi(c: Self::Abi, size: u32) -> Self::Stored;

    /// Hands it to the function.
    fn borrow<'h>(stored: &'h mut Self::Stored) -> Self::Borrowed<'h>
    where
        Self: 'h;

    /// Hands it to C, for a call.
    fn into_abi(self) -> (Self::Abi, u32);
}

/// What a kfunc may return: nothing, a number, or an `Option` of a reference to what it was given,
/// which has the flag `KF_RET_NULL`.
///
/// # Safety
///
/// `C` has to be returned as the type that `DECLARED` names, and to have its type id (kCFI).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a kfunc",
    label = "cannot cross to C and BPF",
    note = "a kfunc returns nothing, an integer, a `bool`, or an `Option` of a shared reference to \
            an object that it was given"
)]
pub unsafe trait Return: Sized {
    /// What C gets.
    type Abi;

    /// Its type in C and in Rust.
    const DECLARED: (&'static str, &'static str);

    /// Whether a program has to check it for `NULL`.
    const MAY_BE_NULL: bool;

    /// Hands it to C.
    fn into_abi(self) -> Self::Abi;

    /// Takes it from C, after a call.
    ///
    /// # Safety
    ///
    /// It must be what a kfunc with this result returned.
    unsafe fn from_abi(c: Self::Abi) -> Self;
}

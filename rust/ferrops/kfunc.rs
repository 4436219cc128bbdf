// SPDX-License-Identifier: GPL-2.0-only

//! Functions for others: C and Rust modules, and BPF programs.
//!
//! [`kfuncs!`](crate::kfuncs) makes safe functions part of a module's interface. Each becomes
//!
//! - a symbol that C can call, exported with `EXPORT_SYMBOL_GPL`;
//! - a kfunc: BPF programs of the kinds it names may call it. Its prototype is in the module's BTF;
//! - a declaration in `<module>_kfuncs.h`, for C, and one for
//!   [`import_kfuncs!`](crate::import_kfuncs), for Rust.
//!
//! The module registers them when it is loaded, if its `module_...!` macro is given the constant
//! that `kfuncs!` defines. There is no unregistering: they go with the module, which stays as long
//! as a program that calls them.
//!
//! # Examples
//!
//! ```ignore
//! ferrops::kfuncs! {
//!     KFUNCS;
//!
//!     /// Half of the window, in packets.
//!     #[kfunc(tcp_congestion_ops)]
//!     pub fn foo_half_window(sk: &mut Sock<'_>) -> u32 {
//!         sk.snd_cwnd().get() / 2
//!     }
//! }
//!
//! ferrops::module_kfuncs! {
//!     kfuncs: KFUNCS,
//!     name: "foo",
//!     authors: ["Me"],
//!     description: "Half of a window",
//!     license: "GPL",
//! }
//! ```
//!
//! # Who may call
//!
//! `#[kfunc(...)]` names the programs: a type (`struct_ops`, `syscall`, `tracing`, `sched_cls`,
//! `sched_act`, `xdp`, `cgroup`, `socket_filter`, `sk_skb`, `lwt`, `netfilter`, `kprobe`), or the
//! programs of a table, by the name of its struct (`tcp_congestion_ops`, `sched_ext_ops`,
//! `Qdisc_ops`). After a semicolon come flags as in
//! [`include/linux/btf.h`](srctree/include/linux/btf.h), such as `KF_SLEEPABLE`.
//!
//! # Types
//!
//! What an argument may be, and how it crosses, is what implements [`Argument`]; results implement
//! [`Return`].
//!
//! # The author's duty
//!
//! The verifier knows the types of arguments, and no more. A kfunc is called millions of times, in
//! any order, with any numbers, and with sockets whose state was written by somebody else. The
//! compiler and the build see to it that it takes what it says it takes, cannot panic, and takes
//! little stack; it has no statics to depend on unless its author gives it some. That it *means*
//! something for every argument, that its loops end soon, and that it is a function of its
//! arguments alone, is for the author to see to.

use core::{
    marker::PhantomData,
    mem::MaybeUninit, //
};
use kernel::{
    error::to_result,
    prelude::*,
    types::Opaque, //
};
use tcp_cc::{
    AckSample,
    CwndEvent,
    InfoSock,
    RateSample,
    Sock,
    State, //
};
use tcp_cc_backend::RawSock;

/// What a register of the processor holds.
pub type Register = u64;

/// The most arguments that a BPF program can pass.
const ARGUMENTS_MAX: usize = 5;

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
    /// Whether it is a socket.
    pub is_socket: bool,
    /// The only table whose programs have such a thing to pass, if it is not for all.
    pub table: Option<&'static str>,
}

impl Declared {
    const fn scalar(c: &'static str, rust: &'static str) -> Self {
        Self {
            c,
            rust,
            suffix: "",
            is_exclusive: false,
            is_socket: false,
            table: None,
        }
    }

    const fn of_tcp(c: &'static str, rust: &'static str) -> Self {
        Self {
            table: Some("tcp_congestion_ops"),
            ..Self::scalar(c, rust)
        }
    }

    /// How many registers it takes.
    const fn registers(&self) -> usize {
        1 + contains(self.c, b'|') as usize
    }

    const fn nullable(self) -> Self {
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
/// | `&mut Sock<'_>` | `struct sock *` | a full TCP socket that the caller owns |
/// | [`&TcpSock`](TcpSock) | `struct tcp_sock *` | one that is only read |
/// | `&AckSample<'_>` | `const struct ack_sample *` | |
/// | `&RateSample<'_>` | `const struct rate_sample *` | |
/// | `Option<&AckSample<'_>>` and so on | the same, `..__nullable` | may be `NULL` |
/// | [`Mem<'_>`](Mem), [`MemMut<'_>`](MemMut) | `(const) void *mem, u32 mem__sz` | bytes |
///
/// Sockets and samples are for the programs of `tcp_congestion_ops` only: others may have a pointer
/// of that type to something that is not a TCP socket, or is not theirs.
///
/// # Safety
///
/// `hold` has to make a valid value of whatever the verifier lets through for the type that
/// `DECLARED` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a kfunc",
    label = "cannot cross to C and BPF",
    note = "a kfunc takes integers, `bool`, `&mut Sock<'_>`, `&TcpSock`, `&AckSample<'_>`, \
            `&RateSample<'_>`, an `Option` of such a reference, `Mem<'_>` and `MemMut<'_>`"
)]
pub unsafe trait Argument<'h>: Sized {
    /// What the argument borrows from.
    type Held;

    /// How it is declared.
    const DECLARED: Declared;

    /// Takes it from registers: the second is of a buffer.
    ///
    /// # Safety
    ///
    /// They must hold what a caller passes for this type.
    unsafe fn hold(first: Register, second: Register) -> Self::Held;

    /// Hands it to the function.
    fn lend(held: &'h mut Self::Held) -> Self;

    /// Puts it into registers, for a call.
    fn registers(self) -> (Register, Register);
}

/// Generates arguments that are numbers.
macro_rules! scalars {
    ($($ty:ident $c:literal),*) => { $(
        // SAFETY: Any value is valid, and what is above the type's bits is dropped.
        unsafe impl Argument<'_> for $ty {
            type Held = Self;
            const DECLARED: Declared = Declared::scalar($c, stringify!($ty));

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self {
                first as Self
            }

            #[inline(always)]
            fn lend(held: &mut Self) -> Self {
                *held
            }

            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "for signed numbers it would not be one")]
            fn registers(self) -> (Register, Register) {
                (self as Register, 0)
            }
        }

        // SAFETY: The number, extended to the register as C would.
        unsafe impl Return for $ty {
            const DECLARED: (&'static str, &'static str) = ($c, stringify!($ty));
            const MAY_BE_NULL: bool = false;

            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "for signed numbers it would not be one")]
            fn into_register(self) -> Register {
                self as Register
            }
        }

        impl Received for $ty {
            #[inline(always)]
            unsafe fn from_register(register: Register) -> Self {
                register as Self
            }
        }
    )* };
}

scalars!(u8 "u8", u16 "u16", u32 "u32", u64 "u64", i8 "s8", i16 "s16", i32 "s32", i64 "s64");

// SAFETY: Of a byte, as C has it, any bit is true.
unsafe impl Argument<'_> for bool {
    type Held = Self;
    const DECLARED: Declared = Declared::scalar("bool", "bool");

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        first as u8 != 0
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        *held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.into(), 0)
    }
}

/// Generates arguments that are references to something of the kernel's.
macro_rules! objects {
    ($($name:ident: $declared:expr;)*) => { $(
        // SAFETY: The verifier lets trusted pointers to such an object through, and no other
        // programs but those that own one may call (`check`).
        unsafe impl<'h, 'a: 'h> Argument<'h> for &'h $name<'a> {
            type Held = $name<'a>;
            const DECLARED: Declared = $declared;

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self::Held {
                // SAFETY: By the contract of this function.
                unsafe { $name::from_raw(first as *mut _) }
            }

            #[inline(always)]
            fn lend(held: &'h mut Self::Held) -> Self {
                held
            }

            #[inline(always)]
            fn registers(self) -> (Register, Register) {
                (self.as_raw() as Register, 0)
            }
        }

        // SAFETY: As above, or NULL.
        unsafe impl<'h, 'a: 'h> Argument<'h> for Option<&'h $name<'a>> {
            type Held = Option<$name<'a>>;
            const DECLARED: Declared = Declared {
                rust: concat!("Option<&", stringify!($name), "<'_>>"),
                ..<&$name<'_> as Argument<'_>>::DECLARED.nullable()
            };

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self::Held {
                // SAFETY: By the contract of this function, since it is not NULL.
                (first != 0).then(|| unsafe { $name::from_raw(first as *mut _) })
            }

            #[inline(always)]
            fn lend(held: &'h mut Self::Held) -> Self {
                held.as_ref()
            }

            #[inline(always)]
            fn registers(self) -> (Register, Register) {
                (self.map_or(0, |object| object.as_raw() as Register), 0)
            }
        }
    )* };
}

objects! {
    AckSample: Declared::of_tcp("const struct ack_sample *", "&AckSample<'_>");
    RateSample: Declared::of_tcp("const struct rate_sample *", "&RateSample<'_>");
}

// SAFETY: As above; `check` sees to it that there is one reference to the socket only.
unsafe impl<'h, 'a: 'h> Argument<'h> for &'h mut Sock<'a> {
    type Held = Sock<'a>;
    const DECLARED: Declared = Declared {
        is_exclusive: true,
        is_socket: true,
        ..Declared::of_tcp("struct sock *", "&mut Sock<'_>")
    };

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self::Held {
        // SAFETY: By the contract of this function.
        unsafe { Sock::from_raw(first as *mut _) }
    }

    #[inline(always)]
    fn lend(held: &'h mut Self::Held) -> Self {
        held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.as_raw() as Register, 0)
    }
}

/// A full TCP socket that can be read.
///
/// Unlike [`Sock`], it can be returned, and there may be several.
#[repr(transparent)]
pub struct TcpSock(Opaque<RawSock>);

impl TcpSock {
    /// What there is to read.
    #[inline]
    pub fn info(&self) -> InfoSock<'_> {
        // SAFETY: A valid, full TCP socket, as long as there is a reference to it.
        unsafe { InfoSock::from_raw(self.0.get()) }
    }
}

impl<'h> From<&'h Sock<'_>> for &'h TcpSock {
    #[inline]
    fn from(sk: &'h Sock<'_>) -> Self {
        // SAFETY: A valid, full TCP socket, which nobody writes to while it is borrowed.
        unsafe { &*sk.as_raw().cast() }
    }
}

// SAFETY: The verifier lets trusted pointers through, and no other programs but those that have
// full TCP sockets may call (`check`).
unsafe impl<'h> Argument<'h> for &'h TcpSock {
    type Held = Self;
    const DECLARED: Declared = Declared {
        is_socket: true,
        ..Declared::of_tcp("struct tcp_sock *", "&TcpSock")
    };

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        // SAFETY: By the contract of this function.
        unsafe { &*(first as *const TcpSock) }
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.0.get() as Register, 0)
    }
}

// SAFETY: As above, or NULL.
unsafe impl<'h> Argument<'h> for Option<&'h TcpSock> {
    type Held = Self;
    const DECLARED: Declared = Declared {
        rust: "Option<&TcpSock>",
        ..<&TcpSock as Argument<'_>>::DECLARED.nullable()
    };

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        // SAFETY: By the contract of this function, unless it is NULL.
        unsafe { (first as *const TcpSock).as_ref() }
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        *held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.map_or(0, |sk| sk.0.get() as Register), 0)
    }
}

/// Generates the types of buffers.
macro_rules! buffers {
    ($($(#[$doc:meta])* $name:ident($pointer:ty, $bytes:ty, $as_ptr:ident): $c:literal;)*) => { $(
        $(#[$doc])*
        ///
        /// Another processor may be writing to the bytes meanwhile, and another argument may be the
        /// same memory: so they can be copied, and never referred to.
        ///
        /// # Invariants
        ///
        /// For `'a`, the `len` bytes at `start` may be accessed.
        pub struct $name<'a> {
            start: $pointer,
            len: usize,
            _borrow: PhantomData<$bytes>,
        }

        impl<'a> $name<'a> {
            /// Bytes of our own, to be passed to a kfunc.
            #[inline]
            pub fn new(bytes: $bytes) -> Self {
                let len = bytes.len();
                // INVARIANT: They are borrowed for `'a`.
                Self {
                    start: bytes.$as_ptr(),
                    len,
                    _borrow: PhantomData,
                }
            }

            /// How many bytes there are.
            #[inline]
            pub fn len(&self) -> usize {
                self.len
            }

            /// Whether there are none.
            #[inline]
            pub fn is_empty(&self) -> bool {
                self.len == 0
            }

            /// Copies out as many bytes as both have, from the beginning, and says how many.
            #[inline]
            pub fn copy_to(&self, to: &mut [u8]) -> usize {
                let len = self.len.min(to.len());
                for (index, byte) in to.iter_mut().enumerate().take(len) {
                    // SAFETY: By the type invariants. The volatile read is C's READ_ONCE().
                    *byte = unsafe { self.start.add(index).read_volatile() };
                }
                len
            }

            /// The first `N` bytes; `None` if there are fewer.
            #[inline]
            pub fn read<const N: usize>(&self) -> Option<[u8; N]> {
                let mut bytes = [0; N];
                (self.copy_to(&mut bytes) == N).then_some(bytes)
            }
        }

        // SAFETY: The verifier has checked that the program may access so many bytes.
        unsafe impl Argument<'_> for $name<'_> {
            type Held = Self;
            const DECLARED: Declared =
                Declared::scalar(concat!($c, "|u32"), concat!(stringify!($name), "<'_>"));

            #[inline(always)]
            unsafe fn hold(first: Register, second: Register) -> Self {
                // INVARIANT: By the contract of this function.
                Self {
                    start: first as $pointer,
                    len: second as u32 as usize,
                    _borrow: PhantomData,
                }
            }

            #[inline(always)]
            fn lend(held: &mut Self) -> Self {
                Self { ..*held }
            }

            #[inline(always)]
            fn registers(self) -> (Register, Register) {
                (self.start as Register, self.len as Register)
            }
        }
    )* };
}

buffers! {
    /// Bytes of the caller's, to be read.
    Mem(*const u8, &'a [u8], as_ptr): "const void *";
    /// Bytes of the caller's, to be read and written.
    MemMut(*mut u8, &'a mut [u8], as_mut_ptr): "void *";
}

impl MemMut<'_> {
    /// Copies in as many bytes as both have, from the beginning, and says how many.
    #[inline]
    pub fn copy_from(&self, from: &[u8]) -> usize {
        let len = self.len.min(from.len());
        for (index, byte) in from.iter().enumerate().take(len) {
            // SAFETY: By the type invariants. The volatile write is C's WRITE_ONCE().
            unsafe { self.start.add(index).write_volatile(*byte) };
        }
        len
    }
}

impl MemMut<'_> {
    /// Has `f` work on a copy of the bytes as a `T`, and copies it back; `None` if there are fewer
    /// bytes than a `T` has.
    #[inline]
    pub fn update<T: State, R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut value = MaybeUninit::<T>::uninit();
        let bytes: *mut MaybeUninit<u8> = value.as_mut_ptr().cast();
        let mem: *mut MaybeUninit<u8> = self.start.cast();
        if self.len < size_of::<T>() {
            return None;
        }
        for i in 0..size_of::<T>() {
            // SAFETY: Inside both.
            unsafe { bytes.add(i).write(mem.add(i).read_volatile()) };
        }
        // SAFETY: As many bytes as it has were written, and any are a valid state.
        let result = f(unsafe { value.assume_init_mut() });
        for i in 0..size_of::<T>() {
            // SAFETY: Inside both.
            unsafe { mem.add(i).write_volatile(bytes.add(i).read()) };
        }
        Some(result)
    }
}

/// What a kfunc may return: nothing, a number, or an `Option` of a reference to what it was given,
/// which has the flag `KF_RET_NULL`.
///
/// # Safety
///
/// `into_register` has to make what callers take for the type that `DECLARED` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a kfunc",
    label = "cannot cross to C and BPF",
    note = "a kfunc returns nothing, an integer, a `bool`, or an `Option<&TcpSock>`"
)]
pub unsafe trait Return: Sized {
    /// Its type in C and in Rust.
    const DECLARED: (&'static str, &'static str);

    /// Whether a program has to check it for `NULL`.
    const MAY_BE_NULL: bool;

    /// For the caller.
    fn into_register(self) -> Register;
}

// SAFETY: 0 or 1.
unsafe impl Return for bool {
    const DECLARED: (&'static str, &'static str) = ("bool", "bool");
    const MAY_BE_NULL: bool = false;

    #[inline(always)]
    fn into_register(self) -> Register {
        self.into()
    }
}

// SAFETY: NULL, or the address of a socket that the caller has.
unsafe impl Return for Option<&TcpSock> {
    const DECLARED: (&'static str, &'static str) = ("struct tcp_sock *", "Option<&TcpSock>");
    const MAY_BE_NULL: bool = true;

    #[inline(always)]
    fn into_register(self) -> Register {
        self.map_or(0, |sk| sk.0.get() as Register)
    }
}

/// What a call of somebody else's kfunc gives.
pub trait Received: Sized {
    /// Takes it.
    ///
    /// # Safety
    ///
    /// The register must hold what a kfunc with this result returned.
    unsafe fn from_register(register: Register) -> Self;
}

impl Received for bool {
    #[inline(always)]
    unsafe fn from_register(register: Register) -> Self {
        register as u8 != 0
    }
}

impl Received for Option<&TcpSock> {
    #[inline(always)]
    unsafe fn from_register(register: Register) -> Self {
        // SAFETY: NULL, or the socket that the caller lent to the kfunc.
        unsafe { (register as *const TcpSock).as_ref() }
    }
}

/// A module's kfuncs: what `kfuncs!` defines, and what the module's macro wants.
pub struct Kfuncs(());

impl Kfuncs {
    /// They are there.
    ///
    /// # Safety
    ///
    /// The object that this is compiled into must describe kfuncs: [`kfuncs!`] sees to that.
    #[doc(hidden)]
    pub const unsafe fn new() -> Self {
        Self(())
    }

    /// Registers all kfuncs of this module; says in the log why it cannot be done.
    ///
    /// A kernel without BPF, or a module without BTF, is not an error: then they are exports only,
    /// and the log says so.
    ///
    /// # Safety
    ///
    /// To be called once, by the module's init: the memory of what does it goes after that.
    #[doc(hidden)]
    pub unsafe fn register(&self) -> Result {
        extern "C" {
            /// Written by `scripts/kfuncs`.
            fn ferrops_register_kfuncs() -> kernel::ffi::c_int;
        }
        // SAFETY: By the contract of this function, and there are kfuncs, since there is `self`.
        to_result(unsafe { ferrops_register_kfuncs() })
    }
}

/// One kfunc, as it is described to `scripts/kfuncs`.
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// Its documentation.
    pub docs: &'static [&'static str],
    /// Who may call it.
    pub users: &'static [&'static str],
    /// `KF_*`
    pub flags: &'static [&'static str],
    /// Its result in C and in Rust.
    pub returns: (&'static str, &'static str),
    /// Whether the result may be `NULL`.
    pub may_be_null: bool,
    /// The names and types of its arguments, and how many registers the function takes for each.
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

    /// How many registers its callers fill.
    const fn registers(&self) -> usize {
        let (mut registers, mut i) = (0, 0);
        while i < self.arguments.len() {
            registers += self.arguments[i].1.registers();
            i += 1;
        }
        registers
    }

    /// Whether it does not take more than a program can pass.
    pub const fn is_short(&self) -> bool {
        self.registers() <= ARGUMENTS_MAX
    }

    /// Whether the function takes the registers that its callers fill: `kfuncs!` knows buffers by
    /// their names.
    pub const fn takes_its_registers(&self) -> bool {
        let mut i = 0;
        while i < self.arguments.len() {
            if self.arguments[i].1.registers() != self.arguments[i].2 {
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
                    if !equal(self.users[j], table) {
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
const fn contains(text: &str, byte: u8) -> bool {
    let mut i = 0;
    while i < text.len() {
        if text.as_bytes()[i] == byte {
            return true;
        }
        i += 1;
    }
    false
}

/// `a == b`, for constants.
pub(crate) const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
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

/// Makes functions kfuncs: see [this module](crate::kfunc).
#[macro_export]
macro_rules! kfuncs {
    (
        $visibility:vis $kfuncs:ident;
        $(
            $(#[doc = $doc:expr])*
            #[kfunc($($user:ident),+ $(,)? $(; $($flag:ident)|+)?)]
            $vis:vis fn $name:ident($($args:tt)*) $(-> $ret:ty)? $body:block
        )+
    ) => {
        $(
            $(#[doc = $doc])*
            #[forbid(unsafe_code)]
            $vis fn $name($($args)*) $(-> $ret)? $body

            $crate::__kfunc! {
                {
                    $name,
                    [$($doc),*], [$($user),+], [$($($flag),+)?], [$($ret)?]
                }
                [] [] $($args)*
            }
        )+
        $crate::__kfuncs_constant! { $visibility $kfuncs }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "these are not kfuncs: first a name for all of them, `KFUNCS;`, then safe functions \
             without type parameters, each with a doc comment and then `#[kfunc(who may call)]` as \
             its only other attribute, such as \
             `#[kfunc(tcp_congestion_ops)] pub fn foo_bar(sk: &mut Sock<'_>) -> u32 { ... }`"
        );
    };
}

/// Defines the constant that stands for a module's kfuncs.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfuncs_constant {
    ($visibility:vis $kfuncs:ident) => {
        /// The kfuncs.
        #[allow(dead_code, reason = "of several one is named; the build finds if none is")]
        // SAFETY: There is a description beside this.
        $visibility const $kfuncs: $crate::kfunc::Kfuncs = unsafe { $crate::kfunc::Kfuncs::new() };
    };
}

/// One kfunc: goes through its arguments, for a buffer has two registers; then writes its entry
/// and its description.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfunc {
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: Mem<'_> $(, $($rest:tt)*)?) => {
        $crate::__kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register, size: $crate::kfunc::Register,]
            [$($done)* { $arg, $crate::kfunc::Mem<'_>, size, 2 }]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: MemMut<'_> $(, $($rest:tt)*)?) => {
        $crate::__kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register, size: $crate::kfunc::Register,]
            [$($done)* { $arg, $crate::kfunc::MemMut<'_>, size, 2 }]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: $ty:ty $(, $($rest:tt)*)?) => {
        $crate::__kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register,]
            [$($done)* { $arg, $ty, 0, 1 }]
            $($($rest)*)?
        }
    };
    (
        {
            $name:ident,
            [$($doc:expr),*], [$($user:ident),+], [$($flag:ident),*], [$($ret:ty)?]
        }
        [$($params:tt)*] [$({ $arg:ident, $ty:ty, $second:expr, $taken:literal })*]
    ) => {
        const _: () = {
            use $crate::kfunc::{
                Argument,
                Return, //
            };

            /// What C and BPF call.
            ///
            /// # Safety
            ///
            /// The registers must hold arguments of the types that the kfunc is declared with.
            #[export_name = stringify!($name)]
            unsafe extern "C" fn entry($($params)*) $(-> $crate::__register!($ret))? {
                $(
                    // SAFETY: By this function's contract.
                    let mut $arg = unsafe { <$ty as Argument<'_>>::hold($arg, $second) };
                )*
                $crate::__into_register!(
                    $name($(<$ty as Argument<'_>>::lend(&mut $arg)),*) $(, $ret)?
                )
            }

            $crate::__kfunc_description! {
                $name, $crate::kfunc::Description {
                    name: stringify!($name),
                    docs: &[$($doc),*],
                    users: &[$(stringify!($user)),+],
                    flags: &[$(stringify!($flag)),*],
                    returns: $crate::__returns!($($ret)?),
                    may_be_null: false $(|| <$ret as Return>::MAY_BE_NULL)?,
                    arguments: &[
                        $((stringify!($arg), <$ty as Argument<'_>>::DECLARED, $taken)),*
                    ],
                    place: (file!(), line!()),
                }
            }
        };
    };
    ({ $name:ident, $($rest:tt)* } $($other:tt)*) => {
        ::core::compile_error!(concat!(
            "the arguments of the kfunc `", stringify!($name), "` have names that callers see: \
             write each as `name: Type`, without `mut`, `_` or a pattern"
        ));
    };
}

/// Leaves a description where the build finds it, unless it breaks a rule that is not a type's.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfunc_description {
    ($name:ident, $description:expr) => {
        const DESCRIPTION: $crate::kfunc::Description = $description;
        $crate::__kfunc_rule! {
            $name, DESCRIPTION.takes_its_registers(),
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
        #[used(compiler)]
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

/// The register that holds a result of some type.
#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    ($ret:ty) => {
        $crate::kfunc::Register
    };
}

/// The register that holds a result, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __into_register {
    ($call:expr) => {
        $call
    };
    ($call:expr, $ret:ty) => {
        <$ret as $crate::kfunc::Return>::into_register($call)
    };
}

/// How a result is declared.
#[doc(hidden)]
#[macro_export]
macro_rules! __returns {
    () => {
        ("void", "()")
    };
    ($ret:ty) => {
        <$ret as $crate::kfunc::Return>::DECLARED
    };
}

/// Makes the callbacks of an algorithm kfuncs, for BPF tables that are built of them.
///
/// A line for each: the name of the kfunc, and the member of the table. They can be called for any
/// socket of a BPF algorithm, whatever its private state holds: a state is valid with any bytes.
///
/// # Examples
///
/// ```ignore
/// ferrops::callback_kfuncs! {
///     KFUNCS: myreno::MyReno;
///
///     myreno_ssthresh = ssthresh;
///     myreno_cong_avoid = cong_avoid;
/// }
/// ```
#[macro_export]
macro_rules! callback_kfuncs {
    (
        $visibility:vis $kfuncs:ident: $algorithm:ty;
        $($name:ident = $callback:ident;)+
    ) => {
        $($crate::__callback_kfunc! { $algorithm, $name, $callback })+
        $crate::__kfuncs_constant! { $visibility $kfuncs }
    };
}

/// The entry and the description of a callback.
#[doc(hidden)]
#[macro_export]
macro_rules! __callback_kfunc {
    ($algorithm:ty, $name:ident, init) => {
        $crate::__callback_kfunc! { $algorithm, $name, init() }
    };
    ($algorithm:ty, $name:ident, release) => {
        $crate::__callback_kfunc! { $algorithm, $name, release() }
    };
    ($algorithm:ty, $name:ident, ssthresh) => {
        $crate::__callback_kfunc! { $algorithm, $name, ssthresh() -> u32 }
    };
    ($algorithm:ty, $name:ident, undo_cwnd) => {
        $crate::__callback_kfunc! { $algorithm, $name, undo_cwnd() -> u32 }
    };
    ($algorithm:ty, $name:ident, cong_avoid) => {
        $crate::__callback_kfunc! { $algorithm, $name, cong_avoid(ack: u32, acked: u32) }
    };
    ($algorithm:ty, $name:ident, cong_control) => {
        $crate::__callback_kfunc! {
            $algorithm, $name, cong_control(ack: u32, flag: i32, rs: &RateSample<'_>)
        }
    };
    ($algorithm:ty, $name:ident, set_state) => {
        $crate::__callback_kfunc! { $algorithm, $name, set_state(new_state: u8) }
    };
    ($algorithm:ty, $name:ident, cwnd_event) => {
        $crate::__callback_kfunc! { $algorithm, $name, cwnd_event(event: CwndEvent) }
    };
    ($algorithm:ty, $name:ident, cwnd_event_tx_start) => {
        $crate::__callback_kfunc! { $algorithm, $name, cwnd_event_tx_start() }
    };
    ($algorithm:ty, $name:ident, in_ack_event) => {
        $crate::__callback_kfunc! { $algorithm, $name, in_ack_event(flags: u32) }
    };
    ($algorithm:ty, $name:ident, pkts_acked) => {
        $crate::__callback_kfunc! { $algorithm, $name, pkts_acked(sample: &AckSample<'_>) }
    };
    ($algorithm:ty, $name:ident, min_tso_segs) => {
        $crate::__callback_kfunc! { $algorithm, $name, min_tso_segs() -> u32 }
    };
    ($algorithm:ty, $name:ident, sndbuf_expand) => {
        $crate::__callback_kfunc! { $algorithm, $name, sndbuf_expand() -> u32 }
    };
    (
        $algorithm:ty, $name:ident,
        $callback:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?
    ) => {
        $crate::__callback_symbol! { $algorithm, $name, $callback }

        const _: () = {
            #[allow(unused_imports)]
            use $crate::{
                kfunc::{
                    Argument,
                    Return, //
                },
                __private::tcp_cc::{
                    callbacks,
                    AckSample,
                    CwndEvent,
                    RateSample,
                    Sock, //
                },
            };

            $crate::__kfunc_rule! {
                $name, callbacks::table::<$algorithm>().$callback.is_some(),
                "the algorithm has no such callback: take the line out"
            }

            $crate::__kfunc_description! {
                $name, $crate::kfunc::Description {
                    name: stringify!($name),
                    docs: &[concat!(" The callback `", stringify!($callback), "`.")],
                    users: &["tcp_congestion_ops"],
                    flags: &[],
                    returns: $crate::__returns!($($ret)?),
                    may_be_null: false,
                    arguments: &[
                        ("sk", <&mut Sock<'_> as Argument<'_>>::DECLARED, 1)
                        $(, (stringify!($arg), <$ty as Argument<'_>>::DECLARED, 1))*
                    ],
                    place: (file!(), line!()),
                }
            }
        };
    };
    ($algorithm:ty, $name:ident, $($other:tt)*) => {
        ::core::compile_error!(
            "this is no member of a table that a program has, such as `ssthresh`, `cong_avoid`, \
             `pkts_acked`"
        );
    };
}

/// The symbol of a callback: another name for the member of the table. But for two, whatever a
/// program passes is something that the kernel may pass. The number of a state is narrower than the
/// part of the register that the member looks at; and no ACK acknowledges more than a window.
#[doc(hidden)]
#[macro_export]
macro_rules! __callback_symbol {
    ($algorithm:ty, $name:ident, set_state) => {
        const _: () = {
            /// What C and BPF call.
            ///
            /// # Safety
            ///
            /// As for the table's member.
            #[export_name = stringify!($name)]
            unsafe extern "C" fn entry(
                sk: *mut $crate::__private::RawSock,
                new_state: $crate::kfunc::Register,
            ) {
                use $crate::__private::tcp_cc::callbacks;
                // SAFETY: The programs of a table call this with a socket of theirs.
                unsafe { callbacks::set_state::<$algorithm>(sk, new_state as u8) }
            }
        };
    };
    ($algorithm:ty, $name:ident, cong_avoid) => {
        // The member by a name of which the compiler knows nothing: or it would be compiled twice.
        ::core::arch::global_asm!(
            concat!(".set __callback_", stringify!($name), ", {}"),
            sym $crate::__private::tcp_cc::callbacks::cong_avoid::<$algorithm>,
        );
        const _: () = {
            use $crate::__private::{
                tcp_cc::Acked,
                RawSock, //
            };

            extern "C" {
                #[link_name = concat!("__callback_", stringify!($name))]
                fn callback(sk: *mut RawSock, ack: u32, acked: u32);
            }

            /// What C and BPF call.
            ///
            /// # Safety
            ///
            /// As for the table's member.
            #[export_name = stringify!($name)]
            unsafe extern "C" fn entry(sk: *mut RawSock, ack: u32, acked: u32) {
                if acked <= Acked::MAX {
                    // SAFETY: The programs of a table call this with a socket of theirs.
                    unsafe { callback(sk, ack, acked) }
                }
            }
        };
    };
    ($algorithm:ty, $name:ident, $callback:ident) => {
        ::core::arch::global_asm!(
            concat!(".globl ", stringify!($name)),
            concat!(".type ", stringify!($name), ", %function"),
            concat!(".set ", stringify!($name), ", {}"),
            sym $crate::__private::tcp_cc::callbacks::$callback::<$algorithm>,
        );
    };
}

// SAFETY: Any number is valid.
unsafe impl Argument<'_> for CwndEvent {
    type Held = Self;
    const DECLARED: Declared = Declared::of_tcp("enum tcp_ca_event", "CwndEvent");

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        Self::from_raw(first as u32)
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        *held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.as_raw().into(), 0)
    }
}

/// Takes in the kfuncs of another module of this build, as safe functions of their names. To be
/// written in a `mod` of its own.
///
/// What they take and return is read off that module when it is built, so it is what the module
/// means. The kernel loads that module first (`modprobe`), and keeps it.
///
/// # Examples
///
/// ```ignore
/// mod parts {
///     ferrops::import_kfuncs!(tcp_rparts);
/// }
///
/// let root = parts::rparts_cubic_root(27);
/// ```
#[macro_export]
macro_rules! import_kfuncs {
    ($module:ident) => {
        include!(concat!(
            env!("FERROPS_KFUNCS"),
            "/",
            stringify!($module),
            "_kfuncs.rs"
        ));
    };
}

/// The declarations of another module's kfuncs: what `scripts/kfuncs` writes.
#[doc(hidden)]
#[macro_export]
macro_rules! __imported_kfuncs {
    ($(
        $(#[doc = $doc:expr])*
        fn $name:ident($($args:tt)*) $(-> $ret:ty)?;
    )*) => {
        #[allow(unused_imports)]
        use $crate::{
            kfunc::{
                Argument,
                Mem,
                MemMut,
                Received,
                TcpSock, //
            },
            __private::tcp_cc::{
                AckSample,
                CwndEvent,
                RateSample,
                Sock, //
            },
        };

        $($crate::__imported_kfunc! {
            { $name, [$($doc),*], [$($ret)?], [$($args)*] } [] [] $($args)*
        })*
    };
}

/// One of them: goes through its arguments, for a buffer has two registers.
#[doc(hidden)]
#[macro_export]
macro_rules! __imported_kfunc {
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: Mem<'_> $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register, size: $crate::kfunc::Register,]
            [$($done)* ($arg.0, $arg.1,) $arg]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: MemMut<'_> $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register, size: $crate::kfunc::Register,]
            [$($done)* ($arg.0, $arg.1,) $arg]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: $ty:ty $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register,]
            [$($done)* ($arg.0,) $arg]
            $($($rest)*)?
        }
    };
    (
        { $name:ident, [$($doc:expr),*], [$($ret:ty)?], [$($args:tt)*] }
        [$($params:tt)*] [$(($($register:tt)*) $arg:ident)*]
    ) => {
        $(#[doc = $doc])*
        #[inline]
        pub fn $name($($args)*) $(-> $ret)? {
            extern "C" {
                fn $name($($params)*) $(-> $crate::__register!($ret))?;
            }
            $(let $arg = $arg.registers();)*
            // SAFETY: The module that has it was built with this declaration.
            unsafe { $crate::__from_register!($name($($($register)*)*) $(, $ret)?) }
        }
    };
}

/// A result from the register that holds it, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __from_register {
    ($call:expr) => {
        $call
    };
    ($call:expr, $ret:ty) => {
        <$ret as Received>::from_register($call)
    };
}

/// Declares a module whose only purpose are its kfuncs.
#[macro_export]
macro_rules! module_kfuncs {
    (kfuncs: $kfuncs:expr, name: $name:literal, authors: $authors:tt,
     description: $description:literal, license: "GPL" $(,)?) => {
        $crate::__private::kernel::prelude::module! {
            type: Module,
            name: $name,
            authors: $authors,
            description: $description,
            license: "GPL",
        }

        /// The module: its kfuncs are there while it is loaded.
        struct Module;

        impl $crate::__private::kernel::Module for Module {
            fn init(
                _: &'static $crate::__private::kernel::ThisModule,
            ) -> $crate::__private::kernel::error::Result<Self> {
                // SAFETY: This is the module's init.
                unsafe { $kfuncs.register() }?;
                Ok(Self)
            }
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "this is not how a module of kfuncs is declared: `kfuncs: KFUNCS, name: \"...\", \
             authors: [\"...\"], description: \"...\", license: \"GPL\"`, in this order"
        );
    };
}

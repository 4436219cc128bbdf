// SPDX-License-Identifier: GPL-2.0-only

//! Texts that the compiler puts together, for others to read out of an object.

/// A text in `N` bytes, and how long it would be if there was room for all of it.
///
/// So a text is put together twice: with an `N` of 0 to learn its length, and then with that.
///
/// # Examples
///
/// ```
/// use ferrops_core::ConstText;
///
/// const fn line<const N: usize>() -> ConstText<N> {
///     ConstText::new().push(b"limit ").push_number(-20).push(b"\n")
/// }
///
/// const LINE: [u8; line::<0>().len()] = line().into_bytes();
/// assert_eq!(&LINE, b"limit -20\n");
/// ```
pub struct ConstText<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> ConstText<N> {
    /// Creates an empty text.
    #[expect(
        clippy::new_without_default,
        reason = "it is made by the compiler only"
    )]
    pub const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    /// Appends a byte.
    const fn push_byte(mut self, byte: u8) -> Self {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
        self
    }

    /// Appends bytes.
    pub const fn push(mut self, bytes: &[u8]) -> Self {
        let mut i = 0;
        while i < bytes.len() {
            self = self.push_byte(bytes[i]);
            i += 1;
        }
        self
    }

    /// Appends a text as one field of a line: control characters, which may separate fields and
    /// lines, become blanks.
    pub const fn push_field(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            self = self.push_byte(if bytes[i] < b' ' { b' ' } else { bytes[i] });
            i += 1;
        }
        self
    }

    /// Appends a number in decimal digits.
    pub const fn push_number(mut self, value: i64) -> Self {
        if value < 0 {
            self = self.push_byte(b'-');
        }
        let value = value.unsigned_abs();
        let mut unit = 1;
        while value / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self = self.push_byte(b'0' + (value / unit % 10) as u8);
            unit /= 10;
        }
        self
    }

    /// Returns how long the text is, in bytes, whether there was room for it or not.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks for that")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns the text, cut off after `N` bytes.
    pub const fn into_bytes(self) -> [u8; N] {
        self.bytes
    }
}

/// Returns whether `a == b`, for constants.
pub const fn equal(a: &[u8], b: &[u8]) -> bool {
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

/// Returns whether `text` has the byte `byte`, for constants.
pub const fn contains(text: &str, byte: u8) -> bool {
    let mut i = 0;
    while i < text.len() {
        if text.as_bytes()[i] == byte {
            return true;
        }
        i += 1;
    }
    false
}

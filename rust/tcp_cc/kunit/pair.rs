// SPDX-License-Identifier: GPL-2.0-only

//! An algorithm beside its reference.

use super::{
    in_one_tick,
    FakeSock,
    Fields,
    Table, //
};
use kernel::prelude::*;
use tcp_cc::{
    CongestionControl,
    CA_PRIV_SIZE, //
};

/// Two sockets to which the same happens, one with an algorithm and one with its reference.
pub struct Pair<'t, A: CongestionControl> {
    sock: FakeSock<'t, A>,
    reference: FakeSock<'t, A>,
    /// As both were before a step.
    before: FakeSock<'t, A>,
}

impl<'t, A: CongestionControl> Pair<'t, A> {
    /// Two equal sockets.
    #[inline]
    pub fn new(table: &'t Table, reference: &'t Table) -> Result<Self> {
        Ok(Self {
            sock: FakeSock::new(table)?,
            reference: FakeSock::new(reference)?,
            before: FakeSock::new(table)?,
        })
    }

    /// Changes the first socket, and makes the second equal to it.
    #[inline]
    pub fn set(&mut self, change: impl FnOnce(&mut FakeSock<'t, A>)) {
        change(&mut self.sock);
        self.reference.copy_from(&mut self.sock);
    }

    /// Does `step` to both, in the same tick of the clock. Says whether it gave the same and left
    /// the same behind.
    #[inline]
    pub fn agree<R: PartialEq>(&mut self, mut step: impl FnMut(&mut FakeSock<'t, A>) -> R) -> bool {
        self.before.copy_from(&mut self.sock);
        let (ops, reference_ops) = (self.sock.ops(), self.reference.ops());
        let (result, reference_result) = in_one_tick(|_| {
            self.sock.set_ops(ops);
            self.reference.set_ops(reference_ops);
            self.sock.copy_from(&mut self.before);
            self.reference.copy_from(&mut self.before);
            (step(&mut self.sock), step(&mut self.reference))
        });
        result == reference_result
            && self.sock.fields() == self.reference.fields()
            && self.sock.state_bytes() == self.reference.state_bytes()
    }

    /// The fields as they were before the last step, and now on either socket.
    #[inline]
    pub fn fields(&self) -> [Fields; 3] {
        [
            self.before.fields(),
            self.sock.fields(),
            self.reference.fields(),
        ]
    }

    /// The bytes of the state as they were before the last step, and now on either socket.
    #[inline]
    pub fn state_bytes(&mut self) -> [[u8; CA_PRIV_SIZE]; 3] {
        [
            self.before.state_bytes(),
            self.sock.state_bytes(),
            self.reference.state_bytes(),
        ]
    }
}

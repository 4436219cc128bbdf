// SPDX-License-Identifier: GPL-2.0-only

//! Tests that [`Rreno`] decides as the kernel's Reno does.

use crate::rreno::Rreno;
use kernel::prelude::*;
use tcp_cc::CA_PRIV_SIZE;
use tcp_cc_kunit::{
    all,
    explain,
    FakeSock,
    Fields,
    Pair,
    Random,
    Table, //
};

#[kunit_tests(rreno)]
mod tests {
    use super::*;

    #[test]
    fn as_the_reference() -> Result {
        let (rreno, reno) = (Table::of::<Rreno>(), Table::reno());
        let mut pair = Pair::<Rreno>::new(&rreno, &reno)?;
        let mut random = Random::new(1);
        let holds = all(20_000, |i| {
            // A few ACKs in a row on each socket.
            if i % 8 == 0 {
                pair.set(|sk| {
                    sk.set_fields(random.fields());
                    sk.set_state_bytes(&random.state_bytes());
                });
            }
            let (ack, acked) = (random.any(), random.sized(24));
            pair.agree(|sk| sk.cong_avoid(ack, acked))
                && pair.agree(|sk| sk.ssthresh())
                && pair.agree(|sk| sk.undo_cwnd())
                || explain(&(acked, pair.fields()))
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn by_hand() -> Result {
        let table = Table::of::<Rreno>();
        let mut sk = FakeSock::<Rreno>::new(&table)?;
        let start = Fields {
            snd_cwnd: 10,
            snd_ssthresh: 40,
            snd_cwnd_clamp: u32::MAX,
            prior_cwnd: 64,
            is_cwnd_limited: true,
            ..Fields::default()
        };
        let window = |sk: &FakeSock<'_, Rreno>| (sk.fields().snd_cwnd, sk.fields().snd_cwnd_cnt);
        sk.set_fields(start);

        // Slow start: twice the window in a round trip, up to the threshold.
        sk.cong_avoid(0, 10);
        assert_eq!(window(&sk), (20, 0));
        sk.cong_avoid(0, 20);
        assert_eq!(window(&sk), (40, 0));

        // Then one packet in a round trip.
        sk.cong_avoid(0, 39);
        assert_eq!(window(&sk), (40, 39));
        sk.cong_avoid(0, 1);
        assert_eq!(window(&sk), (41, 0));

        assert_eq!(sk.ssthresh(), 20);
        assert_eq!(sk.undo_cwnd(), 64);

        // The application, and not the window, is what limits sending.
        sk.set_fields(Fields {
            is_cwnd_limited: false,
            max_packets_out: 5,
            ..start
        });
        sk.cong_avoid(0, 10);
        assert_eq!(window(&sk), (10, 0));
        Ok(())
    }

    /// Reno has no state: bytes in its place neither matter nor change.
    #[test]
    fn any_state() -> Result {
        let table = Table::of::<Rreno>();
        let mut sk = FakeSock::<Rreno>::new(&table)?;
        let mut random = Random::new(2);
        let holds = all(3_000, |i| {
            let bytes = match i % 3 {
                0 => [0; CA_PRIV_SIZE],
                1 => [0xff; CA_PRIV_SIZE],
                _ => random.state_bytes(),
            };
            let fields = random.fields();
            sk.set_fields(fields);
            sk.set_state_bytes(&bytes);

            sk.init();
            sk.set_state(random.any() as u8);
            sk.cwnd_event(random.any());
            sk.cwnd_event_tx_start();
            sk.in_ack_event(random.any());
            sk.packets_acked(random.any(), random.any() as i32, 0);
            sk.cong_avoid(random.any(), random.sized(28));
            let (ssthresh, undo_cwnd) = (sk.ssthresh(), sk.undo_cwnd());
            sk.release();

            let positive = 1..=i32::MAX as u32;
            (sk.state_bytes() == bytes
                && positive.contains(&sk.fields().snd_cwnd)
                && positive.contains(&undo_cwnd)
                && (2..=i32::MAX as u32).contains(&ssthresh))
                || explain(&(fields, sk.fields(), ssthresh, undo_cwnd))
        });
        assert!(holds);
        Ok(())
    }
}

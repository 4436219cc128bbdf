// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites of what a module shows of its algorithms: their registration and their parameters.
//!
//! What is registered is dropped before anything is asserted.

use ferrops::Registration;
use kernel::{
    bindings::{
        __sighandler_t,
        kernel_sigaction,
        send_sig,
        SIGKILL, //
    },
    module::this_module,
    prelude::*,
    types::Opaque, //
};
use tcp_cc::{
    callbacks::{
        table,
        TcpCongestionOps, //
    },
    prelude::*, //
};
use tcp_cc_kunit::{
    bindings as c,
    kernel_params,
    param_ops,
    references,
    registered,
    Family,
    KernelParam,
    ModuleParameter,
    ParamOps,
    RealSock, //
};

tcp_cc_kunit::kunit_module! {
    name: "registration_kunit",
    description: "KUnit suites of ferrops: registration and parameters",
}

/// An algorithm that does what Reno does.
macro_rules! algorithm {
    ($algorithm:ident, $name:literal) => {
        pub(crate) struct $algorithm;

        impl CongestionControl for $algorithm {
            type State = ();

            const OPS: Ops<Self> = Ops {
                name: $name,
                flags: Flags::NON_RESTRICTED,
                control: Control::CongAvoid(reno::cong_avoid),
                ssthresh: reno::ssthresh,
                undo_cwnd: reno::undo_cwnd,
                optional: Optional {
                    init: Some(|_| ()),
                    ..Optional::NONE
                },
            };
        }
    };
}

algorithm!(First, "kunit_first");
algorithm!(Second, "kunit_second15c");
algorithm!(Third, "kunit_third");
/// Another one of the name.
mod other {
    use super::*;
    algorithm!(First, "kunit_first");
}
/// Has the name of the kernel's own.
mod kernels {
    use super::*;
    algorithm!(Cubic, "cubic");
}

const FIRST: &CStr = c"kunit_first";
const SECOND: &CStr = c"kunit_second15c";
const THIRD: &CStr = c"kunit_third";

fn register_all<const N: usize>(
    tables: [c::tcp_congestion_ops; N],
) -> Result<Pin<KBox<Registration<TcpCongestionOps, N>>>> {
    // SAFETY: The tables are this module's, whose init has succeeded; the kernel drops its
    // reference after the suites. The tests drop what they get, after the sockets that use it.
    let registration = unsafe { Registration::new(tables.map(Opaque::new), ["table"; N]) };
    KBox::pin_init(registration, GFP_KERNEL)
}

fn register<A: CongestionControl>() -> Result<Pin<KBox<Registration<TcpCongestionOps, 1>>>> {
    register_all([table::<A>()])
}

/// Calls `f` in a process that has been killed.
fn killed<R>(f: impl FnOnce() -> R) -> R {
    // What the kernel's headers call them. There are no functions at these addresses.
    // SAFETY: Any value but 0 is one of a function pointer.
    let [ignored, taken] =
        unsafe { core::mem::transmute::<[usize; 2], [__sighandler_t; 2]>([1, 2]) };
    let signal = SIGKILL as c_int;
    // SAFETY: Tests run in a kernel thread, which may take signals and then is not ended by them.
    unsafe {
        kernel_sigaction(signal, taken);
        send_sig(signal, current!().as_ptr(), 1);
    }
    let result = f();
    // SAFETY: As above. This forgets the signal, too.
    unsafe { kernel_sigaction(signal, ignored) };
    result
}

/// Which of our names the kernel knows.
fn known() -> [bool; 3] {
    [FIRST, SECOND, THIRD].map(|name| registered(name).is_ok())
}

fn references_to_us() -> i32 {
    references(this_module::<LocalModule>())
}

#[kunit_tests(ferrops_registration)]
mod registration {
    use super::*;

    #[test]
    fn drop_unregisters() {
        let before = registered(FIRST).map(|_| ());
        let mut turns = [(false, Ok(())); 3];
        for (found, gone) in &mut turns {
            let registration = register::<First>();
            *found = registered(FIRST).is_ok();
            drop(registration);
            *gone = registered(FIRST).map(|_| ());
        }
        assert_eq!(before, Err(ENOENT));
        assert_eq!(turns, [(true, Err(ENOENT)); 3]);
    }

    #[test]
    fn a_name_is_taken_once() -> Result {
        let first = register::<First>()?;
        let again = register::<First>().map(|_| ());
        let other = register::<other::First>().map(|_| ());
        let found = registered(FIRST).is_ok();
        drop(first);
        let free = register::<other::First>().map(|_| ());
        assert_eq!(again, Err(EEXIST));
        assert_eq!(other, Err(EEXIST));
        assert!(found);
        assert_eq!(free, Ok(()));
        Ok(())
    }

    #[test]
    fn the_kernels_own_name_is_taken() {
        assert_eq!(register::<kernels::Cubic>().map(|_| ()), Err(EEXIST));
    }

    #[test]
    fn one_at_a_time() -> Result {
        let first = register::<First>()?;
        let second = register::<Second>();
        let both = known();
        drop(first);
        let one = known();
        drop(second);
        assert_eq!(both, [true, true, false]);
        assert_eq!(one, [false, true, false]);
        assert_eq!(known(), [false; 3]);
        Ok(())
    }

    #[test]
    fn several_in_a_module() -> Result {
        let all = register_all([table::<First>(), table::<Second>(), table::<Third>()])?;
        let registered = known();
        drop(all);
        assert_eq!(registered, [true; 3]);
        assert_eq!(known(), [false; 3]);
        Ok(())
    }

    #[test]
    fn all_or_none() -> Result {
        let taken = register::<Second>()?;
        let last = register_all([table::<First>(), table::<Second>()]).map(|_| ());
        let after_last = known();
        let first = register_all([table::<Second>(), table::<First>()]).map(|_| ());
        let after_first = known();
        let middle =
            register_all([table::<First>(), table::<Second>(), table::<Third>()]).map(|_| ());
        let after_middle = known();
        drop(taken);
        assert_eq!([last, first, middle], [Err(EEXIST); 3]);
        assert_eq!(
            [after_last, after_first, after_middle],
            [[false, true, false]; 3]
        );
        assert_eq!(known(), [false; 3]);
        Ok(())
    }

    #[test]
    fn none_while_the_module_is_in_use() -> Result {
        let taken = register::<Second>()?;
        let used = register::<Third>()?;
        let outcome = || -> Result<_> {
            let socket = RealSock::new(Family::V4)?;
            socket.select(THIRD)?;
            // It would wait for the socket, of which it cannot know whether it chose the first.
            let all = killed(|| register_all([table::<First>(), table::<Second>()]))?;
            let first_refused = register_all([table::<Second>(), table::<First>()]).map(|_| ());
            let after = known();
            drop(all);
            Ok((first_refused, after, known()))
        }();
        drop(used);
        drop(taken);
        let only_the_others = [false, true, true];
        assert_eq!(outcome, Ok((Err(EEXIST), only_the_others, only_the_others)));
        assert_eq!(known(), [false; 3]);
        Ok(())
    }

    #[test]
    fn the_kernel_has_our_table() -> Result {
        let registration = register::<Second>()?;
        let ops = registered(SECOND);
        drop(registration);
        let ops = ops?;

        let this = this_module::<LocalModule>().as_ptr();
        assert!(!this.is_null());
        assert!(ops.owner.cast() == this);
        // 15 bytes, the longest that there may be, and a NUL.
        assert_eq!(&ops.name, b"kunit_second15c\0");
        assert!(ops.cong_avoid.is_some());
        assert!(ops.init.is_some());
        assert!(ops.cong_control.is_none());
        assert!(ops.get_info.is_none());
        Ok(())
    }

    #[test]
    fn a_socket_holds_the_module() -> Result {
        let before = references_to_us();
        let registration = register::<First>()?;
        let unused = references_to_us();
        let counts = || -> Result<_> {
            let one = RealSock::new(Family::V4)?;
            one.select(FIRST)?;
            let with_one = references_to_us();
            let two = RealSock::new(Family::V6)?;
            two.select(FIRST)?;
            let with_two = references_to_us();
            // Choosing again what is chosen counts once.
            two.select(FIRST)?;
            let again = references_to_us();
            two.select(c"reno")?;
            let with_one_again = references_to_us();
            drop(one);
            Ok([
                with_one,
                with_two,
                again,
                with_one_again,
                references_to_us(),
            ])
        }();
        drop(registration);
        assert_eq!(unused, before);
        assert_eq!(counts, Ok([1, 2, 2, 1, 0].map(|count| before + count)));
        assert_eq!(references_to_us(), before);
        Ok(())
    }
}

/// What [`parameters`] sets. No other suite does.
mod declared {
    tcp_cc::parameters! {
        /// Parameters of all kinds.
        pub struct Params {
            /// a number
            writable number: i32 = -5, -10..=10;
            /// any number
            writable any_number: i32 = 0, i32::MIN..=i32::MAX;
            /// a count
            writable count: u32 = 7, 1..=1000;
            /// any count
            read_only any_count: u32 = u32::MAX, 0..=u32::MAX;
            /// a switch
            writable switch: bool = true;
            /// another one
            read_only other_switch: bool = false;
        }
        derived {
            /// Twice the count.
            twice: u32 = |count: u32| count.wrapping_mul(2);
            /// Of both.
            product: u64 = |count: u32, any_count: u32| {
                (count as u64).wrapping_mul(any_count as u64)
            };
        }
    }
}

#[kunit_tests(ferrops_parameters)]
mod parameters {
    use super::*;
    use declared::Params;

    static OPS: [ParamOps; 6] = param_ops(Params::DECLARED.list);
    static PARAMS: [KernelParam; 6] = kernel_params(&OPS);

    fn all() -> [ModuleParameter; 6] {
        PARAMS.each_ref().map(ModuleParameter::new)
    }

    /// Whether the kernel reads this.
    fn reads(parameter: ModuleParameter, text: &[u8]) -> Result<bool> {
        Ok(parameter.get()?[..] == *text)
    }

    /// Sets a parameter to each text, which gives the other one or fails, and then changes nothing.
    fn takes(parameter: ModuleParameter, texts: &[(&CStr, Option<&[u8]>)]) -> Result<bool> {
        for (text, expected) in texts {
            let before = parameter.get()?;
            let set = parameter.set(text);
            let right = match expected {
                Some(expected) => set == Ok(()) && reads(parameter, expected)?,
                None => set == Err(EINVAL) && reads(parameter, &before)?,
            };
            if !right {
                return Ok(tcp_cc_kunit::explain(&(text, set, parameter.get()?)));
            }
        }
        Ok(true)
    }

    #[test]
    fn what_they_are() {
        let names = [
            c"number",
            c"any_number",
            c"count",
            c"any_count",
            c"switch",
            c"other_switch",
        ];
        assert_eq!(all().map(ModuleParameter::name), names);
        assert_eq!(
            all().map(ModuleParameter::permissions),
            [0o644, 0o644, 0o644, 0o444, 0o644, 0o444]
        );
        let this: *mut c::module = this_module::<LocalModule>().as_ptr().cast();
        assert!(all().iter().all(|parameter| parameter.owner() == this));
    }

    #[test]
    fn defaults() -> Result {
        let [_, any_number, _, any_count, _, other_switch] = all();
        assert!(reads(any_number, b"0\n")?);
        assert!(reads(any_count, b"4294967295\n")?);
        assert!(reads(other_switch, b"N\n")?);
        assert_eq!(Params::any_count(), u32::MAX);
        assert!(!Params::other_switch());
        Ok(())
    }

    #[test]
    fn an_int() -> Result {
        let [number, any_number, ..] = all();
        assert!(takes(
            number,
            &[
                (c"-10", Some(b"-10\n")),
                (c"10", Some(b"10\n")),
                (c"-11", None),
                (c"11", None),
                (c"0", Some(b"0\n")),
                (c"+3", Some(b"3\n")),
                (c"0x5", Some(b"5\n")),
                (c"7\n", Some(b"7\n")),
                (c"7\n\n", None),
                (c"7 ", None),
                (c" 7", None),
                (c"", None),
                (c"\n", None),
                (c"-", None),
                (c"seven", None),
                (c"7seven", None),
                (c"1.5", None),
            ],
        )?);
        assert_eq!(Params::number(), 7);

        assert!(takes(
            any_number,
            &[
                (c"2147483647", Some(b"2147483647\n")),
                (c"-2147483648", Some(b"-2147483648\n")),
            ],
        )?);
        assert_eq!(Params::any_number(), i32::MIN);
        Ok(())
    }

    #[test]
    fn out_of_the_type() -> Result {
        let [_, any_number, ..] = all();
        // C's kstrtoint() has an error of its own for these; what matters is that nothing changes.
        for text in [c"2147483648", c"-2147483649", c"99999999999999999999"] {
            let before = any_number.get()?;
            assert!(any_number.set(text).is_err());
            assert!(reads(any_number, &before)?);
        }
        Ok(())
    }

    #[test]
    fn a_uint() -> Result {
        let [_, _, count, ..] = all();
        assert!(takes(
            count,
            &[
                (c"1", Some(b"1\n")),
                (c"1000", Some(b"1000\n")),
                (c"0", None),
                (c"1001", None),
                (c"-1", None),
                (c"-0", None),
                (c"4294967295", None),
                (c"0x10\n", Some(b"16\n")),
                (c"010", Some(b"8\n")),
                (c"many", None),
                (c"7", Some(b"7\n")),
            ],
        )?);
        assert_eq!(Params::count(), 7);
        Ok(())
    }

    #[test]
    fn a_bool() -> Result {
        let [.., switch, _] = all();
        assert!(takes(
            switch,
            &[
                (c"n", Some(b"N\n")),
                (c"y", Some(b"Y\n")),
                (c"0", Some(b"N\n")),
                (c"1", Some(b"Y\n")),
                (c"N\n", Some(b"N\n")),
                (c"Y\n", Some(b"Y\n")),
                (c"off", Some(b"N\n")),
                (c"on", Some(b"Y\n")),
                (c"2", None),
                (c"", None),
                (c"\n", None),
                (c"perhaps", None),
            ],
        )?);
        assert!(Params::switch());
        Ok(())
    }

    #[test]
    fn derived_once() {
        let [_, _, count, ..] = all();
        let on_loading = (Params::twice(), Params::product());
        let set = count.set(c"100");
        let after_set = (Params::twice(), Params::product());
        (Params::DECLARED.derive)();
        let after_derive = (Params::twice(), Params::product());
        // As it was, for the others.
        let reset = count.set(c"7");
        (Params::DECLARED.derive)();
        assert_eq!((set, reset), (Ok(()), Ok(())));
        assert_eq!(on_loading, (14, 7 * u64::from(u32::MAX)));
        assert_eq!(after_set, on_loading);
        assert_eq!(after_derive, (200, 100 * u64::from(u32::MAX)));
    }
}

// SPDX-License-Identifier: GPL-2.0-only

//! A module whose purpose are its tables.

/// Declares a module that registers implementations of a table.
///
/// `implementations` are types that implement [`Implementation`](ferrops_core::Implementation), all
/// of one table; they are registered in this order. Their parameters become the module's, in
/// `/sys/module/*/parameters`. The rest is as in the kernel's `module!`. At the end there may be
/// `kfuncs: KFUNCS`: what `kfuncs!` defines. `entry_points` are for BPF objects.
///
/// The license has to be the GPL, since the functions that most tables need are exported to GPL
/// modules only. Whatever the module is called, the kernel finds it when somebody asks for one of
/// its implementations: for each it has the alias that [`OpsTable`](crate::OpsTable) says.
///
/// The module does not load if a name is taken (`EEXIST`, of which the kernel makes `EBUSY`; with
/// more than one implementation see [`Registration::new`](crate::Registration::new)), or if a
/// parameter that is given to `insmod` is not of its type or out of its bounds (`EINVAL`,
/// `ERANGE`).
#[macro_export]
macro_rules! module_ops {
    (implementations: [$($implementation:ty),+ $(,)?], entry_points: $entry_points:tt,
     name: $name:literal, authors: $authors:tt, description: $description:literal,
     license: "GPL" $(, kfuncs: $kfuncs:expr)? $(,)?) => {
        $crate::__private::kernel::prelude::module! {
            type: Module,
            name: $name,
            authors: $authors,
            description: $description,
            license: "GPL",
        }

        /// The module: its tables are registered while it is loaded.
        #[$crate::__private::kernel::prelude::pin_data]
        struct Module {
            /// Unregisters when the module goes.
            #[pin]
            registration: $crate::Registration<Table, { IMPLEMENTATIONS.len() }>,
        }

        impl $crate::__private::kernel::InPlaceModule for Module {
            fn init(
                _: &'static $crate::__private::kernel::ThisModule,
            ) -> impl $crate::__private::pin_init::PinInit<
                Self,
                $crate::__private::kernel::error::Error,
            > {
                $((const {
                    <$implementation as $crate::__private::Implementation>::PARAMETERS.derive
                })();)+
                $crate::__private::kernel::prelude::try_pin_init!(Self {
                    $(_: {
                        let kfuncs: $crate::__private::Kfuncs = $kfuncs;
                        // SAFETY: This is the module's init.
                        unsafe { kfuncs.register() }?;
                    },)?
                    registration <- {
                        let tables = const {
                            [$($crate::__private::kernel::types::Opaque::new(
                                <$implementation as $crate::__private::Implementation>::RAW,
                            )),+]
                        };
                        // SAFETY: The tables are of this module, whose init this is, and nothing
                        // that can fail follows. The module's exit drops the value; the kernel
                        // calls that when nobody holds a reference to the module, as whoever uses a
                        // table does.
                        unsafe { $crate::Registration::new(tables, IMPLEMENTATIONS) }
                    },
                })
            }
        }

        /// The table.
        type Table = <$crate::__first!($($implementation),+)
            as $crate::__private::Implementation>::Table;

        /// The names of the implementations.
        const IMPLEMENTATIONS: [&str; [$(
            <$implementation as $crate::__private::Implementation>::NAME
        ),+].len()] = [$(<$implementation as $crate::__private::Implementation>::NAME),+];

        const _: () = {
            use $crate::__private::{
                check,
                kernel_params,
                param_ops,
                section,
                Entry,
                Implementation,
                KernelParam,
                ParamOps, //
            };

            // Not left to the registration, so that a message about a table shows this module.
            $(let _ = <$implementation as Implementation>::RAW;)+

            const ALIAS: &str = <Table as $crate::OpsTable>::ALIAS;
            const ENTRIES: &[Entry] = &[$(Entry {
                name: <$implementation as Implementation>::NAME,
                parameters: <$implementation as Implementation>::PARAMETERS,
            }),+];
            check(ENTRIES);

            const LENGTH: usize = section::<0>(ALIAS, ENTRIES).len();
            #[used(compiler)]
            #[link_section = ".modinfo"]
            static MODINFO: [u8; LENGTH] = section::<LENGTH>(ALIAS, ENTRIES).into_bytes();

            $(const _: () = {
                const COUNT: usize = <$implementation as Implementation>::PARAMETERS.list.len();
                static OPS: [ParamOps; COUNT] =
                    param_ops(<$implementation as Implementation>::PARAMETERS.list);
                #[used(compiler)]
                #[link_section = "__param"]
                static PARAMS: [KernelParam; COUNT] = kernel_params(&OPS);
            };)+
        };
    };
    (implementations: $implementations:tt, entry_points: $entry_points:tt, name: $name:literal,
     authors: $authors:tt, description: $description:literal, license: $license:literal
     $($rest:tt)*) => {
        ::core::compile_error!(
            "the module must be under the GPL: use `license: \"GPL\"`"
        );
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "this is not how a module is declared: `... name: \"...\", \
             authors: [\"...\"], description: \"...\", license: \"GPL\"`, in this order"
        );
    };
}

/// The first of some types.
#[doc(hidden)]
#[macro_export]
macro_rules! __first {
    ($first:ty $(, $rest:ty)*) => {
        $first
    };
}

// SPDX-License-Identifier: GPL-2.0-only

//! An object: opened, fitted to the running kernel, loaded.

use crate::{
    failure::{
        Failure,
        Result, //
    },
    kernel,
    messages,
    parameters::{
        self,
        Parameter,
        Setting, //
    }, //
};
use libbpf_rs::{
    btf::{
        types,
        Btf,
        BtfKind,
        BtfType,
        ReferencesType,
        TypeId, //
    },
    libbpf_sys,
    AsRawLibbpf,
    MapCore,
    MapMut,
    MapType,
    Object,
    OpenObject,
    ProgramInput,
    ProgramType, //
};
use std::{
    ffi::CString,
    os::unix::ffi::OsStrExt,
    path::Path,
    ptr::NonNull, //
};

/// Between the name of a program and that of the member without which it takes the place of
/// another: `cwnd_event___without_cwnd_event_tx_start` is the `cwnd_event` of a kernel whose table
/// has no `cwnd_event_tx_start`.
const WITHOUT: &str = "___without_";

/// A member of a table.
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where it is, in bytes.
    pub offset: usize,
    /// What it is.
    pub ty: TypeId,
}

/// An object that is not loaded yet.
pub struct Opened {
    object: OpenObject,
    table: String,
    members: Vec<Member>,
    parameters: Vec<Parameter>,
    /// What the table goes without in the running kernel.
    notes: Vec<String>,
}

/// An object that is loaded; its table is not registered yet.
pub struct Loaded {
    /// The object.
    pub object: Object,
    /// The table's name.
    pub table: String,
}

impl Loaded {
    /// The map that is the table.
    pub fn map(&mut self) -> Result<MapMut<'_>> {
        self.object
            .maps_mut()
            .find(|map| map.map_type() == MapType::StructOps)
            .ok_or_else(|| Failure::new(format!("{} has no map", self.table)))
    }
}

impl Opened {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        let failure = |reason: &str| Failure::new(format!("{shown}: {reason}"));
        if !path.is_file() {
            return Err(failure(if path.exists() {
                "not a file"
            } else {
                "there is no such file"
            }));
        }
        let c_path = CString::new(path.as_os_str().as_bytes())
            .map_err(|_| failure("there is no such file"))?;
        // Comes before what libbpf would read in /boot or /proc.
        let configuration = CString::new(format!(
            "CONFIG_HZ={}\nCONFIG_FERROPS_MAX_TCP_HEADER={}\n",
            kernel::hz()?,
            kernel::max_tcp_header()?
        ))
        .map_err(|_| failure("the kernel's constants are no numbers"))?;
        let options = libbpf_sys::bpf_object_open_opts {
            sz: size_of::<libbpf_sys::bpf_object_open_opts>() as _,
            kconfig: configuration.as_ptr(),
            ..Default::default()
        };
        // SAFETY: The arguments are valid during the call, which copies what it keeps.
        let object = unsafe { libbpf_sys::bpf_object__open_file(c_path.as_ptr(), &options) };
        let object = NonNull::new(object)
            .ok_or_else(|| failure("this is not a BPF object, or a damaged one"))?;
        // SAFETY: The object has just been opened, and nobody else has it.
        let object = unsafe { OpenObject::from_ptr(object) };

        let tables: Vec<_> = object
            .maps()
            .filter(|map| map.map_type() == MapType::StructOps)
            .map(|map| map.name().to_string_lossy().into_owned())
            .collect();
        let [table] = tables.as_slice() else {
            return Err(failure(&format!(
                "has {} tables (struct_ops), not one: it is no congestion control",
                tables.len()
            )));
        };
        // SAFETY: The object is there until the end of this function, and so are its types.
        let btf = Btf::from_bpf_object(unsafe { object.as_libbpf_object().as_ref() })
            .ok()
            .flatten()
            .ok_or_else(|| failure("has no BTF"))?;
        let ty = btf
            .type_by_name::<types::Var<'_>>(table)
            .map(|variable| variable.referenced_type())
            .filter(|ty| ty.name().is_some_and(|name| name == "tcp_congestion_ops"))
            .and_then(|ty| types::Struct::try_from(ty).ok())
            .ok_or_else(|| failure(&format!("{table} is not a struct tcp_congestion_ops")))?;
        let (members, parameters) = (members(&ty), parameters::declared(&btf));
        Ok(Self {
            table: table.clone(),
            members,
            parameters,
            object,
            notes: Vec::new(),
        })
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Prints what it has.
    pub fn show(mut self) -> Result<()> {
        println!("{}", self.table);
        let callbacks: Vec<_> = self.callbacks()?;
        println!("  callbacks: {}", callbacks.join(", "));
        for parameter in &self.parameters {
            let section = if parameter.is_writable {
                ".data"
            } else {
                ".rodata"
            };
            let value = self
                .object
                .maps()
                .find(|map| map.name().to_string_lossy().ends_with(section))
                .and_then(|map| parameter.read(map.initial_value()?));
            println!(
                "  {}={} ({}{}) {}",
                parameter.name,
                value.map_or_else(|| "?".into(), |value| parameter.shown(value)),
                parameter.allowed(),
                if parameter.is_writable {
                    ""
                } else {
                    "; only on loading"
                },
                parameter.about
            );
        }
        Ok(())
    }

    /// Loads it into the kernel with these parameters.
    pub fn load(mut self, settings: &[Setting]) -> Result<Loaded> {
        let kernel = kernel::btf()?;
        self.fit(&kernel)?;
        for setting in settings {
            let parameter = parameters::find(&self.parameters, setting, &self.table)?;
            let value = parameter.parse(setting)?;
            let section = if parameter.is_writable {
                ".data"
            } else {
                ".rodata"
            };
            let mut map = self
                .object
                .maps_mut()
                .find(|map| map.name().to_string_lossy().ends_with(section))
                .ok_or_else(|| Failure::new(format!("the object has no {section}")))?;
            parameter.write(map.initial_value_mut().unwrap_or_default(), value)?;
        }
        for mut program in self.object.progs_mut() {
            if matches!(program.prog_type(), ProgramType::Syscall) {
                program.set_autoload(true);
            }
        }
        let object = self
            .object
            .load()
            .map_err(|error| messages::explain(&error))?;
        let loaded = Loaded {
            object,
            table: self.table,
        };
        set_up(&loaded.object)?;
        for note in self.notes {
            eprintln!("ccload: {}: {note}", loaded.table);
        }
        Ok(loaded)
    }

    /// The members of the table that are there.
    fn callbacks(&mut self) -> Result<Vec<String>> {
        let table = table_data(&mut self.object)?;
        Ok(self
            .members
            .iter()
            .filter(|member| member.name != "name" && member.name != "flags")
            .filter(|member| word(table, member.offset).is_some_and(|word| *word != [0; 8]))
            .map(|member| member.name.clone())
            .collect())
    }

    /// Fits the table to the running kernel's: what that has no member for is taken out.
    fn fit(&mut self, kernel: &Btf<'_>) -> Result<()> {
        let theirs = kernel::table(kernel)?;
        let theirs = members(&theirs);
        for name in self.callbacks()? {
            let Some(ours) = self.members.iter().find(|member| member.name == name) else {
                continue;
            };
            if let Some(their) = theirs.iter().find(|member| member.name == name) {
                // SAFETY: The object is there, and so are its types.
                let btf = unsafe { self.object.as_libbpf_object().as_ref() };
                if let Ok(Some(btf)) = Btf::from_bpf_object(btf) {
                    compare(&name, (&btf, ours.ty), (kernel, their.ty))?;
                }
                continue;
            }
            let mut note = "left out".to_string();
            let suffix = format!("{WITHOUT}{name}");
            let substitute = self.object.progs_mut().find_map(|mut program| {
                let member = program.name().to_str()?.strip_suffix(&suffix)?.to_string();
                program.set_autoload(true);
                Some((member, program.as_libbpf_object().as_ptr() as usize))
            });
            if let Some((member, program)) = substitute {
                note = format!("{member} does its work");
                self.set(&member, program)?;
            }
            self.set(&name, 0)?;
            self.notes
                .push(format!("this kernel has no {name}; {note}"));
        }
        Ok(())
    }

    /// Sets a member of the table: to a program by its address in libbpf, or to nothing.
    fn set(&mut self, member: &str, program: usize) -> Result<()> {
        let offset = self
            .members
            .iter()
            .find(|candidate| candidate.name == member)
            .map_or(usize::MAX, |member| member.offset);
        let table = table_data(&mut self.object)?;
        offset
            .checked_add(8)
            .and_then(|end| table.get_mut(offset..end))
            .ok_or_else(|| Failure::new(format!("the object's table has no {member}")))?
            .copy_from_slice(&program.to_ne_bytes());
        Ok(())
    }
}

/// Runs the programs that are run once, before the table is registered: they compute what is
/// derived from parameters.
fn set_up(object: &Object) -> Result<()> {
    for program in object.progs_mut() {
        let name = program.name().to_string_lossy().into_owned();
        if matches!(program.prog_type(), ProgramType::Syscall) {
            program
                .test_run(ProgramInput::default())
                .map_err(|error| Failure::of(format_args!("{name} does not run"), error))?;
        }
    }
    Ok(())
}

/// The table of an object that is not loaded: where a program stands for a callback, its address.
fn table_data(object: &mut OpenObject) -> Result<&mut [u8]> {
    let data = object
        .maps_mut()
        .find(|map| map.map_type() == MapType::StructOps)
        .and_then(|mut map| {
            let data = map.initial_value_mut()?;
            Some((data.as_mut_ptr(), data.len()))
        });
    let (start, len) = data.ok_or_else(|| Failure::new("the object has no table"))?;
    // SAFETY: The bytes belong to the object, and are borrowed as long as it is.
    Ok(unsafe { std::slice::from_raw_parts_mut(start, len) })
}

/// Eight bytes of a table.
fn word(table: &[u8], offset: usize) -> Option<&[u8; 8]> {
    table.get(offset..offset + 8)?.try_into().ok()
}

/// The members of a table.
pub fn members(table: &types::Struct<'_>) -> Vec<Member> {
    table
        .iter()
        .filter_map(|member| {
            let types::MemberAttr::Normal { offset } = member.attr else {
                return None;
            };
            Some(Member {
                name: member.name?.to_string_lossy().into_owned(),
                offset: offset as usize / 8,
                ty: member.ty,
            })
        })
        .collect()
}

/// Fails unless the object and the kernel mean the same by a callback: libbpf moves fields, but
/// does not adapt arguments.
fn compare(name: &str, ours: (&Btf<'_>, TypeId), theirs: (&Btf<'_>, TypeId)) -> Result<()> {
    let (Some(our), Some(their)) = (arguments(ours.0, ours.1), arguments(theirs.0, theirs.1))
    else {
        return Ok(());
    };
    let shown = |arguments: &[BtfType<'_>]| {
        let words: Vec<_> = arguments.iter().map(type_name).collect();
        words.join(", ")
    };
    if shown(&our) != shown(&their) {
        return Err(Failure::new(format!(
            "this kernel calls {name}({}), and the object's is {name}({}): it is not for this \
             kernel",
            shown(&their),
            shown(&our)
        )));
    }
    for (our, their) in our.into_iter().zip(their) {
        let (Ok(our), Ok(their)) = (types::Enum::try_from(our), types::Enum::try_from(their))
        else {
            continue;
        };
        for value in our.iter() {
            let other = their.iter().find(|other| other.name == value.name);
            if let Some(other) = other.filter(|other| other.value != value.value) {
                return Err(Failure::new(format!(
                    "{} is {} in this kernel, and {} in the object: it is not for this kernel",
                    value.name.unwrap_or_default().to_string_lossy(),
                    other.value,
                    value.value
                )));
            }
        }
    }
    Ok(())
}

/// The types of a callback's arguments, without typedefs and the like.
fn arguments<'a>(btf: &'a Btf<'_>, member: TypeId) -> Option<Vec<BtfType<'a>>> {
    let pointer = btf
        .type_by_id::<BtfType<'_>>(member)?
        .skip_mods_and_typedefs();
    let prototype = types::FuncProto::try_from(pointer.next_type()?).ok()?;
    prototype
        .iter()
        .map(|argument| {
            Some(
                btf.type_by_id::<BtfType<'_>>(argument.ty)?
                    .skip_mods_and_typedefs(),
            )
        })
        .collect()
}

/// A type as one writes it in C, near enough to compare.
fn type_name(ty: &BtfType<'_>) -> String {
    if ty.kind() == BtfKind::Ptr {
        let pointee = ty
            .next_type()
            .map(|pointee| pointee.skip_mods_and_typedefs());
        return format!(
            "{} *",
            pointee.map_or_else(|| "void".into(), |ty| type_name(&ty))
        );
    }
    let name = ty.name().unwrap_or_default().to_string_lossy().into_owned();
    match ty.kind() {
        BtfKind::Struct => format!("struct {name}"),
        BtfKind::Enum | BtfKind::Enum64 => format!("enum {name}"),
        _ => name,
    }
}

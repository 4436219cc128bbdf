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
        TypeId, //
    },
    libbpf_sys,
    AsRawLibbpf,
    Map,
    MapCore,
    MapFlags,
    MapType,
    Object,
    OpenObject,
    ProgramInput,
    ProgramType, //
};
use std::{
    ffi::CString,
    os::{
        fd::{
            AsFd,
            AsRawFd, //
        },
        unix::ffi::OsStrExt, //
    },
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
    /// How long it is.
    pub size: usize,
    /// What it is.
    pub ty: TypeId,
    /// Whether it is a pointer to a function.
    pub is_callback: bool,
}

impl Member {
    /// What a table has in it.
    fn of<'a>(&self, table: &'a [u8]) -> Option<&'a [u8]> {
        table.get(self.offset..self.offset.checked_add(self.size)?)
    }

    /// The same, to be changed.
    fn of_mut<'a>(&self, table: &'a mut [u8]) -> Option<&'a mut [u8]> {
        table.get_mut(self.offset..self.offset.checked_add(self.size)?)
    }

    /// The program that stands for a callback, by its address in libbpf; 0 if there is none.
    fn program(&self, table: &[u8]) -> Option<usize> {
        let bytes = self.of(table).filter(|_| self.is_callback)?;
        Some(usize::from_ne_bytes(bytes.try_into().ok()?))
    }
}

/// An object that is not loaded yet.
pub struct Opened {
    object: OpenObject,
    /// The table's name, which is not that of the variable.
    table: String,
    members: Vec<Member>,
    parameters: Vec<Parameter>,
    /// What the table goes without in the running kernel.
    notes: Vec<String>,
}

/// An object that is loaded; its table is not registered yet.
pub struct Loaded {
    object: Object,
    /// The table's name.
    pub table: String,
    members: Vec<Member>,
    /// The table, with addresses of programs.
    data: Vec<u8>,
}

impl Loaded {
    /// The map that is the table, filled, so that a link may register it.
    ///
    /// libbpf fills it only on the way to a new link, of which the kernel's log says that the name
    /// is taken if the table is to replace another.
    pub fn map(&self) -> Result<Map<'_>> {
        let map = self
            .object
            .maps()
            .find(|map| map.map_type() == MapType::StructOps)
            .ok_or_else(|| Failure::new(format!("{} has no map", self.table)))?;
        let kernel = kernel::btf()?;
        let start = kernel::table_offset(&kernel)?;
        let mut value = vec![0; map.value_size() as usize];
        let theirs = value.get_mut(start..).unwrap_or_default();
        for their in members(&kernel, &kernel::table(&kernel)?) {
            let ours = self.members.iter().find(|our| our.name == their.name);
            let bytes = ours.and_then(|our| our.of(&self.data));
            let Some(bytes) = bytes.filter(|bytes| bytes.iter().any(|&byte| byte != 0)) else {
                continue;
            };
            let room = their
                .of_mut(theirs)
                .filter(|room| room.len() == bytes.len());
            let room = room.ok_or_else(|| {
                Failure::new(format!("this kernel's {} has another size", their.name))
            })?;
            match ours.and_then(|our| our.program(&self.data)) {
                // Where a program stands for a callback, its file descriptor.
                Some(address) if address != 0 => {
                    let program = self
                        .object
                        .progs()
                        .find(|program| program.as_libbpf_object().as_ptr() as usize == address)
                        .ok_or_else(|| Failure::new(format!("{} has no program", their.name)))?;
                    let fd = program.as_fd().as_raw_fd() as usize;
                    room.copy_from_slice(&fd.to_ne_bytes());
                }
                _ => room.copy_from_slice(bytes),
            }
        }
        map.update(&[0; 4], &value, MapFlags::ANY)
            .map_err(|error| {
                Failure::of(
                    format_args!("the kernel does not take the table {}", self.table),
                    error,
                )
            })?;
        Ok(map)
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
            .map(|map| (map.name().to_os_string(), map.as_libbpf_object()))
            .collect();
        let [(variable, map)] = tables.as_slice() else {
            return Err(failure(&format!(
                "has {} tables (struct_ops), not one: it is no congestion control",
                tables.len()
            )));
        };
        let shown_variable = variable.to_string_lossy();
        // SAFETY: The object is there, and so are its maps.
        if unsafe { libbpf_sys::bpf_map__map_flags(map.as_ptr()) } & libbpf_sys::BPF_F_LINK == 0 {
            return Err(failure(&format!(
                "{shown_variable} is in the section .struct_ops, whose tables end with the \
                 program that loads them; it has to be in .struct_ops.link"
            )));
        }
        // SAFETY: The object is there until the end of this function, and so are its types.
        let btf = Btf::from_bpf_object(unsafe { object.as_libbpf_object().as_ref() })
            .ok()
            .flatten()
            .ok_or_else(|| failure("has no BTF"))?;
        let ty = btf
            .type_by_kind::<types::Var<'_>>()
            .find(|candidate| candidate.name() == Some(variable))
            .and_then(|variable| plain(variable.next_type()?))
            .filter(|ty| ty.name().is_some_and(|name| name == "tcp_congestion_ops"))
            .and_then(|ty| types::Struct::try_from(ty).ok())
            .ok_or_else(|| {
                failure(&format!(
                    "{shown_variable} is not a struct tcp_congestion_ops"
                ))
            })?;
        let (members, parameters) = (members(&btf, &ty), parameters::declared(&btf));
        let mut opened = Self {
            table: String::new(),
            members,
            parameters,
            object,
            notes: Vec::new(),
        };
        opened.table = opened.name().map_err(|error| failure(&error.to_string()))?;
        Ok(opened)
    }

    /// The name in the table.
    fn name(&mut self) -> Result<String> {
        let data = table_data(&mut self.object)?;
        let name = name_in(&self.members, data).unwrap_or_default();
        // It is a word in the kernel's lists, and names a file in the directory of links.
        let allowed = |letter: &u8| letter.is_ascii_alphanumeric() || b"_-".contains(letter);
        if name.is_empty() || !name.iter().all(allowed) {
            return Err(Failure::new(format!(
                "its table's name is '{}'; it has to have letters, digits, '_' and '-', and \
                 nothing else",
                String::from_utf8_lossy(name)
            )));
        }
        Ok(String::from_utf8_lossy(name).into_owned())
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// What it has, to be printed.
    pub fn show(mut self) -> Result<String> {
        let callbacks: Vec<_> = self.callbacks()?;
        let mut shown = format!("{}\n  callbacks: {}\n", self.table, callbacks.join(", "));
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
            shown += &format!(
                "  {}={} ({}{}) {}\n",
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
        Ok(shown)
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
        let data = table_data(&mut self.object)?.to_vec();
        let object = self
            .object
            .load()
            .map_err(|error| messages::explain(&error))?;
        let loaded = Loaded {
            object,
            table: self.table,
            members: self.members,
            data,
        };
        set_up(&loaded.object)?;
        for note in self.notes {
            crate::say(format_args!("{}: {note}", loaded.table));
        }
        Ok(loaded)
    }

    /// The callbacks that are there.
    fn callbacks(&mut self) -> Result<Vec<String>> {
        let table = table_data(&mut self.object)?;
        Ok(self
            .members
            .iter()
            .filter(|member| member.program(table).is_some_and(|address| address != 0))
            .map(|member| member.name.clone())
            .collect())
    }

    /// Fits the table to the running kernel's: what that has no member for is taken out.
    fn fit(&mut self, kernel: &Btf<'_>) -> Result<()> {
        let theirs = kernel::table(kernel)?;
        let theirs = members(kernel, &theirs);
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

    /// Sets a callback of the table: to a program by its address in libbpf, or to nothing.
    fn set(&mut self, callback: &str, program: usize) -> Result<()> {
        let table = table_data(&mut self.object)?;
        self.members
            .iter()
            .find(|member| member.name == callback && member.is_callback)
            .and_then(|member| member.of_mut(table))
            .filter(|room| room.len() == size_of::<usize>())
            .ok_or_else(|| Failure::new(format!("the object's table has no callback {callback}")))?
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

/// The members of a table.
pub fn members(btf: &Btf<'_>, table: &types::Struct<'_>) -> Vec<Member> {
    table
        .iter()
        .filter_map(|member| {
            let types::MemberAttr::Normal { offset } = member.attr else {
                return None;
            };
            // SAFETY: The types are there.
            let size = unsafe {
                libbpf_sys::btf__resolve_size(btf.as_libbpf_object().as_ptr(), member.ty.into())
            };
            Some(Member {
                name: member.name?.to_string_lossy().into_owned(),
                offset: offset as usize / 8,
                size: size.try_into().ok()?,
                ty: member.ty,
                is_callback: prototype(btf, member.ty).is_some(),
            })
        })
        .collect()
}

/// The name in a table, of these members.
pub fn name_in<'a>(members: &[Member], table: &'a [u8]) -> Option<&'a [u8]> {
    let name = members
        .iter()
        .find(|member| member.name == "name")?
        .of(table)?;
    name.split(|&byte| byte == 0).next()
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
    prototype(btf, member)?
        .iter()
        .map(|argument| plain(btf.type_by_id::<BtfType<'_>>(argument.ty)?))
        .collect()
}

/// What a member points to, if that is a function.
fn prototype<'a>(btf: &'a Btf<'_>, member: TypeId) -> Option<types::FuncProto<'a>> {
    let pointer = types::Ptr::try_from(plain(btf.type_by_id(member)?)?).ok()?;
    types::FuncProto::try_from(plain(pointer.next_type()?)?).ok()
}

/// How many types may follow each other before they count as damaged: each may name any other.
const CHAIN: usize = 32;

/// A type without typedefs, `const` and the like.
fn plain(mut ty: BtfType<'_>) -> Option<BtfType<'_>> {
    for _ in 0..CHAIN {
        if !ty.is_mod() && ty.kind() != BtfKind::Typedef {
            return Some(ty);
        }
        ty = ty.next_type()?;
    }
    None
}

/// A type as one writes it in C, near enough to compare.
fn type_name(ty: &BtfType<'_>) -> String {
    let mut stars = String::new();
    let mut pointee = Some(*ty);
    while let Some(pointer) = pointee.filter(|ty| ty.kind() == BtfKind::Ptr) {
        if stars.len() > CHAIN {
            break;
        }
        stars.push('*');
        pointee = pointer.next_type().and_then(plain);
    }
    let kind = pointee.map_or(BtfKind::Void, |ty| ty.kind());
    let name = pointee.and_then(|ty| ty.name()).unwrap_or_default();
    let name = name.to_string_lossy();
    let base = match kind {
        BtfKind::Void => "void".into(),
        BtfKind::Struct => format!("struct {name}"),
        BtfKind::Enum | BtfKind::Enum64 => format!("enum {name}"),
        _ => name.into_owned(),
    };
    if stars.is_empty() {
        base
    } else {
        format!("{base} {stars}")
    }
}

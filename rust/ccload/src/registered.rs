// SPDX-License-Identifier: GPL-2.0-only

//! What is registered: links that are pinned in a directory of bpffs, under the tables' names.

use crate::{
    failure::{
        Failure,
        Result, //
    },
    kernel,
    object::{
        self,
        Loaded, //
    },
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
        ReferencesType, //
    },
    libbpf_sys,
    Link,
    MapCore,
    MapFlags,
    MapHandle, //
};
use std::{
    fs,
    io,
    mem::MaybeUninit,
    os::fd::{
        AsFd,
        AsRawFd,
        FromRawFd,
        OwnedFd, //
    },
    os::unix::ffi::OsStrExt,
    path::{
        Path,
        PathBuf, //
    }, //
};

/// A directory with links.
pub struct Pins<'a>(&'a Path);

/// A table that is registered.
struct Registered {
    link: Link,
    programs: Vec<Program>,
    /// The maps that its programs use.
    maps: Vec<MapHandle>,
    parameters: Vec<Parameter>,
}

/// A program of a table.
struct Program {
    /// The member of the table.
    name: String,
    id: u32,
    /// Instructions in BPF, and bytes of machine code.
    instructions: u32,
    bytes: u32,
    /// How many instructions the verifier went through.
    verified: u32,
    maps: Vec<u32>,
}

impl<'a> Pins<'a> {
    /// The links in this directory.
    pub fn new(directory: &'a Path) -> Self {
        Self(directory)
    }

    /// Where the link of a table is.
    fn path(&self, table: &str) -> PathBuf {
        self.0.join(table)
    }

    /// Makes the directory, and fails if a table is registered there.
    pub fn make_room(&self, table: &str) -> Result<()> {
        self.make()?;
        if self.path(table).exists() {
            return Err(Failure::new(format!(
                "{table} is registered already; 'ccload replace' puts another version in its place"
            )));
        }
        Ok(())
    }

    /// Fails unless a table is registered.
    pub fn check_registered(&self, table: &str) -> Result<()> {
        // A name with a directory in it would lead elsewhere.
        if table.contains('/') || !self.path(table).exists() {
            return Err(Failure::new(format!(
                "{table} is not registered: there is no {}",
                self.path(table).display()
            )));
        }
        Ok(())
    }

    /// Registers a table.
    pub fn register(&self, mut loaded: Loaded) -> Result<()> {
        let table = loaded.table.clone();
        let mut link = loaded.map()?.attach_struct_ops().map_err(|error| {
            if is(&error, libc::EEXIST) {
                Failure::new(format!(
                    "the kernel has a congestion control {table} already"
                ))
            } else {
                Failure::of(format_args!("the kernel does not register {table}"), error)
            }
        })?;
        // What is not pinned goes with this process.
        link.pin(self.path(&table)).map_err(|error| {
            Failure::of(
                format_args!("cannot pin {}", self.path(&table).display()),
                error,
            )
        })
    }

    /// Makes the directory.
    fn make(&self) -> Result<()> {
        let shown = self.0.display();
        fs::create_dir_all(self.0).map_err(|error| {
            Failure::of(format_args!("cannot make the directory {shown}"), error)
        })?;
        let path = std::ffi::CString::new(self.0.as_os_str().as_bytes())
            .map_err(|_| Failure::new(format!("{shown} is not a directory")))?;
        let mut kind = MaybeUninit::<libc::statfs>::uninit();
        // SAFETY: The path ends with a NUL, and there is room for the result.
        let failed = unsafe { libc::statfs(path.as_ptr(), kind.as_mut_ptr()) } != 0;
        // SAFETY: It is there unless the call has failed.
        if failed || unsafe { kind.assume_init() }.f_type != BPF_FS_MAGIC {
            return Err(Failure::new(format!(
                "{shown} is not in a BPF file system; mount one: mount -t bpf bpf /sys/fs/bpf"
            )));
        }
        Ok(())
    }

    /// Puts a table in the place of the one that has its name.
    pub fn replace(&self, mut loaded: Loaded) -> Result<()> {
        let table = loaded.table.clone();
        let registered = self.open(&table)?;
        let choice = Choice::read();
        let mut map = loaded.map()?;
        // libbpf fills the map on its way to a link. That is refused, since the name is taken; the
        // map is what is wanted, for the link that is there.
        match map.attach_struct_ops() {
            Ok(_) => {
                return Err(Failure::new(format!(
                    "{table} was unloaded in the meantime; load it"
                )))
            }
            Err(error) if is(&error, libc::EEXIST) => (),
            Err(error) => {
                return Err(Failure::of(
                    format_args!("the kernel does not take the new {table}"),
                    error,
                ))
            }
        }
        // SAFETY: Both are open, and no options are passed.
        let status = unsafe {
            libbpf_sys::bpf_link_update(
                registered.link.as_fd().as_raw_fd(),
                map.as_fd().as_raw_fd(),
                std::ptr::null(),
            )
        };
        if status != 0 {
            return Err(Failure::of(
                format_args!("the kernel does not replace {table}"),
                io::Error::from_raw_os_error(-status),
            ));
        }
        choice.renew(&table)
    }

    /// Takes a table away.
    pub fn unload(&self, table: &str) -> Result<()> {
        self.check_registered(table)?;
        let path = self.path(table);
        fs::remove_file(&path)
            .map_err(|error| Failure::of(format_args!("cannot remove {}", path.display()), error))
    }

    /// Changes parameters of a table.
    pub fn set(&self, table: &str, settings: &[Setting]) -> Result<()> {
        self.check_registered(table)?;
        let registered = self.open(table)?;
        let mut values = Vec::new();
        for setting in settings {
            let parameter = parameters::find(&registered.parameters, setting, table)?;
            if !parameter.is_writable {
                return Err(Failure::new(format!(
                    "{} can only be given on loading; 'ccload replace' loads again",
                    parameter.name
                )));
            }
            values.push((parameter, parameter.parse(setting)?));
        }
        let Some((map, mut data)) = registered.variables(true) else {
            return Err(Failure::new(format!("{table} has no map with parameters")));
        };
        for (parameter, value) in values {
            parameter.write(&mut data, value)?;
        }
        map.update(&KEY, &data, MapFlags::ANY)
            .map_err(|error| Failure::of(format_args!("cannot write {table}'s parameters"), error))
    }

    /// Prints what is registered; also its programs, if that is wanted.
    pub fn list(&self, programs: bool) -> Result<()> {
        let entries = match fs::read_dir(self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                return Err(Failure::of(
                    format_args!("cannot read {}", self.0.display()),
                    error,
                ))
            }
        };
        let mut names: Vec<_> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        for name in names {
            let registered = self.open(&name)?;
            let values: Vec<_> = registered
                .parameters
                .iter()
                .filter_map(|parameter| {
                    let (_, data) = registered.variables(parameter.is_writable)?;
                    Some(format!(
                        " {}={}",
                        parameter.name,
                        parameter.shown(parameter.read(&data)?)
                    ))
                })
                .collect();
            println!("{name}{}", values.concat());
            for program in registered.programs.iter().filter(|_| programs) {
                println!(
                    "  {}: {} instructions, {} bytes of machine code, {} instructions verified",
                    program.name, program.instructions, program.bytes, program.verified
                );
            }
        }
        Ok(())
    }

    /// Opens a table that is registered.
    fn open(&self, table: &str) -> Result<Registered> {
        let failure = |error: &dyn std::fmt::Display| {
            Failure::of(
                format_args!(
                    "{} is not a congestion control's",
                    self.path(table).display()
                ),
                error,
            )
        };
        let link = Link::open(self.path(table)).map_err(|error| failure(&error))?;
        let mut info = libbpf_sys::bpf_link_info::default();
        let mut size = size_of_val(&info) as u32;
        // SAFETY: The link is open, and there is room for as much as `size` says.
        let status = unsafe {
            libbpf_sys::bpf_link_get_info_by_fd(link.as_fd().as_raw_fd(), &mut info, &mut size)
        };
        if status != 0 || info.type_ != libbpf_sys::BPF_LINK_TYPE_STRUCT_OPS {
            return Err(failure(&"it is another link"));
        }
        // SAFETY: The type says that this is what is there.
        let id = unsafe { info.__bindgen_anon_1.struct_ops.map_id };
        let programs = programs(id).map_err(|error| failure(&error))?;
        let some = programs
            .first()
            .ok_or_else(|| failure(&"it has no programs"))?;
        let btf = Btf::from_prog_id(some.id).map_err(|error| failure(&error))?;
        let mut maps: Vec<_> = programs
            .iter()
            .flat_map(|program| program.maps.clone())
            .collect();
        maps.sort_unstable();
        maps.dedup();
        Ok(Registered {
            link,
            parameters: parameters::declared(&btf),
            maps: maps
                .into_iter()
                .filter_map(|id| MapHandle::from_map_id(id).ok())
                .collect(),
            programs,
        })
    }
}

impl Registered {
    /// The map of its variables or of its constants, and what is in it.
    fn variables(&self, is_writable: bool) -> Option<(&MapHandle, Vec<u8>)> {
        let suffix = if is_writable { ".data" } else { ".rodata" };
        let map = self
            .maps
            .iter()
            .find(|map| map.name().to_string_lossy().ends_with(suffix))?;
        Some((map, map.lookup(&KEY, MapFlags::ANY).ok()??))
    }
}

/// The only key that such maps have.
const KEY: [u8; 4] = [0; 4];

/// The type of a BPF file system (include/uapi/linux/magic.h).
const BPF_FS_MAGIC: libc::__fsword_t = 0xcafe_4a11;

/// What this network namespace says of congestion controls.
struct Choice {
    default: String,
    allowed: String,
}

impl Choice {
    const DEFAULT: &'static str = "/proc/sys/net/ipv4/tcp_congestion_control";
    const ALLOWED: &'static str = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

    /// What it says now.
    fn read() -> Self {
        Self {
            default: fs::read_to_string(Self::DEFAULT).unwrap_or_default(),
            allowed: fs::read_to_string(Self::ALLOWED).unwrap_or_default(),
        }
    }

    /// Says the same of a table that has been replaced: the default is a pointer to the old one,
    /// and whether everybody may choose it is kept in the old one.
    fn renew(&self, table: &str) -> Result<()> {
        let write = |path, value: &str| {
            fs::write(path, value).map_err(|error| {
                Failure::of(format_args!("{table} is replaced, but {path}"), error)
            })
        };
        if self.allowed.split_whitespace().any(|name| name == table) {
            write(Self::ALLOWED, &self.allowed)?;
        }
        if self.default.trim() == table {
            write(Self::DEFAULT, table)?;
        }
        Ok(())
    }
}

/// Whether an error is this one of the kernel's.
fn is(error: &libbpf_rs::Error, errno: i32) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.raw_os_error() == Some(errno);
        }
        source = error.source();
    }
    error.kind() == libbpf_rs::ErrorKind::AlreadyExists && errno == libc::EEXIST
}

/// The programs of a table, by the id of its map.
///
/// User space sees the table as the kernel has it, with ids in the place of programs.
fn programs(map: u32) -> std::result::Result<Vec<Program>, String> {
    let kernel = kernel::btf().map_err(|failure| failure.to_string())?;
    let table = kernel::table(&kernel).map_err(|failure| failure.to_string())?;
    let value = kernel
        .type_by_name::<types::Struct<'_>>("bpf_struct_ops_tcp_congestion_ops")
        .ok_or("it is no table of a congestion control")?;
    let start = object::members(&value)
        .into_iter()
        .find(|member| member.name == "data")
        .ok_or("the kernel's table is an unknown one")?
        .offset;
    let map = MapHandle::from_map_id(map).map_err(|error| error.to_string())?;
    let data = map
        .lookup(&KEY, MapFlags::ANY)
        .map_err(|error| error.to_string())?
        .ok_or("its map is empty")?;
    let mut programs = Vec::new();
    for member in object::members(&table) {
        let is_callback = kernel
            .type_by_id::<types::Ptr<'_>>(member.ty)
            .is_some_and(|pointer| pointer.referenced_type().kind() == BtfKind::FuncProto);
        let id = data
            .get(start + member.offset..start + member.offset + 4)
            .and_then(|bytes| Some(u32::from_ne_bytes(bytes.try_into().ok()?)));
        if let Some(id) = id.filter(|&id| is_callback && id != 0) {
            programs.push(program(id, member.name).map_err(|error| error.to_string())?);
        }
    }
    Ok(programs)
}

/// What the kernel says of a program.
fn program(id: u32, name: String) -> io::Result<Program> {
    // SAFETY: This call takes a number and nothing else.
    let fd = unsafe { libbpf_sys::bpf_prog_get_fd_by_id(id) };
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(-fd));
    }
    // SAFETY: It has just been opened, and nobody else has it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let mut maps = vec![0_u32; 64];
    let mut info = libbpf_sys::bpf_prog_info {
        nr_map_ids: maps.len() as u32,
        map_ids: maps.as_mut_ptr() as u64,
        ..Default::default()
    };
    let mut size = size_of_val(&info) as u32;
    // SAFETY: There is room for as much as `size` and `nr_map_ids` say.
    let status =
        unsafe { libbpf_sys::bpf_prog_get_info_by_fd(fd.as_raw_fd(), &mut info, &mut size) };
    if status != 0 {
        return Err(io::Error::from_raw_os_error(-status));
    }
    maps.truncate(info.nr_map_ids as usize);
    Ok(Program {
        name,
        id,
        instructions: info.xlated_prog_len / 8,
        bytes: info.jited_prog_len,
        verified: info.verified_insns,
        maps,
    })
}

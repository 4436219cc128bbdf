// SPDX-License-Identifier: GPL-2.0-only

//! What is registered: links that are pinned in a directory of bpffs, by ccload under the tables'
//! names.

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
    btf::Btf,
    libbpf_sys,
    MapCore,
    MapFlags,
    MapHandle, //
};
use std::{
    ffi::CString,
    fmt,
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
    },
    ptr, //
};

/// A directory with links.
pub struct Pins<'a>(&'a Path);

/// A table that is registered.
struct Registered {
    link: OwnedFd,
    /// The kernel's name for it.
    name: String,
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

    /// Where the link of a table is put.
    fn path(&self, table: &str) -> PathBuf {
        self.0.join(table)
    }

    /// Where the link of a table is.
    ///
    /// bpftool names it after a variable of the object. So the one with the table's name comes
    /// first, and then all others, by the names in their tables.
    fn search(&self, table: &str) -> Option<PathBuf> {
        let has_name = |path: &PathBuf| open(path).is_ok_and(|found| found.name == table);
        let path = self.path(table);
        // A name with a directory in it would lead elsewhere.
        if !table.contains('/') && fs::symlink_metadata(&path).is_ok() {
            // Who may remove a link need not be able to read what it is for.
            if open(&path).map_or(true, |found| found.name == table) {
                return Some(path);
            }
        }
        fs::read_dir(self.0)
            .ok()?
            .flatten()
            .map(|entry| entry.path())
            .find(has_name)
    }

    /// The link of a table; fails unless it is registered.
    pub fn find(&self, table: &str) -> Result<PathBuf> {
        self.search(table).ok_or_else(|| {
            Failure::new(format!(
                "{table} is not registered: there is no {}",
                self.path(table).display()
            ))
        })
    }

    /// Makes the directory, and fails if a table is registered there.
    pub fn make_room(&self, table: &str) -> Result<()> {
        self.make()?;
        if let Some(path) = self.search(table) {
            open(&path)?;
            return Err(Failure::new(format!(
                "{table} is registered already; 'ccload replace' puts another version in its place"
            )));
        }
        let path = self.path(table);
        if fs::symlink_metadata(&path).is_ok() {
            let other = open(&path)?.name;
            return Err(Failure::new(format!(
                "{} is the link of {other}, and in the way of {table}'s; unload {other}",
                path.display()
            )));
        }
        Ok(())
    }

    /// Registers a table.
    pub fn register(&self, loaded: &Loaded) -> Result<()> {
        let (table, map) = (&loaded.table, loaded.map()?);
        // SAFETY: The map is open, and no options are passed.
        let link = opened(unsafe {
            libbpf_sys::bpf_link_create(
                map.as_fd().as_raw_fd(),
                0,
                libbpf_sys::BPF_STRUCT_OPS,
                ptr::null(),
            )
        });
        let link = link.map_err(|error| {
            if error.raw_os_error() == Some(libc::EEXIST) {
                Failure::new(format!(
                    "the kernel has a congestion control {table} already"
                ))
            } else {
                Failure::of(format_args!("the kernel does not register {table}"), error)
            }
        })?;
        // What is not pinned goes with this process.
        let path = self.path(table);
        let shown = path.display();
        // SAFETY: The link is open, and the path ends with a NUL.
        let status = unsafe { libbpf_sys::bpf_obj_pin(link.as_raw_fd(), c_path(&path)?.as_ptr()) };
        if status != 0 {
            return Err(Failure::of(
                format_args!("cannot pin {shown}"),
                io::Error::from_raw_os_error(-status),
            ));
        }
        check(table, &path, &map).inspect_err(|_| {
            let _ = fs::remove_file(&path);
        })
    }

    /// Makes the directory.
    fn make(&self) -> Result<()> {
        let shown = self.0.display();
        fs::create_dir_all(self.0).map_err(|error| {
            Failure::of(format_args!("cannot make the directory {shown}"), error)
        })?;
        let path = c_path(self.0)?;
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
    pub fn replace(&self, loaded: &Loaded) -> Result<()> {
        let table = &loaded.table;
        let path = self.find(table)?;
        let registered = open(&path)?;
        let choice = Choice::read();
        let map = loaded.map()?;
        // SAFETY: Both are open, and no options are passed.
        let status = unsafe {
            libbpf_sys::bpf_link_update(
                registered.link.as_raw_fd(),
                map.as_fd().as_raw_fd(),
                ptr::null(),
            )
        };
        if status != 0 {
            return Err(Failure::of(
                format_args!("the kernel does not replace {table}"),
                io::Error::from_raw_os_error(-status),
            ));
        }
        check(table, &path, &map)?;
        choice.renew(table)
    }

    /// Takes a table away.
    pub fn unload(&self, table: &str) -> Result<()> {
        let path = self.find(table)?;
        // Who may not see what it is may still remove it.
        if kernel::check_privileges().is_ok() {
            open(&path)?;
        }
        fs::remove_file(&path)
            .map_err(|error| Failure::of(format_args!("cannot remove {}", path.display()), error))
    }

    /// Changes parameters of a table.
    pub fn set(&self, table: &str, settings: &[Setting]) -> Result<()> {
        let registered = open(&self.find(table)?)?;
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

    /// What is registered, to be printed; also its programs, if that is wanted. What else is in
    /// the directory gets a line of its own.
    pub fn list(&self, programs: bool) -> Result<String> {
        let failure = |error| Failure::of(format_args!("cannot read {}", self.0.display()), error);
        let entries = match fs::read_dir(self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            entries => entries.map_err(failure)?,
        };
        let mut paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(failure)?;
        paths.sort();
        let mut shown = String::new();
        for path in paths {
            match open(&path) {
                Ok(registered) => shown += &registered.shown(&path, programs),
                Err(error) => crate::say(error),
            }
        }
        Ok(shown)
    }
}

/// A path for a call of the kernel's.
fn c_path(path: &Path) -> Result<CString> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| Failure::new(format!("{} is not a path", path.display())))
}

/// What a call of libbpf's returns: a file descriptor, or an error below zero.
fn opened(fd: i32) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(-fd));
    }
    // SAFETY: It has just been opened, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The map of the table that a link registers, by its id.
fn map_of(link: &OwnedFd) -> Option<u32> {
    let mut info = libbpf_sys::bpf_link_info::default();
    let mut size = size_of_val(&info) as u32;
    // SAFETY: The link is open, and there is room for as much as `size` says.
    let status =
        unsafe { libbpf_sys::bpf_link_get_info_by_fd(link.as_raw_fd(), &mut info, &mut size) };
    if status != 0 || info.type_ != libbpf_sys::BPF_LINK_TYPE_STRUCT_OPS {
        return None;
    }
    // SAFETY: The type says that this is what is there.
    Some(unsafe { info.__bindgen_anon_1.struct_ops.map_id })
}

/// Fails unless the link at this place has this map, and the kernel a table of this name.
fn check(table: &str, path: &Path, map: &impl MapCore) -> Result<()> {
    let id = map
        .info()
        .map_err(|error| Failure::of(format_args!("cannot read the map of {table}"), error))?
        .info
        .id;
    let available = kernel::available();
    let is_there = available.is_none_or(|names| names.split_whitespace().any(|name| name == table));
    let path_c = c_path(path)?;
    // SAFETY: The path ends with a NUL.
    let link = opened(unsafe { libbpf_sys::bpf_obj_get(path_c.as_ptr()) });
    if is_there && link.is_ok_and(|link| map_of(&link) == Some(id)) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the kernel has not registered {table}, though it said so; was it unloaded at the same \
         time? load it again"
    )))
}

/// Opens a table that is registered.
fn open(path: &Path) -> Result<Registered> {
    let failure = |error: &dyn fmt::Display| {
        Failure::of(
            format_args!("{} is not a congestion control's", path.display()),
            error,
        )
    };
    let path_c = c_path(path)?;
    // SAFETY: The path ends with a NUL.
    let link = opened(unsafe { libbpf_sys::bpf_obj_get(path_c.as_ptr()) });
    let link = link.map_err(|error| failure(&error))?;
    let id = map_of(&link).ok_or_else(|| failure(&"it is something else"))?;
    let (name, programs) = table(id).map_err(|error| failure(&error))?;
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
        name,
        parameters: parameters::declared(&btf),
        maps: maps
            .into_iter()
            .filter_map(|id| MapHandle::from_map_id(id).ok())
            .collect(),
        programs,
    })
}

impl Registered {
    /// A line of a list, and one for each program, if that is wanted.
    fn shown(&self, path: &Path, programs: bool) -> String {
        let mut shown = self.name.clone();
        for parameter in &self.parameters {
            let variables = self.variables(parameter.is_writable);
            if let Some(value) = variables.and_then(|(_, data)| parameter.read(&data)) {
                shown += &format!(" {}={}", parameter.name, parameter.shown(value));
            }
        }
        if path
            .file_name()
            .is_some_and(|name| name != self.name.as_str())
        {
            shown += &format!(" ({})", path.display());
        }
        shown.push('\n');
        for program in self.programs.iter().filter(|_| programs) {
            shown += &format!(
                "  {}: {} instructions, {} bytes of machine code, {} instructions verified\n",
                program.name, program.instructions, program.bytes, program.verified
            );
        }
        shown
    }

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

/// The name and the programs of a table, by the id of its map.
///
/// User space sees the table as the kernel has it, with ids in the place of programs.
fn table(map: u32) -> std::result::Result<(String, Vec<Program>), String> {
    let kernel = kernel::btf().map_err(|failure| failure.to_string())?;
    let members = kernel::table(&kernel).map(|table| object::members(&kernel, &table));
    let members = members.map_err(|failure| failure.to_string())?;
    let start = kernel::table_offset(&kernel).map_err(|failure| failure.to_string())?;
    let map = MapHandle::from_map_id(map).map_err(|error| error.to_string())?;
    // Another kind of table has another value.
    let type_id = map.info().map_err(|error| error.to_string())?.info;
    if type_id.btf_vmlinux_value_type_id != kernel::value_id(&kernel) {
        return Err("it is another kind of table".into());
    }
    let value = map
        .lookup(&KEY, MapFlags::ANY)
        .map_err(|error| error.to_string())?
        .ok_or("its map is empty")?;
    let data = value.get(start..).ok_or("its map is too small")?;
    let name = object::name_in(&members, data).ok_or("it has no name")?;
    let name = String::from_utf8_lossy(name).into_owned();
    let mut programs = Vec::new();
    for member in members.into_iter().filter(|member| member.is_callback) {
        let id = data
            .get(member.offset..member.offset + 4)
            .and_then(|bytes| Some(u32::from_ne_bytes(bytes.try_into().ok()?)));
        if let Some(id) = id.filter(|&id| id != 0) {
            programs.push(program(id, member.name).map_err(|error| error.to_string())?);
        }
    }
    Ok((name, programs))
}

/// What the kernel says of a program.
fn program(id: u32, name: String) -> io::Result<Program> {
    // SAFETY: This call takes a number and nothing else.
    let fd = opened(unsafe { libbpf_sys::bpf_prog_get_fd_by_id(id) })?;
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

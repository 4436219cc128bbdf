// SPDX-License-Identifier: GPL-2.0-only

//! The parameters of an algorithm: variables of the object, of which tags in BTF say what they are.

use crate::failure::{
    Failure,
    Result, //
};
use libbpf_rs::btf::{
    types,
    Btf,
    ReferencesType,
    TypeId, //
};
use std::{
    collections::HashMap,
    str::FromStr, //
};

/// A value for a parameter, as a user writes it.
#[derive(Clone)]
pub struct Setting {
    /// The parameter's name.
    pub name: String,
    value: String,
}

impl FromStr for Setting {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.into(),
                value: value.into(),
            }),
            _ => Err(Failure::new("write it as NAME=VALUE")),
        }
    }
}

/// What a parameter is in C.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Int,
    Uint,
    Bool,
}

/// A parameter: 32 bits in one of the object's maps.
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Whether it may be changed when the object is loaded: then it is in `.data`.
    pub is_writable: bool,
    kind: Kind,
    bounds: (i64, i64),
    offset: usize,
}

impl Parameter {
    /// The value that a setting gives it.
    pub fn parse(&self, setting: &Setting) -> Result<i64> {
        let (name, text) = (&self.name, setting.value.as_str());
        let value = match self.kind {
            Kind::Bool => boolean(text),
            Kind::Int | Kind::Uint => integer(text),
        };
        let (least, greatest) = self.bounds;
        match value {
            Some(value) if (least..=greatest).contains(&value) => Ok(value),
            Some(value) => Err(Failure::new(format!(
                "{name}={value}: {name} has to be from {least} to {greatest}"
            ))),
            None => Err(Failure::new(format!(
                "{name}={text}: '{text}' is not {}",
                match self.kind {
                    Kind::Bool => "y or n",
                    Kind::Int | Kind::Uint => "a number",
                }
            ))),
        }
    }

    /// Its value in the map that it is in.
    pub fn read(&self, map: &[u8]) -> Option<i64> {
        let bytes = map.get(self.offset..self.offset + 4)?.try_into().ok()?;
        Some(match self.kind {
            Kind::Int => i32::from_ne_bytes(bytes).into(),
            Kind::Uint | Kind::Bool => u32::from_ne_bytes(bytes).into(),
        })
    }

    /// Sets it in the map that it is in.
    pub fn write(&self, map: &mut [u8], value: i64) -> Result<()> {
        map.get_mut(self.offset..self.offset + 4)
            .ok_or_else(|| Failure::new(format!("{} is not in its map", self.name)))?
            .copy_from_slice(&(value as u32).to_ne_bytes());
        Ok(())
    }

    /// A value of it, as the kernel shows it.
    pub fn shown(&self, value: i64) -> String {
        match (self.kind, value) {
            (Kind::Bool, 0) => "N".into(),
            (Kind::Bool, _) => "Y".into(),
            _ => value.to_string(),
        }
    }

    /// What it may be.
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Bool => "y or n".into(),
            _ => format!("{} to {}", self.bounds.0, self.bounds.1),
        }
    }
}

/// A number as the kernel takes it for a parameter (`kstrtoint()`): decimal, hexadecimal after
/// `0x`, octal after `0`.
fn integer(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let value = match lower.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None if lower.starts_with('0') => u32::from_str_radix(&lower, 8),
        None => lower.parse(),
    };
    // Rust takes a sign here too, which would be the second.
    let is_plain = lower.starts_with(|letter: char| letter.is_ascii_digit());
    value
        .ok()
        .filter(|_| is_plain)
        .map(|value| sign * i64::from(value))
}

/// A truth value as the kernel takes it for a parameter (`kstrtobool()`).
fn boolean(text: &str) -> Option<i64> {
    match text.to_ascii_lowercase().as_bytes() {
        [b'y' | b't' | b'1', ..] | [b'o', b'n', ..] => Some(1),
        [b'n' | b'f' | b'0', ..] | [b'o', b'f', ..] => Some(0),
        _ => None,
    }
}

/// The parameters that an object declares, in their order.
pub fn declared(btf: &Btf<'_>) -> Vec<Parameter> {
    let mut tags: HashMap<TypeId, Vec<String>> = HashMap::new();
    for tag in btf.type_by_kind::<types::DeclTag<'_>>() {
        if let Some(text) = tag.name() {
            tags.entry(tag.referenced_type_id())
                .or_default()
                .push(text.to_string_lossy().into_owned());
        }
    }
    let mut parameters = Vec::new();
    for section in btf.type_by_kind::<types::DataSec<'_>>() {
        let is_writable = section.name().is_some_and(|name| name == ".data");
        for variable in section.iter() {
            let Some(tags) = tags.get(&variable.ty) else {
                continue;
            };
            let name = btf
                .type_by_id::<types::Var<'_>>(variable.ty)
                .and_then(|variable| variable.name());
            if let (Some(name), Some((kind, bounds))) =
                (name, tags.iter().find_map(|tag| kind(tag)))
            {
                parameters.push((
                    variable.ty,
                    Parameter {
                        name: name.to_string_lossy().into_owned(),
                        about: tags
                            .iter()
                            .find_map(|tag| tag.strip_prefix("about "))
                            .unwrap_or("")
                            .into(),
                        is_writable,
                        kind,
                        bounds,
                        offset: variable.offset as usize,
                    },
                ));
            }
        }
    }
    parameters.sort_by_key(|&(id, _)| u32::from(id));
    parameters
        .into_iter()
        .map(|(_, parameter)| parameter)
        .collect()
}

/// What a tag says, as in "parameter int 0 1023".
fn kind(tag: &str) -> Option<(Kind, (i64, i64))> {
    let mut words = tag.strip_prefix("parameter ")?.split(' ');
    let kind = match words.next()? {
        "int" => Kind::Int,
        "uint" => Kind::Uint,
        "bool" => Kind::Bool,
        _ => return None,
    };
    Some((
        kind,
        (words.next()?.parse().ok()?, words.next()?.parse().ok()?),
    ))
}

/// The one of `parameters` that a setting is for. `whose` is a table's name.
pub fn find<'a>(
    parameters: &'a [Parameter],
    setting: &Setting,
    whose: &str,
) -> Result<&'a Parameter> {
    let name = &setting.name;
    parameters
        .iter()
        .find(|parameter| parameter.name == *name)
        .ok_or_else(|| {
            let names: Vec<_> = parameters
                .iter()
                .map(|parameter| parameter.name.as_str())
                .collect();
            Failure::new(if names.is_empty() {
                format!("{whose} has no parameter {name}: it has none at all")
            } else {
                format!(
                    "{whose} has no parameter {name}; it has {}",
                    names.join(", ")
                )
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [
            ("0", Some(0)),
            ("717", Some(717)),
            ("-5", Some(-5)),
            ("+5", Some(5)),
            ("0x1F", Some(31)),
            ("010", Some(8)),
            ("4294967295", Some(4_294_967_295)),
            ("4294967296", None),
            ("", None),
            ("-", None),
            ("--1", None),
            ("1 1", None),
            ("x", None),
            ("08", None),
        ] {
            assert_eq!(integer(text), value, "{text}");
        }
    }

    #[test]
    fn truth_values() {
        for (text, value) in [
            ("Y", Some(1)),
            ("off", Some(0)),
            ("on", Some(1)),
            ("2", None),
        ] {
            assert_eq!(boolean(text), value, "{text}");
        }
    }
}

// SPDX-License-Identifier: GPL-2.0-only

//! Parts that algorithms are made of.

pub mod cubic_root;
pub mod ewma;
pub mod hystart;
pub mod minmax;
pub mod plb;
pub mod reno;
pub mod vegas;

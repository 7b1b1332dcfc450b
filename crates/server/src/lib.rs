//! The gateway as a program: configuration, command line, HTTP, documentation pages, the sandbox and the case runner.

pub mod case;
pub mod cli;
pub mod config;
pub mod http;
pub mod sandbox;
pub mod service;
pub mod serving;

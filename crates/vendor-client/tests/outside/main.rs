//! The vendor client from outside: real sockets on loopback, a clock that moves only when told to, no sleeping.

mod addresses;
mod broken;
mod exchange;
mod limits;
mod redirects;
mod relay;
mod repeats;
mod secrets;
mod support;

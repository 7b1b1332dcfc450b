//! Clients that are slow, idle or too many: they are closed in time, others are served meanwhile, and none of them holds up a stop.

mod crowd;
mod limits;
mod stopping;

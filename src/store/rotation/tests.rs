//! The machine, explored exhaustively to a fixed point.
//!
//! A state is all that is there: what the store has, what the browser has in its jar, every
//! message that is under way, and what a thief has. Tokens are renamed by the order in which they
//! are met, and ages stop where they make no difference, so that time, rotations, losses and
//! reorderings have no bound, and yet the states are finite. Bounded are the messages under way,
//! and how long each takes.
//!
//! One unit of time is the grace. A claim window is then 6, a successor due after 8, the least
//! that the launch checks allow. Requests and responses travel for up to 1, handlers take up to 2,
//! so that a cookie can be late; any of them may be lost, and overtake any other.
//!
//! The ordinary run explores the smaller half in a few seconds. All of it, with the numbers:
//!
//! ```sh
//! cargo test --lib store::rotation -- --include-ignored --nocapture
//! ```

mod honest;
mod left_out;
mod names;
mod search;
mod server;
mod simulated;
mod state;
mod thief;
mod visit;

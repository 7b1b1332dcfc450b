//! What an embedded connect page, such as npm `@apideck/react-vault`, reads of a connection.

mod forms;
mod links;
mod records;

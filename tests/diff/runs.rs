//! The command, in repositories of git and on directories.

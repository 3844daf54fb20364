"""The demo: Hospital General San Rafael, with people who are plainly invented and a history made by the same tally."""

"""The mirror: a copy that the Défenseur des droits holds, made by PostgreSQL itself, which only ever receives rows."""

-- The statements of the migration.


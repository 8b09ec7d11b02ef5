\c postgres

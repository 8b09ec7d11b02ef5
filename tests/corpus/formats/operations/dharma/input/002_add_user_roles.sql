CREATE TABLE roles (id int);

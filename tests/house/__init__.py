"""The house as it runs on a server, for the stories of tests/flows: the Procfile, PostgreSQL and Valkey."""

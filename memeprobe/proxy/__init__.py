"""A recording proxy: what an application really sends to a model of a clip that it was given."""

//! From environment variables to settings.

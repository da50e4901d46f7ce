//! What users and backends see.

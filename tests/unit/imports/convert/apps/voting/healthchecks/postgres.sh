#!/bin/bash
set -eo pipefail
export PGPASSWORD="${POSTGRES_PASSWORD:-}"
psql -h 127.0.0.1 -c "SELECT 1"

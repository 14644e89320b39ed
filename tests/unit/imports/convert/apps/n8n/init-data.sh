#!/bin/bash
set -e;
if [ -n "${POSTGRES_NON_ROOT_USER:-}" ]; then
	psql -v ON_ERROR_STOP=1 -c "CREATE USER ${POSTGRES_NON_ROOT_USER}"
fi
